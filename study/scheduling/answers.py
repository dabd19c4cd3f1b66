"""What is right in a typed answer: pinyin or zhuyin by syllable, tones apart from letters; hanzi by character.

Readings are CC-CEDICT's numbers: `ni3 hao3`, `nu:3 er2`, `wan2 r5`. `static/js/answers.js` says the same in the
browser; both are held to tests/data/typed_answers.json. How typed pinyin is read:

- **Boundaries.** A tone number ends a syllable. White space, an apostrophe, a hyphen, a middle dot and whatever else
  is no letter stand between syllables. Elsewhere the expected reading decides: of all ways to cut the letters, the
  one with the least wrong counts. So 西安 (xi1 an1) is right as xi1an1, xī'ān and xīān; xian, xian1 and xiān lack
  a tone of it, whereas xi1an1, xi'an1 and xi an are two syllables, so wrong for 先 (xian1).
- **Tones** are numbers after a syllable (0 is 5), marks over a letter (ă is ǎ), or zhuyin's marks. The first number
  counts, and more than a mark; one after a space belongs to the syllable before it. `˙` is a neutral tone, which
  need not be written at all.
- **ü** is ü, v, u: or uu; after j, q, x and y also u, and in lüe and nüe. nu3 is not nǚ.
- **Erhua**: `wan2 r5` is wanr2, wan2r, wan2r5, wan2er, wan2er5 or wánr. An er with a tone of its own has a wrong one:
  wánér. The er of 女儿 (`nu:3 er2`) is never shortened to r.
- **Zhuyin** without a mark has the first tone, `˙` and the middle dot may stand before or after. Symbols that are one
  syllable are read as two with a tone missing: ㄒㄧㄢ is 先, and ㄒㄧ ㄢ is 西安.
- What belongs to neither alphabet is not read: hanzi, emoji, digits from 6 to 9.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import NamedTuple

from decks.dictionary.pinyin import zhuyin

LONGEST_ANSWER = 200
_LONGEST = 7  # letters of a syllable: zhuangr

_INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w"
_FINALS = (
    "a o e ai ei ao ou an en ang eng ong i ia io ie iai iao iu ian in iang ing iong"
    " u ua uo uai ui uan un uang ü üe üan ün"
)
_WITHOUT_INITIAL = "er a o e ai ei ao ou an en ang eng m n ng hm hng"

_MARKS = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0306": 3, "\u0300": 4}
_NUMBERS = {"ˉ": 1, "ˊ": 2, "ˇ": 3, "ˋ": 4, "0": 5} | {str(tone): tone for tone in range(1, 6)}
_TOKEN = re.compile(r"([a-z]|[ㄅ-ㄩㄫ])([\u0300-\u036f]*)|([0-5ˉˊˇˋ])|(˙)|.", re.DOTALL)
_SYMBOL = re.compile("[a-zㄅ-ㄩㄫ]")
_NEUTRAL, _FIRST = 5, 1

# What is wrong costs so much when letters are cut into syllables; a tone decides only between equal cuts.
_MISSING, _EXTRA, _OTHER_SYLLABLE, _NO_LETTER = 150, 150, 100, 25
_TONE_MISSING, _WRONG_TONE = 1, 2
_RANKS = ("right", "tones_missing", "wrong")


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable, or a character, as expected and as typed.

    Tone 0 is none. `verdict` is "right", "tone_missing", "wrong_tone", "wrong_syllable", "missing" or "extra"; of a
    character "right", "wrong", "missing" or "extra".
    """

    expected: str
    tone: int
    typed: str
    typed_tone: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a typed answer is worth; `reading` is the place of the accepted reading that it was compared with.

    `outcome` is "right", "tones_missing" (the letters are right), "other_reading" (right for the hanzi, not for this
    card), "wrong" or "empty" (there was nothing to read).
    """

    outcome: str
    reading: int | None
    syllables: tuple[Syllable, ...]


_EMPTY = Verdict("empty", None, ())


@dataclass(slots=True)
class _Unit:
    """A letter or a zhuyin symbol, the tone over it and the tone after it; `begins` if a syllable must begin here."""

    symbol: str
    mark: int
    number: int
    begins: bool


class _Part(NamedTuple):
    """What is taken for one syllable: its letters, its tone, 0 for none, and what it costs if it looks like none."""

    letters: str
    tone: int
    strangeness: int = 0


def grade_pinyin(typed: str, accepted: Sequence[str], others: Sequence[str] = ()) -> Verdict:
    """Return what typed pinyin or zhuyin is worth; `others` are readings of the hanzi that the card doesn't ask for."""
    written = _normal(typed)
    ways = [_parts(_units(written, dot_follows)) for dot_follows in ((False, True) if "˙" in written else (False,))]
    if not ways[0]:
        return _EMPTY
    verdict = _best(ways, [_asked(reading) for reading in accepted])
    if verdict.outcome == "wrong" and _best(ways, [_asked(reading) for reading in others]).outcome != "wrong":
        return replace(verdict, outcome="other_reading")
    return verdict


