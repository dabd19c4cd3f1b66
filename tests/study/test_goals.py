"""What a learner sets out to: some words or minutes, some of their decks; and when a session is gone on with."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from uuid_utils.compat import uuid7

from decks.models import Visibility
from study import acts
from study.choices import Direction, Exercise, Filter, Mode, Rating
from study.models import CardInteraction, Enrolment, StudySession
from study.plan import Counts
from tests.study.pages import hidden_fields, page, shown

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REACHED = "You have done what you set out to"


@pytest.fixture(autouse=True)
def clock(now):
    """Noon on a Monday, until a test moves on."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def enrolment(user, deck):
    return Enrolment.objects.create(user=user, deck=deck, directions=[READ])


@pytest.fixture
def begin(user, deck, now):
    """Return a function that makes a session with a goal."""
    return lambda at=now, **kind: StudySession.start(user, deck, None, at, **kind)


def waiting(session, at):
    """Return what waits, as each request finds it."""
    read = StudySession.objects.get(pk=session.pk)
    read.user = session.user
    last = read.last_act()
    found = read.waiting(at, 10, last and last.card.word_key)
    return [entry.card.hanzi for entry in found.entries], found.counts, found.reached


def grade(session, card, rating, at):
    return session.answer(uuid7(), card, READ, rating, at)


class TestWords:
    def test_with_all_words_done_nothing_new_comes(self, begin, cards, now):
        session = begin(goal_cards=2)
        grade(session, cards[0], Rating.EASY, now)
        assert waiting(session, now) == (["老师", "苹果", "水", "看"], Counts(new=4), False)
        grade(session, cards[1], Rating.EASY, now)
        assert waiting(session, now) == ([], Counts(), True)

    def test_words_in_learning_are_seen_through(self, begin, cards, now):
        session = begin(goal_cards=2)
        grade(session, cards[0], Rating.AGAIN, now)
        grade(session, cards[1], Rating.EASY, now + SECOND)
        assert waiting(session, now + 2 * SECOND) == (["学生"], Counts(learning=1), False)
        grade(session, cards[0], Rating.GOOD, now + 2 * MINUTE)
        # It comes again in ten minutes: there is nothing else to wait with.
        assert waiting(session, now + 3 * MINUTE) == (["学生"], Counts(learning=1), False)
        grade(session, cards[0], Rating.GOOD, now + 12 * MINUTE)
        assert waiting(session, now + 13 * MINUTE) == ([], Counts(), True)

    def test_a_word_that_comes_later_than_in_20_minutes_is_not_waited_for(self, user, begin, cards, now):
        user.learning_steps = [3600]
        user.save()
        session = begin(goal_cards=1)
        grade(session, cards[0], Rating.AGAIN, now)
        assert waiting(session, now + MINUTE) == ([], Counts(), True)
        assert waiting(session, now + 41 * MINUTE)[0] == ["学生"]

    def test_a_word_counts_once(self, begin, cards, now):
        session = begin(goal_cards=2)
        for minute in range(3):
            grade(session, cards[0], Rating.AGAIN, now + minute * MINUTE)
        assert not waiting(session, now + 3 * MINUTE)[2]
        assert "老师" in waiting(session, now + 3 * MINUTE)[0]

    def test_more_words_than_wait_are_never_reached(self, begin, cards, now):
        session = begin(goal_cards=50)
        for card in cards:
            grade(session, card, Rating.EASY, now)
        assert waiting(session, now) == ([], Counts(), False)

    def test_what_is_taken_back_is_to_be_done_again(self, user, begin, cards, now):
        session = begin(goal_cards=1)
        entry = grade(session, cards[0], Rating.EASY, now)
        acts.undo(user, entry.pk, now)
        assert waiting(session, now)[0][0] == "学生"
        assert not waiting(session, now)[2]

    def test_a_word_that_is_put_aside_is_not_counted(self, as_user, begin, cards, now):
        session = begin(goal_cards=1)
        fields = {"id": uuid7(), "card": cards[0].pk, "direction": READ, "type": "bury"}
        as_user.post(reverse("act", args=[session.pk]), fields)
        assert waiting(session, now) == (["老师", "苹果", "水", "看"], Counts(new=4), False)


