"""Learners of three sizes and a log of two million answers, made in SQL and kept until the tables change."""

import hashlib
import time
from pathlib import Path

from django.core.management import call_command
from django.db import connection, models, transaction
from psycopg import sql

from accounts.models import User
from decks.models import Card, Deck, Visibility
from study.choices import Direction, InteractionType, Rating, State
from study.enrolment import Enrolment
from study.log import CardInteraction, UserStatistics
from study.progress import CardProgress
from study.sessions import StudySession

SIZES = [1_000, 20_000, 200_000]  # progress rows of a learner
LEARNERS = 8  # of each size: as many as requests at a time, for one learner's answers wait for each other
DECKS = 5
DUE = 1_000
NEW = 100  # words of each deck that nobody has begun, at its end
INTERACTIONS = 2_000_000
OTHERS_WORDS = 500
OTHERS = (INTERACTIONS - LEARNERS * sum(SIZES)) // OTHERS_WORDS
BROWSED = 20_000  # cards of the deck that is browsed, words of the learners of that many rows
LASTS = "25 days"  # so long nothing more falls due


def ensure():
    """Make the rows unless they are there, and return the seconds that it took, 0 if they were."""
    if _is_fresh():
        return 0
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        _fill()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    return time.monotonic() - began


def fingerprint():
    """Return a hash of what the rows follow from: the migrations and this file."""
    root = Path(__file__).resolve().parents[2]
    files = sorted(root.glob("*/migrations/*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in [*files, Path(__file__)])).hexdigest()


def usernames(size):
    """Return the names of the learners of a size."""
    return [f"bench-{size}-{number}" for number in range(1, LEARNERS + 1)]


def browsed():
    """Return the id of the deck that is browsed."""
    return str(Deck.objects.values_list("pk", flat=True).get(name="Browsed"))


def reset():
    """Take back all that was answered since the rows were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT made_at FROM bench_seed")
        (made_at,) = cursor.fetchone()
        users = "user_id IN (SELECT id FROM users WHERE username LIKE 'bench-%%-_')"
        for table, column in (
            ("card_interactions", "received_at"),
            ("study_sessions", "created_at"),
            ("user_card_progress", "created_at"),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {users} AND {column} > %s", [made_at])
        names = [field.column for field in CardProgress._meta.concrete_fields if not field.generated]
        cursor.execute(
            f"UPDATE user_card_progress AS progress SET ({', '.join(names)}) = "
            f"ROW({', '.join(f'kept.{name}' for name in names)}) FROM bench_due AS kept "
            "WHERE progress.id = kept.id AND progress.updated_at > %s",
            [made_at],
        )
        cursor.execute("VACUUM card_interactions, user_card_progress, study_sessions, user_statistics, django_session")


def _is_fresh():
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_seed') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(f"SELECT fingerprint, made_at > now() - interval '{LASTS}' FROM bench_seed")
        return cursor.fetchone() == (fingerprint(), True)


def _fill():
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL work_mem = '256MB'"
        )
        cursor.execute(WORK_TABLES, [SIZES, LEARNERS, OTHERS, OTHERS_WORDS, DECKS, NEW])
        _users_decks_and_cards(cursor)
        again = _without_indexes(cursor, "user_card_progress") + _without_indexes(cursor, "card_interactions")
        _progress_and_log(cursor)
        for statement in again:
            cursor.execute(statement)
        # What a pass changes, as it was.
        cursor.execute(
            "CREATE TABLE bench_due AS SELECT progress.* FROM user_card_progress AS progress "
            "JOIN bench_learner ON user_id = learner WHERE next_review_at <= now() AND NOT other"
        )
        cursor.execute("ALTER TABLE bench_due ADD PRIMARY KEY (id)")
        cursor.execute(
            "CREATE TABLE bench_seed AS SELECT %s AS fingerprint, clock_timestamp() AS made_at", [fingerprint()]
        )


def _users_decks_and_cards(cursor):
    _insert(cursor, User, "bench_learner", id="learner", username="name", password="'!'", reviews_per_day="9999")
    _insert(
        cursor,
        Deck,
        "bench_deck",
        id="deck",
        name="'HSK bench ' || size || ' Level ' || number",
        visibility=f"'{Visibility.PUBLIC}'",
        standard="length(size::text)::text",
        level="number::text",
    )
    _insert(
        cursor,
        Card,
        "bench_card",
        id="card",
        deck_id="deck",
        position="position",
        hanzi="hanzi",
        traditional="hanzi",
        pinyin="pinyin",
        english="'to know word ' || word || '; to be the word of number ' || word",
        sentence="'我昨天在学校里学习了' || hanzi || '这个词。'",
        sentence_pinyin="'Wǒ zuótiān zài xuéxiào lǐ xuéxí le ' || pinyin || ' zhège cí.'",
        sentence_translation="'Yesterday I learnt word ' || word || ' at school.'",
    )
    deck = Deck.objects.create(name="Browsed", visibility=Visibility.PUBLIC)
    _insert(
        cursor,
        Card,
        f"bench_card JOIN cards ON cards.id = card WHERE size = {BROWSED} AND ordinal < {BROWSED}",
        deck_id=f"'{deck.pk}'::uuid",
        position="ordinal",
        **{name: f"cards.{name}" for name in ("hanzi", "traditional", "pinyin", "english")},
        tags="CASE WHEN ordinal % 20 = 0 THEN ARRAY['food'] ELSE '{}' END::varchar[]",
    )
    _insert(
        cursor,
        Enrolment,
        "bench_learner JOIN bench_deck USING (size)",
        user_id="learner",
        deck_id="deck",
        added_at="now() - interval '600 days' + number * interval '1 minute'",
        directions=f"ARRAY['{Direction.CHINESE_TO_ENGLISH}']",
    )
    _insert(
        cursor,
        UserStatistics,
        "bench_learner",
        user_id="learner",
        sequence="rows",
        total_views="rows",
        study_time_ms="rows * 6000",
    )
    cursor.execute("ANALYZE users, decks, cards, enrolments")


def _progress_and_log(cursor):
    cursor.execute(WORDS, [DUE])
    _insert(
        cursor,
        CardProgress,
        "bench_word JOIN cards ON cards.id = card ORDER BY last_at",
        id="progress",
        user_id="learner",
        card_id="card",
        word_key="cards.word_key",
        direction=f"'{Direction.CHINESE_TO_ENGLISH}'",
        state=f"'{State.REVIEW}'",
        stability="days",
        difficulty="1 + ordinal % 90 / 10.0",
        interval="days",
        next_review_at="due_at",
        last_reviewed_at="last_at",
        last_day="day",
        reps="1",
        consecutive_correct="1",
        study_time_ms="6000",
        created_at="last_at",
        updated_at="last_at",
        last_act_at="last_at",
    )
    _insert(
        cursor,
        StudySession,
        "bench_session",
        id="session",
        user_id="learner",
        cards_studied="words",
        correct_answers="words",
        created_at="began_at",
        ended_at="ended_at",
    )
    _insert(
        cursor,
        CardInteraction,
        "bench_word JOIN bench_session USING (learner, day) ORDER BY last_at",
        id="uuidv7(last_at - now())",
        session_id="session",
        user_id="learner",
        card_id="card",
        progress_id="progress",
        sequence="row_number() OVER (PARTITION BY learner ORDER BY last_at)",
        interaction_type=f"'{InteractionType.REVIEW}'",
        direction=f"'{Direction.CHINESE_TO_ENGLISH}'",
        rating=str(Rating.EASY.value),
        response_time="6000",
        answered_at="last_at",
        received_at="last_at",
        created_at="last_at",
        time_zone="'UTC'",
        utc_offset="0",
        day="day",
        raw_interval="days",
        interval="days",
        interval_before="0",
        state_after=f"'{State.REVIEW}'",
        stability_after="days",
        difficulty_after="1 + ordinal % 90 / 10.0",
        interval_after="days",
        due_after="due_at",
    )


def _insert(cursor, model, source, **given):
    """Insert a row for each of the source's, of SQL expressions by column; other columns get what Django would fill."""
    given = {name: value for name, value in given.items() if name in {each.column for each in _columns(model)}}
    for field in _columns(model):
        if field.column not in given and (value := _default(field)) is not None:
            given[field.column] = value
    names = ", ".join(f'"{name}"' for name in given)
    cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(given.values())} FROM {source}')


def _columns(model):
    return [field for field in model._meta.concrete_fields if not field.generated]


def _default(field):
    """Return what Django would fill in, as SQL; None for a null."""
    if isinstance(field, models.UUIDField) and field.primary_key:
        return "uuidv7()"
    if isinstance(field, models.DateTimeField) and not field.null:
        return "now()"
    value = field.get_db_prep_save(field.get_default(), connection)
    return None if value is None else sql.Literal(value).as_string(connection.connection)


def _without_indexes(cursor, table):
    """Drop a table's keys and indexes, and return the statements that make them anew, and check all rows."""
    cursor.execute(INDEXES, {"table": table})
    again = []
    for drop, make in cursor.fetchall():
        cursor.execute(drop)
        again.append(make)
    return again


INDEXES = """
SELECT format('ALTER TABLE %%I DROP CONSTRAINT %%I', %(table)s::text, conname),
    format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', %(table)s::text, conname, pg_get_constraintdef(oid))
FROM pg_constraint
WHERE conrelid = %(table)s::regclass AND contype IN ('p', 'u', 'f')
UNION ALL
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = %(table)s::regclass
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
"""

WORK_TABLES = """
CREATE TABLE bench_learner AS
WITH asked AS (SELECT %s::int[] AS sizes, %s::int AS learners, %s::int AS others, %s::int AS others_words)
SELECT uuidv7() AS learner, size, size AS rows, false AS other, 'bench-' || size || '-' || number AS name
FROM asked CROSS JOIN unnest(sizes) AS size CROSS JOIN generate_series(1, learners) AS number
UNION ALL
SELECT uuidv7(), sizes[1], others_words, true, 'bench-other-' || number
FROM asked CROSS JOIN generate_series(1, others) AS number;

CREATE TEMPORARY TABLE bench_deck ON COMMIT DROP AS
SELECT uuidv7() AS deck, size, number, decks, new
FROM (SELECT %s::int AS decks, %s::int AS new) AS asked
CROSS JOIN (SELECT DISTINCT size FROM bench_learner) AS sizes
CROSS JOIN LATERAL generate_series(1, decks) AS number;

-- The words of a deck that all its learners have begun come first: they have learnt it in order.
CREATE TEMPORARY TABLE bench_card ON COMMIT DROP AS
SELECT uuidv7() AS card, deck, size, word, position,
    position < size / decks AS begun,
    (number - 1) * (size / decks) + position AS ordinal,
    chr(19968 + word %% 5000) || chr(19968 + word / 5000) AS hanzi,
    (ARRAY['xué', 'shū', 'mǎ', 'tiān', 'zhōng', 'guó', 'rén'])[1 + word %% 7] || ' '
    || (ARRAY['sheng', 'lǐ', 'huà', 'wén', 'xīn'])[1 + word %% 5] AS pinyin
FROM (
    SELECT *, (row_number() OVER (ORDER BY size, number, position))::int AS word
    FROM bench_deck CROSS JOIN LATERAL generate_series(0, size / decks + new - 1) AS position
) AS places
"""

# A word's numbers follow from its place, so that two runs have the same rows.
WORDS = """
CREATE TEMPORARY TABLE bench_word ON COMMIT DROP AS
SELECT *, floor((extract(epoch FROM last_at) - 4 * 3600) / 86400)::int AS day,
    uuidv7(last_at - now()) AS progress
FROM (
    SELECT learner, card, ordinal, due_at, days, due_at - days * interval '1 day' AS last_at
    FROM (
        SELECT learner, card, ordinal,
            CASE WHEN due THEN now() - (1 + ordinal %% 71) * interval '1 hour'
                ELSE now() + (30 + ordinal %% 300) * interval '1 day' END AS due_at,
            CASE WHEN due THEN 5 + ordinal %% 47 ELSE 35 + ordinal %% 300 + ordinal %% 401 END AS days
        FROM (
            SELECT *, NOT other AND ordinal %% (rows / %s) = 0 AS due
            FROM bench_learner JOIN bench_card USING (size)
            WHERE begun AND ordinal < rows
        ) AS begun
    ) AS dated
) AS answered;
ANALYZE bench_word;

CREATE TEMPORARY TABLE bench_session ON COMMIT DROP AS
SELECT uuidv7(min(last_at) - now()) AS session, learner, day, count(*) AS words,
    min(last_at) AS began_at, max(last_at) AS ended_at
FROM bench_word
GROUP BY learner, day;
ANALYZE bench_session
"""
