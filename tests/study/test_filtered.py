"""Sessions of a learner's own making: which words they ask, in which order, and when a word is done."""

from datetime import timedelta
from hashlib import md5

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from decks.models import Card
from study import acts
from study.acts import Act
from study.choices import Direction, Filter, InteractionType, Mode, Order, Rating, State
from study.filtered import FilteredPlan, FilteredQueue, clean_value, tags_in_scope
from study.models import CardProgress, Enrolment, StudySession, UserStatistics
from study.queue import Counts
from study.scheduling.days import day_number

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
AGAIN, HARD, GOOD = Rating.AGAIN, Rating.HARD, Rating.GOOD


@pytest.fixture(autouse=True)
def enrolment(user, deck):
    return Enrolment.objects.create(user=user, deck=deck, directions=[READ])


@pytest.fixture
def begin(user, now):
    """Return a function that makes a session: over all decks, its answers counting, unless told."""

    def begin(filter="", value="", mode=Mode.REVIEW, deck=None, direction=None, learner=user):
        return StudySession.objects.create(
            user=learner,
            deck=deck,
            direction=direction,
            mode=mode,
            filter=filter,
            filter_value=value,
            created_at=now,
        )

    return begin


@pytest.fixture
def tag():
    """Return a function that puts a tag on cards."""

    def tag(cards, name="food"):
        Card.objects.filter(pk__in=[card.pk for card in cards]).update(tags=[name])

    return tag


def words(session, at, count=20, last=None):
    return [entry.card.hanzi for entry in FilteredQueue(session, at).entries(count, last)]


def asked(session, at):
    return [(entry.card.hanzi, entry.direction, entry.kind) for entry in FilteredQueue(session, at).entries(20)]


def counts(session, at):
    return FilteredQueue(session, at).counts


def grade(session, card, rating, at, direction=READ):
    return session.answer(uuid7(), card, direction, rating, at)


def act(user, card, type, at, session=None, direction=READ, days=None):
    return acts.record(user, Act(id=uuid7(), card=card, direction=direction, type=type, days=days), at, session)


def shuffled(session, cards):
    """Return the words of cards in the order of a cram."""
    return [
        card.hanzi for card in sorted(cards, key=lambda card: md5(f"{session.pk}{card.word_key}".encode()).hexdigest())
    ]


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "value", "kept"),
        [
            (Filter.FAILED, "anything", ""),
            ("", "anything", ""),
            (Filter.TAG, " food ", "food"),
            (Filter.SEARCH, "  to   look ", "to look"),
            (Filter.AHEAD, "1", "1"),
            (Filter.AHEAD, " 030 ", "30"),
        ],
    )
    def test_a_value_is_kept_tidy(self, kind, value, kept):
        assert clean_value(kind, value) == kept

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (Filter.TAG, " "),
            (Filter.SEARCH, ""),
            (Filter.SEARCH, "x" * 101),
            (Filter.AHEAD, ""),
            (Filter.AHEAD, "0"),
            (Filter.AHEAD, "31"),
            (Filter.AHEAD, "-1"),
            (Filter.AHEAD, "2.5"),
            (Filter.AHEAD, "٣"),
            (Filter.AHEAD, "9" * 5000),
        ],
    )
    def test_a_value_that_makes_no_sense_is_refused(self, kind, value):
        with pytest.raises(ValueError, match=r"^(Choose|Write|A number)"):
            clean_value(kind, value)


