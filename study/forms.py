"""What a learner sends while studying."""

from datetime import timedelta

from django import forms

from study import backlog
from study.acts import Act
from study.choices import Direction, InteractionType, Rating, graded_by
from study.log import UNGRADED

MOST_DAYS = 36500
LONGEST_TYPED = 200
LONGEST_ANSWER = timedelta(minutes=1)  # whoever takes longer is away; Anki's limit, too


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


class CardForm(forms.Form):
    """Which card was shown and when; the id of its answer is made by whoever shows it, so that a repeat is one."""

    id = forms.UUIDField()
    card = forms.UUIDField()
    direction = forms.ChoiceField(choices=Direction)
    shown_at = forms.DateTimeField(required=False)
    typed = forms.CharField(required=False, max_length=LONGEST_TYPED, strip=False)


class CheckForm(CardForm):
    """What was typed or chosen; `warned` is what was typed when the learner was told to look again."""

    choice = forms.CharField(required=False, max_length=100)
    warned = forms.CharField(required=False, max_length=LONGEST_TYPED, strip=False)


class AnswerForm(CardForm):
    """One graded answer; `suggested` is the grade that the program gave, if it did."""

    rating = forms.TypedChoiceField(choices=Rating, coerce=int)
    reps = forms.IntegerField(min_value=0, required=False)
    suggested = forms.TypedChoiceField(choices=Rating, coerce=int, empty_value=None, required=False)

    def act(self, at, session):
        """Return what the form says of the answer given at a time; the milliseconds are a minute at most."""
        data = self.cleaned_data
        shown_at = data["shown_at"]
        took = min(at - shown_at, LONGEST_ANSWER) if shown_at and shown_at <= at else None
        return Act(
            id=data["id"],
            card=data["card"],
            direction=data["direction"],
            type=graded_by(data["rating"], data["suggested"]),
            rating=data["rating"],
            reps=data["reps"],
            typed=data["typed"],
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
