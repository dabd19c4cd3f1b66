"""Entries take effect in the order of their numbers, and what comes late is put where it belongs."""

from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from decks.models import Card
from study import acts
from study.acts import Act
from study.choices import Direction, InteractionType, Order, Rating
from study.log import CardInteraction, StudyDay
from study.models import CardProgress, Enrolment, StudySession
from study.progress import grades
from study.queue import Entry, Queue
from study.rebuild import Rebuild
from study.scheduling import fsrs

READ = Direction.CHINESE_TO_ENGLISH
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WHEN_WRITTEN = {"created_at", "updated_at"}
WEIGHTS = [*fsrs.DEFAULT_WEIGHTS[:8], fsrs.DEFAULT_WEIGHTS[8] * 0.8, *fsrs.DEFAULT_WEIGHTS[9:]]


def did(card, at, type=InteractionType.REVIEW, rating=None, id=None, **fields):
    if type == InteractionType.REVIEW:
        rating = rating or Rating.GOOD
    return Act(id=id or uuid7(), card=card, direction=READ, type=type, at=at, rating=rating, **fields)


def memory(**which):
    row = CardProgress.objects.get(**which)
    return {name: getattr(row, name) for name in CardProgress.FOLDED if name not in WHEN_WRITTEN}


def faults(user):
    lines = []
    Rebuild(user, lines.append).run(write=False)
    return lines


class TestOneMoment:
    def test_answers_of_the_same_moment_fold_in_the_order_in_which_they_were_given(self, user, card, now):
        high, low = UUID("ffffffff-ffff-4fff-bfff-ffffffffffff"), UUID("00000000-0000-4000-8000-000000000001")
        acts.record(user, did(card, now, rating=Rating.AGAIN, id=high), now)
        acts.record(user, did(card, now, rating=Rating.EASY, id=low), now)
        assert list(user.interactions.as_received().values_list("pk", flat=True)) == [high, low]
        assert CardProgress.objects.get().consecutive_correct == 1
        assert faults(user) == []


class TestLate:
    def test_undoing_the_second_of_two_in_one_list_leaves_the_first_as_it_was(self, user, card, now):
        acts.record(user, did(card, now), now)
        first, second = did(card, now - 3 * DAY, rating=Rating.AGAIN), did(card, now - 2 * DAY, rating=Rating.HARD)
        acts.record_many(user, [first], now + MINUTE)
        before = memory()
        acts.record_many(user, [second], now + MINUTE)
        assert memory() != before
        acts.undo(user, second.id, now + HOUR)
        assert memory() == before
        assert faults(user) == []

    @pytest.mark.parametrize(
        ("type", "days"),
        [
            (InteractionType.RESET, None),
            (InteractionType.SET_DUE, 3),
            (InteractionType.MARK_KNOWN, 40),
            (InteractionType.SUSPEND, None),
            (InteractionType.FLIP, None),
            (InteractionType.BURY, None),
        ],
    )
    @pytest.mark.parametrize("first_sent", [0, 1, 2])
    def test_acts_sent_out_of_order_leave_what_they_would_have_in_order(
        self, user, stranger, card, now, type, days, first_sent
    ):
        def history(learner, order):
            told = [did(card, now - 9 * DAY), did(card, now - 5 * DAY, type, days=days), did(card, now - DAY)]
            if order:
                told = [told[0], told[2], told[1]] if order == 1 else [told[1], told[0], told[2]]
            for number, act in enumerate(told):
                acts.record(learner, act, now + number * MINUTE)

        if type == InteractionType.SET_DUE and first_sent == 2:
            with pytest.raises(acts.ActRefused):
                history(user, first_sent)
        else:
            history(user, first_sent)
            history(stranger, 0)
            assert memory(user=user) == memory(user=stranger)
        assert faults(user) == []

    def test_the_day_of_an_answer_stands_after_the_learner_has_moved(self, user, card, now):
        user.time_zone = "Pacific/Auckland"
        user.save()
        acts.record(user, did(card, now - 4 * DAY), now - 4 * DAY)
        acts.record(user, did(card, now), now)
        days = list(user.interactions.as_received().values_list("day", flat=True))
        user.time_zone = "Pacific/Honolulu"
        user.save()
        acts.record(user, did(card, now - 2 * DAY), now + HOUR)
        assert list(user.interactions.as_received().values_list("day", flat=True))[:2] == days
        assert CardProgress.objects.get().last_day == days[1]
        assert faults(user) == []


class TestDeletion:
    def test_a_deck_that_goes_leaves_the_entries_of_a_memory_that_stays(self, user, deck, make_deck, card, now):
        other = make_deck([(card.hanzi, "", card.pinyin, "x")], name="Other", user=user)
        acts.record(user, did(card, now - 3 * DAY), now - 3 * DAY)
        acts.record(user, did(other.cards.get(), now), now)
        before = memory()
        other.delete()
        assert (memory(), faults(user)) == (before, [])
        assert set(user.interactions.values_list("card", flat=True)) == {card.pk}


