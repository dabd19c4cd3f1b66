"""A file of cards, opened: what kind it is, which of its columns holds what, and its records as notes."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice

from decks.formats import columns, csv, pleco
from decks.formats.encodings import Decoded, NoText, decode
from decks.formats.notes import Note
from decks.formats.records import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, BadFile, Record

SAMPLE_ROWS = 100  # by which columns are told
STATISTICS = ("state", "due", "interval", "stability", "difficulty", "reps", "lapses")
DIRECTIONS = ("chinese_to_english", "english_to_chinese", "listening", "writing")
STATISTICS_COLUMNS = tuple(f"{direction}_{name}" for direction in DIRECTIONS for name in STATISTICS)
DECK_COLUMN = "deck"
_OWN_BEGINNINGS = (f"{','.join(csv.COLUMNS[:4])},", f"{DECK_COLUMN},{','.join(csv.COLUMNS[:4])},")


@dataclass(frozen=True, slots=True)
class Table:
    """A file's records and what is known of its columns. `own` is one that we exported, to be read exactly."""

    kind: str
    decoded: Decoded
    delimiter: str = ""
    skip: int = 0  # lines at the head that are none of its records
    header: bool = False
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    own: bool = False
    html: bool = False
    sample: tuple[Record, ...] = field(default=(), repr=False)

    def records(self) -> Iterator[Record]:
        """Yield the records, without the names of columns; too many raise `BadFile`."""
        found = self._all()
        for count, record in enumerate(islice(found, 1, None) if self.header else found):
            if count == MOST_ROWS:
                raise BadFile(f"The file has more than {MOST_ROWS:,} lines: cut it in two.")
            if self.decoded.damaged and any("\ufffd" in text for text in record.fields):
                yield Record(record.line, problem=f"Some of its bytes are not {self.decoded.name}.")
            else:
                yield record

    def _all(self) -> Iterator[Record]:
        if self.kind == "Pleco XML":
            return pleco.xml_records(self.decoded.text)
        if self.kind == "Pleco":
            return pleco.text_records(self.decoded.text)
        return csv.records_of(self.decoded.text, self.delimiter, self.skip)

    def note(self, record: Record) -> tuple[Note, bool]:
        """Return a record as a note, and whether its gaps are to stay."""
        if self.own:
            return csv.own_note(dict(zip(self.names, record.fields, strict=False)))
        return columns.note_of(record.fields, self.columns, self.html), False

    def too_wide(self, record: Record) -> str:
        """Return what is wrong with a record that has more fields than there are columns; empty if it hasn't."""
        extra = record.fields[len(self.columns) :]
        if not any(map(str.strip, extra)):
            return ""
        return f"{len(record.fields)} columns, where there should be {len(self.columns)}: is a text without its quotes?"

    def mapped(self, targets: list[str] | None, header: bool | None = None) -> "Table":
        """Return the table with its columns taken for others, if they are others; its first record a header or not."""
        table = self
        if header is not None and header != self.header and not self.own and self.delimiter:
            table = _with_columns(replace(self, names=()), header=header)
        if targets is None or len(targets) != len(table.columns) or tuple(targets) == table.columns:
            return table
        return replace(table, columns=tuple(targets), own=False)


def open_table(data: bytes) -> Table:
    """Return a file's table; `BadFile` if it is none."""
    if len(data) > MOST_BYTES:
        raise BadFile(f"The file is larger than {MOST_BYTES >> 20} MB.")
    try:
        decoded = _decoded(data)
    except NoText as error:
        raise BadFile(str(error)) from None
    text = decoded.text
    if not text.strip():
        raise BadFile("The file is empty.")
    if text.startswith(_OWN_BEGINNINGS):  # then whatever its cards hold makes it nothing else
        return _with_columns(Table("CSV", decoded, _delimiter_of(text)))
    if pleco.is_xml(text):
        return _pleco("Pleco XML", decoded)
    head = csv.anki_head(text)
    if head.lines:
        table = Table("Anki", decoded, head.separator, head.lines, html=head.html, names=head.columns)
        return _anki(_with_columns(table, {head.deck, head.tags, *head.ignored}), head)
    if pleco.is_text(text):
        return _pleco("Pleco", decoded)
    return _with_columns(Table("CSV", decoded, _delimiter_of(text)))


def _delimiter_of(text: str) -> str:
    """Return what cuts the first line into names that we know; if nothing does, what cuts the lines evenly."""
    for delimiter in csv.DELIMITERS:
        first = next(csv.records_of(text, delimiter), None)
        if first and len(first.fields) > 1 and columns.is_header(first.fields):
            return delimiter
    return csv.delimiter_of(text)


def _decoded(data: bytes) -> Decoded:
    """Return a file's text; of one that begins as ours do there is nothing to guess, whatever its cards hold."""
    if data.startswith(tuple(map(str.encode, _OWN_BEGINNINGS))):
        with suppress(UnicodeDecodeError):
            return Decoded(data.decode(), "utf-8")
    return decode(data)


def _pleco(kind: str, decoded: Decoded) -> Table:
    table = Table(kind, decoded, names=pleco.COLUMNS, columns=pleco.TARGETS)
    return replace(table, sample=tuple(islice(table.records(), SAMPLE_ROWS)))


def _with_columns(table: Table, apart: Collection[int | None] = (), header: bool | None = None) -> Table:
    """Return a table with the names of its columns and what they hold; `apart` are known to be none of a card's texts.

    `header` says whether the first record is one, if that is known.
    """
    records = list(islice(csv.records_of(table.decoded.text, table.delimiter, table.skip), SAMPLE_ROWS + 1))
    good = [record for record in records if not record.problem]
    if not good:
        wide = next((record.problem for record in records if record.problem), "")
        raise BadFile(f"Line {records[0].line}: {wide}" if wide else "The file has no lines to read.")
    first = good[0].fields
    named = bool(table.names)
    if header is None:
        header = not named and columns.is_header(first)
    header = header and good[0] is records[0]
    names = first if header else table.names
    rows = [
        ["" if at in apart else field for at, field in enumerate(record.fields)]
        for record in good[1 if header else 0 :]
    ]
    width = min(len(names) or max(len(row) for row in rows), MOST_COLUMNS)
    targets = columns.by_names(names, rows) if names else columns.by_content(rows, width)
    names = tuple(name.strip() for name in names)
    sample = tuple(records[1:] if header else records)
    return replace(
        table, header=header, names=names, columns=tuple(targets), own=header and _is_own(names), sample=sample
    )


def _is_own(names: tuple[str, ...]) -> bool:
    rest = names[1:] if names[:1] == (DECK_COLUMN,) else names
    return rest[: len(csv.COLUMNS)] == csv.COLUMNS and rest[len(csv.COLUMNS) :] in ((), STATISTICS_COLUMNS)


def _anki(table: Table, head: csv.Anki) -> Table:
    """Return a table with the columns that Anki's head says are none of a note's fields."""
    targets = list(table.columns)
    for at in (head.deck, *head.ignored):
        if at is not None and at < len(targets):
            targets[at] = ""
    if head.tags is not None and head.tags < len(targets):
        targets[head.tags] = "tags"
    return replace(table, columns=tuple(targets), own=False)