class TestFailed:
    def test_the_words_forgotten_today_come_by_the_time_they_were(self, user, cards, remember, begin, session, now):
        for card in cards[:4]:
            remember(user, card)
        grade(session, cards[2], AGAIN, now - 3 * MINUTE)
        grade(session, cards[0], AGAIN, now - 2 * MINUTE)
        grade(session, cards[1], GOOD, now - MINUTE)
        failed = begin(Filter.FAILED)
        assert asked(failed, now) == [("苹果", READ, "learning"), ("学生", READ, "learning")]
        assert counts(failed, now) == Counts(0, 2, 0)

    def test_a_word_remembered_since_is_asked_all_the_same(self, user, cards, remember, begin, session, now):
        remember(user, cards[0])
        grade(session, cards[0], AGAIN, now - 3 * MINUTE)
        grade(session, cards[0], GOOD, now - 2 * MINUTE)
        assert asked(begin(Filter.FAILED), now) == [("学生", READ, "review")]

    def test_what_was_forgotten_yesterday_or_taken_back_or_in_a_cram_is_not(
        self, user, cards, remember, begin, session, now
    ):
        for card in cards[:3]:
            remember(user, card, due=now - DAY)
        grade(session, cards[0], AGAIN, now - DAY)
        grade(begin(mode=Mode.CRAM), cards[1], AGAIN, now - 2 * MINUTE)
        entry = grade(session, cards[2], AGAIN, now - MINUTE)
        failed = begin(Filter.FAILED)
        assert words(failed, now) == ["苹果"]
        acts.undo(user, entry.pk, now)
        assert words(failed, now) == []
        assert counts(failed, now) == Counts()

    def test_a_day_begins_at_the_learner_s_hour(self, user, cards, remember, begin, session, now):
        remember(user, cards[0], due=now - DAY)
        grade(session, cards[0], AGAIN, now - 10 * 60 * MINUTE)  # 2 o'clock, which is yesterday
        assert words(begin(Filter.FAILED), now) == []
        user.day_starts_at = 1
        user.save()
        remember(user, cards[1], due=now - DAY)
        grade(session, cards[1], AGAIN, now - 10 * 60 * MINUTE)
        assert words(begin(Filter.FAILED), now) == ["老师"]

    def test_another_learner_s_are_not(self, user, stranger, deck, cards, remember, begin, now):
        remember(stranger, cards[0])
        Enrolment.objects.create(user=stranger, deck=deck, directions=[READ])
        theirs = begin(Filter.FAILED, learner=stranger)
        grade(theirs, cards[0], AGAIN, now - MINUTE)
        assert words(begin(Filter.FAILED), now) == []
        assert words(theirs, now) == ["学生"]


