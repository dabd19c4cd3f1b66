"""What acts find: the cards that they name, the rows of their words, their sessions; one statement for any number."""

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

from decks.models import Card, Visibility
from study.log import CardInteraction
from study.progress import CardProgress


@dataclass
class Place:
    """What one act finds: its card, the row of the word, its session, and whether it is the learner's to do."""

    card: Card | None
    progress: CardProgress | None
    session: object
    readable: bool = False  # the learner may see the card
    met: bool = False  # answered in this session
    taken_by: object = None  # the user whose entry has the act's id
    note: str = ""  # what the learner wrote about the word
    rekeyed: bool = False  # found under the word that its card used to be, so it was shown as a new one


@contextmanager
def planned_cursor():
    """Give a cursor whose statements PostgreSQL plans once for each connection, where settings allow it."""
    with connection.cursor() as cursor:
        if connection.connection.prepare_threshold is None:
            yield cursor
            return
        with ServerBindingCursor(connection.connection) as planned:
            wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
            yield wrap(planned)


def find(user, wanted):
    """Return a place for each of some (act's id or None, card's id, direction, session's id or None)."""
    acts, cards, directions, sessions = zip(*wanted, strict=True)
    seen = set()
    # A session is read once, however many acts are done in it.
    first = [None if each in seen or seen.add(each) else each for each in sessions]
    parameters = {
        "user": user.pk,
        "acts": list(acts),
        "cards": list(cards),
        "directions": [str(each) for each in directions],
        "sessions": list(sessions),
        "first": first,
    }
    with planned_cursor() as cursor:
        cursor.execute(statement(), parameters)
        return [place_of(user, row) for row in cursor.fetchall()]


def place_of(user, row):
    """Return what one row of FIND says."""
    model, names = sessions()
    met, taken_by, owner, visibility, note, *rest = row
    texts, memory, sitting = rest[: len(CARD)], rest[len(CARD) : -len(names)], rest[-len(names) :]
    place = Place(card=None, progress=None, session=None, met=met, taken_by=taken_by, note=note or "")
    if texts[0]:
        place.card = Card.from_db(connection.alias, CARD, texts)
        place.readable = owner in (None, user.pk) or visibility != Visibility.PRIVATE
        place.card.is_own = owner == user.pk
    if memory[0]:
        place.progress = CardProgress.from_db(connection.alias, MEMORY, memory)
        place.progress.user = user
        place.rekeyed = place.progress.word_key != place.card.word_key
        place.progress.word_key = place.card.word_key
    if sitting[0]:
        place.session = model.from_db(connection.alias, names, sitting)
        place.session.plan = json.loads(place.session.plan) if place.session.plan else None
        place.session.user = user
    return place


def every(model):
    """Return the names of a table's columns."""
    return [field.attname for field in model._meta.concrete_fields]


def listed(names, table=None):
    """Return names of columns as SQL lists them."""
    return ", ".join(f'{table}."{name}"' if table else f'"{name}"' for name in names)


@cache
def sessions():
    """Return the model of sessions and the names of its columns; it imports the queue, which imports this."""
    model = CardInteraction._meta.get_field("session").related_model
    return model, every(model)


CARD, MEMORY = every(Card), every(CardProgress)


@cache
def statement():
    """Return the statement that finds."""
    return f"""
SELECT
    EXISTS (
        SELECT FROM card_interactions AS answered
        WHERE answered.session_id = wanted.session
        AND answered.card_id = wanted.card
        AND rating IS NOT NULL
        AND undone_at IS NULL
    ) AS met,
    (SELECT taken.user_id FROM card_interactions AS taken WHERE taken.id = wanted.act) AS taken_by,
    decks.user_id, decks.visibility,
    (SELECT text FROM word_notes WHERE user_id = %(user)s AND word_key = cards.word_key) AS note,
    {listed(CARD, "cards")}, {listed(MEMORY, "progress")}, {listed(sessions()[1], "sitting")}
FROM unnest(
    %(acts)s::uuid[], %(cards)s::uuid[], %(directions)s::text[], %(sessions)s::uuid[], %(first)s::uuid[]
) WITH ORDINALITY AS wanted (act, card, direction, session, first, number)
LEFT JOIN cards ON cards.id = wanted.card
LEFT JOIN decks ON decks.id = cards.deck_id
LEFT JOIN LATERAL (
    SELECT * FROM user_card_progress AS found
    WHERE found.user_id = %(user)s
    AND found.direction = wanted.direction
    AND (found.word_key = cards.word_key OR found.card_id = cards.id)
    ORDER BY found.word_key = cards.word_key DESC
    LIMIT 1
) AS progress ON true
LEFT JOIN study_sessions AS sitting ON sitting.id = wanted.first AND sitting.user_id = %(user)s
ORDER BY number
"""  # noqa: S608 (names of our own columns)