class TestMinutes:
    def test_when_they_are_over_nothing_comes(self, begin, cards, now):
        session = begin(goal_minutes=10)
        grade(session, cards[0], Rating.AGAIN, now)
        almost, over = now + 10 * MINUTE - SECOND, now + 10 * MINUTE
        # The word that was answered last isn't the first.
        assert waiting(session, almost) == (["老师", "苹果", "水", "看", "学生"], Counts(new=4, learning=1), False)
        assert waiting(session, over) == ([], Counts(), True)

    def test_they_run_from_the_beginning(self, begin, now):
        session = begin(at=now + HOUR, goal_minutes=5)
        assert session.ends_at == now + HOUR + 5 * MINUTE
        assert begin(goal_cards=5).ends_at is None


class TestPages:
    def test_one_is_told_and_may_go_on_or_stop(self, as_user, begin, cards, now):
        session = begin(goal_cards=1)
        grade(session, cards[0], Rating.EASY, now)
        response = as_user.get(reverse("session", args=[session.pk]))
        text = page(response)
        assert f"{REACHED} You studied 1 word in this session. See the summary Go on with what is left" in text
        assert "The next one comes" not in text
        assert reverse("go-on", args=[session.pk]) in response.content.decode()
        assert shown(response) is None

    def test_whoever_goes_on_is_asked_what_is_left(self, as_user, begin, cards, now):
        session = begin(goal_cards=1)
        grade(session, cards[0], Rating.EASY, now)
        response = as_user.post(reverse("go-on", args=[session.pk]), follow=True)
        assert response.redirect_chain == [(reverse("session", args=[session.pk]), 302)]
        assert shown(response).hanzi == "老师"
        session.refresh_from_db()
        assert (session.goal_cards, session.goal_minutes, session.cards_studied) == (None, None, 1)

    def test_so_is_whoever_goes_on_after_the_minutes(self, as_user, begin, clock):
        session = begin(goal_minutes=5)
        clock.shift(5 * MINUTE)
        assert REACHED in page(as_user.get(reverse("session", args=[session.pk])))
        assert shown(as_user.post(reverse("go-on", args=[session.pk]), follow=True)).hanzi == "学生"

    def test_without_a_goal_going_on_changes_nothing(self, as_user, begin, every_row):
        session = begin()
        before = every_row()
        assert as_user.post(reverse("go-on", args=[session.pk])).status_code == 302
        assert every_row() == before

    def test_an_answer_after_the_end_is_not_lost(self, as_user, begin, clock):
        session = begin(goal_minutes=5)
        fields = hidden_fields(as_user.get(reverse("session", args=[session.pk])))
        clock.shift(6 * MINUTE)
        response = as_user.post(reverse("answer", args=[session.pk]), fields | {"rating": 3}, follow=True)
        assert REACHED in page(response)
        assert CardInteraction.objects.get().session == session

    def test_where_nothing_is_left_before_the_goal_one_is_told_so(self, as_user, begin, cards, now):
        session = begin(goal_cards=50)
        for card in cards:
            grade(session, card, Rating.EASY, now)
        text = page(as_user.get(reverse("session", args=[session.pk])))
        assert "Nothing is left for now" in text
        assert "Go on with what is left" not in text


