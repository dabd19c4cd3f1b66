"""What a learner asks for in a session of their own making."""

from django import forms

from study.choices import Filter, Mode
from study.filtered import MOST_DAYS_AHEAD, clean_value
from study.start_forms import DirectionForm

EVERYTHING = "all"
VALUES = {Filter.TAG: "tag", Filter.SEARCH: "text", Filter.AHEAD: "days"}  # the field that goes with a filter
DAYS = 3


class CustomForm(DirectionForm):
    """Which words, in which direction, and whether the answers count."""

    filter = forms.ChoiceField(label="Which words", widget=forms.RadioSelect)
    tag = forms.CharField(required=False, max_length=100)
    text = forms.CharField(
        label="Search", required=False, help_text="Hanzi, pinyin with or without tones, or English.", max_length=1000
    )
    days = forms.CharField(
        required=False, widget=forms.NumberInput(attrs={"min": 1, "max": MOST_DAYS_AHEAD}), initial=DAYS
    )
    cram = forms.BooleanField(label="Leave my schedule as it is", required=False)

    def __init__(self, *args, tags, **kwargs):
        """Take the tags to choose from, each with its number of words."""
        super().__init__(*args, **kwargs)
        choices = [choice for choice in Filter.choices if tags or choice[0] != Filter.TAG]
        self.fields["filter"].choices = [*choices, (EVERYTHING, "All that I have begun, due or not")]
        self.fields["tag"].widget = forms.Select(choices=[(tag, f"{tag} ({count})") for tag, count in tags])
        self.fields["cram"].help_text = "For a test tomorrow: answers move no word. So it always is with all words."

    def clean(self):
        """Refuse a value that its filter can't take; the other fields don't matter."""
        super().clean()
        kind = self.cleaned_data.get("filter")
        name = VALUES.get(kind)
        try:
            self.filter_value = clean_value(kind, self.cleaned_data.get(name) or "") if name else ""
        except ValueError as error:
            self.add_error(name, str(error))
        return self.cleaned_data

    def session(self):
        """Return what the form says of a session, as its fields take it."""
        kind = self.cleaned_data["filter"]
        cram = self.cleaned_data["cram"] or kind == EVERYTHING
        return super().session() | {
            "mode": Mode.CRAM if cram else Mode.REVIEW,
            "filter": "" if kind == EVERYTHING else kind,
            "filter_value": self.filter_value,
        }
