"""What a learner sends while studying."""

from datetime import timedelta

from django import forms

from study import backlog
from study.acts import Act
from study.choices import Direction, InteractionType, Order, Rating
from study.log import UNGRADED
from study.models import Enrolment

# The directions that need neither sound nor a pen.
READING = [Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE]
MOST_DAYS = 36500
LONGEST_ANSWER = timedelta(minutes=1)  # whoever takes longer is away; Anki's limit, too


class StartForm(forms.Form):
    """In which direction to study; left open, every direction of the deck."""

    direction = forms.ChoiceField(
        choices=[("", "Both directions"), *((choice.value, choice.label) for choice in READING)],
        required=False,
        widget=forms.RadioSelect,
    )

    def clean_direction(self):
        return self.cleaned_data["direction"] or None


class EnrolmentForm(forms.ModelForm):
    """How a learner studies one deck."""

    directions = forms.MultipleChoiceField(
        choices=[(choice.value, choice.label) for choice in READING], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Enrolment
        fields = ["directions", "new_per_day", "order"]
        labels = {"order": "Order of new words"}
        widgets = {"order": forms.RadioSelect(choices=Order.choices)}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["order"].required = False

    def clean_order(self):
        """Leave the order as it is where nothing is said of it."""
        return self.cleaned_data["order"] or self.instance.order


class ActForm(forms.Form):
    """What a learner does with a word instead of answering it."""

    id = forms.UUIDField()
    card = forms.UUIDField()
    direction = forms.ChoiceField(choices=Direction)
    type = forms.ChoiceField(label="What to do", choices=[(kind.value, kind.label) for kind in UNGRADED])
    days = forms.IntegerField(
        label="Days from today",
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        help_text="For a day on which to ask the word, or how long you know it for.",
    )

    def clean(self):
        """Ask for the days that an act needs, and take no others."""
        wanted = super().clean()
        kind, days = wanted.get("type"), wanted.get("days")
        if "days" not in self.errors:
            if kind == InteractionType.SET_DUE and days is None:
                self.add_error("days", "Say in how many days.")
            if kind == InteractionType.MARK_KNOWN and days == 0:
                self.add_error("days", "A word that you know comes back in a day at the earliest.")
        if kind not in (InteractionType.SET_DUE, InteractionType.MARK_KNOWN):
            wanted["days"] = None
        return wanted


class AnswerForm(forms.Form):
    """One graded answer; its id is made by whoever shows the card, so that a repeat is recorded once."""

    id = forms.UUIDField()
    card = forms.UUIDField()
    direction = forms.ChoiceField(choices=Direction)
    rating = forms.TypedChoiceField(choices=Rating, coerce=int)
    shown_at = forms.DateTimeField(required=False)
    reps = forms.IntegerField(min_value=0, required=False)

    def act(self, at, session):
        """Return what the form says of the answer given at a time; the milliseconds are a minute at most."""
        data = self.cleaned_data
        shown_at = data["shown_at"]
        took = min(at - shown_at, LONGEST_ANSWER) if shown_at and shown_at <= at else None
        return Act(
            id=data["id"],
            card=data["card"],
            direction=data["direction"],
            type=InteractionType.REVIEW,
            rating=data["rating"],
            reps=data["reps"],
            response_time=None if took is None else round(took.total_seconds() * 1000),
            session=session,
        )


class PlanForm(forms.Form):
    """Over how many days to spread a backlog."""

    days = forms.IntegerField(label="Over how many days?", min_value=backlog.FEWEST_DAYS, max_value=backlog.MOST_DAYS)


class UndoSpreadForm(forms.Form):
    """Which spreading of a backlog to take back."""

    batch = forms.UUIDField(widget=forms.HiddenInput)


class SpreadForm(PlanForm, UndoSpreadForm):
    """Spread a backlog; the batch's id is made by whoever shows the plan, so that a repeat is done once."""
