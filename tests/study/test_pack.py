"""What the study page keeps on the device: the next cards of a session, as JSON."""

import gzip
import json
import re
from dataclasses import astuple
from datetime import timedelta

import pytest
import time_machine
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from uuid_utils.compat import uuid7

from decks.models import Card
from study import acts
from study.acts import Act
from study.choices import EXERCISES, Direction, Filter, InteractionType, Mode, Rating, State
from study.log import UserStatistics
from study.models import CardProgress, Enrolment, StudySession
from study.pack import MOST_CARDS, ON_THE_PAGE, pack_of
from study.scheduling import fsrs
from tests.study.pages import pack_in

READ, WRITE, HEAR, DRAW = Direction
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
PACK = {
    *("session", "user", "title", "made_at", "sequence", "day_ends", "cramming", "filtered", "policy", "load", "goal"),
    *("done", "known", "counts", "others", "more", "items", "learning", "cards"),
}
CARD = {
    *("card", "direction", "word", "name", "kind", "begun", "answered_at", "met", "exercise", "memory", "schedule"),
    *("own", "expected", "right", "characters", "speech", "note", "html"),
}
TEXTS = ["hanzi", "traditional", "pinyin", "english", "sentence", "notes"]
ODD = [
    "<b>&\"'</b>",
    "</script><!--",
    "\u2028\u2029",
    "😀𠮷",
    "{% now %}{{ user }}",
    "a" * 100,
    "\\u003c",
    "١",
    " ",
    "?",
]


@pytest.fixture(autouse=True)
def clock(now):
    """Noon on a Monday, until a test moves on."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def fetch(as_user):
    """Return a function that fetches a session's pack."""
    return lambda session: as_user.get(reverse("pack", args=[session.pk]))


def as_json(pack):
    return json.loads(json.dumps(pack, cls=DjangoJSONEncoder, allow_nan=False))


def keys(*cards, direction=READ):
    return [f"{card.pk}:{direction}" for card in cards]


