"""A text file's bytes read as text, whatever it was written in."""

import codecs
import re
from dataclasses import dataclass

_SAMPLE = 1 << 18  # bytes by which GB18030 and Latin 1 are told apart
_BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 100  # one in so many characters is a file that is no text
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_PIECE = re.compile(
    rb"(?P<four>[\x81-\xfe][0-9][\x81-\xfe][0-9])"
    rb"|(?P<symbol>[\xa1-\xa9][\xa1-\xfe])"  # punctuation, and the vowels of pinyin
    rb"|(?P<common>[\xb0-\xf7][\xa1-\xfe])"  # GB2312: the simplified characters
    rb"|(?P<letter>[\x9c\xc0-\xfe][a-z]|[\xa1\xbf\xc0-\xdd][A-Z])"  # in Latin 1 é, ¿ or the like before a letter
    rb"|(?P<private>[\xaa-\xaf\xf8-\xfe][\xa1-\xfe])"  # nothing, but two accented letters of Latin 1
    rb"|(?P<odd>[\x81-\x90\x98-\x9b\x9d-\xa0][\x40-\x7e\x80-\xfe]|[\xc0-\xfe][\x80-\x84\x86-\x90\x98-\x9f])"
    rb"|(?P<rare>[\x81-\xfe][\x40-\x7e\x80-\xfe])"
    rb"|(?P<wrong>[\x80-\xff])"
)
_NO_LATIN = re.compile(r"[\u0180-\u01cc\u01dd-\u02ff\u0370-\u07ff]")
_BESIDE_LETTERS = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
_CHINESE = {"four": 2, "symbol": 1, "common": 1, "odd": 2, "rare": 1, "letter": -1, "private": -2, "wrong": -2}
NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "gb18030": "GB18030", "cp1252": "Latin 1"}


class NoText(ValueError):
    """The bytes are no text: its message says so to whoever sent them."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, what it was written in, and whether some bytes were no text; they stand as U+FFFD."""

    text: str
    encoding: str
    damaged: bool = False

    @property
    def name(self) -> str:
        """Return what people call the encoding."""
        return NAMES.get(self.encoding, self.encoding.upper())


def decode(data: bytes) -> Decoded:
    """Return the text of a file in UTF-8, UTF-16, GB18030 or Latin 1, without its mark; `NoText` if it is none."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _checked(_read(data[len(bom) :], encoding))
    if b"\0" in data and (encoding := _utf_16(data)):
        return _checked(_read(data, encoding))
    return _checked(_read(data, _eight_bit(data)))


def _read(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        if encoding == "cp1252":  # five of its bytes are nothing; those of ISO 8859-1 are control characters
            return Decoded(data.decode("latin-1"), encoding)
        return Decoded(data.decode(encoding, errors="replace"), encoding, damaged=True)


def _checked(found: Decoded) -> Decoded:
    controls = sum(1 for _ in _CONTROLS.finditer(found.text))
    if controls * _MOST_CONTROLS > len(found.text):
        raise NoText("This is no text file. A CSV file, or Pleco's flashcards as text or XML, can be read.")
    return found


def _utf_16(data: bytes) -> str | None:
    """Return which UTF-16 some bytes with zeros in them are, or None for neither.

    Its ASCII characters, a line's end at the least, have a zero on one side, always the same one.
    """
    sample = data[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or even == odd:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    text = sample.decode(encoding, errors="replace")
    wrong = text.count("\ufffd") + len(_CONTROLS.findall(text))
    return encoding if wrong * _MOST_CONTROLS <= len(text) else None


def _eight_bit(data: bytes) -> str:
    """Return which encoding some bytes without a mark are in."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "gb18030" if _rather_chinese(data[:_SAMPLE]) else "utf-8"
    sample = data[:_SAMPLE]
    whole, count = _MULTIBYTE.subn(b"", sample)
    if count > 10 * len(_HIGH.findall(whole)):
        return "utf-8"  # but for a few bytes
    return "gb18030" if _chinese(sample) >= 0 else "cp1252"


def _rather_chinese(data: bytes) -> bool:
    """Return whether what could be UTF-8 is rather GB18030: 学 of the one is ѧ of the other.

    That happens to a few words at a time, never to a text in UTF-8 that has hanzi in it. Letters with accents stand
    among letters without, as in pinyin.
    """
    pairs = [match for match in _PIECE.finditer(data) if match[0] >= b"\x80"]
    if not pairs or any(match.lastgroup not in ("common", "symbol") for match in pairs):
        return False
    text = data.decode("utf-8", errors="ignore")
    if any(letter >= "\u0800" for letter in text):
        return False
    return bool(_NO_LATIN.search(text)) or not _BESIDE_LETTERS.search(text)


def _chinese(data: bytes) -> int:
    """Return how much more there is in some bytes for GB18030 than for Latin 1.

    In GB18030 nearly every byte above ASCII has another beside it, in the Latin 1 of European words hardly any has.
    """
    score = 0
    for match in _PIECE.finditer(data):
        kind = match.lastgroup
        before, after = data[match.start() - 1 : match.start()], data[match.end() : match.end() + 1]
        # Größe: two accented letters in the midst of a word.
        inside = kind in ("common", "odd", "rare") and before.isalpha() and after.islower()
        score += -1 if inside else _CHINESE[kind]
    return score
