"""What home says of a learner's day: kept for a minute, and no longer than nothing is done to their words or decks."""

from django.core.cache import cache

from study.backlog import is_worth_offering
from study.log import UserStatistics
from study.queue import Queue
from study.streak import streak_of

KEPT_FOR = 60  # seconds: words in learning come due by the minute


def today(user, at):
    """Return the enrolments, how many words wait in each deck and in all, what was done, and when the next one comes.

    Also the streak, and whether what has piled up should be offered to be spread.
    The counts come from the cache where it has them; a cache that is lost changes nothing.
    """
    queue = Queue(user, at)
    decks = [(each.deck_id, each.deck.version) for each in queue.enrolments]
    stamp = (UserStatistics.objects.sequence(user), queue.day, decks)
    kept = cache.get(f"today:{user.pk}")
    if not kept or kept[0] != stamp or not 0 <= (at - kept[1]).total_seconds() < KEPT_FOR:
        kept = (stamp, at, counted(queue))
        cache.set(f"today:{user.pk}", kept, KEPT_FOR)
    return {"enrolments": queue.enrolments, **kept[2]}


def counted(queue):
    """Return what costs to be counted."""
    return {
        "counts": queue.counts,
        "by_deck": queue.counts_by_deck,
        "words_today": queue.words_answered_today,
        "next_at": None if queue.counts.total else queue.next_at(),
        "streak": streak_of(queue.user, queue.at),
        "backlog": is_worth_offering(queue),
    }
