"""Pinyin with numbers (`xue2 sheng5`), with marks (`xuésheng`), without tones, and zhuyin.

"Numbers" is how CC-CEDICT writes: syllables between spaces, ü as `u:`, the neutral tone as 5, erhua as `r5`.
"""

import functools
import re
import unicodedata
from itertools import pairwise

_MARKS = {"1": "\u0304", "2": "\u0301", "3": "\u030c", "4": "\u0300"}
_TONES = {mark: tone for tone, mark in _MARKS.items()}
_JOINED_UP_TO = 4  # a longer phrase without capitals is easier to read syllable by syllable

_INITIALS = {
    "b": "ㄅ", "p": "ㄆ", "m": "ㄇ", "f": "ㄈ", "d": "ㄉ", "t": "ㄊ", "n": "ㄋ", "l": "ㄌ", "g": "ㄍ", "k": "ㄎ",
    "h": "ㄏ", "j": "ㄐ", "q": "ㄑ", "x": "ㄒ", "zh": "ㄓ", "ch": "ㄔ", "sh": "ㄕ", "r": "ㄖ", "z": "ㄗ", "c": "ㄘ",
    "s": "ㄙ",
}  # fmt: skip
_FINALS = {
    "a": "ㄚ", "o": "ㄛ", "e": "ㄜ", "ê": "ㄝ", "ai": "ㄞ", "ei": "ㄟ", "ao": "ㄠ", "ou": "ㄡ", "an": "ㄢ", "en": "ㄣ",
    "ang": "ㄤ", "eng": "ㄥ", "er": "ㄦ", "i": "ㄧ", "ia": "ㄧㄚ", "io": "ㄧㄛ", "ie": "ㄧㄝ", "iai": "ㄧㄞ",
    "iao": "ㄧㄠ", "iu": "ㄧㄡ", "ian": "ㄧㄢ", "in": "ㄧㄣ", "iang": "ㄧㄤ", "ing": "ㄧㄥ", "u": "ㄨ", "ua": "ㄨㄚ",
    "uo": "ㄨㄛ", "uai": "ㄨㄞ", "ui": "ㄨㄟ", "uan": "ㄨㄢ", "un": "ㄨㄣ", "uang": "ㄨㄤ", "ong": "ㄨㄥ", "ü": "ㄩ",
    "üe": "ㄩㄝ", "üan": "ㄩㄢ", "ün": "ㄩㄣ", "iong": "ㄩㄥ",
}  # fmt: skip
# Syllables without an initial are spelt with y and w.
_WHOLE = {
    "yi": "i", "ya": "ia", "yo": "io", "ye": "ie", "yai": "iai", "yao": "iao", "you": "iu", "yan": "ian", "yin": "in",
    "yang": "iang", "ying": "ing", "wu": "u", "wa": "ua", "wo": "uo", "wai": "uai", "wei": "ui", "wan": "uan",
    "wen": "un", "wang": "uang", "weng": "ong", "yu": "ü", "yue": "üe", "yuan": "üan", "yun": "ün", "yong": "iong",
}  # fmt: skip
# Interjections are consonants only; there is no other spelling of them in zhuyin.
_CONSONANTS = {"m": "ㄇ", "n": "ㄋ", "ng": "ㄫ", "hm": "ㄏㄇ", "hng": "ㄏㄫ", "r": "ㄦ"}
_ZHUYIN_TONES = {"1": "", "2": "ˊ", "3": "ˇ", "4": "ˋ", "5": "˙"}

_SYLLABLE = re.compile(r"((?:[a-zêü]|u:)+)([1-5])", re.IGNORECASE)
_PUNCTUATION = {",", "·", ":"}


def marks(numbers: str) -> str:
    """Return pinyin with marks, spelt as a word: `Xi1 an1` is `Xī'ān`, `wan2 r5` is `wánr`."""
    syllables = numbers.split()
    spread = sum(_is_syllable(each) for each in syllables) > _JOINED_UP_TO
    spread = spread and not any(each[0].isupper() for each in syllables[1:])
    spelt = ""
    for before, each in zip(["", *syllables], syllables, strict=False):
        spelt += _separator(before, each, spread) + _marked(each)
    return spelt


