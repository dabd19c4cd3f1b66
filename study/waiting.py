"""The statements by which the queue asks what waits; see study/queue.py for what they mean.

Each takes `user`, `decks` (those in scope), `direction` (the one asked for, or null for those of each deck), `at`,
`tomorrow` (when the learner's next day begins) and `day` (its number).
"""

SCOPE = """
scope AS (
    SELECT enrolments.deck_id, "order",
        CASE WHEN %(direction)s::text IS NULL THEN directions ELSE ARRAY[%(direction)s::text] END AS directions,
        -- Every card before this place is begun, if the deck is as it was then and so are the directions.
        CASE WHEN begun_version = decks.version AND (%(direction)s::text IS NULL OR %(direction)s = ANY (directions))
            THEN begun_until END AS begun_until
    FROM enrolments JOIN decks ON decks.id = enrolments.deck_id
    WHERE enrolments.user_id = %(user)s AND enrolments.deck_id = ANY (%(decks)s)
)
"""


def asked_today(table):
    """Return a condition on a table's word: it was asked today in some direction.

    A day that was ahead of today's was another zone's: who flies west has had it.
    """
    return f"""EXISTS (
    SELECT FROM user_card_progress AS today
    WHERE today.user_id = %(user)s AND today.word_key = {table}.word_key AND today.last_day >= %(day)s
)"""


# Rows that may be asked today once they are due: not suspended, not buried, and no other direction was asked today.
# Of a day that was ahead of today's, see above.
ASKABLE = """
progress.user_id = %(user)s
AND stability IS NOT NULL
AND NOT suspended
AND (buried_until IS NULL OR buried_until <= %(at)s)
AND (state <> 'review' OR last_day < %(day)s)
AND NOT EXISTS (
    SELECT FROM user_card_progress AS sibling
    WHERE sibling.user_id = %(user)s
    AND sibling.word_key = progress.word_key
    AND sibling.direction <> progress.direction
    AND sibling.last_day >= %(day)s
)
"""

# The card by which a word is asked: the first in the decks that are studied in this direction.
HELD = """
CROSS JOIN LATERAL (
    SELECT cards.id
    FROM cards JOIN scope USING (deck_id)
    WHERE cards.word_key = due.word_key AND due.direction = ANY (scope.directions)
    ORDER BY cards.position, cards.id
    LIMIT 1
) AS held
"""

LEARNING = f"""
WITH {SCOPE}
SELECT next_review_at, held.id, direction, word_key
FROM (
    SELECT word_key, direction, next_review_at
    FROM user_card_progress AS progress
    WHERE {ASKABLE} AND state <> 'review' AND next_review_at < %(tomorrow)s
) AS due
{HELD}
ORDER BY next_review_at, word_key COLLATE "C"
LIMIT %(most)s
"""  # noqa: S608 (pieces of our own)

# The most overdue in proportion to its interval first. Ordered inside, so that cards are looked for only until there
# are enough.
REVIEWS = f"""
WITH {SCOPE}
SELECT 'review', held.id, direction, word_key
FROM (
    SELECT id, word_key, direction, extract(epoch FROM %(at)s - next_review_at) / interval AS overdue
    FROM user_card_progress AS progress
    WHERE {ASKABLE} AND state = 'review' AND next_review_at <= %(at)s
    ORDER BY overdue DESC, id
    OFFSET 0
) AS due
{HELD}
ORDER BY overdue DESC, due.id
LIMIT %(most)s
"""  # noqa: S608 (pieces of our own)


def to_begin(put_aside="suspended"):
    """Return a condition on a card in scope: its word isn't begun in one of the deck's directions, nor put aside."""
    return f"""
EXISTS (
    SELECT FROM unnest(scope.directions) AS wanted (direction)
    WHERE NOT EXISTS (
        SELECT FROM user_card_progress AS begun
        WHERE begun.user_id = %(user)s
        AND begun.word_key = cards.word_key
        AND begun.direction = wanted.direction
        AND (stability IS NOT NULL OR {put_aside})
    )
)
"""  # noqa: S608 (pieces of our own)


