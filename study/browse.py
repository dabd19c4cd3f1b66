"""Cards as a learner browses them: a search made into SQL, and its pages, each found from where the last one ended."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from uuid import UUID

from django.db import connection

from study import search
from study.choices import Direction, Mastery
from study.conditions import Conditions

CARDS_ON_A_PAGE = 50
COUNTED = 200  # and "more than": to count on would cost as much as the page itself
LONGEST_CURSOR = 3000
_BEFORE_ALL, _BEHIND_ALL = -1, 1e18  # where a word stands that is not begun
MEMORY = """
LEFT JOIN LATERAL (
    SELECT min(extract(epoch FROM next_review_at)::float8) AS due, max(interval) AS ivl,
        max(stability) AS stability, max(lapses) AS lapses
    FROM user_card_progress AS progress
    WHERE progress.user_id = %(user)s AND progress.word_key = cards.word_key AND stability IS NOT NULL
) AS memory ON true
"""


@dataclass(frozen=True)
class Sort:
    """An order of cards: its label, what it goes by, and the types of these in a cursor."""

    label: str
    keys: tuple[str, ...]
    types: tuple[type, ...]
    join: str = ""


SORTS = {
    "position": Sort("As in the deck", ("cards.deck_id", "cards.position"), (UUID, int)),
    "hanzi": Sort("Hanzi", ('cards.hanzi COLLATE "C"',), (str,)),
    "pinyin": Sort("Pinyin", ('cards.spoken COLLATE "C"',), (str,)),
    "added": Sort("Added", ("cards.created_at",), (datetime,)),
    "due": Sort("Due", (f"coalesce(memory.due, {_BEHIND_ALL})",), (float,), MEMORY),
    "ivl": Sort("Interval", (f"coalesce(memory.ivl, {_BEFORE_ALL})",), (int,), MEMORY),
    "stability": Sort("Stability", (f"coalesce(memory.stability, {_BEFORE_ALL})",), (float,), MEMORY),
    "lapses": Sort("Times forgotten", (f"coalesce(memory.lapses, {_BEFORE_ALL})",), (int,), MEMORY),
}
FIRST_SORT = "position"


@dataclass
class Row:
    """A card in the list, with what the learner remembers of its word."""

    id: UUID
    deck_id: UUID
    hanzi: str
    traditional: str
    pinyin: str
    english: str
    tags: list
    word_key: str
    cursor: str = ""
    memories: list = field(default_factory=list)

    @property
    def pk(self):
        return self.id

    def __str__(self):
        return self.hanzi or self.english[:40]


COLUMNS = ["id", "deck_id", "hanzi", "traditional", "pinyin", "english", "tags", "word_key"]


@dataclass
class Page:
    """Some cards in a row, and whether there are others on either side."""

    rows: list
    has_previous: bool
    has_next: bool

    @property
    def first(self):
        return self.rows[0].cursor

    @property
    def last(self):
        return self.rows[-1].cursor

    @property
    def is_all(self):
        return not self.has_previous and not self.has_next


class Browser:
    """The cards of some decks that a query finds, in an order; `sort` is a name of SORTS, with "-" the other way round.

    QueryError if the query can't be read.
    """

    def __init__(self, user, decks, query, sort, at):
        self.user = user
        self.decks = list(decks)
        self.backwards = sort.startswith("-")
        self.sort = SORTS.get(sort.removeprefix("-")) or SORTS[FIRST_SORT]
        node = search.parse(query)
        conditions = Conditions(user, self.decks, at)
        self.where = conditions.of(node) if node else "true"
        self.values = conditions.values

    def page(self, after="", before="", at_end=False):
        """Return the cards behind a cursor, before one, or the last ones; a cursor that is none counts for nothing."""
        after, before = self._cursor(after), self._cursor(before)
        backwards = at_end or before is not None
        rows = self._rows(before if backwards else after, backwards)
        more = len(rows) > CARDS_ON_A_PAGE
        rows = rows[:CARDS_ON_A_PAGE]
        if backwards:
            if not more and before:
                return self.page()  # its beginning is the beginning
            return Page(rows[::-1], has_previous=more, has_next=bool(before))
        if not rows and after:
            return self.page(at_end=True)
        return Page(rows, has_previous=bool(after), has_next=more)

    def count(self):
        """Return how many cards are found, counted to COUNTED and one."""
        found = f"SELECT FROM cards WHERE {self._found} LIMIT {COUNTED + 1}"
        [(count,)] = self._run(f"SELECT count(*) FROM ({found}) AS found")  # noqa: S608
        return count

    def ids(self, owner=None):
        """Return the ids of all that is found, in order; of an owner's decks alone if one is given."""
        own = "AND deck_id IN (SELECT id FROM decks WHERE user_id = %(owner)s)" if owner else ""
        order = ", ".join(self._order(self.backwards))
        statement = f"SELECT cards.id FROM cards {self.sort.join} WHERE {self._found} {own} ORDER BY {order}"  # noqa: S608
        return [pk for (pk,) in self._run(statement, owner=owner and owner.pk)]

    def _rows(self, cursor, backwards):
        """Return a page of rows and one more, from a cursor on."""
        down = self.backwards != backwards
        order = self._order(down)
        keys = [*self.sort.keys, "cards.id"]
        beyond, values = "", {}
        if cursor:
            values = {f"key_{at}": value for at, value in enumerate(cursor)}
            beyond = f"AND ({', '.join(keys)}) {'<' if down else '>'} ({', '.join(f'%({name})s' for name in values)})"
        columns = ", ".join(f"cards.{name}" for name in COLUMNS)
        statement = f"""
            SELECT {columns}, {", ".join(keys)} FROM cards {self.sort.join}
            WHERE {self._found} {beyond} ORDER BY {", ".join(order)} LIMIT {CARDS_ON_A_PAGE + 1}
        """  # noqa: S608 (pieces of our own)
        found = self._run(statement, **values)
        return [Row(*row[: len(COLUMNS)], cursor=cursor_of(row[len(COLUMNS) :])) for row in found]

    def _order(self, down):
        return [f"{key}{' DESC' if down else ''}" for key in (*self.sort.keys, "cards.id")]

    @property
    def _found(self):
        one = "cards.deck_id = %(deck)s" if len(self.decks) == 1 else "cards.deck_id = ANY (%(decks)s)"
        return f"{one} AND {self.where}"

    def _run(self, statement, **values):
        of_decks = {"decks": self.decks, "deck": self.decks[0] if self.decks else None}
        with connection.cursor() as cursor:
            cursor.execute(statement, {"user": self.user.pk} | of_decks | self.values | values)
            return cursor.fetchall()

    def _cursor(self, text):
        """Return the values of a cursor as this order has them, None for what is no such cursor."""
        try:
            values = json.loads(text) if text and len(text) <= LONGEST_CURSOR else None
            types = (*self.sort.types, UUID)
            if not isinstance(values, list) or len(values) != len(types):
                return None
            return [taken(*pair) for pair in zip(values, types, strict=True)]
        except (ValueError, TypeError, OverflowError, RecursionError):
            return None


