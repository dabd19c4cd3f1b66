"""English glosses as they are searched: without brackets and articles, each word by its stem.

The stem here is that of inflection alone (dogs, running, ate), so that what is asked for exactly stays apart from what
only derives from the same word; that is left to the full-text index.
"""

import re

_IRREGULAR = {
    form: base
    for base, forms in {
        "be": "am are is was were been being", "eat": "ate eaten", "go": "went gone goes", "do": "did done does",
        "have": "has had having", "see": "saw seen", "come": "came", "take": "took taken taking", "give": "gave given",
        "buy": "bought", "bring": "brought", "think": "thought", "teach": "taught", "catch": "caught", "sell": "sold",
        "tell": "told", "say": "said", "know": "knew known", "write": "wrote written", "speak": "spoke spoken",
        "drink": "drank drunk", "sing": "sang sung", "swim": "swam swum", "run": "ran", "sleep": "slept",
        "feel": "felt", "keep": "kept", "make": "made", "find": "found", "get": "got gotten",
        "forget": "forgot forgotten",
        "lose": "lost", "win": "won", "sit": "sat", "stand": "stood", "understand": "understood", "send": "sent",
        "spend": "spent", "fly": "flew flown flies", "drive": "drove driven", "ride": "rode ridden",
        "break": "broke broken",
        "choose": "chose chosen", "fall": "fell fallen", "begin": "began begun", "build": "built", "wear": "wore worn",
        "child": "children", "man": "men", "woman": "women", "person": "people persons", "foot": "feet",
        "tooth": "teeth", "mouse": "mice", "wife": "wives", "knife": "knives", "leaf": "leaves", "life": "lives",
        "die": "died dies dying", "lie": "lies lying", "color": "colour", "gray": "grey", "center": "centre",
    }.items()
    for form in forms.split()
}  # fmt: skip
# What looks inflected and isn't, or means something else: an evening is not "even".
_SAME = frozenset(
    {
        *("news", "this", "always", "christmas", "physics", "mathematics"),
        *("evening", "during", "wedding", "meeting", "building", "clothing", "ceiling"),
    }
)
_VOWEL = re.compile(r"[aeiouy]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LEADING = ("to", "a", "an", "the", "be")
_TRAILING = ("at", "to", "sb", "sth")
_SYNONYMS = re.compile(r";\s*(?![^()]*\))")


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, those in brackets left out."""
    return _WORD.findall(_BRACKETS.sub(" ", text.lower()).replace("’", "'"))


def bare(terms: list[str]) -> list[str]:
    """Return words without the `to` or the article before them, if anything is left."""
    while len(terms) > 1 and terms[0] in _LEADING:
        terms = terms[1:]
    return terms


def stems(terms: list[str]) -> str:
    """Return what the same words have in common in any inflection, whatever they are done to: "look at" is "look"."""
    while len(terms) > 1 and terms[-1] in _TRAILING:
        terms = terms[:-1]
    return " ".join(map(stem, terms))


def stem(word: str) -> str:
    """Return a word without its inflection; not always a word: of "making" and of "make" it is "mak"."""
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or word in _SAME:
        return word
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) > 1 and _VOWEL.search(base):
            return _single(base)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = _singular(word)
    return re.sub(r"(?<=..[^aeiou])y$", "i", word.removesuffix("e"))


def _single(base: str) -> str:
    """Return what "runn" of "running" is doubled from, as "mak" of "making" stays."""
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
        base = base[:-1]
    return re.sub(r"(?<=..[^aeiou])y$", "i", base.removesuffix("e"))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zes", "oes")) else word[:-1]


def synonyms(sense: str) -> list[str]:
    """Return the parts of a sense, which CC-CEDICT writes between semicolons."""
    return [part.strip() for part in _SYNONYMS.split(sense) if part.strip()]