class TestShape:
    def test_what_it_says_of_a_session(self, fetch, session, user, deck, cards, now):
        pack = fetch(session).json()
        assert set(pack) == PACK
        cards_of_pack = pack.pop("cards")
        policy, load = pack.pop("policy"), pack.pop("load")
        at = int(now.timestamp()) * 1000
        assert pack == {
            "session": str(session.pk),
            "user": str(user.pk),
            "title": "HSK 0",
            "made_at": at,
            "sequence": 1,  # the deck was enrolled in
            "day_ends": at + 16 * 3_600_000,
            "cramming": False,
            "filtered": False,
            "goal": {"cards": None, "ends_at": None},
            "done": 0,
            "known": [],
            "counts": {"new": 5, "review": 0},
            "others": 0,
            "more": False,
            "items": keys(*cards),
            "learning": [],
        }
        assert list(cards_of_pack) == keys(*cards)
        assert {name: policy[name] for name in ("zone", "rollover_hour", "easy_days", "retention")} == {
            "zone": "UTC",
            "rollover_hour": 4,
            "easy_days": [],
            "retention": 0.9,
        }
        assert policy["weights"] == list(fsrs.DEFAULT_WEIGHTS)
        assert len(load) == 91
        assert set(load.values()) == {0}

    def test_what_it_says_of_a_new_card(self, fetch, session, card):
        found = fetch(session).json()["cards"][f"{card.pk}:{READ}"]
        assert set(found) == CARD
        html, speech = found.pop("html"), found.pop("speech")
        assert found == {
            "card": str(card.pk),
            "direction": READ,
            "word": card.word_key,
            "name": "学生",
            "kind": "new",
            "begun": False,
            "own": False,
            "answered_at": None,
            "met": False,
            "exercise": "cards",
            "memory": str(card.pk),
            "schedule": {
                "state": "new",
                "step": None,
                "stability": None,
                "difficulty": None,
                "last_day": None,
                "interval": 0,
                "reps": 0,
                "lapses": 0,
            },
            "expected": {},
            "right": None,
            "characters": "",
            "note": "",
        }
        assert html.strip().startswith(
            '<article class="flashcard" data-exercise="cards" data-direction="chinese_to_english">'
        )
        assert html.strip().endswith("</article>")
        # The script knows these; in a form they would be of this moment.
        assert "csrfmiddlewaretoken" not in html
        assert 'type="hidden"' not in html
        assert speech["text"] == "学生"

    def test_what_it_says_of_a_card_that_is_known(self, fetch, user, session, cards, remember):
        row = remember(user, cards[1], stability=12.5, difficulty=4.25, lapses=1)
        user.word_notes.create(word_key=cards[1].word_key, text="the old one")
        found = fetch(session).json()["cards"][f"{cards[1].pk}:{READ}"]
        assert found["schedule"] == {
            "state": "review",
            "step": None,
            "stability": 12.5,
            "difficulty": 4.25,
            "last_day": row.last_day,
            "interval": 10,
            "reps": 3,
            "lapses": 1,
        }
        assert (found["kind"], found["begun"], found["met"], found["note"]) == ("review", True, False, "the old one")
        assert "the old one" in found["html"]

    def test_a_memory_is_that_of_the_card_by_which_the_word_was_begun(
        self, fetch, user, session, make_deck, cards, remember
    ):
        """Chance in the schedule is the memory's: of another deck's card the same."""
        other = make_deck(name="Other").cards.first()
        remember(user, other)
        assert fetch(session).json()["cards"][f"{cards[0].pk}:{READ}"]["memory"] == str(other.pk)

    def test_words_in_learning_come_with_their_times(self, fetch, session, cards, now):
        session.answer(uuid7(), cards[0], READ, Rating.GOOD, at=now)
        session.answer(uuid7(), cards[1], READ, Rating.AGAIN, at=now)
        pack = fetch(session).json()
        at = int(now.timestamp()) * 1000
        assert pack["learning"] == [[at + 60_000, *keys(cards[1])], [at + 600_000, *keys(cards[0])]]
        assert pack["items"] == keys(*cards[2:])
        assert [pack["cards"][key]["kind"] for key in keys(*cards[:3])] == ["learning", "learning", "new"]
        assert [pack["cards"][key]["met"] for key in keys(*cards[:3])] == [True, True, False]
        assert (pack["done"], pack["counts"], pack["sequence"]) == (2, {"new": 3, "review": 0}, 3)

    def test_the_acts_that_the_server_knows_are_named(self, fetch, user, session, cards, now):
        """So that the page does none of them again."""
        undone = session.answer(uuid7(), cards[0], READ, Rating.AGAIN, at=now)
        acts.undo(user, undone.pk, now)
        again = session.answer(uuid7(), cards[1], READ, Rating.AGAIN, at=now)
        session.answer(uuid7(), cards[2], READ, Rating.EASY, at=now)  # is asked no more
        act = Act(id=uuid7(), card=cards[1], direction=READ, type=InteractionType.RESET)
        reset = acts.record(user, act, now, session)
        pack = fetch(session).json()
        assert set(pack["known"]) == {str(each.pk) for each in (undone, again, reset)}
        assert [pack["cards"][key]["met"] for key in keys(*cards[:2])] == [False, True]

    def test_reviews_and_new_words_are_counted(self, fetch, user, session, cards, remember):
        for card in cards[:2]:
            remember(user, card)
        assert fetch(session).json()["counts"] == {"new": 3, "review": 2}

    def test_the_page_brings_the_first_of_it(self, as_user, user, make_deck, now):
        user.new_per_day = 50
        user.save()
        deck = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(20)], name="Long", user=user)
        session = StudySession.start(user, deck, READ, now)
        inline = pack_in(as_user.get(reverse("session", args=[session.pk])))
        whole = as_user.get(reverse("pack", args=[session.pk])).json()
        assert (len(inline["items"]), inline["more"]) == (ON_THE_PAGE, True)
        assert (len(whole["items"]), whole["more"]) == (20, False)
        assert inline["items"] == whole["items"][:ON_THE_PAGE]
        assert inline["cards"] == {key: whole["cards"][key] for key in inline["items"]}
        same = PACK - {"items", "cards", "more"}
        assert {name: inline[name] for name in same} == {name: whole[name] for name in same}

    def test_a_device_keeps_at_most_250_cards(self, fetch, user, make_deck, now):
        user.new_per_day = 999
        user.save()
        deck = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(300)], name="Long", user=user)
        pack = fetch(StudySession.start(user, deck, READ, now)).json()
        assert (len(pack["items"]), len(pack["cards"]), pack["more"], MOST_CARDS) == (250, 250, True, 250)
        assert pack["counts"] == {"new": 300, "review": 0}

    def test_a_session_of_all_decks_says_so(self, fetch, user, deck, now):
        Enrolment.objects.start(user, deck)
        assert fetch(StudySession.start(user, None, None, now)).json()["title"] == "All decks"

    def test_where_nothing_waits_it_is_empty(self, fetch, user, session):
        user.new_per_day = 0
        user.save()
        pack = fetch(session).json()
        assert (pack["items"], pack["learning"], pack["cards"], pack["more"]) == ([], [], {}, False)

    def test_a_card_that_was_deleted_is_left_out(self, as_user, user, make_deck, now):
        deck = make_deck(name="Own", user=user)
        session = StudySession.start(user, deck, READ, now)
        session.waiting(now)
        gone, *kept = deck.cards.all()
        gone.delete()
        pack = as_user.get(reverse("pack", args=[session.pk])).json()
        assert (pack["items"], list(pack["cards"])) == (keys(*kept), keys(*kept))


