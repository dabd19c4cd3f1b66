"""The next cards of a session, kept with it, so that an answer needn't ask the whole queue what comes next.

A plan says what waited when the learner's log stood at a number. An answer in the session carries it on; anything
else that is done to the learner's words, on any device, leaves it behind by its number, and it is made anew.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta

from study.choices import InteractionType, State
from study.scheduling.days import day_start

LEARN_AHEAD = timedelta(minutes=20)
KEPT_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Counts:
    """How many words wait."""

    new: int = 0
    learning: int = 0
    review: int = 0

    @property
    def total(self):
        return self.new + self.learning + self.review


@dataclass
class Plan:
    """What waits in a session: words in learning by their time, others in the order in which they are to be asked.

    Each is [card's id, direction, word] behind its due time, a timestamp, or its kind, "new" or "review". `new` and
    `review` count all of them, `items` has the first, and `more` says whether there are others.
    """

    sequence: int
    made_at: float
    day_ends: float
    new: int
    review: int
    learning: list
    items: list
    more: bool

    @classmethod
    def read(cls, stored):
        """Return the plan that a session's row holds, or None."""
        return cls(**stored) if stored else None

    def dump(self):
        """Return the plan as JSON for the session's row."""
        return asdict(self)

    def holds(self, sequence, at):
        """Return whether this is still so at a time, with the learner's log at a number."""
        soon = min(self.made_at + KEPT_FOR.total_seconds(), self.day_ends)
        return self.sequence == sequence and self.made_at <= at.timestamp() < soon

    def counts(self, at):
        """Return how many words wait, those included that come back in the next 20 minutes."""
        ahead = (at + LEARN_AHEAD).timestamp()
        return Counts(self.new, sum(due <= ahead for due, *_ in self.learning), self.review)

    def first(self, count, at, last=None, fresh=True):
        """Return up to `count` of (card's id, direction), best first, the word `last` later if that can be helped.

        Without `fresh` only what is in learning. None if more might wait than the plan knows.
        """
        due = [each for each in self.learning if each[0] <= at.timestamp()]
        items = self.items if fresh else []
        if fresh and len(due) + len(items) <= count and self.more:
            return None
        ahead = (at + LEARN_AHEAD).timestamp()
        found = _by_word([*due, *items])
        if set(found) <= {last}:
            found = _by_word([*found.values(), *(each for each in self.learning if each[0] <= ahead)])
        in_order = sorted(list(found.values())[: count + 1], key=lambda each: each[3] == last)
        return [(card, direction) for _, card, direction, _ in in_order[:count]]

    def after(self, entry, progress):
        """Return the plan as JSON as it is after an entry of the log, or None where that can't be told."""
        if self.sequence != entry.sequence - 1 or entry.replayed:
            return None
        if entry.interaction_type != InteractionType.FLIP and not self._answered(entry, progress):
            return None
        self.sequence = entry.sequence
        return self.dump()

    def _answered(self, entry, progress):
        """Take an answered word out of what waits, or back into it; return whether it was here."""
        word = progress.word_key
        found = [each for each in [*self.learning, *self.items] if each[3] == word]
        if len(found) != 1 or not self._as_planned(found[0], entry, progress):
            return False
        self.new -= found[0][0] == "new"
        self.review -= found[0][0] == "review"
        self.items = [each for each in self.items if each[3] != word]
        self.learning = [each for each in self.learning if each[3] != word]
        due = progress.next_review_at.timestamp()
        if progress.state != State.REVIEW and due < self.day_ends:
            self.learning = sorted([*self.learning, [due, *found[0][1:]]], key=by_time)
        return True

    def _as_planned(self, planned, entry, progress):
        """Return whether an answer is to what was planned, as that, on the day of the plan."""
        first, card, direction, _ = planned
        day_ends = day_start(entry.day + 1, progress.user.zone, progress.user.day_starts_at)
        if not entry.graded or direction != entry.direction or day_ends.timestamp() != self.day_ends:
            return False
        if not isinstance(first, str):
            return entry.state_before in (State.LEARNING, State.RELEARNING)
        # Answered out of turn, or with another deck's card, it changes what is to come; a word that was begun or
        # reviewed today already, and put back since, takes nothing more of the day's limit.
        in_turn = planned == self.items[0] and card == str(entry.card_id)
        if first == "new":
            return in_turn and entry.state_before == "" and progress.reps == 1
        return in_turn and entry.state_before == State.REVIEW and entry.retrievability < 1


def by_time(each):
    """Return what to sort words in learning by: when they are due."""
    return each[0], each[3]


def _by_word(entries):
    """Return entries by their word, the first of each."""
    found = {}
    for each in entries:
        found.setdefault(each[3], each)
    return found
