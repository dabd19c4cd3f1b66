"""What a learner asks for instead of what is due: words with a tag, of a search, forgotten today, due soon, or all.

A word is asked in one direction until it is remembered once or put aside in the session. In a cram the schedule
stays as it is, so that it takes what is buried, too, and any number of new words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from study.choices import Filter, Rating
from study.matching import SEARCHED, search_parameters
from study.plan import Counts, Plan
from study.queue import Queue, entries_of
from study.scheduling.days import day_start
from study.waiting import asked_today

LONGEST_SEARCH = 100
MOST_DAYS_AHEAD = 30
MOST_TAGS = 200  # to choose from
AGAIN_AFTER = timedelta(minutes=10)  # then a word that was forgotten in the session comes before the others


def clean_value(kind, value):
    """Return the value of a filter as a session keeps it; ValueError says in the learner's words what is wrong."""
    value = " ".join(value.split()) if kind == Filter.SEARCH else value.strip()
    if kind == Filter.TAG and not value:
        raise ValueError("Choose a tag.")
    if kind == Filter.SEARCH and not 0 < len(value) <= LONGEST_SEARCH:
        raise ValueError(f"Write what to look for, in {LONGEST_SEARCH} characters at most.")
    if kind == Filter.AHEAD:
        if not (value.isascii() and value.isdigit() and 1 <= int(value[:4]) <= MOST_DAYS_AHEAD):
            raise ValueError(f"A number of days from 1 to {MOST_DAYS_AHEAD}.")
        return str(int(value))
    return value if kind in (Filter.TAG, Filter.SEARCH) else ""


class Found(NamedTuple):
    """What WORDS says of a word; the counts are over all of them."""

    card: UUID
    direction: str
    word: str
    kind: str
    forgotten_at: datetime | None  # in this session
    counts: tuple

    @property
    def place(self):
        """Return the word as a plan keeps it."""
        return [str(self.card), self.direction, self.word]


@dataclass
class FilteredPlan(Plan):
    """The next cards of a session of its own kind, whose `learning` are the words that were forgotten in it.

    Their times are those from which they come before the others. `others` counts what is in learning besides.
    """

    others: int

    def counts(self, at):
        """Return how many words are still to be asked."""
        return Counts(self.new, self.others + len(self.learning), self.review)

    def _answered(self, entry, progress):
        """Take an answered word out of what waits, or put it behind the others; return whether it was here."""
        found = [each for each in [*self.learning, *self.items] if each[3] == progress.word_key]
        if entry.rating is None or len(found) != 1:
            return False
        [[kind, *place]] = found
        self.new -= kind == "new"
        self.review -= kind == "review"
        self.others -= kind == "learning"
        self.items = [each for each in self.items if each not in found]
        self.learning = [each for each in self.learning if each not in found]
        if entry.rating == Rating.AGAIN:
            self.learning.append([(entry.received_at + AGAIN_AFTER).timestamp(), *place])
        return True


