"""What a learner chooses before they study, as the forms understand it."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from study.choices import EXERCISES, Direction, Exercise, Mode, Order, graded_by
from study.models import Enrolment
from study.start_forms import MOST_CARDS, MOST_MINUTES, EnrolmentForm, StartForm

READ, WRITE, HEAR, DRAW = Direction
DECKS = [SimpleNamespace(pk=UUID(int=number), name=f"Deck {number}") for number in range(3)]
FIRST, SECOND, THIRD = (str(deck.pk) for deck in DECKS)


def session(**data):
    """Return what a form that is filled in says of a session."""
    form = StartForm(data, decks=DECKS)
    assert form.errors == {}
    return form.session()


def errors(**data):
    form = StartForm(data, decks=DECKS)
    form.is_valid()
    return {name: list(found) for name, found in form.errors.items()}


class TestStartForm:
    NOTHING = {
        "direction": None,
        "exercise": "",
        "mode": Mode.REVIEW,
        "goal_cards": None,
        "goal_minutes": None,
        "chosen": [],
    }

    def test_left_open_it_is_all_that_waits(self):
        assert session() == self.NOTHING
        assert session(direction="", exercise="", amount="all") == self.NOTHING

    @pytest.mark.parametrize("direction", Direction)
    def test_a_direction_with_each_of_its_exercises(self, direction):
        for exercise in EXERCISES[direction]:
            found = session(direction=direction, exercise=exercise)
            mode = Mode.QUIZ if exercise == Exercise.QUIZ else Mode.REVIEW
            assert found == self.NOTHING | {"direction": direction, "exercise": exercise, "mode": mode}

    @pytest.mark.parametrize("direction", Direction)
    def test_an_exercise_that_a_direction_hasn_t_got_is_refused_with_those_that_it_has(self, direction):
        for exercise in set(Exercise) - set(EXERCISES[direction]):
            fits = ", ".join(f"“{each.label}”" for each in EXERCISES[direction])
            told = f"{direction.label} can't be asked so. Choose one of {fits}."
            assert errors(direction=direction, exercise=exercise) == {"exercise": [told]}

    @pytest.mark.parametrize("exercise", Exercise)
    def test_any_exercise_goes_with_every_direction(self, exercise):
        assert session(exercise=exercise)["exercise"] == exercise

    @pytest.mark.parametrize(
        ("data", "goal"),
        [
            ({"amount": "cards", "cards": "20"}, (20, None)),
            ({"amount": "cards", "cards": "1"}, (1, None)),
            ({"amount": "cards", "cards": str(MOST_CARDS)}, (999, None)),
            ({"amount": "minutes", "minutes": "10"}, (None, 10)),
            ({"amount": "minutes", "minutes": str(MOST_MINUTES)}, (None, 240)),
            # The number that doesn't go with the choice doesn't matter, be it what it may.
            ({"amount": "cards", "cards": "5", "minutes": "x"}, (5, None)),
            ({"amount": "minutes", "cards": "-3", "minutes": "5"}, (None, 5)),
            ({"amount": "all", "cards": "20", "minutes": "10"}, (None, None)),
            ({"amount": "", "cards": "99999", "minutes": "0"}, (None, None)),
        ],
    )
    def test_how_much(self, data, goal):
        found = session(**data)
        assert (found["goal_cards"], found["goal_minutes"]) == goal

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            ({"amount": "cards"}, {"cards": ["Write how many."]}),
            ({"amount": "cards", "cards": ""}, {"cards": ["Write how many."]}),
            ({"amount": "minutes", "cards": "5"}, {"minutes": ["Write how many."]}),
            ({"amount": "cards", "cards": "0"}, {"cards": ["Ensure this value is greater than or equal to 1."]}),
            ({"amount": "cards", "cards": "1000"}, {"cards": ["Ensure this value is less than or equal to 999."]}),
            ({"amount": "cards", "cards": "many"}, {"cards": ["Enter a whole number."]}),
            ({"amount": "cards", "cards": "1.5"}, {"cards": ["Enter a whole number."]}),
            ({"amount": "minutes", "minutes": "241"}, {"minutes": ["Ensure this value is less than or equal to 240."]}),
            ({"amount": "minutes", "minutes": "-1"}, {"minutes": ["Ensure this value is greater than or equal to 1."]}),
            ({"amount": "hours"}, {"amount": ["Select a valid choice. hours is not one of the available choices."]}),
        ],
    )
    def test_a_number_that_can_t_be_is_refused(self, data, told):
        assert errors(**data) == told

    def test_some_decks_are_kept_and_all_are_as_good_as_none(self):
        assert session(decks=[FIRST, THIRD])["chosen"] == [FIRST, THIRD]
        assert session(decks=[FIRST, SECOND, THIRD])["chosen"] == []
        assert session(decks=[])["chosen"] == []

    def test_another_deck_is_refused(self):
        other = str(UUID(int=99))
        told = f"Select a valid choice. {other} is not one of the available choices."
        assert errors(decks=[FIRST, other]) == {"decks": [told]}
        assert errors(decks=["x"]) == {"decks": ["Select a valid choice. x is not one of the available choices."]}

    @pytest.mark.parametrize("decks", [[], DECKS[:1]])
    def test_one_deck_alone_is_no_choice(self, decks):
        form = StartForm({"decks": [SECOND]}, decks=decks)
        assert "decks" not in form.fields
        assert form.is_valid()
        assert form.session()["chosen"] == []

    def test_at_first_all_decks_and_all_that_is_due_are_chosen(self):
        form = StartForm(decks=DECKS)
        found = {name: form[name].value() for name in ("decks", "amount", "cards", "minutes", "direction", "exercise")}
        assert found == {
            "decks": [FIRST, SECOND, THIRD],
            "amount": "all",
            "cards": 20,
            "minutes": 10,
            "direction": "",
            "exercise": None,
        }

    def test_several_mistakes_are_told_at_once(self):
        found = errors(direction=READ, exercise="cloze", amount="cards", cards="0", decks=["x"])
        assert set(found) == {"exercise", "cards", "decks"}


@pytest.mark.django_db
class TestEnrolmentForm:
    def form(self, exercises=(), **data):
        enrolment = Enrolment(exercises=dict(exercises), order=Order.FREQUENCY)
        return EnrolmentForm({"directions": [READ], "new_per_day": "", **data}, instance=enrolment)

    def test_each_direction_has_a_field_with_its_exercises(self):
        ways = EnrolmentForm(instance=Enrolment()).ways()
        found = {box.data["value"]: [value for value, _ in field.field.choices] for box, field in ways}
        assert found == {direction: list(exercises) for direction, exercises in EXERCISES.items()}

    def test_at_first_it_is_the_first_one_else_what_was_chosen(self):
        ways = EnrolmentForm(instance=Enrolment(exercises={READ: "quiz"})).ways()
        assert [field.value() for _, field in ways] == ["quiz", "cards", "cards", "strokes"]

    def test_what_is_chosen_is_changed_and_the_rest_kept(self):
        form = self.form({READ: "pinyin", WRITE: "cloze"}, exercise_chinese_to_english="quiz", exercise_writing="cards")
        assert form.is_valid()
        assert form.changes()["exercises"] == {READ: "quiz", WRITE: "cloze", DRAW: "cards"}

    def test_without_any_all_stays_as_it_was(self):
        form = self.form({READ: "pinyin"})
        assert form.is_valid()
        assert form.changes() == {
            "directions": [READ],
            "new_per_day": None,
            "order": Order.FREQUENCY,
            "exercises": {READ: "pinyin"},
        }

    @pytest.mark.parametrize("direction", Direction)
    def test_one_that_the_direction_hasn_t_got_is_refused(self, direction):
        for exercise in {*Exercise, "dance"} - set(EXERCISES[direction]):
            form = self.form(**{f"exercise_{direction}": exercise})
            told = f"Select a valid choice. {exercise} is not one of the available choices."
            assert form.errors == {f"exercise_{direction}": [told]}


@pytest.mark.parametrize(
    ("rating", "suggested", "kind"),
    [
        (3, 3, "quiz_correct"),
        (1, 1, "quiz_incorrect"),
        (2, 2, "review"),
        (4, 4, "review"),
        (3, 1, "review"),
        (1, 3, "review"),
        (4, 3, "review"),
        (3, None, "review"),
        (1, None, "review"),
    ],
)
def test_a_grade_is_the_program_s_where_the_learner_left_it_at_that(rating, suggested, kind):
    assert graded_by(rating, suggested) == kind