def cursor_of(values):
    """Return the place of a card in an order as text."""
    plain = [value if isinstance(value, int | float | str) else str(value) for value in values]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def taken(value, wanted):
    """Return a value of a cursor as its type; ValueError or TypeError if it can't be one."""
    if wanted in (UUID, datetime):
        text = taken(value, str)
        return UUID(text) if wanted is UUID else datetime.fromisoformat(text)
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    fits = number and (wanted is float or (isinstance(value, int) and abs(value) < 2**31))
    if wanted is str and isinstance(value, str) and "\0" not in value:
        return value.encode().decode()  # half of a surrogate pair is an error
    if wanted is str or not fits:
        raise ValueError(value)
    return wanted(value)


class Memory:
    """What is shown of one memory of a word."""

    def __init__(self, pk, direction, mastery, suspended, buried_until, due_at, at):
        self.pk = pk
        self.direction = Direction(direction).label
        self.label = Mastery(mastery).label
        self.suspended = suspended
        self.buried = bool(buried_until and buried_until > at)
        # Days until it falls due, none if it is not begun; 0 for what is due.
        self.days = max(0.0, (due_at - at) / timedelta(days=1)) if mastery and due_at else None


def remembered(user, rows, at):
    """Give each row what the learner remembers of its word, in each direction; one statement."""
    by_word = {}
    found = user.progress.filter(word_key__in={row.word_key for row in rows}).order_by("direction")
    columns = ("pk", "direction", "mastery_level", "suspended", "buried_until", "next_review_at")
    for word, *values in found.values_list("word_key", *columns):
        by_word.setdefault(word, []).append(Memory(*values, at))
    for row in rows:
        row.memories = by_word.get(row.word_key, [])