class FilteredQueue:
    """The words that a session of its own kind still asks, best first; it takes the place of a Queue."""

    def __init__(self, session, at):
        self.session = session
        self.user = session.user
        self.at = at
        self.kind = session.filter
        self.usual = Queue(session.user, at, session.deck_id, session.direction, session.chosen)
        self.day = self.usual.day

    @property
    def enrolments(self):
        """Return the enrolments in scope."""
        return self.usual.enrolments

    @property
    def takes_new_words(self):
        """Return whether words that are not begun may come."""
        return self.kind in (Filter.TAG, Filter.SEARCH)

    def entries(self, count, last=None):
        """Return up to `count` entries, best first; the word `last` isn't first if that can be helped."""
        rows = self._rows(count + 1)[: count + 1]
        found = entries_of(self.user, [(row.card, row.direction) for row in rows])
        found.sort(key=lambda entry: entry.card.word_key == last)
        return found[:count]

    @cached_property
    def counts(self):
        """Return how many words are still to be asked; those forgotten in this session count as in learning."""
        rows = self._rows(1)
        return Counts(*rows[0].counts) if rows else Counts()

    def plan(self, size, sequence=0):
        """Return what waits, with its first `size` words, as a plan for the session."""
        rows = self._rows(size)
        counts = self.counts
        forgotten = [row for row in rows if row.forgotten_at]
        items = [row for row in rows if not row.forgotten_at]
        day_ends = day_start(self.day + 1, self.user.zone, self.user.day_starts_at)
        return FilteredPlan(
            sequence=sequence,
            made_at=self.at.timestamp(),
            day_ends=day_ends.timestamp(),
            new=counts.new,
            review=counts.review,
            others=counts.learning - len(forgotten),
            learning=[[(row.forgotten_at + AGAIN_AFTER).timestamp(), *row.place] for row in forgotten],
            items=[[row.kind, *row.place] for row in items],
            more=counts.total > len(rows),
        )

    def note_begun(self):
        """Note nothing: a session of its own kind passes over no part of a deck."""

    def next_at(self):
        """Return None: what is asked here is asked now, whenever it is due."""

    def _rows(self, size):
        """Return the first `size` words, best first, and all that were forgotten in the session."""
        if not self.enrolments:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self._statement(), self._parameters(size))
            rows = [Found(*row[:5], row[5:]) for row in cursor.fetchall()]
        if rows:
            self.__dict__["counts"] = Counts(*rows[0].counts)
        return rows

    def _statement(self):
        """Return the statement for this kind of session; nothing in it comes from the learner."""
        matches = MATCHES.get(self.kind, "true")
        fresh = " UNION ALL ".join(
            FRESH.format(matches=matches, order=order, by_frequency=by_frequency, asked_today=asked_today("cards"))
            for order, by_frequency in PLACES.items()
        )
        order = SHUFFLED if self.session.cramming else ORDERS.get(self.kind, SOONEST)
        return WORDS.format(matches=matches, wanted=WANTED.get(self.kind, "true"), fresh=fresh, order=order)

    def _parameters(self, size):
        tomorrow = self.day + 1
        ahead = int(self.session.filter_value) if self.kind == Filter.AHEAD else 0
        text = search_parameters(self.session.filter_value) if self.kind == Filter.SEARCH else {}
        return text | {
            "user": self.user.pk,
            "session": self.session.pk,
            "decks": [each.deck_id for each in self.enrolments],
            "most_in": [self._most_new(each) for each in self.enrolments],
            "most": self._most_new(),
            "direction": self.session.direction,
            "cram": self.session.cramming,
            "tag": self.session.filter_value,
            "at": self.at,
            "day": self.day,
            "lately": self.at - timedelta(days=3),
            "until": day_start(tomorrow + ahead, self.user.zone, self.user.day_starts_at),
            "again_at": self.at - AGAIN_AFTER,
            "size": size,
        }

    def _most_new(self, enrolment=None):
        """Return how many new words may come, of one deck or in all; None for any number."""
        if not self.takes_new_words:
            return 0
        if self.session.cramming:
            return None
        return self.usual.new_left_in(enrolment) if enrolment else self.usual.new_left


def tags_in_scope(enrolments):
    """Return the commonest tags of the cards of some enrolments, each with its number of words."""
    decks = [enrolment.deck_id for enrolment in enrolments]
    with connection.cursor() as cursor:
        cursor.execute(TAGS, {"decks": decks, "most": MOST_TAGS})
        return cursor.fetchall()


TAGS = """
SELECT tag, count(DISTINCT word_key) AS words
FROM cards CROSS JOIN unnest(tags) AS tag
WHERE deck_id = ANY (%(decks)s::uuid[]) AND tag <> ''
GROUP BY tag
ORDER BY words DESC, tag
LIMIT %(most)s
"""

# Which cards a filter takes.
MATCHES = {Filter.TAG: "%(tag)s = ANY (cards.tags)", Filter.SEARCH: SEARCHED}

# Which memories it takes. An early review of a word that was asked today in any direction would be of no use.
WANTED = {
    Filter.FAILED: "failed.latest IS NOT NULL",
    Filter.AHEAD: f"""
        progress.state = 'review' AND progress.next_review_at < %(until)s
        AND (%(cram)s OR NOT {asked_today("progress")})
    """,
}

SHUFFLED = "md5(%(session)s::text || words.word_key)"
SOONEST = "words.next_review_at, words.interval DESC, words.place, words.nth"
ORDERS = {Filter.FAILED: "words.failed_latest"}

# The next new words of each deck in its own order, by an index, so that a long deck costs no more than a short one.
PLACES = {"position": "false", "frequency_place": "true"}
FRESH = """
    SELECT scope.place, found.* FROM scope CROSS JOIN LATERAL (
        SELECT word_key, way.direction, row_number() OVER (ORDER BY {order}, cards.id) AS nth
        FROM cards CROSS JOIN LATERAL (
            SELECT wanted.direction
            FROM unnest(scope.directions) WITH ORDINALITY AS wanted (direction, number)
            WHERE NOT EXISTS (
                SELECT FROM user_card_progress AS begun
                WHERE begun.user_id = %(user)s
                AND begun.word_key = cards.word_key
                AND begun.direction = wanted.direction
                AND (stability IS NOT NULL OR suspended OR NOT %(cram)s AND buried_until > %(at)s)
            )
            ORDER BY number
            LIMIT 1
        ) AS way
        WHERE cards.deck_id = scope.deck_id
        AND ({matches})
        AND word_key NOT IN (SELECT word_key FROM done)
        AND word_key NOT IN (SELECT word_key FROM memories)
        AND (%(cram)s OR NOT {asked_today})
        ORDER BY {order}, cards.id
        LIMIT scope.most
    ) AS found
    WHERE scope.by_frequency = {by_frequency}
"""