def grade_hanzi(typed: str, accepted: Sequence[str]) -> Verdict:
    """Return what typed hanzi are worth; white space, punctuation and the width of letters make no difference."""
    parts = [[part] for part in _characters(typed)]
    if not parts:
        return _EMPTY
    verdict = _best([parts], [_characters(spelling) for spelling in accepted])
    named = (replace(each, verdict=each.verdict.removesuffix("_syllable")) for each in verdict.syllables)
    return replace(verdict, syllables=tuple(named))


def _characters(text: str) -> list[_Part]:
    normal = unicodedata.normalize("NFKC", text[:LONGEST_ANSWER]).lower()
    kept = [character for character in normal if unicodedata.category(character)[0] in "LN"]
    return [_Part(character, 0) for character in kept[:LONGEST_ANSWER]]


# ---- Reading


def _normal(text: str) -> str:
    """Return a text with its marks apart, u with two dots for every ü, and zhuyin's neutral tone as `˙`."""
    text = unicodedata.normalize("NFKD", text[:LONGEST_ANSWER]).lower().replace(" \u0307", "˙")
    text = text.replace("ɑ", "a").replace("ɡ", "g").replace("v", "u\u0308")
    text = re.sub(r"u([\u0300-\u036f]*)[u:]", "u\u0308\\1", text)
    return re.sub(r"([ㄅ-ㄩㄫ])[·‧・•]|[·‧・•](?=[ㄅ-ㄩㄫ])", r"\1˙", text)


def _units(text: str, dot_follows: bool) -> list[_Unit]:
    """Return the letters of a normal text; a `˙` between two of them belongs to the one that it follows, or not."""
    units: list[_Unit] = []
    begins, neutral = True, 0
    for token in _TOKEN.finditer(text):
        symbol, marks, number, dot = token.groups()
        if symbol:
            units.append(_unit(symbol, marks, neutral, begins or (symbol < "ㄅ") != (units[-1].symbol < "ㄅ")))
            begins, neutral = False, 0
            continue
        follows = dot and not begins and (dot_follows or not _SYMBOL.match(text, token.end()))
        if number or follows:
            _add_tone(units, _NUMBERS[number] if number else _NEUTRAL)
        elif dot:
            neutral = _NEUTRAL
        begins = True
    return units[:LONGEST_ANSWER]


def _unit(symbol: str, marks: str, neutral: int, begins: bool) -> _Unit:
    tone = next((_MARKS[mark] for mark in marks if mark in _MARKS), neutral)
    return _Unit("ü" if symbol == "u" and "\u0308" in marks else symbol, tone, 0, begins)


def _add_tone(units: list[_Unit], tone: int) -> None:
    if units and not units[-1].number:
        units[-1].number = tone


def _asked(reading: str) -> list[_Part]:
    """Return the syllables of a reading; letters that are no syllable, as of `coser`, in pieces that can be read."""
    units = _units(_normal(reading), dot_follows=False)
    parts, start = [], 0
    for end in range(1, len(units) + 1):
        if end == len(units) or units[end].begins or end - start == _LONGEST:
            parts.append(_part(units, start, end))
            start = end
    return parts


def _parts(units: list[_Unit]) -> list[list[_Part]]:
    """Return for each letter what may be a syllable from there: of one letter, of two, as far as a boundary."""
    return [list(_parts_from(units, start)) for start in range(len(units))]


def _parts_from(units: list[_Unit], start: int) -> Iterator[_Part]:
    marks = 0
    for end in range(start, min(start + _LONGEST, len(units))):
        marks += units[end].mark > 0
        if marks > 1 or (end > start and units[end].begins):
            return
        yield _part(units, start, end + 1)


def _part(units: list[_Unit], start: int, end: int) -> _Part:
    """Return some letters as one syllable, which may be none."""
    taken = units[start:end]
    written = "".join(unit.symbol for unit in taken)
    tone = taken[-1].number or next((unit.mark for unit in taken if unit.mark), 0)
    if written < "ㄅ":
        return _spoken(_spelt(written), tone)
    if not tone and not _goes_on(written, units[end : end + 1]):
        tone = _FIRST
    letters = _of_zhuyin().get(written) or _of_zhuyin().get(written[:-1], "") + "r"
    if written not in _of_zhuyin() and (written[-1] != "ㄦ" or letters == "r"):
        return _Part(written, tone, _NO_LETTER * len(written))
    return _Part(letters, tone)


def _spoken(letters: str, tone: int) -> _Part:
    return _Part(letters, tone, 0 if letters in _syllables() else _NO_LETTER * len(letters))


def _goes_on(written: str, following: list[_Unit]) -> bool:
    """Return whether symbols are a syllable with the next one, too, so that nobody can tell where this one ends."""
    return any(not unit.begins and written + unit.symbol in _of_zhuyin() for unit in following)


@functools.lru_cache(maxsize=4096)
def _spelt(letters: str) -> str:
    """Return the one spelling of a syllable: ju for jü, lüe for lue; a lone ü was the letter v."""
    letters = re.sub("^([jqxy])ü", r"\1u", letters)
    return "v" if letters == "ü" else re.sub("^([ln])ue", r"\1üe", letters)


