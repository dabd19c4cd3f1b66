"""What every reader of a file yields: records with the numbers of their lines."""

from dataclasses import dataclass

MOST_BYTES = 20 << 20
MOST_ROWS = 100_000
MOST_COLUMNS = 100
LONGEST_FIELD = 131_072  # characters, as Python's csv has it


class BadFile(ValueError):
    """The file as a whole can't be read: its message says why, in the words of whoever sent it."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well a card is known elsewhere: it comes back so many days after it was last reviewed, at that Unix time."""

    days: int
    reviewed_at: int


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record, with the line of the file on which it begins; or what is wrong with it."""

    line: int
    fields: tuple[str, ...] = ()
    problem: str = ""
    score: Score | None = None
    scored: bool = False  # whether the file says anything of how well it is known