class TestGoingOn:
    """Who starts the same again goes on with today's session, unless they sit down anew or had done it."""

    @pytest.mark.parametrize(
        "kind",
        [
            {},
            {"goal_cards": 20},
            {"goal_minutes": 60},
            {"exercise": Exercise.PINYIN},
            {"filter": Filter.AHEAD, "filter_value": "3"},
            {"mode": Mode.CRAM},
        ],
    )
    def test_with_the_same_kind(self, begin, now, kind):
        first = begin(**kind)
        assert begin(at=now + 10 * MINUTE, **kind) == first

    @pytest.mark.parametrize(
        "kind",
        [
            {"goal_cards": 21},
            {"goal_cards": None},
            {"goal_cards": 20, "goal_minutes": 20},
            {"goal_cards": 20, "exercise": Exercise.QUIZ},
            {"goal_cards": 20, "mode": Mode.CRAM},
        ],
    )
    def test_not_with_another_kind(self, begin, now, kind):
        first = begin(goal_cards=20)
        assert begin(at=now + MINUTE, **kind) != first

    def test_not_with_other_decks(self, user, deck, make_deck, now):
        other = make_deck(name="Other", user=user)
        Enrolment.objects.create(user=user, deck=other)
        first = StudySession.start(user, None, None, now, chosen=[deck.pk])
        assert StudySession.start(user, None, None, now, chosen=[deck.pk]) == first
        assert len({first, *(StudySession.start(user, None, None, now, chosen=each) for each in ([], [other.pk]))}) == 3

    @pytest.mark.parametrize(("pause", "goes_on"), [(30 * MINUTE, True), (30 * MINUTE + SECOND, False)])
    def test_after_a_break_of_30_minutes_one_sits_down_anew(self, begin, cards, now, pause, goes_on):
        first = begin()
        grade(first, cards[0], Rating.GOOD, now + 5 * MINUTE)
        assert (begin(at=now + 5 * MINUTE + pause) == first) == goes_on

    def test_the_break_of_one_without_an_answer_is_from_its_beginning(self, begin, now):
        first = begin()
        assert begin(at=now + 30 * MINUTE) == first
        assert begin(at=now + 31 * MINUTE) != first

    def test_one_whose_words_are_done_begins_anew(self, begin, cards, now):
        first = begin(goal_cards=1)
        assert begin(at=now + MINUTE, goal_cards=1) == first
        grade(first, cards[0], Rating.AGAIN, now + MINUTE)
        second = begin(at=now + 2 * MINUTE, goal_cards=1)
        assert second != first
        assert waiting(second, now + 2 * MINUTE)[0][0] == "学生"

    def test_one_whose_minutes_are_over_begins_anew(self, begin, now):
        first = begin(goal_minutes=10)
        assert begin(at=now + 9 * MINUTE, goal_minutes=10) == first
        assert begin(at=now + 10 * MINUTE, goal_minutes=10) != first

    def test_one_that_was_gone_on_with_is_of_another_kind(self, begin, cards, now):
        first = begin(goal_cards=1)
        grade(first, cards[0], Rating.EASY, now)
        first.go_on()
        assert begin(goal_cards=1) != first
        assert begin() == first

    def test_one_that_was_ended_begins_anew(self, begin, now):
        first = begin()
        first.end(now)
        assert begin() != first

    def test_yesterday_s_begins_anew_within_the_break(self, begin, now):
        late = now + 16 * HOUR - MINUTE
        first = begin(at=late)
        assert begin(at=late + 30 * SECOND) == first
        assert begin(at=late + 2 * MINUTE) != first

    def test_another_learner_s_is_theirs(self, begin, stranger, deck, now):
        first = begin()
        assert StudySession.start(stranger, deck, None, now) != first


class TestChosenDecks:
    @pytest.fixture
    def others(self, user, make_deck, clock):
        """Two more decks of words of their own."""
        texts = {"Animals": [("猫", "貓", "māo", "cat")], "Trees": [("松", "松", "sōng", "pine")]}
        decks = [make_deck(words, name=name, user=user) for name, words in texts.items()]
        for deck in decks:
            clock.shift(1)  # the order of decks is that in which they were enrolled in
            Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        return decks

    def start(self, user, now, *chosen):
        return StudySession.start(user, None, None, now, chosen=[each.pk for each in chosen])

    def test_only_their_words_are_asked(self, user, others, now):
        animals, trees = others
        assert waiting(self.start(user, now, animals), now) == (["猫"], Counts(new=1), False)
        assert waiting(self.start(user, now, animals, trees), now) == (["猫", "松"], Counts(new=2), False)

    def test_without_a_choice_all_are_asked(self, user, others, now):
        assert waiting(self.start(user, now), now)[1] == Counts(new=7)

    def test_so_are_their_words_in_learning_and_reviews(self, user, others, cards, remember, now):
        animals, _ = others
        remember(user, animals.cards.get())
        remember(user, cards[0])
        assert waiting(self.start(user, now, animals), now) == (["猫"], Counts(review=1), False)

    def test_in_a_session_of_its_own_kind_too(self, user, others, now):
        trees = others[1]
        for each in others:
            each.cards.update(tags=["x"])
        kind = {"filter": Filter.TAG, "filter_value": "x", "chosen": [trees.pk]}
        assert waiting(StudySession.start(user, None, None, now, **kind), now)[0] == ["松"]

    def test_a_stranger_s_deck_brings_nothing(self, user, stranger, private_deck, make_deck, now):
        public = make_deck([("猫", "貓", "māo", "cat")], name="Public", user=stranger, visibility=Visibility.PUBLIC)
        Enrolment.objects.create(user=stranger, deck=private_deck)
        Enrolment.objects.create(user=user, deck=private_deck)
        session = self.start(user, now, private_deck, public)
        assert waiting(session, now) == ([], Counts(), False)

    def test_a_deck_that_is_studied_no_more_brings_nothing(self, user, others, now):
        animals, trees = others
        session = self.start(user, now, animals, trees)
        Enrolment.objects.stop(user, animals)
        assert waiting(session, now)[0] == ["松"]
        Enrolment.objects.stop(user, trees)
        assert waiting(session, now)[0] == []