class TestKinds:
    def test_a_goal_goes_with_it(self, fetch, user, deck, now):
        words = StudySession.start(user, deck, None, now, goal_cards=7)
        minutes = StudySession.start(user, deck, None, now, goal_minutes=10)
        ends_at = int(now.timestamp()) * 1000 + 600_000
        assert fetch(words).json()["goal"] == {"cards": 7, "ends_at": None}
        assert fetch(minutes).json()["goal"] == {"cards": None, "ends_at": ends_at}

    @pytest.mark.parametrize("mode", [Mode.REVIEW, Mode.CRAM])
    def test_a_session_of_its_own_kind(self, fetch, user, deck, cards, remember, now, mode):
        Enrolment.objects.create(user=user, deck=deck)
        deck.cards.update(tags=["food"])
        remember(user, cards[1])
        remember(user, cards[2], state=State.LEARNING, step=0, interval=0, due=now + MINUTE)
        session = StudySession.start(user, deck, READ, now, mode, filter=Filter.TAG, filter_value="food")
        session.answer(uuid7(), cards[0], READ, Rating.AGAIN, at=now)
        pack = fetch(session).json()
        at = int(now.timestamp()) * 1000
        assert (pack["filtered"], pack["cramming"]) == (True, mode == Mode.CRAM)
        assert pack["learning"] == [[at + 600_000, *keys(cards[0])]]
        assert set(pack["items"]) == set(keys(*cards[1:]))
        assert (pack["counts"], pack["others"], pack["done"]) == ({"new": 2, "review": 1}, 1, 1)
        assert pack["cards"][keys(cards[0])[0]]["kind"] == ("new" if mode == Mode.CRAM else "learning")

    def test_a_cram_of_all_is_of_its_own_kind_too(self, fetch, user, deck, cards, remember, now):
        Enrolment.objects.create(user=user, deck=deck)
        remember(user, cards[0], due=now + 5 * DAY)
        pack = fetch(StudySession.start(user, None, None, now, Mode.CRAM)).json()
        assert (pack["filtered"], pack["cramming"], pack["items"]) == (True, True, keys(cards[0]))
        assert "<small>" not in pack["cards"][keys(cards[0])[0]]["html"].split('<form class="grades"')[1]

    def test_an_ended_session_still_has_one(self, fetch, session, now):
        """What was answered on another device may come to this one later."""
        session.end(now)
        assert len(fetch(session).json()["cards"]) == 5

    def test_words_are_remembered_by_the_weights_of_today(self, fetch, user, session, card, now):
        session.answer(uuid7(), card, READ, Rating.GOOD, at=now - 3 * DAY)
        weights = list(fsrs.DEFAULT_WEIGHTS)
        weights[2] = 5.5
        user.weights, user.params_version = weights, user.params_version + 1
        user.save()
        UserStatistics.objects.touch(user)
        pack = fetch(session).json()
        found = pack["cards"][f"{card.pk}:{READ}"]["schedule"]
        assert (found["stability"], found["difficulty"]) == astuple(fsrs.first(weights, Rating.GOOD))
        assert found["stability"] == 5.5
        assert pack["policy"]["weights"] == weights
        assert CardProgress.objects.get().stability != 5.5

    def test_what_another_device_put_aside_is_left_out(self, fetch, user, session, cards, now):
        fetch(session)
        act = Act(id=uuid7(), card=cards[0], direction=READ, type=InteractionType.SUSPEND)
        acts.record(user, act, now)
        # In the other direction it may still be asked.
        assert fetch(session).json()["items"] == [*keys(cards[0], direction=WRITE), *keys(*cards[1:])]


