"""The form of a learner's settings."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.html import format_html

from accounts.forms import TimeZoneField
from accounts.models import HanziFont, HskStandard, Phonetic, Script, StrokeLeniency, ToneColours, ToneColoursOn, User
from study.models import UserStatistics

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
STEP = re.compile(r"(\d{1,6})([smhd])")
LONGEST_STEP = 30 * SECONDS["d"]
MOST_STEPS = 10
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class StepsField(forms.CharField):
    """Times until a word is asked again, typed as "1m 10m": a list of seconds."""

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=100, **kwargs)
        self.widget.attrs |= {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}

    def prepare_value(self, value):
        return value if isinstance(value, str | None) else " ".join(map(written, value))

    def to_python(self, value):
        texts = super().to_python(value).lower().replace(",", " ").split()
        if len(texts) > MOST_STEPS:
            raise ValidationError(f"{len(texts)} steps are too many: {MOST_STEPS} at most.", code="many")
        return [self._seconds(text) for text in texts]

    @staticmethod
    def _seconds(text):
        match = STEP.fullmatch(text)
        if not match:
            raise ValidationError(f"“{text}” is no time: write 30s, 1m, 2h or 1d, with spaces between.", code="time")
        seconds = int(match[1]) * SECONDS[match[2]]
        if not 1 <= seconds <= LONGEST_STEP:
            raise ValidationError(f"“{text}” won't do: a step takes from 1 second to 30 days.", code="length")
        return seconds

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != data


def written(seconds):
    """Return seconds as they are typed, in the longest unit that fits: "90s", "10m", "1d"."""
    unit = next(unit for unit in "dhms" if seconds % SECONDS[unit] == 0)
    return f"{seconds // SECONDS[unit]}{unit}"


class SettingsForm(forms.ModelForm):
    """How a learner wants to study; nothing else of their row is written."""

    learning_steps = StepsField(
        label="Steps of a new word",
        help_text="How long until it is asked again, step by step, on its way to reviews days apart: 1m 10m is"
        " a minute, then ten. Empty: it goes to days at once.",
    )
    relearning_steps = StepsField(
        label="Steps of a forgotten word", help_text="The same for a word that you forgot. Empty: back to days at once."
    )
    easy_days = forms.TypedMultipleChoiceField(
        label="Easy days",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="On these weekdays you get few reviews: new dates go to the days around them where they can.",
    )
    time_zone = TimeZoneField(help_text="Your days of study are counted in it.")
    day_starts_at = forms.TypedChoiceField(
        label="A new day begins at",
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        help_text=User._meta.get_field("day_starts_at").help_text,
    )

    class Meta:
        model = User
        fields = [
            "desired_retention",
            "new_per_day",
            "reviews_per_day",
            "learning_steps",
            "relearning_steps",
            "easy_days",
            "script",
            "both_scripts",
            "hanzi_font",
            "phonetic",
            "tone_change",
            "tone_colours",
            "tone_colours_on",
            "hsk_standard",
            "sound_on_reveal",
            "stroke_leniency",
            "time_zone",
            "day_starts_at",
        ]
        labels = {
            "new_per_day": "New words a day",
            "reviews_per_day": "Reviews a day",
            "desired_retention": "Share of words to remember",
            "script": "Characters shown first",
            "both_scripts": "Show the other script beside it",
            "hanzi_font": "Typeface of the characters",
            "phonetic": "Pronunciation",
            "tone_change": "Show tones as they are spoken",
            "tone_colours": "Tone colours",
            "tone_colours_on": "What is coloured",
            "hsk_standard": "HSK levels",
            "sound_on_reveal": "Say the word when the answer is shown",
            "stroke_leniency": "Strokes in writing",
        }
        help_texts = {
            "new_per_day": "At most this many over all decks; each brings about ten reviews in its first months.",
            "reviews_per_day": "At most this many over all decks; the rest waits until tomorrow.",
            "desired_retention": "From 0.70 to 0.97. At 0.90 you recall nine words of ten when they come up;"
            " a higher share means more reviews.",
            "script": "Simplified as in mainland China and Singapore, or traditional as in Taiwan and Hong Kong.",
            "both_scripts": "Smaller, and only where the two differ.",
            "hanzi_font": "Kai is how they look when written by hand; it helps if you learn to write.",
            "phonetic": "How the sound of a word is written: in Latin letters, or in zhuyin as in Taiwan.",
            "tone_change": format_html(
                '<span lang="zh">{}</span>, <span lang="zh">{}</span> and third tones change before some others.'
                " The dictionary's tones are told beneath.",
                *("一", "不"),
            ),
            "tone_colours": "Each tone in a colour of its own, first to fourth and neutral.",
            "tone_colours_on": "A word that is asked gets its colours with the answer: they would tell its tones.",
            "hsk_standard": "Which list of words the level beside a word is from.",
            "sound_on_reveal": "Where there is a recording, or your device has a Chinese voice.",
            "stroke_leniency": "How closely a stroke must follow the model's when you draw a word.",
        }
        widgets = {
            "desired_retention": forms.NumberInput(attrs={"step": "0.01", "min": "0.7", "max": "0.97"}),
            "script": forms.RadioSelect(choices=Script.choices),
            "phonetic": forms.RadioSelect(choices=Phonetic.choices),
            "hanzi_font": forms.RadioSelect(choices=HanziFont.choices),
            "tone_colours": forms.RadioSelect(choices=ToneColours.choices),
            "tone_colours_on": forms.RadioSelect(choices=ToneColoursOn.choices),
            "hsk_standard": forms.RadioSelect(choices=HskStandard.choices),
            "stroke_leniency": forms.RadioSelect(choices=StrokeLeniency.choices),
        }

    def clean_easy_days(self):
        days = sorted(self.cleaned_data["easy_days"])
        if len(days) == len(WEEKDAYS):
            raise ValidationError("Leave at least one day for the reviews.", code="every_day")
        return days

    @transaction.atomic
    def save(self):
        """Write these settings only: the rest of the row may have changed meanwhile."""
        # First, as whoever records an act does: what waits in a session was chosen by the settings before.
        UserStatistics.objects.touch(self.instance)
        self.instance.save(update_fields=self._meta.fields)
        return self.instance
