"""The page on which a learner chooses what to study, and a deck's, on which they choose how."""

import re
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse

from accounts.models import User
from decks.models import Visibility
from study.choices import Direction, Exercise, Mode, Order
from study.models import Enrolment, StudySession
from tests.study.pages import main_of, page

READ, WRITE, HEAR, DRAW = Direction
STUDY = reverse("study")
NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")


@pytest.fixture(autouse=True)
def clock(now):
    """Noon on a Monday, until a test moves on."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def decks(user, deck, make_deck, clock):
    """Three decks that the learner studies, of words of their own."""
    texts = {"Animals": [("猫", "貓", "māo", "cat")], "Trees": [("松", "松", "sōng", "pine")]}
    decks = [deck, *(make_deck(words, name=name, user=user) for name, words in texts.items())]
    for each in decks:
        clock.shift(1)  # the order of decks is that in which they were enrolled in
        Enrolment.objects.create(user=user, deck=each, directions=[READ])
    return decks


def started(response):
    """Return the session to which an answer leads."""
    assert response.status_code == 302
    return StudySession.objects.get(pk=response["Location"].split("/")[-2])


def ticked(response, status=200):
    """Return the values of the radios and boxes that are ticked and the options that are chosen, by name."""
    found = {}
    for name, value in re.findall(
        r'<input type="(?:radio|checkbox)" name="(\w+)" value="([^"]*)"[^>]*\bchecked', main_of(response, status)
    ):
        found.setdefault(name, []).append(value)
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', main_of(response, status), re.DOTALL):
        found[name] = re.findall(r'<option value="([^"]*)" selected>', options)
    return found


def written(response, name, status=200):
    """Return what stands in a field."""
    [field] = re.findall(rf'<input type="number" name="{name}"[^>]*>', main_of(response, status))
    return re.search(r'value="([^"]*)"', field)[1]


class TestChoice:
    def test_at_first_all_that_is_due_in_all_decks_is_chosen(self, as_user, decks):
        response = as_user.get(STUDY)
        assert ticked(response) == {
            "decks": [str(deck.pk) for deck in decks],
            "direction": [""],
            "amount": ["all"],
            "exercise": [""],
        }
        assert (written(response, "cards"), written(response, "minutes")) == ("20", "10")
        text = page(response)
        for choice in ("HSK 0", "Animals", "Trees", "Listening", "Writing", "A number of words", "A number of minutes"):
            assert choice in text

    def test_of_one_deck_there_is_no_choice(self, as_user, decks, deck):
        response = as_user.get(reverse("study-deck", args=[deck.pk]))
        assert "decks" not in ticked(response)
        assert "Animals" not in page(response)

    def test_a_session_begins_as_it_was_asked_for(self, as_user, user, decks):
        fields = {
            "decks": [decks[1].pk, decks[2].pk],
            "direction": WRITE,
            "exercise": "hanzi",
            "amount": "cards",
            "cards": "7",
            "minutes": "x",
        }
        session = started(as_user.post(STUDY, fields))
        assert (session.user, session.deck, session.chosen) == (user, None, [decks[1].pk, decks[2].pk])
        assert (session.direction, session.exercise, session.mode) == (WRITE, Exercise.HANZI, Mode.REVIEW)
        assert (session.goal_cards, session.goal_minutes) == (7, None)

    def test_minutes_and_a_quiz_over_one_deck(self, as_user, decks, deck):
        fields = {"direction": "", "exercise": "quiz", "amount": "minutes", "minutes": "15"}
        session = started(as_user.post(reverse("study-deck", args=[deck.pk]), fields))
        assert (session.deck, session.direction, session.chosen) == (deck, None, [])
        assert (session.exercise, session.mode, session.goal_minutes) == (Exercise.QUIZ, Mode.QUIZ, 15)

    def test_a_form_of_a_direction_alone_begins_one(self, as_user, decks):
        session = started(as_user.post(STUDY, {"direction": ""}))
        assert (session.direction, session.exercise, session.goal_cards, session.chosen) == (None, "", None, [])

    def test_the_same_again_goes_on(self, as_user, decks):
        fields = {"decks": [decks[1].pk], "direction": READ, "amount": "cards", "cards": "7"}
        assert started(as_user.post(STUDY, fields)) == started(as_user.post(STUDY, fields))


class TestRefusal:
    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"direction": READ, "exercise": "cloze"}, "Exercise: Chinese → English can't be asked so. Choose one of"),
            ({"direction": "sideways"}, "Direction: Select a valid choice. sideways is not one"),
            ({"exercise": "dance"}, "Exercise: Select a valid choice. dance is not one"),
            ({"amount": "cards", "cards": "0"}, "Words: Ensure this value is greater than or equal to 1."),
            ({"amount": "cards"}, "Words: Write how many."),
            ({"amount": "minutes", "minutes": "999"}, "Minutes: Ensure this value is less than or equal to 240."),
            ({"amount": "lots"}, "How much: Select a valid choice. lots is not one"),
            ({"decks": ["x"]}, "Decks: Select a valid choice. x is not one"),
        ],
    )
    def test_what_can_t_be_is_refused_and_says_why(self, as_user, decks, every_row, fields, told):
        before = every_row()
        response = as_user.post(STUDY, fields)
        assert told in page(response, 400)
        assert "<title>Error: All decks" in response.content.decode()
        assert every_row() == before

    def test_what_was_chosen_is_still_there(self, as_user, decks):
        fields = {
            "decks": [decks[1].pk],
            "direction": WRITE,
            "exercise": "hanzi",
            "amount": "minutes",
            "minutes": "999",
            "cards": "12",
        }
        response = as_user.post(STUDY, fields)
        assert ticked(response, 400) == {
            "decks": [str(decks[1].pk)],
            "direction": [WRITE],
            "amount": ["minutes"],
            "exercise": ["hanzi"],
        }
        assert (written(response, "cards", 400), written(response, "minutes", 400)) == ("12", "999")

    @pytest.mark.parametrize("whose", ["private", "public", "nobody's"])
    def test_a_deck_that_one_doesn_t_study_is_refused(self, as_user, decks, stranger, make_deck, every_row, whose):
        visibility = Visibility.PRIVATE if whose == "private" else Visibility.PUBLIC
        other = make_deck([("东", "", "dōng", "east")], name="Wang's own", user=stranger, visibility=visibility)
        before = every_row()
        chosen = NOWHERE if whose == "nobody's" else other.pk
        response = as_user.post(STUDY, {"decks": [decks[0].pk, chosen]})
        assert "Decks: Select a valid choice." in page(response, 400)
        assert "Wang's own" not in response.content.decode()
        assert every_row() == before

    def test_what_was_written_is_text(self, as_user, decks):
        evil = '"><script>alert(1)</script>'
        response = as_user.post(STUDY, {"amount": "cards", "cards": evil, "direction": evil, "decks": [evil]})
        assert "<script" not in main_of(response, 400)


class TestDeckPage:
    """How one studies a deck: the exercise of each direction."""

    @pytest.fixture
    def change(self, as_user, deck):
        """Return a function that sends the form of a deck that is studied."""

        def change(**fields):
            usual = {"directions": [READ], "new_per_day": ""}
            return as_user.post(reverse("enrol", args=[deck.pk]), usual | fields)

        return change

    def test_each_direction_has_a_choice_of_exercises(self, as_user, decks, deck):
        Enrolment.objects.filter(deck=deck).update(exercises={READ: "quiz", DRAW: "cards"})
        response = as_user.get(reverse("deck", args=[deck.pk]))
        chosen = ticked(response)
        assert {name: chosen[name] for name in chosen if name.startswith("exercise")} == {
            "exercise_chinese_to_english": ["quiz"],
            "exercise_english_to_chinese": ["cards"],
            "exercise_listening": ["cards"],
            "exercise_writing": ["cards"],
        }
        assert chosen["directions"] == [READ]

    def test_what_is_chosen_is_kept(self, change, user, decks, deck):
        response = change(
            directions=[READ, HEAR, DRAW],
            exercise_chinese_to_english="pinyin",
            exercise_listening="hanzi",
            order="frequency",
        )
        assert (response.status_code, response["Location"]) == (302, reverse("deck", args=[deck.pk]))
        enrolment = user.enrolments.get(deck=deck)
        assert (enrolment.directions, enrolment.order) == ([READ, HEAR, DRAW], Order.FREQUENCY)
        assert enrolment.exercises == {READ: "pinyin", HEAR: "hanzi"}

    def test_a_form_without_exercises_leaves_them(self, change, user, decks, deck):
        user.enrolments.filter(deck=deck).update(exercises={READ: "pinyin"}, order=Order.FREQUENCY)
        change(new_per_day="3")
        enrolment = user.enrolments.get(deck=deck)
        assert (enrolment.exercises, enrolment.order, enrolment.new_per_day) == ({READ: "pinyin"}, Order.FREQUENCY, 3)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("exercise_chinese_to_english", "cloze"),
            ("exercise_english_to_chinese", "strokes"),
            ("exercise_listening", "cloze"),
            ("exercise_writing", "pinyin"),
            ("exercise_writing", "dance"),
        ],
    )
    def test_an_exercise_that_a_direction_hasn_t_got_is_refused(self, change, decks, every_row, field, value):
        before = every_row()
        response = change(**{field: value})
        assert f"Select a valid choice. {value} is not one of the available choices." in page(response, 400)
        assert '<details class="options" open>' in main_of(response, 400)
        assert every_row() == before

    def test_it_is_asked_so_from_then_on(self, as_user, change, decks, deck):
        session = started(as_user.post(reverse("study-deck", args=[deck.pk]), {"direction": ""}))
        change(exercise_chinese_to_english="pinyin")
        assert 'data-exercise="pinyin"' in main_of(as_user.get(reverse("session", args=[session.pk])))

    def test_another_learner_s_stay_as_they_are(self, change, stranger, decks, deck):
        theirs = Enrolment.objects.create(user=stranger, deck=deck, exercises={READ: "quiz"})
        change(exercise_chinese_to_english="pinyin")
        theirs.refresh_from_db()
        assert theirs.exercises == {READ: "quiz"}


@pytest.mark.parametrize("count", [2, 4, 9])
def test_starting_takes_the_same_queries_for_any_number_of_chosen_decks(
    as_user, user, many_decks, count, django_assert_num_queries
):
    many_decks(count)
    User.objects.filter(pk=user.pk).update(last_active_at=None)
    chosen = [enrolment.deck_id for enrolment in user.enrolments.all()[1:]]
    # The log-in (2), the decks, that the learner was seen, one to go on with, how much falls due, the session.
    with django_assert_num_queries(7):
        as_user.post(STUDY, {"decks": chosen, "amount": "cards", "cards": "5"})