class TestExercises:
    def cards_of(self, user, deck, now, exercise, direction):
        session = StudySession.start(user, deck, direction, now, exercise=exercise)
        return list(as_json(pack_of(session, now, MOST_CARDS))["cards"].values())

    @pytest.mark.parametrize(
        ("direction", "exercise"), [(way, each) for way, many in EXERCISES.items() for each in many]
    )
    def test_each_brings_what_it_takes(self, user, deck, cards, now, direction, exercise):
        deck.cards.filter(pk=cards[0].pk).update(sentence="我是学生。")
        first = self.cards_of(user, deck, now, exercise, direction)[0]
        wanted = {
            "cards": {},
            "pinyin": {"expected"},
            "hanzi": {"expected"},
            "cloze": {"expected"},
            "quiz": {"right"},
            "strokes": {"characters"},
        }
        assert first["exercise"] == exercise
        assert {name for name in ("expected", "right", "characters") if first[name]} == set(wanted[exercise])
        assert f'data-exercise="{exercise}"' in first["html"]
        assert ('<form class="typed"' in first["html"]) == (exercise in ("pinyin", "hanzi", "cloze"))
        assert ('<form class="choices"' in first["html"]) == (exercise == "quiz")
        assert ('<div class="writing"' in first["html"]) == (exercise == "strokes")

    def test_what_a_quiz_offers_is_in_its_markup_and_one_of_them_is_right(self, user, deck, now):
        for card in self.cards_of(user, deck, now, "quiz", READ):
            offered = card["html"].split('<form class="choices"')[1].split("</form>")[0]
            assert offered.count("<button") == 4
            assert offered.count(f'value="{card["right"]}"') == 1

    @pytest.mark.parametrize(
        ("direction", "exercise", "texts"),
        [
            (WRITE, "cloze", {"sentence": "没有。"}),
            (DRAW, "strokes", {"hanzi": "AB", "traditional": ""}),
            (READ, "pinyin", {"pinyin": ""}),
            (READ, "quiz", {"english": ""}),
            (WRITE, "hanzi", {"hanzi": "", "traditional": ""}),
        ],
    )
    def test_one_that_can_t_be_done_is_asked_as_a_card(self, user, deck, card, now, direction, exercise, texts):
        Card.objects.filter(pk=card.pk).update(**texts)
        found = {each["card"]: each for each in self.cards_of(user, deck, now, exercise, direction)}[str(card.pk)]
        assert (found["exercise"], found["expected"], found["right"], found["characters"]) == ("cards", {}, None, "")
        assert 'data-exercise="cards"' in found["html"]
        assert '<form class="typed"' not in found["html"]

    @pytest.mark.parametrize("texts", [*(dict.fromkeys(TEXTS, text) for text in ODD), *({name: ""} for name in TEXTS)])
    def test_any_text_is_json_and_no_markup(self, user, deck, card, now, texts):
        Card.objects.filter(pk=card.pk).update(**texts)
        for direction, exercises in EXERCISES.items():
            for exercise in exercises:
                for each in self.cards_of(user, deck, now, exercise, direction):
                    assert set(each) == CARD
                    assert not re.search("<b>|<!--|</script", each["html"])


