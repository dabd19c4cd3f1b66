"""What English glosses say of a word, to compare words by: what it means, what kind of word it is.

CC-CEDICT has no parts of speech and writes one sense in many ways, so both are guesses. Of meaning they err on the
safe side: words are kin that share as much as the stem of one word that says something, in whichever sense.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import chain

LONGEST = 48  # characters of several parts; one part alone may be longer
_CUT_AT = 72
_MOST_PARTS = 3
_FEW_SENSES = 3

_OUTSIDE = r"(?![^()]*\))"  # not within brackets
_SENSE = re.compile(r"\s*[;/\n；]\s*" + _OUTSIDE)
_PART = re.compile(r"\s*(?:[;/\n；]|,(?= ))\s*" + _OUTSIDE)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_WORD = re.compile(r"[a-z]+|\d+")
_HAN = re.compile(r"[\u2e80-\u303b\u3105-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# These say nothing of what a word means.
_STOP = _words("""
    a an the to of in on at by for with from into onto as and or nor but so than that this it its s t d re ve ll n
    one ones oneself sb sth somebody something someone be is are am was were been being etc eg ie e g i esp usu lit
    fig abbr used use using usage indicate indicating indicates express expressing particle classifier modal
    structural prefix suffix marker bound form word words term phrase idiom literary coll loanword dialect slang
    pr tw taiwan variant cl who whom whose which what no not un adjective adverb verb noun attributive after before
    when up out off down over about certain other another any some followed following very
""")
# These do where nothing else is said: "to take" means something, of "to take a photograph" it is the rest that does.
_WEAK = _words("""
    make do get go come take give have has put let set keep become turn bring hold person people thing things place
    time way kind type state more most much many too also again all good well great small large big long short high
    low new first two three others such same each every only just if then there here degree amount number condition
""")
# Words of one meaning that have no stem in common.
_SAME = """
    man men|woman women|person people persons|foot feet|tooth teeth|mouse mice|wife wives lady mrs madam
    life lives live alive|knife knives|leaf leaves|color colour|gray grey|center centre|theater theatre|meter metre
    mother mum mom mama mommy|father dad papa daddy|television tv telly|film movie cinema|think thought ponder reflect
    buy bought purchase|sell sold sale|speak spoken speech|write written|lose lost loss|choose choice chosen
    break broken|child children kid|know known knowledge|see seen sight|ill sick disease|present gift|sofa couch
    okay ok|bicycle bike|telephone phone|photograph photo|examination exam test|airplane plane aeroplane aircraft
    car automobile vehicle|refrigerator fridge|store shop|autumn fall|candy sweets|good best better|bad worse worst
    prove proof|believe belief|advise advice|depth deep|height high tall|length long|width wide broad|strength strong
    youth young|truth true|heat hot|die dead death|birth born|anger angry|hunger hungry|quick fast rapid swift speed
    help aid assist|begin start commence|end finish complete|two pair|grandmother grandma|grandfather grandpa|taxi cab
    doctor physician|answer reply respond response|large big|talk chat converse|happy glad|road street|home house
    stomach belly|near close nearby|learn study|restaurant canteen|correct right|wrong incorrect|bus coach
    trip journey|smart clever|bag sack|cup glass|boat ship|letter mail|say tell|look watch|shine bright
    immediate prompt hurry delay|careful attentive cautious meticulous conscientious earnest attention
    no not don haven hasn|gradual progressive step|forever eternal always permanent
    succeed success victory win triumph|work job occupation profession vocation|perhaps maybe probable possible rough
    brave courage bold audacious|important crucial crux key significant main|object thing article stuff item
    diligent hardworking assiduous strive|opinion view viewpoint standpoint idea|frequent often regular
"""
_INFLECTIONS = _words("s es ed ing ings ly y ies ied ier iest ily i ful less")
_ENDINGS = """
    ization ations ation ingly edly ness ments ment tions tion sions sion ances ance ences ence ancy ency able ible
    ical ally less ings ing ers er ors or est ed es ied ier iest ily ity ful ous ive ants ant ents ent ists ist ism
    ish ize ise ate al ic ly ies y s e i