WORDS = """
WITH scope AS (
    SELECT deck_id, given.most, given.place, "order" = 'frequency' AS by_frequency,
        CASE WHEN %(direction)s::text IS NULL THEN directions ELSE ARRAY[%(direction)s::text] END AS directions
    FROM enrolments
    JOIN unnest(%(decks)s::uuid[], %(most_in)s::int[]) WITH ORDINALITY AS given (deck_id, most, place) USING (deck_id)
    WHERE user_id = %(user)s
), asked AS MATERIALIZED (
    SELECT word_key, direction,
        max(sequence) FILTER (WHERE rating IS NOT NULL) AS latest,
        max(received_at) FILTER (WHERE rating IS NOT NULL) AS latest_at,
        bool_or(rating > 1 OR interaction_type IN ('bury', 'suspend', 'set_due', 'reset', 'mark_known')) AS done
    FROM card_interactions JOIN cards ON cards.id = card_interactions.card_id
    WHERE session_id = %(session)s AND undone_at IS NULL
    GROUP BY word_key, direction
), done AS MATERIALIZED (
    SELECT word_key FROM asked WHERE done
), failed AS MATERIALIZED (
    SELECT progress_id, max(sequence) AS latest
    FROM card_interactions
    WHERE user_id = %(user)s AND day = %(day)s AND received_at > %(lately)s
    AND undone_at IS NULL AND NOT cram AND rating = 1
    GROUP BY progress_id
), memories AS MATERIALIZED (
    SELECT DISTINCT ON (word_key) word_key, direction, state, next_review_at, interval,
        failed.latest AS failed_latest, asked.latest, asked.latest_at
    FROM user_card_progress AS progress
    LEFT JOIN asked USING (word_key, direction)
    LEFT JOIN failed ON failed.progress_id = progress.id
    WHERE user_id = %(user)s
    AND stability IS NOT NULL
    AND NOT suspended
    AND (%(cram)s OR buried_until IS NULL OR buried_until <= %(at)s)
    AND word_key NOT IN (SELECT word_key FROM done)
    AND (asked.latest IS NOT NULL OR ({wanted}))
    AND EXISTS (
        SELECT FROM cards JOIN scope USING (deck_id)
        WHERE cards.word_key = progress.word_key AND progress.direction = ANY (scope.directions) AND ({matches})
    )
    -- Of two directions the one that was asked already, else the one that is due first.
    ORDER BY word_key, asked.latest DESC NULLS LAST, (last_day >= %(day)s) DESC NULLS LAST, next_review_at, direction
), fresh AS (
    SELECT DISTINCT ON (word_key) word_key, direction, place, nth
    FROM ({fresh}) AS new_words
    ORDER BY word_key, place
), words AS (
    SELECT word_key, direction, state, next_review_at, interval, failed_latest, latest, latest_at,
        NULL::bigint AS place, NULL::bigint AS nth
    FROM memories
    UNION ALL
    SELECT word_key, direction, NULL, NULL, NULL, NULL, latest, latest_at, place, nth
    FROM (SELECT * FROM fresh ORDER BY place, nth LIMIT %(most)s) AS first_words
    LEFT JOIN asked USING (word_key, direction)
), ranked AS (
    SELECT *,
        CASE WHEN state = 'review' THEN 'review' WHEN state IS NULL THEN 'new' ELSE 'learning' END AS kind,
        count(*) FILTER (WHERE latest IS NULL AND state IS NULL) OVER () AS new,
        count(*) FILTER (WHERE latest IS NOT NULL OR state <> 'review') OVER () AS learning,
        count(*) FILTER (WHERE latest IS NULL AND state = 'review') OVER () AS review,
        row_number() OVER (
            ORDER BY
                -- What was forgotten a while ago, what was not asked yet, what was forgotten just now.
                CASE WHEN latest IS NULL THEN 1 WHEN latest_at <= %(again_at)s THEN 0 ELSE 2 END,
                latest, {order}, words.word_key
        ) AS number
    FROM words
)
SELECT card.id, ranked.direction, ranked.word_key, kind, latest_at, new, learning, review
-- All that were forgotten, so that a plan loses none of them.
FROM (SELECT * FROM ranked WHERE number <= %(size)s OR latest IS NOT NULL) AS ranked
CROSS JOIN LATERAL (
    SELECT cards.id
    FROM cards JOIN scope USING (deck_id)
    WHERE cards.word_key = ranked.word_key AND ranked.direction = ANY (scope.directions) AND ({matches})
    ORDER BY scope.place, cards.position, cards.id
    LIMIT 1
) AS card
ORDER BY number
"""
