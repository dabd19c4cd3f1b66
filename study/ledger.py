"""A learner's log, opened for a transaction: what acts find there, and what they leave behind.

An answer is the one hot path, so what it reads and writes is three statements by hand, for one act or for many: lock
the learner's totals, find, write. Whoever writes a learner's log holds that lock, so entries take effect one after
the other, in the order of their sequence numbers.
"""

import json
from collections import Counter, defaultdict

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from study.log import CardInteraction, StudyDay, UserStatistics
from study.places import find, listed, planned_cursor
from study.progress import CardProgress


class Ledger:
    """One learner's locked log with what is to be written to it; to be used inside a transaction."""

    def __init__(self, user):
        self.user = user
        self.sequence = UserStatistics.objects.lock(user)
        self.entries = []
        self._totals = Counter()
        self._days = defaultdict(Counter)
        self._made, self._changed, self._sessions = {}, {}, {}

    def find(self, wanted):
        """Return a place for each of some (act's id, card's id, direction, session's id or None).

        One word in one direction is one row, and one session one object, in however many places.
        """
        rows, sessions = {}, {}
        places = find(self.user, wanted)
        for place, (_, _, direction, session) in zip(places, wanted, strict=True):
            if session:
                place.session = sessions.setdefault(session, place.session)
            if place.card:
                word = place.card.word_key, direction
                if word in rows:
                    place.progress = rows[word]
                elif not place.progress:
                    place.progress = CardProgress(
                        user_id=self.user.pk, card=place.card, word_key=place.card.word_key, direction=direction
                    )
                place.progress.user = self.user
                rows[word] = place.progress
        return places

    def enter(self, entry, progress):
        """Give an entry the next number, let its row take it, and have both written."""
        self.sequence += 1
        entry.sequence = self.sequence
        if progress._state.adding and not progress.last_act_at:
            progress.created_at = entry.received_at
        progress.apply(entry)
        self.entries.append(entry)
        self._totals.update(UserStatistics.figures(entry))
        self._days[entry.day].update(StudyDay.figures(entry))
        (self._made if progress._state.adding else self._changed)[progress.pk] = progress

    def change(self, progress):
        """Have a row written as it is, without an entry."""
        self._changed[progress.pk] = progress

    def keep(self, session):
        """Have the totals and the plan of a session written."""
        self._sessions[session.pk] = session

    def write(self):
        """Write all that was entered or changed since the last time, in one statement."""
        if not self.entries and not self._changed:
            return
        parts = {
            "entries": [columns(entry, ENTRY) for entry in self.entries],
            "made": [columns(row, PROGRESS) for row in self._made.values()],
            "changed": [columns(row, CHANGING) for row in self._changed.values()],
            "sessions": [columns(session, SESSION) for session in self._sessions.values()],
            "days": [
                {"user_id": self.user.pk, "day": day, **figures}
                for day, figures in self._days.items()
                if any(figures.values())
            ],
        }
        with planned_cursor() as cursor:
            parameters = {name: json.dumps(rows, cls=DjangoJSONEncoderExactly) for name, rows in parts.items()}
            cursor.execute(WRITE, parameters | self._figures | {"user": self.user.pk, "sequence": self.sequence})
            self._generated(cursor.fetchall())
        self.entries = []
        self._totals.clear()
        self._days.clear()
        self._made, self._changed, self._sessions = {}, {}, {}

    @property
    def _figures(self):
        return {name: self._totals[name] for name in UserStatistics.FIGURES}

    def _generated(self, rows):
        """Take over the columns that the database works out."""
        written = self._made | self._changed
        for pk, *values in rows:
            progress = written[pk]
            progress._state.adding, progress._state.db = False, connection.alias
            for name, value in zip(GENERATED, values, strict=True):
                setattr(progress, name, value)
        for entry in self.entries:
            entry._state.adding, entry._state.db = False, connection.alias


class DjangoJSONEncoderExactly(DjangoJSONEncoder):
    """Django's cuts a time to milliseconds."""

    def default(self, value):
        return value.isoformat() if hasattr(value, "isoformat") else super().default(value)


def columns(row, names):
    """Return some columns of a row as JSON takes them."""
    return {name: getattr(row, name) for name in names}


def stored(model):
    """Return the columns of a table that are not worked out by the database."""
    return [field.attname for field in model._meta.concrete_fields if not field.generated]


ENTRY, PROGRESS = stored(CardInteraction), stored(CardProgress)
CHANGING = ["id", "word_key", *CardProgress.FOLDED]
TOTALS = ["cards_studied", "correct_answers", "session_duration"]  # of a session: what an answer changes
SESSION = ["id", *TOTALS, "plan"]
GENERATED = ["mastery_level", "difficulty_score", "total_study_time"]


WRITE = f"""
WITH entered AS (
    INSERT INTO card_interactions ({listed(ENTRY)})
    SELECT {listed(ENTRY)} FROM json_populate_recordset(NULL::card_interactions, %(entries)s)
), made AS (
    INSERT INTO user_card_progress ({listed(PROGRESS)})
    SELECT {listed(PROGRESS)} FROM json_populate_recordset(NULL::user_card_progress, %(made)s)
    RETURNING id, {listed(GENERATED)}
), changed AS (
    UPDATE user_card_progress AS progress
    SET ({listed(CHANGING[1:])}) = ROW ({listed(CHANGING[1:], "became")})
    FROM json_populate_recordset(NULL::user_card_progress, %(changed)s) AS became
    WHERE progress.id = became.id
    RETURNING progress.id, {listed(GENERATED, "progress")}
), sessions AS (
    UPDATE study_sessions AS sitting
    SET ({listed(SESSION[1:])}) = ROW ({listed(SESSION[1:], "became")})
    FROM json_populate_recordset(NULL::study_sessions, %(sessions)s) AS became
    WHERE sitting.id = became.id
), totals AS (
    UPDATE user_statistics
    SET sequence = %(sequence)s, {", ".join(f"{name} = {name} + %({name})s" for name in UserStatistics.FIGURES)}
    WHERE user_id = %(user)s
), days AS (
    INSERT INTO study_days (user_id, day, {listed(StudyDay.FIGURES)})
    SELECT user_id, day, {listed(StudyDay.FIGURES)} FROM json_populate_recordset(NULL::study_days, %(days)s)
    ON CONFLICT (user_id, day) DO UPDATE
    SET {", ".join(f"{name} = study_days.{name} + excluded.{name}" for name in StudyDay.FIGURES)}
)
SELECT * FROM made UNION ALL SELECT * FROM changed
"""  # noqa: S608 (names of our own columns)
