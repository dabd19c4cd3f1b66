"""The gist of an entry, in the English that a card shows."""

import re

from decks.dictionary.cedict import Entry
from decks.dictionary.pinyin import marks
from decks.dictionary.senses import parse_sense, references

LONGEST = 84  # characters, which a card shows without crowding
_SENSES = 3

# CC-CEDICT orders the senses of these common words by their history; a learner wants the one in use.
FIRST_SENSES = {
    "被": ("used to indicate passive voice", "quilt"),
    "把": ("used to put the object before the verb", "classifier for things with handles", "to hold; to grasp"),
    "跟": ("with", "and (joining", "to follow closely"),
    "太": ("too (much)", "very", "extremely"),
    "才": ("then and only then", "just now", "(before an expression of quantity)"),
    "幹": ("to do", "to work"),
    "給": ("to give", "to", "for"),
    "別": ("don't", "(bound form) other"),
    "在": ("(of sb or sth) to be (located) at", "(used before a verb to indicate an action"),
    "卡": ("(loanword) card", "to stop"),
    "打": ("to hit", "to play"),
    "老": ("old (of people)", "always"),
    "間": ("classifier for rooms", "room", "between"),
    "張": ("classifier for flat objects", "to open up"),
    "種": ("kind", "type", "classifier for types"),
    "上": ("(bound form) up", "to climb"),
    "次": ("classifier for enumerated events", "next in sequence"),
    "本": ("classifier for books",),
    "條": ("classifier for long thin", "strip"),
    "位": ("classifier for people", "position"),
    "穿": ("to wear",),
    "讓": ("to let sb do sth", "to permit", "to yield"),
    "像": ("to be like", "to resemble", "image"),
    "請": ("please (do sth)", "to invite", "to ask"),
    "帶": ("to carry", "to bring", "to wear"),
    "叫": ("to be called", "to call", "to shout"),
    "信": ("letter", "to believe"),
    "關": ("to close",),
    "包": ("bag", "to wrap"),
    "花": ("flower", "to spend"),
    "裡": ("inside", "interior"),
    "熱": ("hot (of weather)", "to heat up"),
    "完": ("to finish", "to be over"),
    "對": ("right; correct", "towards; at; for", "to treat"),
    "極": ("extremely",),
    "號": ("(after a numeral)", "(bound form) mark"),
    "點": ("(after a number) o'clock", "a small amount", "point", "to order (food"),
    "了": ("(completed action marker)", "(modal particle indicating change of state"),
    "期": ("a period of time", "phase"),
    "望": ("to look", "to hope", "to gaze"),
    "哪": ("which",),
    "是": ("to be", "yes"),
}

_NOT_A_MEANING = re.compile(
    r"(?:\([^)]*\) ?)*(?:(?:[\w-]+ ){0,3}(?:variant|contraction) of\b|erhua form of\b|used in\b"
    r"|see\b(?! \(| sb| sth| off)|also written\b|also called\b"
    r"|also pr\.|also known as\b|taiwan pr\.|pr\. |pronounced\b|\(?abbr\. (?:for|to)\b|equivalent of\b|opposite: )",
    re.IGNORECASE,
)
_SURNAME = re.compile(r"(?:\([^)]*\) ?)?(?:two-character |Japanese |Korean )?surname\b", re.IGNORECASE)
_NAMED = re.compile(r"^surname (\S+)")
_UNCOMMON = re.compile(
    r"\((?:[^)]*, ?)?(?:old|archaic|arch\.|literary|classical|dialect|dialectal|Tw|Buddhism|vulgar|slang|botany|"
    r"zoology|Chinese medicine|TCM|Internet slang|LGBT)\b[^)]*\)|Kangxi radical|\bfuck\b",
    re.IGNORECASE,
)
# Notes on usage, origin or spelling; what a word means remains without them.
_NOTES = re.compile(
    r"\s*\((?:[^()]*(?:abbr\.|variant of|see also|also pr\.|Taiwan pr\.|opposite|cf\.?|used in|lit\."
    r"|as in|e\.g\.|i\.e\.|usu\.|esp\.|from |etymolog|coined|contrasted|as opposed"
    r"|idiom|also |in this sense|same as|colloquial pr)[^()]*)\)"
    r"|\((?:bound form|idiom|coll\.|fig\.|loanword|formal|polite|honorific|courteous|spoken|computing|coverb"
    r"|pronoun|specifier)\)\s*"
    r"|^\((?:after|before|when|used before|used after|joining|followed|following|between"
    r"|prefix|suffix|noun suffix|often|Tw)\b[^()]*\)\s+"
)