"""


def shown(english: str) -> str:
    """Return as much of an English text as a choice shows: its first parts, without hanzi, whole if that can be."""
    text = ""
    for part in [part for each in _SENSE.split(english.strip()) if (part := _without_hanzi(each))][:_MOST_PARTS]:
        longer = f"{text}; {part}" if text else part
        if text and len(longer) > LONGEST:
            break
        text = longer
    text = " ".join(text.split())
    return text if len(text) <= _CUT_AT else text[: max(text.rfind(" ", 0, _CUT_AT), _CUT_AT // 2)] + "…"


def _without_hanzi(part: str) -> str:
    """Return a part of a gloss up to the clause that names words in hanzi, which would tell the answer."""
    named = _HAN.search(part)
    if not named:
        return part
    clause = re.match(r"[^,:(]*(?=[,:(])", part[: named.start()])
    return clause[0].strip() if clause else ""


def meanings(texts: Iterable[str]) -> set[str]:
    """Return the stems of what senses say; two words that share none mean different things."""
    return {stem for text in texts for part in _PART.split(text) for stem in _said(part)}


def mentions(texts: Iterable[str]) -> set[str]:
    """Return the words in hanzi that senses refer to."""
    return {hanzi for text in texts for hanzi in _HAN.findall(text)}


@lru_cache(maxsize=2_000)
def _said(part: str) -> tuple[str, ...]:
    """Return the stems of one part of a gloss."""
    words = _WORD.findall(_BRACKETS.sub(" ", part).lower())
    said = [word for word in words if word not in _STOP]
    found = [word for word in said if word not in _WEAK] or said
    if not found:  # all there is, else what is in brackets
        found = words or _WORD.findall(part.lower())
    return tuple(dict.fromkeys(map(stem, found)))


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """Return what a word and its kin begin with, rather too short than too long; of words of one meaning, the same."""
    same = _same()
    found = same.get(word) or _bare(word)
    return sys.intern(same.get(found, found))


@cache
def _same() -> dict[str, str]:
    """Return the stem of the first word of each group for the others and for their stems."""
    groups = [group.split() for group in _SAME.replace("\n", "|").split("|")]
    return {form: _bare(group[0]) for group in groups for word in group for form in (word, _bare(word))}


@cache
def _endings() -> tuple[tuple[str, int], ...]:
    """Return each ending with how much of a word has to be left without it, more letters than it has."""
    return tuple((each, len(each) + (3 if each in _INFLECTIONS else 4)) for each in _ENDINGS.split())


def _bare(word: str) -> str:
    """Return a word without its endings."""
    while ending := next((each for each, least in _endings() if len(word) >= least and word.endswith(each)), ""):
        word = word[: -len(ending)]
        if len(word) > 3 and word[-1] == word[-2]:  # stopped
            word = word[:-1]
    return word


def synonyms(entries: Iterable[Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    """Return for stems those that stand beside them as a meaning of one entry, given each entry's senses.

    An entry with more than a few senses means several things; of it, what one sense names together is taken.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for senses in entries:
        split = [_SENSE.split(sense) for sense in senses]
        for parts in [list(chain(*split))] if len(split) <= _FEW_SENSES else split:
            alone = {said[0] for part in parts if len(said := _said(part)) == 1} if len(parts) > 1 else ()
            for each in alone:
                found[each].update(alone)
    return {each: tuple(others) for each, others in found.items() if len(others) > 1}


