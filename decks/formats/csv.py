"""Files of comma-separated values: records with the numbers of their lines, and our own way to write them.

A spreadsheet takes a text that begins with =, +, -, @, a tab or a carriage return for a formula, so such a text is
written after an apostrophe: a guard. What a reader would otherwise change, space around a text, is guarded likewise,
and so is a text that would be taken for guarded. Of files with our own columns the guards are taken off again, so
that nothing changes on the way.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from decks.formats.notes import TEXTS, UNPRINTABLE, Note
from decks.formats.records import LONGEST_FIELD, MOST_COLUMNS, BadFile, Record

COLUMNS = (*TEXTS, "tags")
DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon"}
_SAMPLE_ROWS = 50
_LONGEST_HEAD = 10_000  # characters
_SAMPLE = 1 << 16  # characters
_MOST_REPAIRS = 100  # quotes that are never closed, each of which makes us read on in vain
_END = re.compile(r"\r\n|\r|\n")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+([=+\-@\t\r]|\Z)")
_ANKI = re.compile(r"#(separator|html|tags|columns|notetype|deck|(?:guid|notetype|deck|tags) column):(.*)")
_ANKI_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "pipe": "|", "colon": ":"}


@dataclass(frozen=True, slots=True)
class Anki:
    """What the lines at the head of Anki's text export say; columns count from 0."""

    lines: int = 0
    separator: str = ""
    html: bool = False
    columns: tuple[str, ...] = ()
    tags: int | None = None
    deck: int | None = None
    ignored: tuple[int, ...] = ()


def anki_head(text: str) -> Anki:
    """Return what Anki's head of a text says; one with 0 lines if it has none."""
    head, start = {}, 0
    while match := _ANKI.match(text, start):
        end = _END.search(text, match.start())
        stop = end.start() if end else len(text)
        head[match[1].strip()] = text[match.start(2) : stop].rstrip("\r\n")
        start = end.end() if end else len(text)
    if not head:
        return Anki()
    said = head.get("separator", "tab")
    separator = _ANKI_SEPARATORS.get(said.strip().lower(), said[:1])
    separator = separator if separator in _ANKI_SEPARATORS.values() else "\t"
    names = next(csv.reader([head.get("columns", "")[:_LONGEST_HEAD]], delimiter=separator), ())
    return Anki(
        lines=len(_END.findall(text, 0, start)),
        separator=separator,
        html=head.get("html", "").strip().lower() == "true",
        columns=tuple(names)[:MOST_COLUMNS],
        tags=_column(head.get("tags column")),
        deck=_column(head.get("deck column")),
        ignored=tuple(at for name in ("guid column", "notetype column") if (at := _column(head.get(name))) is not None),
    )


def _column(said: str | None) -> int | None:
    column = int(said) if said and re.fullmatch(r"\s*[0-9]{1,4}\s*", said) else 0
    return column - 1 if 0 < column <= MOST_COLUMNS else None


def delimiter_of(text: str) -> str:
    """Return what separates the fields of a text: what cuts its first records into the most equal pieces."""
    sample = text[:_SAMPLE]
    found = [(_evenness(sample, delimiter), -place, delimiter) for place, delimiter in enumerate("\t,;")]
    return max(found)[2]


def _evenness(sample: str, delimiter: str) -> tuple[bool, float, int]:
    """Return whether quotes stand where they belong, which part of the records have the usual number of fields, if
    that is two or more, and the number.
    """
    try:
        records = list(islice(records_of(sample, delimiter), _SAMPLE_ROWS))
    except BadFile:
        return False, 0.0, 0
    widths = Counter(len(record.fields) for record in records[: -1 if len(sample) == _SAMPLE else None])
    if not widths:
        return False, 0.0, 0
    quoted = _strictly(sample, _line_starts(sample), 0, None, delimiter)
    width, count = widths.most_common(1)[0]
    return (quoted, count / widths.total(), width) if width > 1 else (quoted, 0.0, 0)


