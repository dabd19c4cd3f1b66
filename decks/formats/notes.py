"""What every format reads and writes: the texts of one card."""

import re
import unicodedata
from dataclasses import asdict, dataclass, replace

TEXTS = (
    *("hanzi", "traditional", "pinyin", "english"),
    *("sentence", "sentence_pinyin", "sentence_translation", "notes"),
)
LONGEST = {"hanzi": 100, "traditional": 100, "pinyin": 200} | dict.fromkeys(
    ("english", "sentence", "sentence_pinyin", "sentence_translation", "notes"), 10_000
)
MOST_TAGS = 50
LONGEST_TAG = 100
# What PostgreSQL can't keep or no browser shows: NUL, other control characters, halves of surrogate pairs.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_IN_A_READING = re.compile(r"[\s\u00a0'’·\-]")


@dataclass(frozen=True, slots=True)
class Note:
    """The texts of one card, as its columns are named."""

    hanzi: str = ""
    traditional: str = ""
    pinyin: str = ""
    english: str = ""
    sentence: str = ""
    sentence_pinyin: str = ""
    sentence_translation: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()

    @property
    def word_key(self) -> str | None:
        """What the database computes alike as `Card.word_key`; None without hanzi, where that is the card's id."""
        return word_key(self.hanzi, self.pinyin) if self.hanzi else None

    @property
    def is_bare(self) -> bool:
        """Whether it is hanzi and nothing else that the dictionary could say."""
        return bool(self.hanzi) and not any(
            (self.pinyin, self.english, self.sentence, self.sentence_pinyin, self.sentence_translation)
        )

    def columns(self) -> dict[str, object]:
        """Return the texts by column."""
        return asdict(self) | {"tags": list(self.tags)}

    def cleaned(self) -> "Note":
        """Return the note without what can't be kept, and without space around its texts; a tag has no space in it."""
        texts = {name: UNPRINTABLE.sub("", getattr(self, name)).strip() for name in TEXTS}
        tags = ("_".join(UNPRINTABLE.sub("", tag).split()) for tag in self.tags)
        return replace(self, **texts, tags=tuple(dict.fromkeys(filter(None, tags))))

    def problems(self) -> dict[str, str]:
        """Return why it can be no card, by column; empty if it can."""
        found = {
            name: f"At most {most:,} characters: these are {len(getattr(self, name)):,}."
            for name, most in LONGEST.items()
            if len(getattr(self, name)) > most
        }
        if not self.hanzi and not self.english:
            found["hanzi"] = "Write the word in hanzi, or at least what it means in English."
        if len(self.tags) > MOST_TAGS:
            found["tags"] = f"At most {MOST_TAGS} tags: these are {len(self.tags)}."
        elif any(len(tag) > LONGEST_TAG for tag in self.tags):
            found["tags"] = f"A tag has at most {LONGEST_TAG} characters."
        return found


def word_key(hanzi: str, pinyin: str) -> str:
    """Return what makes two cards one word: their hanzi and reading, whatever way the reading is spaced."""
    reading = _IN_A_READING.sub("", unicodedata.normalize("NFC", pinyin)).lower()
    return f"{unicodedata.normalize('NFC', hanzi)}|{reading}"