@functools.cache
def _syllables() -> frozenset[str]:
    """Return what looks like a syllable, whether or not Chinese uses it: who writes fong means one."""
    return frozenset(_of_zhuyin().values()) | {"r"}


@functools.cache
def _of_zhuyin() -> dict[str, str]:
    """Return syllables by their symbols in zhuyin."""
    syllables = {_spelt(initial + final) for initial in _INITIALS.split() for final in _FINALS.split()}
    symbols = {zhuyin(syllable + "1"): syllable for syllable in syllables.union(_WITHOUT_INITIAL.split())}
    return {written: syllable for written, syllable in symbols.items() if written >= "ㄅ"}


# ---- Comparing


class _Step(NamedTuple):
    """The cheapest way on from a letter and an expected syllable: its cost to the end, how many of both it takes."""

    cost: int
    letters: int
    syllables: int


_END = _Step(0, 0, 0)


def _best(ways: list[list[list[_Part]]], accepted: list[list[_Part]]) -> Verdict:
    """Return the best verdict over all ways to read an answer and all that is accepted; of equals the first."""
    graded = [_graded(parts, asked, at) for at, asked in enumerate(accepted) for parts in ways]
    if not graded:
        graded = [_graded(ways[0], [], None)]
    return min(graded, key=lambda each: (_RANKS.index(each[1].outcome), each[0]))[1]


def _graded(parts: list[list[_Part]], asked: list[_Part], reading: int | None) -> tuple[int, Verdict]:
    cost, syllables = _aligned(parts, asked)
    verdicts = {each.verdict for each in syllables}
    warning = "tones_missing" if "tone_missing" in verdicts else "right"
    outcome = "wrong" if verdicts - {"right", "tone_missing"} else warning
    return cost, Verdict(outcome, reading, syllables)


def _aligned(parts: list[list[_Part]], asked: list[_Part]) -> tuple[int, tuple[Syllable, ...]]:
    """Return the least cost of an answer, and its syllables beside the expected ones."""
    steps = [[_END] * (len(asked) + 1) for _ in range(len(parts) + 1)]
    for start, here in reversed(list(enumerate([*parts, []]))):
        for place in reversed(range(len(asked) + 1)):
            steps[start][place] = _cheapest(steps, here, asked, start, place)
    syllables: list[Syllable] = []
    start = place = 0
    while (step := steps[start][place]).letters or step.syllables:
        part = parts[start][step.letters - 1] if step.letters else None
        syllables += _compared(part, asked[place : place + step.syllables])
        start, place = start + step.letters, place + step.syllables
    return steps[0][0].cost, tuple(syllables)


def _cheapest(steps: list[list[_Step]], here: list[_Part], asked: list[_Part], start: int, place: int) -> _Step:
    """Return what comes next: a syllable for the expected one, for that and its r, one too many, or one missing."""
    options = []  # of equals the first is taken
    for letters, part in enumerate(here, start=1):
        after = steps[start + letters]
        if place < len(asked):
            options.append((_cost(part, asked[place]) + after[place + 1].cost, letters, 1))
        if part.letters[1:].endswith("r") and any(map(_is_r, asked[place + 1 : place + 2])):
            options.append((_cost(_without_r(part), asked[place]) + after[place + 2].cost, letters, 2))
        options.append((_EXTRA + part.strangeness + after[place].cost, letters, 0))
    if place < len(asked):
        options.append((_MISSING + steps[start][place + 1].cost, 0, 1))
    return _Step(*min(options, key=itemgetter(0), default=_END))


def _is_r(part: _Part) -> bool:
    return part.letters == "r" and part.tone == _NEUTRAL


def _without_r(part: _Part) -> _Part:
    return _spoken(part.letters[:-1], part.tone)


def _cost(part: _Part, asked: _Part) -> int:
    if not _same_letters(part, asked):
        return _OTHER_SYLLABLE + part.strangeness
    if asked.tone in (0, part.tone):
        return 0
    return _WRONG_TONE if part.tone else _TONE_MISSING


def _same_letters(part: _Part, asked: _Part) -> bool:
    return part.letters == asked.letters or (part.letters == "er" and _is_r(asked))


def _compared(part: _Part | None, asked: list[_Part]) -> Iterable[Syllable]:
    """Return the syllables of one step."""
    if part is None:
        return [Syllable(*asked[0][:2], "", 0, "missing")]
    if not asked:
        return [Syllable("", 0, *part[:2], "extra")]
    if len(asked) == 1:
        return [Syllable(*asked[0][:2], *part[:2], _verdict(part, asked[0]))]
    part = _without_r(part)
    return [Syllable(*asked[0][:2], *part[:2], _verdict(part, asked[0])), Syllable("r", _NEUTRAL, "r", 0, "right")]


def _verdict(part: _Part, asked: _Part) -> str:
    if not _same_letters(part, asked):
        return "wrong_syllable"
    if asked.tone in (0, part.tone) or (asked.tone == _NEUTRAL and not part.tone):
        return "right"
    return "wrong_tone" if part.tone else "tone_missing"
