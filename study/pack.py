"""What the study page keeps of a session on the learner's device: the next cards, ready to be shown and graded.

The page shows and grades them by itself, by the same rules (static/js/queue.js, static/js/scheduling.js), and sends
what was done; the log decides in the end.
"""

from dataclasses import asdict

from django.template.loader import get_template

from study.asking import asked
from study.choices import Rating
from study.progress import policy_of, refit
from study.queue import entries_of
from study.scheduling.policy import Card as NewCard

MOST_CARDS = 250
ON_THE_PAGE = 6  # of them come with the page, the others soon after


def pack_of(session, at, size):
    """Return a session's next cards, up to `size` and all that are in learning, as JSON takes them."""
    plan, sequence = session.upcoming(at, size)
    items = plan.items[:size]
    places = [*plan.learning, *items]
    entries = dict(zip([place(each) for each in places], _entries(session, places), strict=True))
    found = {key: entry for key, entry in entries.items() if entry}
    cards = zip(found, asked(session, list(found.values())), strict=True)
    form = _grades_form(session)
    acts = session.interactions.filter(card__in=[entry.card.pk for entry in found.values()])
    acts = list(acts.values_list("pk", "card", "rating", "undone_at"))
    met = {card for _, card, rating, undone_at in acts if rating and not undone_at}
    return {
        "session": session.pk,
        "user": session.user_id,
        "title": session.deck.name if session.deck else "All decks",
        "made_at": _milliseconds(at),
        "sequence": sequence,
        "day_ends": 1000 * plan.day_ends,
        "cramming": session.cramming,
        "filtered": bool(session.filter or session.cramming),
        "policy": _policy(session.user),
        "load": session.load,
        "goal": {"cards": session.goal_cards, "ends_at": session.ends_at and _milliseconds(session.ends_at)},
        "done": session.cards_studied,
        "known": [pk for pk, *_ in acts],
        "counts": {"new": plan.new, "review": plan.review},
        "others": getattr(plan, "others", 0),
        "more": plan.more or len(plan.items) > size,
        "items": [place(each) for each in items if place(each) in found],
        "learning": [[1000 * each[0], place(each)] for each in plan.learning if place(each) in found],
        "cards": {key: _card(session, each, each.entry.card.pk in met, form) for key, each in cards},
    }


def place(planned):
    """Return the key of a card in a pack."""
    _, card, direction, _ = planned
    return f"{card}:{direction}"


def _entries(session, places):
    """Return an entry for each place of a plan, None where the card is gone; memories are by today's weights."""
    wanted = [(card, direction) for _, card, direction, _ in places]
    entries = {(str(entry.card.pk), entry.direction): entry for entry in entries_of(session.user, wanted)}
    refit(session.user, [entry.progress for entry in entries.values() if entry.progress])
    return [entries.get(each) for each in wanted]


def _milliseconds(time):
    return round(1000 * time.timestamp())


def _policy(user):
    policy = asdict(policy_of(user))
    return policy | {"zone": str(policy["zone"]), "easy_days": sorted(policy["easy_days"])}


def _card(session, asked, met, form):
    """Return one card: its markup, its memory, and what its exercise takes."""
    entry = asked.entry
    progress = entry.progress
    return {
        "card": entry.card.pk,
        "direction": entry.direction,
        "word": entry.card.word_key,
        "name": str(entry.card),
        "kind": entry.kind,
        "begun": entry.kind != "new",
        "own": entry.card.is_own,
        "met": met,
        "exercise": asked.exercise,
        "memory": progress.card_id if progress else entry.card.pk,
        "schedule": _schedule(progress.schedule if progress else NewCard()),
        "answered_at": progress and progress.last_reviewed_at and _milliseconds(progress.last_reviewed_at),
        "expected": asked.expected,
        "right": next((choice["id"] for choice in asked.choices if choice["right"]), None),
        "characters": asked.characters,
        "speech": asked.speech,
        "note": entry.note,
        "html": _html(session, asked, form),
    }


def _schedule(card):
    return {
        "state": card.state,
        "step": card.step,
        "stability": card.memory and card.memory.stability,
        "difficulty": card.memory and card.memory.difficulty,
        "last_day": card.last_day,
        "interval": card.interval,
        "reps": card.reps,
        "lapses": card.lapses,
    }


def _html(session, asked, form):
    context = {"session": session, "asked": asked, "user": session.user, "grades_form": form}
    return get_template("study/_flashcard.html").render(context)


def _grades_form(session):
    """Return the markup of the grades, which is rendered once: it would be a third of a card's cost."""
    context = {"session": session, "grades": [(each, None) for each in Rating]}
    return get_template("study/_grades.html").render(context)