TO_BEGIN = to_begin()
TO_BEGIN_NOW = to_begin("suspended OR buried_until > %(at)s")

# And that may be begun today: not asked today in another direction, not waiting in one.
MAY_BEGIN = f"""
{TO_BEGIN_NOW}
AND NOT {asked_today("cards")}
AND NOT EXISTS (
    SELECT FROM due_words WHERE due_words.deck_id = scope.deck_id AND due_words.word_key = cards.word_key
)
"""


def by_order(select, condition, limit):
    """Return a statement over the first cards of a deck that meet a condition, in the order that the learner wants."""
    return " UNION ALL ".join(
        f"""(
            SELECT {select.format(place=place)} FROM cards
            WHERE scope."order" = '{order}'
            AND cards.deck_id = scope.deck_id
            AND cards.{place} >= coalesce(scope.begun_until, 0)
            AND {condition}
            ORDER BY cards.{place}, cards.id
            LIMIT {limit}
        )"""  # noqa: S608 (pieces of our own)
        for order, place in (("position", "position"), ("frequency", "frequency_place"))
    )


# The new words of a deck are those that a session would hand out, no more than `most` of them, so that a long deck
# costs no more than a short one.
COUNTS = f"""
WITH {SCOPE}, due AS MATERIALIZED (
    SELECT word_key, direction, state
    FROM user_card_progress AS progress
    WHERE {ASKABLE}
    -- Both bounds, so that the first one can be looked up in the index.
    AND next_review_at <= %(ahead)s
    AND (state <> 'review' OR next_review_at <= %(at)s)
), due_words AS MATERIALIZED (
    SELECT deck_id, word_key, bool_or(state <> 'review') AS learning
    FROM due
    CROSS JOIN LATERAL (
        -- From the words that are due to their decks, not from the decks to all their words.
        SELECT deck_id FROM cards
        WHERE cards.word_key = due.word_key AND cards.deck_id = ANY (%(decks)s)
        OFFSET 0
    ) AS held
    JOIN scope USING (deck_id)
    WHERE direction = ANY (directions)
    GROUP BY deck_id, word_key
), due_once AS (
    SELECT word_key, bool_or(learning) AS learning FROM due_words GROUP BY word_key
)
SELECT scope.deck_id, new.words,
    ARRAY(SELECT word_key FROM due_once WHERE word_key = ANY (new.words)) AS due_elsewhere,
    (SELECT count(*) FROM due_words WHERE due_words.deck_id = scope.deck_id AND learning) AS learning,
    (SELECT count(*) FROM due_words WHERE due_words.deck_id = scope.deck_id AND NOT learning) AS review,
    (SELECT count(*) FROM due_once WHERE learning) AS all_learning,
    (SELECT count(*) FROM due_once WHERE NOT learning) AS all_review
FROM scope CROSS JOIN LATERAL (
    SELECT array({by_order("word_key", MAY_BEGIN, "%(most)s")}) AS words
) AS new
"""  # noqa: S608 (pieces of our own)

# Where the first card is that is not begun in every direction of its deck.
BEGUN_UNTIL = f"""
WITH {SCOPE}
UPDATE enrolments
SET begun_until = found.place, begun_version = found.version
FROM (
    SELECT scope.deck_id, version, coalesce(
        ({by_order("cards.{place}::bigint AS place", TO_BEGIN, 1)}), %(end)s
    ) AS place
    FROM scope JOIN decks ON decks.id = scope.deck_id
) AS found
WHERE enrolments.user_id = %(user)s
AND enrolments.deck_id = found.deck_id
AND (begun_until, begun_version) IS DISTINCT FROM (found.place, found.version)
"""  # noqa: S608 (pieces of our own)

WORDS_WAIT = f"""
WITH {SCOPE}
SELECT EXISTS (
    SELECT FROM scope JOIN cards USING (deck_id)
    WHERE cards.position >= CASE "order" WHEN 'position' THEN coalesce(scope.begun_until, 0) ELSE 0 END
    AND {TO_BEGIN_NOW}
)
"""  # noqa: S608 (pieces of our own)