class TestTag:
    def test_begun_words_come_by_their_date_and_then_new_ones(self, user, cards, tag, remember, begin, now):
        tag([cards[0], cards[1], cards[2], cards[4]])
        remember(user, cards[2], due=now + 5 * DAY)
        remember(user, cards[1], due=now + 9 * DAY)
        remember(user, cards[3], due=now)
        session = begin(Filter.TAG, "food")
        assert asked(session, now) == [
            ("苹果", READ, "review"),
            ("老师", READ, "review"),
            ("学生", READ, "new"),
            ("看", READ, "new"),
        ]
        assert counts(session, now) == Counts(2, 0, 2)

    def test_a_tag_is_taken_to_the_letter(self, cards, tag, begin, now):
        tag(cards[:1], "food%")
        tag(cards[1:2], "food")
        tag(cards[2:3], "Food")
        assert words(begin(Filter.TAG, "food%"), now) == ["学生"]
        assert words(begin(Filter.TAG, "food"), now) == ["老师"]
        assert words(begin(Filter.TAG, "foo_"), now) == []

    def test_new_words_keep_to_the_day_s_limit(self, user, cards, tag, begin, now):
        tag(cards)
        user.new_per_day = 3
        user.save()
        session = begin(Filter.TAG, "food")
        assert words(session, now) == ["学生", "老师", "苹果"]
        grade(session, cards[0], GOOD, now)
        assert words(session, now + MINUTE) == ["老师", "苹果"]
        assert counts(session, now + MINUTE) == Counts(2, 0, 0)

    def test_new_words_keep_to_the_limit_of_their_deck(self, user, deck, make_deck, tag, begin, enrolment, now):
        other = make_deck([(word, "", f"s{at}", "x") for at, word in enumerate("东南西北")], name="Other")
        Enrolment.objects.create(user=user, deck=other, directions=[READ], new_per_day=1)
        enrolment.new_per_day = 2
        enrolment.save()
        tag([*deck.cards.all(), *other.cards.all()])
        assert words(begin(Filter.TAG, "food"), now) == ["学生", "老师", "东"]
        assert words(begin(Filter.TAG, "food", deck=other), now) == ["东"]

    def test_a_word_of_two_decks_comes_once_and_from_the_card_with_the_tag(
        self, user, deck, make_deck, tag, remember, begin, now
    ):
        again = make_deck(name="Again", user=user)
        Enrolment.objects.create(user=user, deck=again, directions=[READ])
        tag(again.cards.all()[:2])
        remember(user, deck.cards.first())
        session = begin(Filter.TAG, "food")
        entries = FilteredQueue(session, now).entries(20)
        assert [(entry.card.hanzi, entry.card.deck) for entry in entries] == [("学生", again), ("老师", again)]
        tag(deck.cards.all())
        assert counts(begin(Filter.TAG, "food"), now) == Counts(4, 0, 1)

    def test_new_words_come_in_the_order_of_their_deck(self, deck, cards, tag, begin, enrolment, now):
        tag(cards)
        for place, card in enumerate(reversed(cards)):
            Card.objects.filter(pk=card.pk).update(frequency_rank=place + 1)
        enrolment.order = Order.FREQUENCY
        enrolment.save()
        assert words(begin(Filter.TAG, "food"), now) == ["看", "水", "苹果", "老师", "学生"]

    def test_suspended_words_never_come_and_buried_ones_tomorrow(self, user, cards, tag, remember, begin, now):
        tag(cards)
        remember(user, cards[0], suspended=True)
        remember(user, cards[1], buried_until=now + MINUTE)
        remember(user, cards[2])
        act(user, cards[3], InteractionType.SUSPEND, now)
        act(user, cards[4], InteractionType.BURY, now)
        session = begin(Filter.TAG, "food")
        assert words(session, now) == ["苹果"]
        assert words(session, now + DAY) == ["老师", "苹果", "看"]

    def test_in_a_cram_buried_and_all_new_words_come_but_no_suspended_one(self, user, cards, tag, remember, begin, now):
        tag(cards)
        user.new_per_day = 0
        user.save()
        remember(user, cards[0], suspended=True)
        remember(user, cards[1], buried_until=now + MINUTE)
        act(user, cards[2], InteractionType.BURY, now)
        session = begin(Filter.TAG, "food", Mode.CRAM)
        assert words(session, now) == shuffled(session, cards[1:])
        assert counts(session, now) == Counts(3, 0, 1)

    def test_a_word_is_asked_in_one_direction(self, user, deck, cards, tag, remember, begin, enrolment, now):
        tag(cards[:3])
        enrolment.directions = [WRITE, READ]
        enrolment.save()
        remember(user, cards[0], READ, due=now + DAY)
        remember(user, cards[0], WRITE, due=now + 2 * DAY)
        remember(user, cards[1], READ, due=now + 3 * DAY)
        session = begin(Filter.TAG, "food")
        assert asked(session, now) == [
            ("学生", READ, "review"),
            ("老师", READ, "review"),
            ("苹果", WRITE, "new"),
        ]
        writing = begin(Filter.TAG, "food", direction=WRITE)
        assert asked(writing, now) == [
            ("学生", WRITE, "review"),
            ("老师", WRITE, "new"),
            ("苹果", WRITE, "new"),
        ]

    def test_a_direction_that_the_deck_is_not_studied_in_is_left_out(self, user, cards, tag, remember, begin, now):
        tag(cards[:1])
        remember(user, cards[0], WRITE)
        assert asked(begin(Filter.TAG, "food"), now) == [("学生", READ, "new")]

    def test_a_word_asked_today_is_not_begun_in_another_direction(
        self, user, cards, tag, remember, begin, enrolment, session, now
    ):
        tag(cards[:1])
        enrolment.directions = [READ, WRITE]
        enrolment.save()
        remember(user, cards[0])
        grade(session, cards[0], GOOD, now)
        act(user, cards[0], InteractionType.SUSPEND, now)
        assert words(begin(Filter.TAG, "food"), now) == []
        assert asked(begin(Filter.TAG, "food"), now + DAY) == [("学生", WRITE, "new")]

    def test_only_decks_that_are_studied_count(self, user, make_deck, stranger, tag, begin, now):
        left = make_deck([("东", "", "dōng", "east")], name="Not studied")
        closed = make_deck([("西", "", "xī", "west")], name="Closed", user=stranger, visibility="private")
        Enrolment.objects.create(user=user, deck=closed, directions=[READ])
        tag([*left.cards.all(), *closed.cards.all()])
        assert words(begin(Filter.TAG, "food"), now) == []

    def test_the_tags_in_scope_are_counted_by_word(self, user, deck, make_deck, cards, tag, enrolment):
        again = make_deck(name="Again", user=user)
        second = Enrolment.objects.create(user=user, deck=again, directions=[READ])
        tag(cards[:2], "b")
        tag(cards[2:3], "c")
        tag(cards[3:4], "")
        tag(again.cards.all()[1:4], "b")
        assert tags_in_scope([enrolment, second]) == [("b", 4), ("c", 1)]
        assert tags_in_scope([second]) == [("b", 3)]
        assert tags_in_scope([]) == []


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("学生", ["学生"]),
            ("生", ["学生"]),
            ("學", ["学生"]),
            ("xuésheng", ["学生"]),
            ("xué sheng", ["学生"]),
            ("XUÉ", ["学生"]),
            ("xue\u0301sheng", ["学生"]),
            ("xue2sheng", ["学生"]),
            ("xue2 sheng5", ["学生"]),
            ("xuesheng", ["学生"]),
            ("xue sheng", ["学生"]),
            ("xué1", []),
            ("lao3", ["老师"]),
            ("lao4", []),
            ("lǎo", ["老师"]),
            ("lào", []),
            ("shui", ["水"]),
            ("sh", ["学生", "老师", "水"]),
            ("nv", ["女", "虐"]),
            ("nü3", ["女"]),
            ("nv3", ["女"]),
            ("nu:3", ["女"]),
            ("nüe", ["虐"]),
            ("nue", ["虐"]),
            ("apple", ["苹果"]),
            ("Apple", ["苹果"]),
            ("to  look", ["看"]),
            ("to%look", []),
            ("_", []),
            ("%", ["百分之"]),
            ("\\", []),
            ("|", []),
            ("'", []),
        ],
    )
    def test_a_word_is_found_in_either_script_in_pinyin_and_in_english(self, user, make_deck, begin, now, text, found):
        more = [("女", "", "nǚ", "woman"), ("虐", "", "nüè", "cruel"), ("百分之", "", "bǎifēnzhī", "100 %")]
        Enrolment.objects.create(user=user, deck=make_deck(more, name="More"), directions=[READ])
        assert words(begin(Filter.SEARCH, clean_value(Filter.SEARCH, text)), now) == found

    def test_a_card_without_hanzi_is_found_by_its_text_and_not_by_its_id(self, user, make_deck, begin, now):
        plain = make_deck([("", "", "Yǒngyuǎn", "forever")], name="Plain")
        Enrolment.objects.create(user=user, deck=plain, directions=[READ])
        found = [
            counts(begin(Filter.SEARCH, text, deck=plain), now).total
            for text in ("forever", "yong3", "yongyuan", *"abcdf")
        ]
        assert found == [1, 1, 1, 0 + 1, 0, 0, 0, 1]

    def test_no_pinyin_is_found_by_tones_alone(self, begin, now):
        assert words(begin(Filter.SEARCH, "2"), now) == []

    def test_it_orders_and_limits_as_a_tag_does(self, user, cards, remember, begin, now):
        user.new_per_day = 1
        user.save()
        remember(user, cards[3], due=now + 5 * DAY)
        session = begin(Filter.SEARCH, "sh")
        assert asked(session, now) == [("水", READ, "review"), ("学生", READ, "new")]


