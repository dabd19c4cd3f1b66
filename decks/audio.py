"""Which word or syllable has a recording: the index of the pack that `manage.py load_audio` has made."""

import functools
import json
import logging
import re
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from decks.dictionary import DictionaryMissing, open_dictionary
from decks.dictionary.pinyin import umlaut

logger = logging.getLogger(__name__)

# The kinds of recordings, those that every browser plays first.
TYPES = {"mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "opus": "audio/ogg", "webm": "audio/webm"}
NAME = rf"[0-9a-f]{{32}}\.(?:{'|'.join(TYPES)})"
INDEX = "index.json"
LOOK_AGAIN_AFTER = 3.0  # seconds

_SYLLABLE = re.compile(r"[a-zêü]+[1-5]")


@dataclass(frozen=True)
class Pack:
    """Names of recordings by word and by syllable, and whose work they are."""

    words: Mapping[str, str] = field(default_factory=dict)
    syllables: Mapping[str, str] = field(default_factory=dict)
    credit: str = ""

    @classmethod
    def read(cls, path: Path) -> "Pack":
        """Return the pack of an index; an empty one where there is none that can be read."""
        try:
            return cls(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError):
            logger.exception("The index of the recordings can't be read: run `manage.py load_audio` again.")
            return cls()

    def index(self) -> bytes:
        """Return the text of the index: the same for the same pack."""
        fields = {"words": self.words, "syllables": self.syllables, "credit": self.credit}
        return json.dumps(fields, ensure_ascii=False, indent=0, sort_keys=True).encode()

    def names(self) -> set[str]:
        """Return the names of all recordings."""
        return {*self.words.values(), *self.syllables.values()}

    def recording(self, hanzi: str, numbers: str) -> str | None:
        """Return the name of a word's recording. A single character is heard by its reading: 长 has two.

        Syllables are never put together to a word: what comes out has the tones of nobody's speech.
        """
        hanzi = unicodedata.normalize("NFC", hanzi.strip())
        if len(hanzi) == 1 and (syllable := self.syllables.get(syllable_key(numbers))):
            return syllable
        word = self.words.get(hanzi)
        return word if word and (len(hanzi) > 1 or _is_said_alone(hanzi, numbers)) else None


class _Index:
    """The pack of a folder, read on first use and again when the index has changed."""

    def __init__(self, folder: Path):
        self.path = folder / INDEX
        self._pack = Pack()
        self._stamp: tuple[int, ...] | None = None
        self._look_at = 0.0

    def pack(self) -> Pack:
        now = time.monotonic()
        if now >= self._look_at:
            stamp = self._changed_at()
            if stamp != self._stamp:
                self._pack, self._stamp = Pack.read(self.path), stamp
            # Last, so that no other thread takes the pack of before for the one of now.
            self._look_at = now + LOOK_AGAIN_AFTER
        return self._pack

    def _changed_at(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size


@functools.cache
def _index(folder: Path) -> _Index:
    return _Index(folder)


def pack() -> Pack:
    """Return the loaded pack, an empty one if there is none."""
    return _index(settings.AUDIO_PATH).pack()


def sounds_of(hanzi: str, pinyin_numbers: str) -> list[str]:
    """Return the addresses of the recordings to play, in order; none where there is no right one."""
    name = pack().recording(hanzi, pinyin_numbers)
    return [reverse("audio", args=[name])] if name else []


def is_ambiguous(hanzi: str) -> bool:
    """Tell whether a single character has several readings, so that a voice can't know which is meant."""
    return len(hanzi) == 1 and len(_readings(hanzi)) > 1


def syllable_key(written: str) -> str:
    """Return one syllable with its tone in one spelling, ü as ü: lve4, lu:e4 and Lüe4 are lüe4; else ""."""
    key = umlaut(unicodedata.normalize("NFC", written.strip()).lower())
    key = re.sub("^([ln])ue", r"\1üe", re.sub("^([jqxy])ü", r"\1u", key))
    return key if _SYLLABLE.fullmatch(key) else ""


def _is_said_alone(character: str, numbers: str) -> bool:
    """Tell whether the recording of a character alone is of this reading: it is of the first one."""
    readings = _readings(character)
    if not numbers.strip() or not readings:
        return True
    key = syllable_key(numbers)
    # 儿 read r is the end of another syllable; alone it is said ér.
    return key != "r5" and key == readings[0]


def _readings(character: str) -> list[str]:
    """Return the readings of a character as syllables, the first one first; none where nobody knows."""
    try:
        word = open_dictionary(settings.DICTIONARY_PATH).lookup(character)
    except DictionaryMissing:
        return []
    return list(dict.fromkeys(syllable_key(reading.pinyin_numbers) for reading in word.readings)) if word else []