def with_synonyms(english: str, others: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return the stems of a text with the synonyms of those that are a meaning by themselves."""
    said = [_said(part) for part in _PART.split(english)]
    kin = (others.get(stems[0], ()) for stems in said if len(stems) == 1)
    return set(chain(*said, *kin))


_NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两半")
_FUNCTION = _words("""
    i me you he him she her it we us they them this that these those who whom which what where when why how here there
    if because but although though however and or nor with from since therefore so thus due while unless until than
    besides moreover furthermore otherwise in on at by for to toward towards according my your his our their myself
    yourself oneself everyone anyone nobody everybody each every whether as except about regarding despite whatever
    whoever of between among within under through during can could may might should must would will shall ought
""")
_TIMES = _words("""
    today yesterday tomorrow morning noon midday forenoon afternoon evening night tonight midnight dawn dusk year years
    month months week weeks weekend day days daytime hour hours minute minutes o'clock season monday tuesday wednesday
    thursday friday saturday sunday january february april june july august september october november december spring
    summer autumn winter vacation century decade holiday nowadays now past future
""")
_SAID = _words("goodbye bye hello hi hey thanks welcome sorry congratulations excuse please i'm you're it's")
_ADVERBS = _words("""
    very too quite always often never sometimes already still again also just only even then now soon ever almost
    together perhaps maybe once indeed rather more most somewhat instead everywhere later not no don't yet all both
""")
_ADJECTIVES = _words("""
    good bad big large small little long short tall high low new old young hot cold warm cool wet dry clean dirty fast
    quick slow near far early late easy hard simple difficult right wrong true false same different happy sad angry
    glad sorry afraid tired hungry thirsty full empty busy free cheap expensive dear rich poor strong weak heavy light
    dark bright thick thin fat wide narrow broad deep shallow sweet sour bitter salty spicy fresh raw ripe soft tough
    smooth rough sharp blunt round square straight crooked flat loose tight open closed safe dangerous quiet noisy
    loud clear cloudy sunny rainy windy snowy clever smart stupid foolish kind cruel polite rude brave shy lazy honest
    strict famous popular common rare strange odd special ordinary normal main major minor whole entire complete total
    perfect pretty beautiful ugly handsome healthy ill sick well alive dead blind deaf mad crazy red yellow blue green
    black white gray grey brown purple pink orange male female single double absent present able ready fond proud
    lonely friendly lovely likely pure plain mild gentle calm fierce severe sincere loyal modern ancient foreign local
    suitable fitting proper fair equal own other several few many enough extra remote distant close nearby interesting
    boring amusing exciting touching moving missing elderly early daily silly costly deadly orderly lively timely bored
    genuine real intelligent contrary fluent absolute adequate firm formal funny nice neat keen vast huge tiny dull
""")
_NO_ADVERBS = _ADJECTIVES | _words("family supply reply assembly ally belly jelly fly")
_ADJECTIVAL = re.compile(r"(?:ful|ous|ive|able|ible|less|ish|ic|ical|ed|some)$")
_GRAMMAR = re.compile(r"\b(?:particle|marker|interjection|prefix|suffix|used|onom|indicat(?:es|ing)|auxiliary)\b")
# Where there are too few words of a kind, those of these kinds do.
KINDS_LIKE = {
    "noun": ("adjective", "time"),
    "verb": ("adjective",),
    "adjective": ("adverb", "noun"),
    "adverb": ("function", "adjective"),
    "function": ("adverb", "grammar"),
    "grammar": ("function", "adverb", "measure"),
    "measure": ("grammar", "noun"),
    "number": ("measure", "noun"),
    "time": ("noun",),
    "name": ("noun",),
    "phrase": ("function", "adverb"),
    "idiom": ("verb", "adjective", "noun"),
}


def kind(hanzi: str, english: str, measured: bool = False) -> str:
    """Return what kind of word this is, one of KINDS_LIKE, by its first glosses.

    A number is written in numerals, an idiom in four characters or more and has no measure words as things have; what
    is measured, or has an article, is a noun. Else the words of the gloss tell: "classifier", "particle" and the like
    (grammar), "to …" (verb), words of time, pronouns and conjunctions (function), what is said to somebody (phrase),
    "-ly" (adverb), a capital (name), an ending or a common word (adjective). The rest is taken for nouns.
    """
    parts = _SENSE.split(english.strip())[:_MOST_PARTS]
    found = _by_form(hanzi, parts[0], measured)
    if not found:
        first, *others = [_by_words(part) for part in parts]
        # What tells nothing is a noun, unless all that stand beside it are adjectives.
        found = first or ("adjective" if others == ["adjective"] * (_MOST_PARTS - 1) else "noun")
    return "idiom" if len(hanzi) >= 4 and not measured and found in KINDS_LIKE["idiom"] else found


def _bare_part(part: str) -> str:
    """Return a part of a gloss without brackets, or what is in them if that is all."""
    return " ".join(_BRACKETS.sub(" ", part).split()) or part.strip("()")


def _by_form(hanzi: str, part: str, measured: bool) -> str:
    bare = _bare_part(part)
    if hanzi and _NUMERALS.issuperset(hanzi):
        return "number"
    if "classifier" in part:
        return "measure"
    if bare.startswith("to ") and len(bare) > 3:
        return "verb"
    if bare and bare.lower().split()[-1] in _TIMES:
        return "time"
    if measured or part.startswith(("a ", "an ", "the ")):
        return "noun"
    return "grammar" if _GRAMMAR.search(part) else ""


def _by_words(part: str) -> str:
    """Return what kind of word a gloss is by its first and last word; "" if they tell nothing."""
    words = re.findall(r"[\w'-]+", _bare_part(part)) or [""]
    first, last = words[0].lower(), words[-1].lower()
    if first in _SAID or (part.endswith(("?", "!")) and len(words) > 1):
        return "phrase"
    if first in _FUNCTION:
        return "function"
    if first in _ADVERBS or (words == [first] and first.endswith("ly") and first not in _NO_ADVERBS):
        return "adverb"
    if words[0][:1].isupper():
        return "name"
    return "adjective" if last in _ADJECTIVES or (len(last) > 5 and _ADJECTIVAL.search(last)) else ""