class TestAhead:
    def test_reviews_of_the_next_days_come_soonest_first(self, user, cards, remember, begin, now):
        tomorrow = now.replace(hour=4) + DAY
        remember(user, cards[0], due=tomorrow + DAY)
        remember(user, cards[1], due=tomorrow, interval=5)
        remember(user, cards[2], due=tomorrow, interval=50)
        remember(user, cards[3], due=now - 3 * DAY)
        remember(user, cards[4], due=now + MINUTE, state=State.LEARNING, step=0, interval=0)
        assert words(begin(Filter.AHEAD, "1"), now) == ["水", "苹果", "老师"]
        assert words(begin(Filter.AHEAD, "2"), now) == ["水", "苹果", "老师", "学生"]
        assert counts(begin(Filter.AHEAD, "2"), now) == Counts(0, 0, 4)

    def test_a_word_answered_before_a_flight_west_was_answered_today(
        self, user, cards, remember, begin, enrolment, now
    ):
        # Its day has a higher number than the one that the learner flew back into.
        ahead = day_number(now, user.zone, user.day_starts_at) + 1
        enrolment.directions = [READ, WRITE]
        enrolment.save()
        remember(user, cards[0], due=now + DAY, last_day=ahead)
        Card.objects.filter(pk=cards[0].pk).update(tags=["food"])
        assert words(begin(Filter.AHEAD, "5"), now) == []
        user.progress.update(next_review_at=now + 9 * DAY, suspended=True)
        assert words(begin(Filter.TAG, "food"), now) == []

    def test_a_word_answered_today_waits_in_every_direction(self, user, cards, remember, begin, enrolment, now):
        enrolment.directions = [READ, WRITE]
        enrolment.save()
        remember(user, cards[0], READ)
        remember(user, cards[0], WRITE, due=now + DAY)
        remember(user, cards[1], READ, due=now + DAY)
        grade(begin(), cards[0], HARD, now)
        assert asked(begin(Filter.AHEAD, "30"), now) == [("老师", READ, "review")]
        crammed = begin(Filter.AHEAD, "30", Mode.CRAM)
        assert sorted(words(crammed, now)) == ["学生", "老师"]

    def test_an_early_review_counts_by_the_days_that_have_passed(self, user, cards, remember, begin, now):
        row = remember(user, cards[0], due=now + 2 * DAY, interval=10)
        session = begin(Filter.AHEAD, "3")
        entry = grade(session, cards[0], GOOD, now)
        row.refresh_from_db()
        assert (entry.cram, row.state, row.last_reviewed_at, row.reps) == (False, State.REVIEW, now, 4)
        assert (row.next_review_at - now).days >= 8
        assert row.stability == entry.stability_after != 10.0
        assert words(session, now + MINUTE) == []

    def test_the_limit_of_reviews_does_not_hold(self, user, cards, remember, begin, now):
        user.reviews_per_day = 0
        user.save()
        remember(user, cards[0], due=now + DAY)
        assert words(begin(Filter.AHEAD, "2"), now) == ["学生"]


