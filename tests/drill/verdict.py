"""What the database holds after the drill against what the clients were told."""

from collections import Counter
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import connection

from study.log import CardInteraction, UserStatistics
from study.models import CardProgress, StudyDay, StudySession

FEW = 10  # lines of one kind of fault


def faults(ledger, user):
    """Return a line for each thing that is lost, doubled, made up or counted wrongly."""
    log = {str(entry.pk): entry for entry in CardInteraction.objects.filter(user=user)}
    found = [
        *ledger.faults,
        *_answers(ledger, log),
        *_order(log, user),
        *_memories(log, user),
        *_totals(log, user),
        *_rebuild(),
    ]
    if deadlocks():
        found.append(f"{deadlocks()} deadlocks")
    return found


def deadlocks():
    """Return how many deadlocks the database has seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def _answers(ledger, log):
    for id in sorted(ledger.recorded):
        entry, sent = log.get(id), ledger.sent.get(id)
        if not entry:
            yield f"answer {id} {sent} was acknowledged and is lost"
        elif (str(entry.card_id), entry.direction, entry.rating) != sent:
            yield f"answer {id} {sent} is in the log as {entry.card_id}, {entry.direction}, {entry.rating}"
    yield from (f"answer {id} was refused and is in the log" for id in ledger.stale & log.keys())
    yield from (f"answer {id} was never sent and is in the log" for id in ledger.withdrawn & log.keys())
    yield from (f"nobody sent {id}, which is in the log" for id in log.keys() - ledger.sent.keys())
    told = ledger.recorded | ledger.stale | ledger.withdrawn
    yield from (f"nobody was told of {id}" for id in ledger.sent.keys() - told)
    taken_back = {id for id, entry in log.items() if entry.undone_at}
    yield from (f"{id} was taken back and stands" for id in ledger.taken_back - taken_back)
    yield from (f"nobody took {id} back" for id in taken_back - ledger.asked_back)


def _order(log, user):
    numbers = Counter(entry.sequence for entry in log.values())
    yield from (f"{times} entries have the number {number}" for number, times in numbers.items() if times > 1)
    highest = UserStatistics.objects.get(user=user).sequence
    if numbers and max(numbers) > highest:
        yield f"an entry has the number {max(numbers)}, the highest is {highest}"


def _memories(log, user):
    answers = Counter(entry.progress_id for entry in log.values() if not entry.undone_at)
    rows = dict(CardProgress.objects.filter(user=user).values_list("pk", "reps"))
    for pk in rows.keys() | answers.keys():
        if rows.get(pk) != answers[pk]:
            yield f"progress {pk} has {rows.get(pk)} reps, the log {answers[pk]} answers"


def _totals(log, user):
    standing = [entry for entry in log.values() if not entry.undone_at]
    milliseconds = sum(entry.response_time or 0 for entry in standing)
    totals = UserStatistics.objects.get(user=user)
    if (totals.total_views, totals.study_time_ms) != (len(standing), milliseconds):
        yield f"totals {totals.total_views}, {totals.study_time_ms} ms; the log {len(standing)}, {milliseconds} ms"
    days = dict(StudyDay.objects.filter(user=user, answers__gt=0).values_list("day", "answers"))
    if days != (counted := Counter(entry.day for entry in standing)):
        yield f"answers by day are {days}, in the log {dict(counted)}"
    for session in StudySession.objects.filter(user=user):
        of_it = [entry for entry in standing if entry.session_id == session.pk]
        counted = (len({entry.card_id for entry in of_it}), sum(entry.rating > 1 for entry in of_it))
        if (session.cards_studied, session.correct_answers) != counted:
            yield f"session {session.pk} has {session.cards_studied}, {session.correct_answers}, the log {counted}"


def _rebuild():
    said = StringIO()
    try:
        call_command("rebuild_progress", "--check", stdout=said)
    except CommandError as error:
        yield f"rebuild_progress --check: {error}"
        yield from said.getvalue().splitlines()[:FEW]
    else:
        if not said.getvalue().startswith("0 rows differ, 0 broken chains"):
            yield f"rebuild_progress --check: {said.getvalue()}"
