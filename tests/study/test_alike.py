"""Words that look or sound alike don't begin in the same week."""

from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from study import acts
from study.choices import Direction, Rating
from study.models import Enrolment, StudySession
from study.queue import Counts, Queue

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def words(entries):
    return [entry.card.hanzi for entry in entries]


@pytest.fixture
def enrol(user):
    """Return a function that enrols the learner in a deck, in one direction."""

    def enrol(deck):
        return Enrolment.objects.create(user=user, deck=deck, directions=[READ])

    return enrol


class TestWordsThatAreAlike:
    """她 sounds like 他, 未 looks like 末: they don't begin in the same week."""

    @pytest.fixture
    def alike(self, make_deck, enrol):
        words = [
            ("他", "他", "tā", "he"),
            ("她", "她", "tā", "she"),
            ("末", "末", "mò", "end"),
            ("未", "未", "wèi", "not yet"),
        ]
        return enrol(make_deck([*words, ("山", "山", "shān", "mountain")], name="Alike"))

    def begin(self, user, deck, word, at):
        session = StudySession.start(user, deck, None, at)
        session.answer(uuid7(), deck.cards.get(hanzi=word), READ, Rating.EASY, at=at)

    def test_only_one_of_each_group_is_offered_on_a_day(self, user, alike, now):
        queue = Queue(user, now)
        assert words(queue.entries(9)) == ["他", "末", "山"]
        assert (queue.counts, queue.counts_by_deck) == (Counts(new=3), {alike.deck_id: Counts(new=3)})

    @pytest.mark.parametrize(("first", "second"), [("他", "她"), ("未", "末")])
    def test_the_other_one_comes_seven_days_later(self, user, alike, now, first, second):
        self.begin(user, alike.deck, first, now)
        assert second not in words(Queue(user, now + 6 * DAY).entries(9))
        assert second in words(Queue(user, now + 7 * DAY).entries(9))

    def test_the_next_word_is_said_to_come_when_it_does(self, user, alike, now):
        user.reviews_per_day = 0
        alike.deck.cards.exclude(hanzi__in=["他", "她"]).delete()
        alike.deck.cards.filter(hanzi="她").update(position=9)
        self.begin(user, alike.deck, "他", now)
        user.progress.update(next_review_at=now + 90 * DAY)
        queue = Queue(user, now + MINUTE)
        assert queue.counts == Counts()
        assert queue.next_at() == datetime(2026, 3, 9, 4, tzinfo=UTC)
        assert words(Queue(user, queue.next_at()).entries(1)) == ["她"]

    def test_the_same_word_in_its_other_direction_is_no_stranger(self, user, alike, now):
        Enrolment.objects.update(directions=[READ, WRITE])
        self.begin(user, alike.deck, "他", now)
        user.progress.update(next_review_at=now + 90 * DAY)
        assert words(Queue(user, now + DAY).entries(9))[0] == "他"

    def test_an_answer_taken_back_sets_the_other_one_free(self, user, alike, now):
        self.begin(user, alike.deck, "他", now)
        acts.undo(user, user.interactions.get().pk, now + MINUTE)
        alike.deck.cards.filter(hanzi="她").update(position=0)
        alike.deck.cards.filter(hanzi="他").update(position=1)
        assert words(Queue(user, now + HOUR).entries(1)) == ["她"]

    def test_another_learner_s_words_don_t_count(self, user, stranger, alike, now):
        Enrolment.objects.create(user=stranger, deck=alike.deck, directions=[READ])
        self.begin(stranger, alike.deck, "她", now)
        assert words(Queue(user, now).entries(9)) == ["他", "末", "山"]