def records_of(text: str, delimiter: str, skip: int = 0) -> Iterator[Record]:
    """Yield the records of a text that are not empty, without its first lines; a broken one says what is wrong."""
    starts = _line_starts(text)
    line, repairs = skip, 0
    while line < len(starts):
        reader = csv.reader(_lines(text, starts, line), delimiter=delimiter, strict=False)
        begun = line
        try:
            for fields in reader:
                end = begun + reader.line_num
                spread = end > line + 1 or end >= len(starts)
                if spread and not _strictly(text, starts, line, end, delimiter, whole=True):
                    raise csv.Error("unclosed")
                if any(fields):
                    yield _record(line + 1, fields)
                line = end
        except csv.Error as error:
            repairs += 1
            if repairs > _MOST_REPAIRS:
                raise BadFile(f"More than {_MOST_REPAIRS} quotes are opened and never closed.") from None
            yield Record(line + 1, problem=_said(error))
            line += 1


def _record(line: int, fields: list[str]) -> Record:
    if len(fields) > MOST_COLUMNS:
        return Record(
            line,
            tuple(fields[: MOST_COLUMNS + 1]),
            problem=f"{len(fields):,} columns: at most {MOST_COLUMNS} can be read.",
        )
    return Record(line, tuple(fields))


def _said(error: csv.Error) -> str:
    if "unclosed" in str(error):
        return 'A quote (") is opened and never closed.'
    if "field limit" in str(error):
        return f'A text is longer than {LONGEST_FIELD:,} characters; or a quote (") is opened and never closed.'
    return "This line can't be read."


def _line_starts(text: str) -> list[int]:
    starts = [0, *(match.end() for match in _END.finditer(text))]
    if starts[-1] == len(text):
        starts.pop()
    return starts


def _lines(text: str, starts: list[int], first: int, end: int | None = None) -> Iterator[str]:
    for at in range(first, len(starts) if end is None else end):
        yield text[starts[at] : starts[at + 1] if at + 1 < len(starts) else len(text)]


def _strictly(text: str, starts: list[int], first: int, end: int | None, delimiter: str, whole: bool = False) -> bool:
    """Return whether the quotes of some lines stand around fields; `whole` lines must close the last one, too."""
    try:
        for _ in csv.reader(_lines(text, starts, first, end), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error) and not whole
    return True


def guarded(text: str) -> str:
    """Return a text as it is written into a file."""
    text = UNPRINTABLE.sub("", text)
    return f"'{text}" if _FORMULA.match(text) or (text and not text.strip("'")) or _spaced(text.lstrip("'")) else text


def _spaced(text: str) -> bool:
    return text != text.strip()


def unguarded(field: str) -> str:
    """Return the text that was written as a field of our own; without a guard, without space around it."""
    field = UNPRINTABLE.sub("", field)
    if field.startswith("'") and (_GUARDED.match(field) or _spaced(field.lstrip("'"))):
        return field[1:]
    return field.strip()


def own_note(fields: dict[str, str]) -> tuple[Note, bool]:
    """Return the note of a record of our own columns, and whether it is to be kept as it is, with its gaps."""
    texts = {name: unguarded(fields.get(name, "")) for name in TEXTS}
    tags = tuple(dict.fromkeys(unguarded(fields.get("tags", "")).split()))
    return Note(**texts, tags=tags), any(fields.get(name) == "'" for name in TEXTS)


def fields_of(note: Note) -> list[str]:
    """Return a note's fields in the order of COLUMNS.

    Hanzi alone would be filled from the dictionary when they are read again; a guard beside them says that they
    are all there is.
    """
    tags = " ".join(Note(tags=note.tags).cleaned().tags)
    fields = [guarded(getattr(note, name)) for name in TEXTS] + [guarded(tags)]
    if note.is_bare:
        fields[COLUMNS.index("english")] = "'"
    return fields


def lines_of(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield rows as RFC 4180 writes them, one at a time."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    for row in rows:
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
