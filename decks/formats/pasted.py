"""Pasted words: each line into what was typed of a card, whatever way it is written. What it means is left to others.

A line holds a word (`学生`), several (`学生、老师`), a word with pinyin and English (by tabs, commas, semicolons or
spaces), an entry as CC-CEDICT or Pleco writes it, a sentence, or pinyin alone.
"""

import re
import unicodedata
from dataclasses import dataclass

from decks.dictionary.pinyin import marks, numbers, umlaut
from decks.formats.notes import LONGEST, Note

_HANZI = r"[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
HANZI = re.compile(_HANZI)
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")
# 1. (1) 1、 ① - •
_BULLET = re.compile(r"(?:[(（]?\d{1,4}(?:[)）、:：]|[.．](?!\d)|\s(?=\s*\D))|[\u2460-\u249b]|[-–—*+>]\s|[•●○▪◦‣·])\s*")
_ENTRY = re.compile(r"([^\s\[\]【】]+)(?:\s+([^\s\[\]【】]+))?\s*[\[【]([^\]】]*)[\]】]\s*(.*)", re.DOTALL)
_BESIDE = re.compile(rf"(?<={_HANZI})\s*[（(]((?:(?!{_HANZI})[^()（）])+)[)）]")  # 学生 (xuésheng)
_TOKEN = re.compile(r"[^\s,;，；、|/=:：]+")
_BETWEEN_WORDS = re.compile(r"[\s,;，；、|/=]+")
_BETWEEN_FIELDS = re.compile(r"\s*[,;，；|=]\s*|\s{2,}|\s[-–—]\s")
_AROUND = " \t,;，；|=:：/-–—"
_ENDS_A_SENTENCE = re.compile(r"[。！？!?…]")
_PIECE = re.compile(r"(?:([^\W\d_]+)([0-5]?))+")
_SYLLABLE = re.compile(r"(?:[a-zê]|u:)+[1-5]", re.IGNORECASE)
_CONSONANTS = {"m", "n", "ng", "hm", "hng"}
# Letters as some textbooks print them, and a breve for the third tone's caron.
_MISPRINTS = str.maketrans("ɑɡăĕĭŏŭĂĔĬŎŬ", "agǎěǐǒǔǍĚǏǑǓ")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something: its number in the paste, what was typed, and the words in it, at least one."""

    number: int
    text: str
    words: tuple[Note, ...]


def parse(text: str) -> list[Line]:
    """Return the lines of a paste that are not empty."""
    lines = (_UNSEEN.sub("", line).strip() for line in text.splitlines())
    return [Line(number, line, tuple(_words(_without_bullet(line)))) for number, line in enumerate(lines, 1) if line]


def _without_bullet(line: str) -> str:
    rest = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
    return rest or line


def _words(line: str) -> list[Note]:
    if "\t" in line:
        return _columns([field.strip() for field in line.split("\t") if field.strip()])
    if (entry := _ENTRY.fullmatch(line)) and HANZI.search(entry[1]):
        return [_entry(*entry.groups(default=""))]
    return _mixed(_BESIDE.sub(r" \1 ", line).strip()) if HANZI.search(line) else _latin(line)


# What stands in columns or as an entry


def _columns(fields: list[str]) -> list[Note]:
    """Return the words of fields in any order: hanzi, perhaps those of the other script, pinyin, English."""
    words = [field for field in fields if _is_word(field)]
    if len(words) == len(fields) or not words:
        return [word for field in fields for word in _words(field)] if words else _latin("; ".join(fields))
    first = words[0]
    rest = [field for field in fields if field is not first]
    entry = _ENTRY.fullmatch(first)
    note = _entry(*entry.groups(default="")) if entry else Note(hanzi=first)
    if not note.traditional and len(words) > 1 and len(words[1]) == len(first):
        note = Note(hanzi=first, traditional=words[1])
        rest.remove(words[1])
    pinyin, english = _gloss(rest, note.hanzi)
    return [Note(note.hanzi, note.traditional, note.pinyin or pinyin, _joined(note.english, english))]


def _is_word(field: str) -> bool:
    """Return whether a field is hanzi rather than a text in which some occur."""
    return bool(HANZI.match(field)) or (len(field) <= 12 and " " not in field and bool(HANZI.search(field)))


def _gloss(fields: list[str], hanzi: str) -> tuple[str, str]:
    """Return the pinyin and the English among the fields beside a word."""
    if len(fields) == 1:
        return _tail(fields[0], hanzi)
    at = next((at for at, field in enumerate(fields) if syllables(field)), None)
    english = "; ".join(_plain_english(field) for place, field in enumerate(fields) if place != at)
    return ("" if at is None else spelt(fields[at])), english


def _entry(first: str, second: str, within: str, rest: str) -> Note:
    """Return a word as CC-CEDICT writes it, `學生 学生 [xue2 sheng5] /student/`, or Pleco, `学生[學生] xue2sheng5`."""
    if HANZI.search(within):
        pinyin, english = _tail(rest, first)
        return Note(first, within.strip(), pinyin, _joined(second, english))
    if not HANZI.search(second):
        return Note(first, "", spelt(within), _joined(second, _plain_english(rest)))
    return Note(second, first, spelt(within), _plain_english(rest))


def _plain_english(text: str) -> str:
    """Return an English text without what stands around it, `/a pupil/a student/` as `a pupil; a student`."""
    text = text.strip()
    if len(text) > 1 and text.startswith("/"):
        return "; ".join(part.strip() for part in text.split("/") if part.strip())
    return text.strip(_AROUND)


def _joined(*texts: str) -> str:
    return "; ".join(filter(None, texts))


# What stands in one line between spaces and commas


def _mixed(line: str) -> list[Note]:
    """Return the words of a line that has hanzi, the last with the pinyin and English behind it."""
    tokens = list(_TOKEN.finditer(line))
    are_hanzi = [bool(HANZI.search(token[0])) for token in tokens]
    says = [bool(re.search(r"[^\W_]", token[0])) and not hanzi for token, hanzi in zip(tokens, are_hanzi, strict=True)]
    if not any(says):
        return _hanzi_alone(line)
    start = tokens[says.index(True)].start()
    head, tail = line[:start], line[start:]
    if not HANZI.search(head):
        start = tokens[are_hanzi.index(True)].start()
        if any(says[are_hanzi.index(True) :]):  # an English sentence about a Chinese word, or the other way round
            return [Note(hanzi=line)]
        tail, head = line[:start], line[start:]
    return _with_tail(_pieces(head), tail)


def _hanzi_alone(line: str) -> list[Note]:
    if _ENDS_A_SENTENCE.search(line):
        return [Note(hanzi=line)]
    return [Note(hanzi=piece) for piece in _pieces(line)] or [Note(hanzi=line)]


def _pieces(text: str) -> list[str]:
    return [piece for each in _BETWEEN_WORDS.split(text) if (piece := each.strip(_AROUND))]


def _with_tail(pieces: list[str], tail: str) -> list[Note]:
    *before, last = pieces
    pinyin, english = _tail(tail, last)
    if len(before) == 1 and len(before[0]) == len(last):
        return [Note(before[0], last, pinyin, english)]
    return [*(Note(hanzi=piece) for piece in before), Note(last, "", pinyin, english)]


def _tail(text: str, hanzi: str) -> tuple[str, str]:
    """Return the pinyin and the English of what stands behind a word."""
    text = text.strip(_AROUND.replace("/", ""))
    count = len(HANZI.findall(hanzi))
    ends = [match.span() for match in _BETWEEN_FIELDS.finditer(text)][:1]
    ends += [match.span() for match in re.finditer(r"\s+", text)][: count + 4][::-1]
    for end, start in [(len(text), len(text)), *ends]:
        if _is_reading(text[:end], count):
            return spelt(text[:end]), _plain_english(text[start:])
    return "", _plain_english(text)


def _is_reading(text: str, count: int) -> bool:
    """Return whether a text is the pinyin of so many characters, or shows by its tones that it is pinyin."""
    found = syllables(text)
    return bool(found) and (len(found) == count or has_tones(text))


def _latin(line: str) -> list[Note]:
    """Return the words of a line without hanzi: pinyin, perhaps with English behind it, else English."""
    pieces = [piece for piece in re.split(r"\s*[,;，；、]\s*", line) if piece]
    if pieces and all(map(syllables, pieces)):
        return [Note(pinyin=spelt(piece)) for piece in pieces]
    pinyin, english = _tail(line, "")
    return [Note(pinyin=pinyin, english=english)] if pinyin else [Note(english=line)]


# Pinyin


def has_tones(pinyin: str) -> bool:
    """Return whether a text in pinyin says any tone."""
    return bool(re.search(r"[0-5]|[\u0300\u0301\u0304\u030c]", unicodedata.normalize("NFD", pinyin)))


def syllables(text: str) -> list[str]:
    """Return the syllables of pinyin of any kind, with numbers; none if a text is no pinyin or longer than any is."""
    if len(text) > LONGEST["pinyin"]:
        return []
    text = umlaut(unicodedata.normalize("NFC", text).translate(_MISPRINTS)).strip("()[]（） ")
    found: list[str] = []
    for piece in re.split(r"[\s'’·\-]+", text):
        if not _PIECE.fullmatch(piece):
            return []
        for letters, tone in re.findall(r"([^\W\d_]+)([0-5]?)", piece):
            *before, last = numbers(letters).split()
            found += [*before, last[:-1] + tone.replace("0", "5") if tone else last]
    known = all(_SYLLABLE.fullmatch(each) and each[:-1].lower() not in _CONSONANTS for each in found)
    return found if known else []


def spelt(pinyin: str) -> str:
    """Return pinyin with marks if it was written with numbers, else as it was written."""
    pinyin = " ".join(unicodedata.normalize("NFC", pinyin).translate(_MISPRINTS).strip("()[]（） ").split())
    found = syllables(pinyin) if re.search(r"\d", pinyin) else []
    return marks(" ".join(found)) if found else pinyin