class TestNewWeights:
    def test_the_preview_is_what_the_answer_does(self, user, card, now):
        for days in (30, 20, 12):
            acts.record(user, did(card, now - days * DAY), now - days * DAY)
        user.weights, user.params_version = WEIGHTS, 1
        user.save()
        session = StudySession.start(user, card.deck, None, now)
        [buttons] = grades(session, [Entry(card, READ, CardProgress.objects.get())], now)
        promised = dict(buttons)[Rating.GOOD]
        answered = session.answer(uuid7(), card, READ, Rating.GOOD, at=now)
        assert (answered.interval, answered.due_after) == (promised.interval_days, promised.due_at)
        assert answered.stability_after == promised.card.memory.stability

    def test_a_date_that_is_set_does_not_pass_for_a_memory_computed_anew(self, user, card, now):
        acts.record(user, did(card, now - 12 * DAY), now - 12 * DAY)
        user.weights, user.params_version = WEIGHTS, 1
        user.save()
        acts.record(user, did(card, now, InteractionType.SET_DUE, days=0), now)
        assert CardProgress.objects.get().params_version == 0


class TestMany:
    def test_an_id_twice_or_for_two_cards_has_a_result_in_each_place(self, user, cards, now):
        id = uuid7()
        told = [did(cards[0], now, id=id), did(cards[0], now, id=id), did(cards[1], now, id=id)]
        first, again, other = acts.record_many(user, told, now)
        assert (first.repeated, again, again.repeated) == (False, first, True)
        assert isinstance(other, acts.StaleAnswer)
        assert CardInteraction.objects.count() == 1

    def test_a_batch_is_taken_back_as_a_whole(self, user, cards, now):
        for card in cards:
            acts.record(user, did(card, now - 9 * DAY), now - 9 * DAY)
        before = list(CardProgress.objects.order_by("pk").values())
        batch = uuid7()
        entries = acts.record_many(
            user, [did(card, now, InteractionType.SET_DUE, days=2) for card in cards], now, batch
        )
        acts.undo(user, entries[1].pk, now + MINUTE)
        assert list(CardProgress.objects.order_by("pk").values()) == before
        assert user.interactions.filter(undone_at=None).count() == len(cards)
        assert faults(user) == []

    def test_a_damaged_day_is_found_and_mended(self, user, card, now):
        acts.record(user, did(card, now, response_time=900), now)
        StudyDay.objects.update(answers=7)
        assert [line for line in faults(user) if "answers is 7, replayed 1" in line]
        Rebuild(user, lambda line: None).run(write=True)
        assert (StudyDay.objects.get().answers, faults(user)) == (1, [])


class TestPlaces:
    """How far a deck is begun is kept with its enrolment, so that a long deck isn't read from its beginning."""

    @pytest.fixture
    def enrolment(self, user, deck):
        return Enrolment.objects.create(user=user, deck=deck, directions=[READ])

    def noted(self, user, now):
        session = StudySession.start(user, None, None, now)
        session.waiting(now)
        return Enrolment.objects.get().begun_until

    def first(self, user, now):
        return [entry.card.hanzi for entry in Queue(user, now).entries(1)]

    def begin(self, user, cards, now):
        acts.record_many(user, [did(card, now, rating=Rating.EASY) for card in cards], now)

    def test_the_place_is_that_of_the_first_word_not_begun(self, user, enrolment, cards, now):
        self.begin(user, cards[:3], now)
        assert self.noted(user, now) == 3

    @pytest.mark.parametrize("how", ["undo", "reset", "moved", "added", "deleted row"])
    def test_what_makes_a_word_new_again_puts_it_back(self, user, enrolment, cards, now, how):
        self.begin(user, cards[:3], now)
        assert self.noted(user, now) == 3
        if how == "undo":
            acts.undo(user, user.interactions.as_received().last().pk, now)
        elif how == "reset":
            acts.record(user, did(cards[2], now, InteractionType.RESET), now)
        elif how == "moved":
            Card.objects.filter(pk=cards[4].pk).update(position=0)
        elif how == "added":
            Card.objects.create(deck=enrolment.deck, hanzi="山", pinyin="shān", english="mountain", position=1)
        else:
            CardProgress.objects.filter(card=cards[2]).delete()
        expected = {"moved": "看", "added": "山"}.get(how, "苹果")
        assert self.first(user, now + DAY) == [expected]

    def test_another_order_or_direction_forgets_the_place(self, user, enrolment, cards, now):
        self.begin(user, cards[:3], now)
        assert self.noted(user, now) == 3
        Enrolment.objects.update(order=Order.FREQUENCY)
        assert Enrolment.objects.get().begun_until is None

    def test_the_most_frequent_words_come_first_where_the_learner_wants_that(self, user, enrolment, cards, now):
        Enrolment.objects.update(order=Order.FREQUENCY)
        for card, rank in zip(cards, [50, None, 7, 90, 7], strict=True):
            Card.objects.filter(pk=card.pk).update(frequency_rank=rank)
        found = [entry.card.hanzi for entry in Queue(user, now).entries(9)]
        assert found == ["苹果", "看", "学生", "水", "老师"]


class TestInterleaving:
    def test_new_words_are_spread_evenly_among_the_reviews(self, user, make_deck, remember, now):
        deck = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(12)], name="Twelve")
        Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        for card in deck.cards.all()[:9]:
            remember(user, card)
        assert [entry.kind[0] for entry in Queue(user, now).entries(12)] == list("rrrnrrrnrrrn")
