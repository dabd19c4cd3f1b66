"""What a learner chooses before they study: words, direction, exercise and how much; and how they study a deck."""

from django import forms

from study.choices import EXERCISES, Direction, Exercise, Mode, Order
from study.models import Enrolment

ALL, CARDS, MINUTES = "all", "cards", "minutes"
USUAL_CARDS, USUAL_MINUTES = 20, 10
MOST_CARDS, MOST_MINUTES = 999, 240


class DirectionForm(forms.Form):
    """In which direction and by which exercise to study; left open, as each deck says."""

    direction = forms.ChoiceField(
        choices=[("", "Every direction of the deck"), *Direction.choices], required=False, widget=forms.RadioSelect
    )
    exercise = forms.ChoiceField(
        choices=[("", "As the deck says"), *Exercise.choices],
        required=False,
        help_text="How you answer. A word that can't be asked so is asked as a card.",
    )

    def clean_direction(self):
        return self.cleaned_data["direction"] or None

    def clean(self):
        """Refuse an exercise that a direction hasn't got."""
        super().clean()
        direction, exercise = self.cleaned_data.get("direction"), self.cleaned_data.get("exercise")
        if direction and exercise and exercise not in EXERCISES[direction]:
            fits = ", ".join(f"“{each.label}”" for each in EXERCISES[direction])
            self.add_error("exercise", f"{Direction(direction).label} can't be asked so. Choose one of {fits}.")
        return self.cleaned_data

    def session(self):
        """Return what the form says of a session, as its fields take it."""
        return {name: self.cleaned_data[name] for name in ("direction", "exercise")}


class StartForm(DirectionForm):
    """Also which of several decks, and how much; left open, all that waits."""

    decks = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    amount = forms.ChoiceField(
        label="How much",
        choices=[(ALL, "All that is due"), (CARDS, "A number of words"), (MINUTES, "A number of minutes")],
        required=False,
        widget=forms.RadioSelect,
    )
    cards = forms.IntegerField(label="Words", required=False, min_value=1, max_value=MOST_CARDS)
    minutes = forms.IntegerField(required=False, min_value=1, max_value=MOST_MINUTES)

    def __init__(self, data=None, *, decks=(), **kwargs):
        """Take the decks to choose from; one alone is no choice."""
        chosen = [str(deck.pk) for deck in decks]
        initial = {"direction": "", "amount": ALL, "cards": USUAL_CARDS, "minutes": USUAL_MINUTES, "decks": chosen}
        super().__init__(data, initial=initial, **kwargs)
        self.fields["decks"].choices = [(str(deck.pk), deck.name) for deck in decks]
        if len(decks) < 2:
            del self.fields["decks"]

    def clean(self):
        """Ask for the number that goes with the choice; the other ones don't matter."""
        super().clean()
        amount = self.cleaned_data.get("amount")
        for name in (CARDS, MINUTES):
            if amount != name:
                self.errors.pop(name, None)
                self.cleaned_data[name] = None
            elif name not in self.errors and self.cleaned_data.get(name) is None:
                self.add_error(name, "Write how many.")
        return self.cleaned_data

    def session(self):
        """Return what the form says of a session; all decks are as good as none chosen."""
        data = self.cleaned_data
        chosen = data.get("decks") or []
        if "decks" in self.fields and len(chosen) == len(self.fields["decks"].choices):
            chosen = []
        mode = Mode.QUIZ if data["exercise"] == Exercise.QUIZ else Mode.REVIEW
        goal = {"goal_cards": data[CARDS], "goal_minutes": data[MINUTES]}
        return super().session() | goal | {"mode": mode, "chosen": chosen}


class EnrolmentForm(forms.ModelForm):
    """How a learner studies one deck."""

    directions = forms.MultipleChoiceField(choices=Direction.choices, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Enrolment
        fields = ["directions", "new_per_day", "order"]
        labels = {"order": "Order of new words"}
        widgets = {"order": forms.RadioSelect(choices=Order.choices)}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["order"].required = False
        for direction, exercises in EXERCISES.items():
            self.fields[f"exercise_{direction}"] = forms.ChoiceField(
                label=f"{direction.label}: how you answer",
                choices=[(each.value, each.label) for each in exercises],
                initial=self.instance.exercises.get(direction, exercises[0]),
                required=False,
            )

    def clean_order(self):
        """Leave the order as it is where nothing is said of it."""
        return self.cleaned_data["order"] or self.instance.order

    def ways(self):
        """Return each choice of a direction with the field of its exercise."""
        return [(box, self[f"exercise_{box.data['value']}"]) for box in self["directions"]]

    def changes(self):
        """Return what the form says of the enrolment, as its fields take it; an exercise left open stays as it was."""
        data = self.cleaned_data
        exercises = {direction: data[f"exercise_{direction}"] for direction in EXERCISES}
        exercises = self.instance.exercises | {name: each for name, each in exercises.items() if each}
        return {name: data[name] for name in self.Meta.fields} | {"exercises": exercises}
