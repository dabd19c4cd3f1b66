"""Logs that were not answered one by one: the answers of made-up learners as rows, as the acts would have left them."""

from datetime import UTC, datetime, timedelta

from uuid_utils.compat import uuid7

from study.choices import GRADED, Direction, InteractionType
from study.models import CardInteraction, StudyDay

NOON = datetime(1970, 1, 1, 12, tzinfo=UTC)


def entry(user, card, progress_id, day, minute, rating=None, kind=InteractionType.REVIEW, **fields):
    """Return an entry of a learner's log, not saved; its sequence follows from the time."""
    at = NOON + timedelta(days=day, minutes=minute)
    fields = {"sequence": day * 1_000_000 + minute} | fields
    return CardInteraction(
        user=user,
        card=card,
        progress_id=progress_id,
        interaction_type=kind,
        direction=Direction.CHINESE_TO_ENGLISH,
        rating=rating,
        answered_at=at,
        received_at=at,
        time_zone="UTC",
        utc_offset=0,
        day=day,
        **fields,
    )


def write(user, card, histories, shift=0, **fields):
    """Write each history's (day, rating) answers into a learner's log, so many days later, and count their days."""
    entries, minute = [], 0
    for history in histories:
        progress_id = uuid7()
        for place, (day, rating) in enumerate(history):
            minute += 1
            state = "review" if place else ""
            entries.append(entry(user, card, progress_id, day + shift, minute, rating, state_before=state, **fields))
    CardInteraction.objects.bulk_create(entries)
    count_days(user)


def count_days(user):
    """Count a learner's days of study anew, from the log."""
    days = {}
    for found in user.interactions.standing().filter(interaction_type__in=GRADED):
        day = days.setdefault(found.day, StudyDay(user=user, day=found.day))
        day.answers += 1
        day.reviews += found.state_before == "review"
    user.days.all().delete()
    StudyDay.objects.bulk_create(days.values())