def gist(entry: Entry, entries: dict[str, list[Entry]]) -> str:
    """Return the first senses that say something, about 80 characters of them.

    An entry that only refers to another word has that word's gist; the entries are those of each simplified word.
    """
    senses = [sense for sense in entry.senses if not (refers(sense) or is_surname(sense))]
    own = [_NAMED.sub(r"\1 (surname)", sense) for sense in entry.senses]
    return _joined(_ordered(entry, senses)) or _referred(entry, entries) or _joined(own)


def refers(sense: str) -> bool:
    """Return whether a sense only sends the reader to another word, or tells how this one is pronounced."""
    return bool(_NOT_A_MEANING.match(sense))


def is_surname(sense: str) -> bool:
    """Return whether a sense says that the word is a surname."""
    return bool(_SURNAME.match(sense))


def is_uncommon(sense: str) -> bool:
    """Return whether a sense is marked as old, literary, of a dialect or a trade, or coarse."""
    return bool(_UNCOMMON.search(sense))


def _ordered(entry: Entry, senses: list[str]) -> list[str]:
    """Return senses with those that a learner wants first; uncommon ones only if there is nothing else.

    A bound form is no word by itself.
    """
    wanted = FIRST_SENSES.get(entry.traditional, ())
    single = len(entry.simplified) == 1

    def place(sense: str) -> tuple[int, bool]:
        first = next((at for at, start in enumerate(wanted) if _begins(sense, start)), len(wanted))
        return first, single and sense.startswith("(bound form)")

    common = [sense for sense in senses if place(sense)[0] < len(wanted) or not is_uncommon(sense)]
    return sorted(common or senses, key=place)


def _begins(sense: str, start: str) -> bool:
    sense, start = sense.lstrip("("), start.lstrip("(")
    return sense.startswith(start) and not sense[len(start) :][:1].isalpha()


def _referred(entry: Entry, entries: dict[str, list[Entry]], depth: int = 2) -> str:
    """Return the gist of the word that an entry refers to."""
    for sense in filter(refers, entry.senses):
        for reference in references(sense) if not sense.startswith(("used in", "opposite")) else ():
            for other in entries.get(reference.simplified, ()):
                if (other.traditional, other.pinyin) == (reference.traditional, reference.pinyin_numbers):
                    senses = [each for each in other.senses if not (refers(each) or is_surname(each))]
                    found = _joined(_ordered(other, senses)) or (depth and _referred(other, entries, depth - 1))
                    if found:
                        return found
    return ""


def _joined(senses: list[str]) -> str:
    """Return as much of the first senses as fits, no part of them twice."""
    parts: list[str] = []
    for sense in senses[:_SENSES]:
        for part in _parts(sense):
            if part.lower() not in (each.lower() for each in parts) and len("; ".join([*parts, part])) <= LONGEST:
                parts.append(part)
    # A gloss that begins with it reads as the mark of a family name: 姓名 is a "full name; surname and given name".
    return "; ".join(sorted(parts, key=is_surname))


def _parts(sense: str) -> list[str]:
    """Return the synonyms of a sense, readable and each short enough for a card."""
    text = re.sub(r"\s+([;,])", r"\1", _readable(_NOTES.sub("", sense)) or _readable(sense))
    parts = re.split(r"; (?![^()]*\))", text)
    return [_cut(part) for part in parts if part]


def _readable(sense: str) -> str:
    """Return a sense with its references as hanzi and pinyin with marks."""
    text = "".join(str(piece) for piece in parse_sense(sense))
    text = re.sub(r"\[([^\[\]]*[1-5])\]", lambda match: marks(match[1]), text)
    return " ".join(text.split()).strip(" ;,")


def _cut(part: str) -> str:
    """Return a part that fits: without what is in brackets, else up to where a clause of it ends."""
    part = re.sub(r"^\(([^()]*)\)$", r"\1", part)
    if len(part) <= LONGEST // 2:
        return part
    bare = " ".join(re.sub(r"\s*\([^()]*\)", "", part).split()).strip(" ;,") or part
    if len(bare) <= LONGEST:
        return bare
    end = max(bare.rfind(mark, 0, LONGEST) for mark in (";", ",", " – ", " (", " such as"))
    return bare[:end] if end > 15 else bare[: bare.rfind(" ", 0, LONGEST - 1)] + "…"
