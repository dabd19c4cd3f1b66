"""What a learner sends while studying."""

from datetime import timedelta

from django import forms

from study.choices import Direction, InteractionType, Rating
from study.models import Enrolment

# The directions that need neither sound nor a pen.
READING = [Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE]
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
        fields = ["directions", "new_per_day"]


class ActForm(forms.Form):
    """What a learner does with a word instead of answering it."""

    id = forms.UUIDField()
    card = forms.UUIDField()
    direction = forms.ChoiceField(choices=Direction)
    type = forms.ChoiceField(
        choices=[
            (kind.value, kind.label)
            for kind in (InteractionType.BURY, InteractionType.SUSPEND, InteractionType.MARK_KNOWN)
        ]
    )


class AnswerForm(forms.Form):
    """One graded answer; its id is made by whoever shows the card, so that a repeat is recorded once."""

    id = forms.UUIDField()
    card = forms.UUIDField()
    direction = forms.ChoiceField(choices=Direction)
    rating = forms.TypedChoiceField(choices=Rating, coerce=int)
    shown_at = forms.DateTimeField(required=False)
    reps = forms.IntegerField(min_value=0, required=False)

    def __init__(self, *args, direction=None, **kwargs):
        """Take the one direction of the session, if it has one."""
        super().__init__(*args, **kwargs)
        if direction:
            self.fields["direction"].choices = [(direction, Direction(direction).label)]

    def answer(self, at):
        """Return what the form says of the answer given at a time; the milliseconds are a minute at most."""
        data = self.cleaned_data
        shown_at = data["shown_at"]
        took = min(at - shown_at, LONGEST_ANSWER) if shown_at and shown_at <= at else None
        milliseconds = None if took is None else round(took.total_seconds() * 1000)
        return {
            "id": data["id"],
            "direction": data["direction"],
            "rating": data["rating"],
            "reps": data["reps"],
            "response_time": milliseconds,
        }