def _is_syllable(written: str) -> bool:
    return written not in _PUNCTUATION


def _separator(before: str, syllable: str, spread: bool) -> str:
    """Return what stands between two syllables."""
    if not before or "·" in (before, syllable) or syllable in _PUNCTUATION:
        return ""
    if before in _PUNCTUATION:
        return " "
    if syllable in ("r5", "r"):
        return ""
    toned = before[-1].isdigit() and syllable[-1].isdigit()
    if not toned:  # letters of another language stand together and apart from pinyin: kǎlā OK
        return "" if not before[-1].isdigit() and not syllable[-1].isdigit() else " "
    if spread or syllable[0].isupper():
        return " "
    return "'" if syllable[0] in "aoeê" else ""


def _marked(written: str) -> str:
    return _SYLLABLE.sub(lambda match: _with_mark(umlaut(match[1]), match[2]), written)


def umlaut(letters: str) -> str:
    """Return the letters of a syllable with ü for `u:` and `v`."""
    return re.sub("u:|v", "ü", re.sub("U:|V", "Ü", letters))


def _with_mark(letters: str, tone: str) -> str:
    """Return a syllable with its mark: on a or e, on the o of ou, else on the last vowel."""
    low = letters.lower()
    if tone == "5" or low == "xx":
        return letters
    place = next((low.index(vowel) for vowel in ("a", "e", "ê", "ou") if vowel in low), None)
    if place is None:
        place = max((low.rfind(letter) for letter in "iouü"), default=-1)
    if place < 0:  # ḿ, ńg
        place = next((at for at, letter in enumerate(low) if letter in "mn"), -1)
    if place < 0:
        return letters + tone  # no syllable, so its number stays
    marked = letters[: place + 1] + _MARKS[tone] + letters[place + 1 :]
    return unicodedata.normalize("NFC", marked)


def numbers(marks: str) -> str:
    """Return pinyin with numbers of pinyin with marks; what is no pinyin stays as it is."""
    pieces = re.findall(r"(?:[^\W\d_][\u0300-\u030c]*)+|[·,]|[^\s'’·,]+", unicodedata.normalize("NFC", marks))
    return " ".join(numbered for piece in pieces for numbered in _numbered(piece))


def _numbered(piece: str) -> list[str]:
    letters, tones = _without_tones(piece)
    if not letters.isalpha() or (piece.isupper() and not tones):
        return [piece]
    syllables = _split(letters.lower(), strict=True) or _split(letters.lower(), strict=False)
    if syllables is None:
        return [piece]
    written, start = [], 0
    for syllable in syllables:
        end = start + len(syllable)
        tone = next((tones[at] for at in range(start, end) if at in tones), "5")
        written.append(letters[start:end].replace("ü", "u:").replace("Ü", "U:") + tone)
        start = end
    return written


def _without_tones(text: str) -> tuple[str, dict[int, str]]:
    """Return the letters and the tones by the place of the letter that carries the mark."""
    letters: list[str] = []
    tones: dict[int, str] = {}
    for letter in unicodedata.normalize("NFD", text):
        if letter in _TONES:
            tones[len(letters) - 1] = _TONES[letter]
        elif letter in ("\u0308", "\u0302") and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + letter)
        else:
            letters.append(letter)
    return "".join(letters), tones


@functools.cache
def _syllables() -> frozenset[str]:
    """Return every spelling of a syllable, whether or not Chinese uses it."""
    spelt = {initial + final for initial in _INITIALS for final in _FINALS if final != "er"}
    spelt |= {initial + "ue" for initial in "jqxln"} | {initial + "uan" for initial in "jqx"}
    return frozenset(spelt | set(_WHOLE) | {f for f in _FINALS if f[0] in "aoeê"} | set(_CONSONANTS))


