"""What follows from the log, made again from it: each learner's memories, sessions and totals.

An act is recorded together with all that follows from it, so there should be nothing to do: this says whether that is
so, and mends what was lost or changed by other means.
"""

from collections import Counter, defaultdict
from itertools import chain, groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import Count, Max, Q

from decks.models import Card
from study.choices import InteractionType, Rating
from study.effects import MEMORY
from study.log import CardInteraction, StudyDay, UserStatistics
from study.progress import CardProgress
from study.sessions import StudySession

CHUNK = 2000  # rows read at a time
BATCH = 500  # rows written at a time


class Rebuild:
    """One learner's rows against what follows from their log; each word's entries are read once, as a stream.

    `report` is called with a line for each thing found. `differing` counts the rows that the log doesn't bear out,
    `broken` the entries that don't follow from the one before them, `unlogged` the rows of which the log says nothing.
    """

    def __init__(self, user, report):
        self.user = user
        self.report = report
        self.differing = self.broken = self.unlogged = 0

    @transaction.atomic
    def run(self, write):
        """Report all that differs and, if told to write, put it right; the learner's acts wait for the end."""
        self.write = write
        self.totals, self.days = Counter(), defaultdict(Counter)
        sessions, stored_totals = self._lock()
        self._compare_words()
        self._compare_sessions(sessions)
        self._compare_totals(stored_totals)
        self._compare_days()
        if self.write:
            UserStatistics.objects.touch(self.user)

    def _lock(self):
        """Lock the learner's log; return the sessions and the totals."""
        UserStatistics.objects.lock(self.user)
        sessions = {each.pk: each for each in self.user.sessions.defer("due_days", "plan")}
        return sessions, UserStatistics.objects.get(user=self.user)

    def _compare_words(self):
        changed, missing = [], []
        for progress_id, row, entries in self._words():
            replayed = self._replay(progress_id, row, entries)
            if row is None and replayed:
                self._differs(f"progress {progress_id}", {"row": ("none", f"one with {replayed.reps} answers")})
                missing.append(replayed)
            elif row and not replayed:
                self.unlogged += 1
                self.report(f"progress {row.pk}: no entry of the log stands for it; left alone")
            elif row and self._differs(f"progress {row.pk}", differences(row, replayed, CardProgress.FOLDED)):
                changed.append(replayed)
            if len(changed) + len(missing) >= BATCH:
                self._save(changed, missing)
        self._save(changed, missing)

    def _words(self):
        """Yield the id of each memory with its row, or None, and its entries in the order in which they took effect."""
        rows = self.user.progress.order_by("pk").iterator(chunk_size=CHUNK)
        log = self.user.interactions.defer("typed", "device")
        log = log.order_by("progress_id", "sequence").iterator(chunk_size=CHUNK)
        row = next(rows, None)
        for progress_id, entries in groupby(log, key=attrgetter("progress_id")):
            while row and row.pk < progress_id:
                yield row.pk, row, []
                row = next(rows, None)
            found = row and row.pk == progress_id
            yield progress_id, row if found else None, entries
            row = next(rows, None) if found else row
        while row:
            yield row.pk, row, []
            row = next(rows, None)

    def _replay(self, progress_id, row, entries):
        """Return the row that follows from a word's entries, or None if none of them stands."""
        standing = self._standing(progress_id, entries)
        first = next(standing, None)
        if first is None:
            return None
        beginning = row or CardProgress(
            id=progress_id, user=self.user, card_id=first.card_id, direction=first.direction
        )
        return beginning.fold(chain([first], standing))

    def _standing(self, progress_id, entries):
        """Yield the entries that stand, with their figures added to the totals and their chain looked at."""
        link = Chain()
        for entry in entries:
            if not link.take(entry):
                self.broken += 1
                self.report(f"progress {progress_id}: broken chain at entry {entry.pk}")
            if entry.undone_at is None:
                self.totals.update(UserStatistics.figures(entry))
                if any(StudyDay.figures(entry).values()):
                    self.days[entry.day].update(StudyDay.figures(entry))
                yield entry

    def _differs(self, row, found):
        """Report the columns of a row that differ; return whether there are any."""
        for column, (stored, replayed) in found.items():
            self.report(f"{row}: {column} is {stored}, replayed {replayed}")
        self.differing += bool(found)
        return bool(found)

    def _save(self, changed, missing):
        """Write rows that differ or are missing, and empty the lists."""
        if self.write:
            CardProgress.objects.bulk_update(changed, CardProgress.FOLDED, batch_size=BATCH)
            self._make_again(missing)
        changed.clear()
        missing.clear()

    def _make_again(self, rows):
        keys = dict(Card.objects.filter(pk__in=[row.card_id for row in rows]).values_list("pk", "word_key"))
        for row in rows:
            row.word_key = keys[row.card_id]
        CardProgress.objects.bulk_create(rows, ignore_conflicts=True)
        made = set(CardProgress.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
        for row in rows:
            if row.pk not in made:
                self.report(f"progress {row.pk}: not made again, {row.word_key} has another row")

    def _compare_sessions(self, sessions):
        answers = Q(rating__isnull=False, undone_at=None)
        log = CardInteraction.objects.filter(answers, session__in=self.user.sessions.values("pk"))
        found = (
            log.order_by()
            .values("session")
            .annotate(
                cards=Count("card", distinct=True),
                correct=Count("pk", filter=~Q(rating=Rating.AGAIN)),
                last=Max("answered_at"),
            )
        )
        by_session = {each["session"]: each for each in found.iterator(chunk_size=CHUNK)}
        changed = []
        for pk, session in sessions.items():
            replayed = totals_of(session, by_session.get(pk))
            if self._differs(f"session {pk}", differences(session, replayed, StudySession.TOTALS)):
                changed.append(replayed)
        if self.write:
            StudySession.objects.bulk_update(changed, StudySession.TOTALS, batch_size=BATCH)

    def _compare_totals(self, stored):
        replayed = UserStatistics(user=self.user, **{name: self.totals[name] for name in UserStatistics.FIGURES})
        if self._differs("totals", differences(stored, replayed, UserStatistics.FIGURES)) and self.write:
            replayed.save(update_fields=UserStatistics.FIGURES)

    def _compare_days(self):
        stored = {each.day: each for each in self.user.days.all()}
        changed = []
        for day in sorted(stored.keys() | self.days.keys()):
            replayed = StudyDay(user=self.user, day=day, **{name: self.days[day][name] for name in StudyDay.FIGURES})
            found = differences(stored.get(day) or StudyDay(user=self.user, day=day), replayed, StudyDay.FIGURES)
            if self._differs(f"day {day}", found):
                changed.append(replayed)
        if self.write:
            StudyDay.objects.bulk_create(
                changed, update_conflicts=True, unique_fields=["user", "day"], update_fields=StudyDay.FIGURES
            )


class Chain:
    """What the next entry of a word should have found, where the one before it says so."""

    def __init__(self):
        self.left = self.version = None

    def take(self, entry):
        """Go on to an entry; return False if it didn't find what the one before it left behind."""
        if entry.undone_at or entry.replayed:
            self.left = None
            return True
        found = memory(entry, "before")
        fits = self.left is None or self.version != entry.params_version or found == self.left
        self.left, self.version = self._left_by(entry, found), entry.params_version
        return fits

    def _left_by(self, entry, found):
        match entry.interaction_type:
            case InteractionType.RESET:
                return None
            case InteractionType.BURY | InteractionType.UNBURY:
                return found  # what they leave behind is no memory but the time until which the word is buried
        return memory(entry, "after")


def memory(entry, suffix):
    """Return the memory before or after an entry of the log."""
    return [getattr(entry, f"{name}_{suffix}") for name in MEMORY]


def differences(stored, replayed, columns):
    """Return the columns in which two rows differ, as a mapping to the two values."""
    pairs = {name: (getattr(stored, name), getattr(replayed, name)) for name in columns}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def totals_of(session, found):
    """Return a session with the totals that follow from its answers, none if there are no answers."""
    if not found:
        return StudySession(pk=session.pk)
    minutes = (found["last"] - session.created_at).total_seconds() / 60
    return StudySession(
        pk=session.pk,
        cards_studied=found["cards"],
        correct_answers=found["correct"],
        session_duration=max(0.0, minutes),
    )
