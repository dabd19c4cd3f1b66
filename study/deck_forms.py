"""What a learner says of a deck of their own, and of one that somebody shares."""

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from uuid_utils.compat import uuid7

from decks.formats.notes import LONGEST_TAG, MOST_TAGS
from decks.models import Deck, DeckReport, Reason, Visibility

LONGEST_DESCRIPTION = 5000


class TagsField(forms.CharField):
    """Words between spaces or commas, each once."""

    def to_python(self, value):
        return list(dict.fromkeys(super().to_python(value).replace(",", " ").replace("，", " ").split()))

    def prepare_value(self, value):
        return " ".join(value) if isinstance(value, list) else value

    def validate(self, value):
        """Refuse more tags, or longer ones, than a deck holds."""
        super().validate(value)
        if len(value) > MOST_TAGS:
            raise ValidationError(f"At most {MOST_TAGS} tags: these are {len(value)}.")
        if any(len(tag) > LONGEST_TAG for tag in value):
            raise ValidationError(f"A tag has at most {LONGEST_TAG} characters.")

    def has_changed(self, initial, data):
        return self.to_python(data or "") != (initial or [])


class DeckForm(forms.ModelForm):
    """A deck's name, what it is, and who may see it."""

    tags = TagsField(required=False, help_text="Words to find it by, with spaces between them.")

    class Meta:
        model = Deck
        fields = ["name", "description", "tags", "visibility"]
        widgets = {
            "description": forms.Textarea({"rows": 3, "maxlength": LONGEST_DESCRIPTION}),
            "visibility": forms.RadioSelect,
        }
        labels = {"visibility": "Who can see it"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["description"].max_length = LONGEST_DESCRIPTION
        self.fields["visibility"].required = False
        self.fields["visibility"].choices = [
            (Visibility.PRIVATE, "Only you"),
            (Visibility.UNLISTED, "Whoever has the link"),
            (Visibility.PUBLIC, "Everybody: it stands in the library, with your username"),
        ]

    def clean_name(self):
        """Say what is missing: a name of spaces is none."""
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise ValidationError("Give it a name.")
        return name

    def clean_description(self):
        text = self.cleaned_data["description"]
        if len(text) > LONGEST_DESCRIPTION:
            raise ValidationError(f"At most {LONGEST_DESCRIPTION:,} characters: these are {len(text):,}.")
        return text

    def clean_visibility(self):
        return self.cleaned_data["visibility"] or self.instance.visibility


class ReportForm(forms.ModelForm):
    """What is wrong with a deck."""

    class Meta:
        model = DeckReport
        fields = ["reason", "text"]
        widgets = {"reason": forms.RadioSelect, "text": forms.Textarea({"rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = Reason.choices  # none of them empty


def new_id(given=""):
    """Return the id under which something is made: that of the form, so that what is sent twice is made once."""
    try:
        return UUID(given)
    except ValueError:
        return uuid7()