class TestCram:
    def test_every_begun_word_comes_shuffled_alike_each_time(self, user, cards, remember, begin, now):
        for card in cards[:4]:
            remember(user, card, due=now + 300 * DAY)
        first, second = begin(mode=Mode.CRAM), begin(mode=Mode.CRAM)
        assert words(first, now) == words(first, now + MINUTE) == shuffled(first, cards[:4])
        assert words(second, now) == shuffled(second, cards[:4])
        assert counts(first, now) == Counts(0, 0, 4)

    def test_it_leaves_the_schedule_as_it_is(self, user, cards, remember, begin, now):
        row = remember(user, cards[0], due=now + 9 * DAY)
        session = begin(mode=Mode.CRAM)
        grade(session, cards[0], AGAIN, now)
        grade(session, cards[0], GOOD, now + MINUTE)
        after = CardProgress.objects.get(pk=row.pk)
        same = ("state", "stability", "difficulty", "next_review_at", "last_reviewed_at", "last_day", "reps", "lapses")
        assert [getattr(after, name) for name in same] == [getattr(row, name) for name in same]
        assert words(session, now + MINUTE) == []

    def test_a_new_word_stays_new_and_is_asked_until_it_is_remembered(self, user, cards, tag, begin, now):
        tag(cards[:1])
        session = begin(Filter.TAG, "food", Mode.CRAM)
        grade(session, cards[0], AGAIN, now)
        assert asked(session, now + MINUTE) == [("学生", READ, "new")]
        grade(session, cards[0], HARD, now + MINUTE)
        assert words(session, now + 2 * MINUTE) == []

    def test_a_word_put_aside_in_the_session_does_not_come_back(self, user, cards, remember, begin, now):
        for card in cards[:3]:
            remember(user, card)
        session = begin(mode=Mode.CRAM)
        act(user, cards[0], InteractionType.BURY, now, session)
        act(user, cards[1], InteractionType.SET_DUE, now, session, days=5)
        assert words(session, now) == ["苹果"]
        assert sorted(words(begin(mode=Mode.CRAM), now)) == ["学生", "老师", "苹果"]

    def test_a_flip_puts_nothing_aside(self, user, cards, remember, begin, now):
        remember(user, cards[0])
        session = begin(mode=Mode.CRAM)
        act(user, cards[0], InteractionType.FLIP, now, session)
        assert words(session, now) == ["学生"]


