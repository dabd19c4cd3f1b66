"""The tones of a word as it is spoken: those of 一, of 不 and of third tones change with what follows.

- 一 is second before a fourth tone and fourth before any other: yígòng, yìqǐ. It stays first where it is a number or
  an ordinal: at the end of a word, beside another numeral, in 第一 and in words such as 一月 or 一把手.
- 不 is second before a fourth tone: búshì.
- Between the halves of a doubled word both are neutral: kàn yi kàn, hǎo bu hǎo.
- Of third tones in a row all but the last are second: nǐhǎo is níhǎo. Which of three or more change depends on what
  belongs together; within a word it is all of them.

A neutral tone stays as it is, and changes nothing before it.
"""

from collections.abc import Sequence

_NUMERALS = frozenset("零〇一二三四五六七八九十")
_ORDINAL_WORDS = {
    *("一月", "一月份", "一号", "一號", "一楼", "一樓", "一级", "一級", "一等", "一等奖", "一等獎"),
    *("一流", "一线", "一線", "一审", "一審", "一把手"),
}
# Words that end in 一 and stand at the beginning of longer ones: 第一次, 统一性.
_ENDS_IN_ONE = ("第一", "统一", "統一", "唯一", "独一", "獨一", "单一", "單一", "星期一", "周一", "週一")
# Neutral in 一个 and 不是, and yet what stands before them changes as before the fourth tone that they have.
_FOURTH_AT_HEART = frozenset("个個是")


def spoken_tones(syllables: Sequence[tuple[str, int]], hanzi: str) -> list[int]:
    """Return the spoken tone of each syllable of a word; the syllables are those of its characters, one by one.

    Where there are more or fewer of them than characters, nothing is known of 一 and 不, and no tone changes.
    """
    tones = [tone for _, tone in syllables]
    if len(tones) != len(hanzi):
        return tones
    return [_spoken(syllables, hanzi, place) for place in range(len(tones))]


def _spoken(syllables: Sequence[tuple[str, int]], hanzi: str, place: int) -> int:
    tone = syllables[place][1]
    if hanzi[place] == "一" and tone == 1:
        return _of_one(syllables, hanzi, place)
    if hanzi[place] == "不" and tone == 4:
        return _of_not(syllables, hanzi, place)
    return 2 if tone == 3 and _next_tone(syllables, place) == 3 else tone


def _of_one(syllables: Sequence[tuple[str, int]], hanzi: str, place: int) -> int:
    if _is_between_halves(hanzi, place):
        return 5
    if place + 1 == len(hanzi) or _is_number(hanzi, place):
        return 1
    return 2 if _before_fourth(syllables, hanzi, place) else 4


def _of_not(syllables: Sequence[tuple[str, int]], hanzi: str, place: int) -> int:
    if _is_between_halves(hanzi, place):
        return 5
    return 2 if _before_fourth(syllables, hanzi, place) else 4


def _is_number(hanzi: str, place: int) -> bool:
    around = hanzi[max(0, place - 1) : place] + hanzi[place + 1 : place + 2]
    if hanzi in _ORDINAL_WORDS or not _NUMERALS.isdisjoint(around):
        return True
    return hanzi[: place + 1].endswith(_ENDS_IN_ONE)


def _is_between_halves(hanzi: str, place: int) -> bool:
    """Return whether a character stands between two of the same, as in 看一看, but not as in 一天一天."""
    if not 0 < place < len(hanzi) - 1 or hanzi[place - 1] in _NUMERALS:
        return False
    return hanzi[place - 1] == hanzi[place + 1] and hanzi[max(0, place - 2) : place - 1] != hanzi[place]


def _before_fourth(syllables: Sequence[tuple[str, int]], hanzi: str, place: int) -> bool:
    tone = _next_tone(syllables, place)
    return tone == 4 or (tone == 5 and hanzi[place + 1] in _FOURTH_AT_HEART)


def _next_tone(syllables: Sequence[tuple[str, int]], place: int) -> int:
    """Return the tone of the next syllable, 0 if there is none; the r of 哪儿 is none of its own."""
    return next((tone for text, tone in syllables[place + 1 :] if text.lower() != "r"), 0)