@functools.lru_cache(maxsize=4096)
def _split(letters: str, strict: bool) -> tuple[str, ...] | None:
    """Return the syllables of a word; if strict, only its first may begin with a vowel, as the apostrophe wills."""
    # From the end: the longest first syllable of each rest that leaves something that can be split.
    lengths = {len(letters): 0}
    for start in range(len(letters) - 1, -1, -1):
        for end in range(min(start + 6, len(letters)), start, -1):
            if end not in lengths or letters[start:end] not in _syllables():
                continue
            if not (strict and letters[end : end + 1] and letters[end] in "aoeêiuü"):
                lengths[start] = end - start
                break
    if 0 not in lengths:
        return None
    starts = [0]
    while starts[-1] < len(letters):
        starts.append(starts[-1] + lengths[starts[-1]])
    return tuple(letters[start:end] for start, end in pairwise(starts))


def zhuyin(numbers: str) -> str:
    """Return zhuyin (bopomofo), its syllables between spaces; what is no pinyin stays as it is."""
    spelt = _SYLLABLE.sub(lambda match: _zhuyin_syllable(match[1], match[2]) + " ", numbers)
    return " ".join(spelt.split())


def _zhuyin_syllable(letters: str, tone: str) -> str:
    symbols = _symbols(umlaut(letters.lower()))
    if symbols is None:
        return letters
    return "˙" + symbols if tone == "5" else symbols + _ZHUYIN_TONES[tone]


@functools.cache
def _symbols(syllable: str) -> str | None:
    """Return the symbols of a syllable without its tone."""
    if syllable in _CONSONANTS:
        return _CONSONANTS[syllable]
    if syllable in _WHOLE:
        return _FINALS[_WHOLE[syllable]]
    if syllable in _FINALS and syllable[0] in "aoeê":
        return _FINALS[syllable]
    initial = syllable[:2] if syllable[:2] in _INITIALS else syllable[:1]
    final = syllable[len(initial) :]
    if initial in ("j", "q", "x"):
        final = re.sub("^u", "ü", final)
    if initial in ("l", "n"):
        final = final.replace("ue", "üe")
    if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
        return _INITIALS[initial]
    return _INITIALS[initial] + _FINALS[final] if initial in _INITIALS and final in _FINALS else None


def plain(pinyin: str) -> str:
    """Return the letters of pinyin of either kind, lower-case, without tones, spaces or marks, ü as v."""
    return search_key(pinyin)[0]


def search_key(pinyin: str) -> tuple[str, str]:
    """Return the letters and the tones of pinyin of any kind, the neutral ones left out.

    Letters and tones apart need no guess at where a syllable ends: `xian1` and `xi1an1` differ in their tones.
    """
    letters, marked = _without_tones(pinyin.lower().replace("u:", "v"))
    tones = [marked.get(at, letter) for at, letter in enumerate(letters) if at in marked or letter in "1234"]
    letters = "".join(letter for letter in letters.replace("ü", "v").replace("ê", "e") if letter.isalpha())
    return re.sub(r"(?<=[ln])ue", "ve", letters), "".join(tones)


def spelling(numbers: str) -> str:
    """Return pinyin with numbers as it is searched: in one, in small letters, ü as v but after j, q, x and y."""
    letters = re.sub("u:|ü", "v", numbers.lower()).replace("ê", "e")
    letters = "".join(letter for letter in letters if letter.isalnum())
    return re.sub("(?<=[jqxy])v", "u", re.sub(r"(?<=[ln])ue", "ve", letters))


def toned(marks: str) -> list[tuple[str, int]]:
    """Return pinyin with marks cut into syllables with their tones, 1 to 5; 0 for what stands between them."""
    parts: list[tuple[str, int]] = []
    for piece in re.findall(r"(?:[^\W\d_][\u0300-\u030c]*)+|[\W\d_]+", unicodedata.normalize("NFC", marks)):
        graphemes = re.findall(r".[\u0300-\u030c]*", piece, re.DOTALL)
        start = 0
        for written in _numbered(piece) if piece[0].isalpha() else []:
            if written[-1] not in _ZHUYIN_TONES:
                break
            end = start + len(umlaut(written[:-1]))
            parts.append(("".join(graphemes[start:end]), int(written[-1])))
            start = end
        if start < len(graphemes):
            parts.append(("".join(graphemes[start:]), 0))
    return parts