class TestOneSession:
    @pytest.fixture
    def tagged(self, user, cards, tag, remember, begin, now):
        """A session over three words, due in the order of the deck."""
        tag(cards[:3])
        for days, card in enumerate(cards[:3]):
            remember(user, card, due=now + days * DAY)
        return begin(Filter.TAG, "food")

    def test_a_word_remembered_is_done_for_the_session_alone(self, user, cards, tagged, begin, now):
        grade(tagged, cards[0], HARD, now)
        assert words(tagged, now + MINUTE) == ["老师", "苹果"]
        assert sorted(words(begin(Filter.TAG, "food"), now + MINUTE)) == ["学生", "老师", "苹果"]

    def test_a_word_forgotten_comes_after_the_others(self, cards, tagged, now):
        grade(tagged, cards[0], AGAIN, now)
        assert words(tagged, now + MINUTE) == ["老师", "苹果", "学生"]
        grade(tagged, cards[1], AGAIN, now + MINUTE)
        assert words(tagged, now + 2 * MINUTE) == ["苹果", "学生", "老师"]
        grade(tagged, cards[2], GOOD, now + 2 * MINUTE)
        assert words(tagged, now + 3 * MINUTE) == ["学生", "老师"]
        grade(tagged, cards[0], AGAIN, now + 3 * MINUTE)
        assert words(tagged, now + 4 * MINUTE) == ["老师", "学生"]
        grade(tagged, cards[1], GOOD, now + 4 * MINUTE)
        assert words(tagged, now + 5 * MINUTE, last="学生|xuésheng") == ["学生"]

    def test_a_word_forgotten_ten_minutes_ago_comes_before_the_others(self, cards, tagged, now):
        grade(tagged, cards[2], AGAIN, now)
        assert words(tagged, now + 10 * MINUTE - SECOND) == ["学生", "老师", "苹果"]
        assert words(tagged, now + 10 * MINUTE) == ["苹果", "学生", "老师"]
        assert words(tagged, now + 10 * MINUTE, last="苹果|píngguǒ") == ["学生", "老师", "苹果"]

    def test_undo_asks_the_word_again_where_it_was(self, user, cards, tag, begin, now):
        tag(cards[:3])
        for days, card in enumerate(cards[:3]):
            act(user, card, InteractionType.MARK_KNOWN, now - DAY, days=days + 5)
        session = begin(Filter.TAG, "food")
        entry = grade(session, cards[0], GOOD, now)
        assert words(session, now + MINUTE) == ["老师", "苹果"]
        acts.undo(user, entry.pk, now + MINUTE)
        assert words(session, now + MINUTE) == ["学生", "老师", "苹果"]

    def test_a_word_forgotten_stays_though_its_filter_takes_it_no_longer(self, user, cards, remember, begin, now):
        remember(user, cards[0], due=now + DAY)
        session = begin(Filter.AHEAD, "2")
        grade(session, cards[0], AGAIN, now)
        assert asked(session, now + MINUTE) == [("学生", READ, "learning")]

    def test_a_word_forgotten_is_asked_in_the_same_direction(self, user, cards, tagged, remember, enrolment, now):
        enrolment.directions = [READ, WRITE]
        enrolment.save()
        remember(user, cards[0], WRITE, due=now - 9 * DAY)
        assert asked(tagged, now)[0] == ("学生", WRITE, "review")
        grade(tagged, cards[0], AGAIN, now, WRITE)
        assert asked(tagged, now + MINUTE)[-1] == ("学生", WRITE, "learning")
        grade(tagged, cards[0], GOOD, now + 20 * MINUTE, WRITE)
        assert words(tagged, now + 21 * MINUTE) == ["老师", "苹果"]

    def test_the_best_few_come_first_and_the_counts_are_of_all(self, tagged, now):
        queue = FilteredQueue(tagged, now)
        assert [entry.card.hanzi for entry in queue.entries(1)] == ["学生"]
        assert queue.counts == Counts(0, 0, 3)
        assert words(tagged, now, count=1, last="学生|xuésheng") == ["老师"]

    def test_nothing_comes_by_itself(self, tagged, now):
        assert FilteredQueue(tagged, now).next_at() is None

    def test_without_a_deck_in_scope_nothing_is_asked(self, tagged, enrolment, now):
        enrolment.delete()
        assert (words(tagged, now), counts(tagged, now)) == ([], Counts())