class TestAccess:
    def test_only_one_s_own_cards_and_memories_are_in_it(
        self, client, user, stranger, session, strangers_session, cards, remember
    ):
        remember(stranger, cards[0], stability=30.0)
        stranger.word_notes.create(word_key=cards[0].word_key, text="Wang's picture")
        for learner, own, kind in ((user, session, "new"), (stranger, strangers_session, "review")):
            client.force_login(learner)
            response = client.get(reverse("pack", args=[own.pk]))
            pack = response.json()
            assert (pack["user"], pack["session"]) == (str(learner.pk), str(own.pk))
            assert pack["cards"][keys(cards[0])[0]]["kind"] == kind
            assert ("Wang's picture" in response.content.decode()) == (learner == stranger)

    def test_another_learner_is_not_found(self, client, stranger, session):
        client.force_login(stranger)
        assert client.get(reverse("pack", args=[session.pk])).status_code == 404

    def test_a_deck_made_private_brings_no_card(self, fetch, user, private_deck, now):
        Enrolment.objects.create(user=user, deck=private_deck)
        session = StudySession.objects.create(user=user, deck=private_deck)
        assert fetch(session).json()["cards"] == {}

    def test_it_is_not_kept_by_browsers_and_made_small(self, as_user, session):
        plain = as_user.get(reverse("pack", args=[session.pk]))
        assert "no-store" in plain["Cache-Control"]
        assert "Content-Encoding" not in plain
        small = as_user.get(reverse("pack", args=[session.pk]), headers={"Accept-Encoding": "gzip"})
        assert (small["Content-Encoding"], small["Content-Type"]) == ("gzip", "application/json")
        assert json.loads(gzip.decompress(small.content)) == plain.json()
        assert len(small.content) < len(plain.content) / 4

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_it_is_only_read(self, as_user, session, method):
        assert getattr(as_user, method)(reverse("pack", args=[session.pk])).status_code == 405


class TestCost:
    @pytest.mark.parametrize(("exercise", "queries"), [("", 7), ("pinyin", 6), ("quiz", 8)])
    def test_it_takes_the_same_queries_for_any_number_of_cards(
        self, as_user, user, make_deck, remember, now, exercise, queries
    ):
        user.new_per_day = 400
        user.save()

        def cost(count):
            words = [(f"字{count}-{at}", "", f"zì{count}{at}", f"word {at}") for at in range(count)]
            deck = make_deck(words, name=f"{count}", user=user)
            for card in deck.cards.all()[: count // 2]:
                remember(user, card)
            session = StudySession.start(user, deck, READ, now, exercise=exercise)
            session.answer(uuid7(), deck.cards.last(), READ, Rating.AGAIN, at=now)
            session.waiting(now)
            with CaptureQueriesContext(connection) as captured:
                pack = as_user.get(reverse("pack", args=[session.pk])).json()
            assert len(pack["cards"]) == min(count, MOST_CARDS + 1)
            return len(captured)

        # The log-in (2), the session, the number of the log, the cards, which were answered; and what exercises take.
        # Where the session's plan doesn't know them all, a longer one is made for the page.
        costs = [cost(count) for count in (10, 30, 60, 120, 300)]
        assert costs == [queries, queries, *3 * [queries + 8]]
