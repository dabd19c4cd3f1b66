"""What a sense of CC-CEDICT says: its references to other words, and its gist for a card."""

import re
from dataclasses import dataclass

from decks.dictionary.pinyin import marks

_REFERENCE = re.compile(r"""([^\s\[\]|(),;:"'/]+)(?:\|([^\s\[\]|(),;:"'/]+))?\[([^\[\]]+)\]""")
_HANZI = re.compile(r"[\u2e80-\u303b\u3105-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Reference:
    """Another word that a sense names, for a page to link."""

    traditional: str
    simplified: str
    pinyin_numbers: str

    @property
    def pinyin(self) -> str:
        return marks(self.pinyin_numbers)

    def __str__(self) -> str:
        return f"{self.simplified} {self.pinyin}"


def parse_sense(text: str) -> list[str | Reference]:
    """Return the text and the references of a sense, in their order."""
    pieces: list[str | Reference] = []
    start = 0
    for match in _REFERENCE.finditer(text):
        if _HANZI.search(match[1]):
            pieces += [text[start : match.start()], Reference(match[1], match[2] or match[1], match[3])]
            start = match.end()
    return [piece for piece in (*pieces, text[start:]) if piece != ""]


def references(text: str) -> list[Reference]:
    """Return the references of a sense."""
    return [piece for piece in parse_sense(text) if isinstance(piece, Reference)]