class TestPlan:
    """What a session keeps of its queue, carried on by its answers, is what the queue says."""

    @pytest.mark.parametrize("mode", [Mode.REVIEW, Mode.CRAM])
    def test_it_follows_the_answers_of_the_session(self, user, make_deck, tag, remember, begin, now, mode):
        deck = make_deck([(f"字{at}", "", "zì", "x") for at in range(9)], name="Nine", user=user)
        Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        tag(deck.cards.all())
        for days, card in enumerate(deck.cards.all()[:6]):
            act(user, card, InteractionType.MARK_KNOWN, now - DAY, days=days + 5)
        session = begin(Filter.TAG, "food", mode)
        plan = FilteredQueue(session, now).plan(20, UserStatistics.objects.get(user=user).sequence)
        at, last = now, None
        for number in range(16):
            queue = FilteredQueue(session, at)
            entries = queue.entries(1, last)
            assert plan.first(1, at, last) == [(str(each.card.pk), each.direction) for each in entries]
            assert plan.counts(at) == queue.counts
            if not entries:
                break
            [entry] = entries
            last = entry.card.word_key
            answer = grade(session, entry.card, AGAIN if number in (0, 2, 3, 9) else GOOD, at)
            plan = FilteredPlan.read(plan.after(answer, answer.progress))
            at += 3 * MINUTE
        assert (number, plan.counts(at)) == (13, Counts())

    def test_it_holds_the_first_words_and_all_that_were_forgotten(self, cards, tag, begin, now):
        tag(cards)
        session = begin(Filter.TAG, "food")
        for card in cards[:3]:
            grade(session, card, AGAIN, now)
        plan = FilteredQueue(session, now).plan(1)
        assert [each[3] for each in plan.items] == [cards[3].word_key]
        assert [each[3] for each in plan.learning] == [card.word_key for card in cards[:3]]
        assert (plan.more, plan.counts(now)) == (True, Counts(2, 3, 0))
        assert FilteredQueue(session, now).plan(2).more is False

    def test_what_it_cannot_tell_is_asked_anew(self, user, cards, tag, begin, now):
        tag(cards[:2])
        session = begin(Filter.TAG, "food")
        plan = FilteredQueue(session, now).plan(9)
        aside = act(user, cards[0], InteractionType.BURY, now, session)
        assert plan.after(aside, aside.progress) is None


class TestCost:
    @pytest.fixture
    def long(self, user, make_deck, tag):
        """Return a function that makes a tagged deck of so many words, half of them begun, and enrols in it."""

        def long(count, now):
            deck = make_deck([(f"字{count}-{at}", "", "zì", "x") for at in range(count)], name=f"{count}", user=user)
            Enrolment.objects.create(user=user, deck=deck, directions=[READ])
            cards = list(deck.cards.all())
            tag(cards)
            CardProgress.objects.bulk_create(
                CardProgress(
                    user=user, card=card, word_key=card.word_key, direction=READ, state=State.REVIEW, stability=9.0,
                    difficulty=5.0, interval=9, next_review_at=now + DAY, last_reviewed_at=now, last_day=20000, reps=1,
                )
                for card in cards[::2]
            )  # fmt: skip
            return deck

        return long

    @pytest.mark.parametrize("mode", [Mode.REVIEW, Mode.CRAM])
    @pytest.mark.parametrize(
        ("filter", "value"),
        [("", ""), (Filter.FAILED, ""), (Filter.TAG, "food"), (Filter.SEARCH, "zi"), (Filter.AHEAD, "3")],
    )  # fmt: skip
    def test_a_long_deck_costs_as_many_statements_and_rows_as_a_short_one(self, long, begin, now, filter, value, mode):
        found = []
        for count in (10, 300):
            session = begin(filter, value, mode, long(count, now))
            with CaptureQueriesContext(connection) as queries:
                queue = FilteredQueue(session, now)
                entries = queue.entries(1)
                total = queue.counts.total
            found.append((len(queries), len(entries), total > 0))
        assert found[0] == found[1]
        assert found[0][0] <= 5
