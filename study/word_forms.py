"""What a learner writes about a word."""

from django import forms

from study.notes import LONGEST_NOTE


class PlainText(forms.CharField):
    """Text whose line breaks count as one character each, as the browser counts them."""

    def to_python(self, value):
        """Return the text with plain line breaks."""
        return super().to_python(value).replace("\r\n", "\n")


class NoteForm(forms.Form):
    """A note of the learner's own; without text it is deleted."""

    text = PlainText(
        label="Your note",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What helps you to tell it from others: a picture, a story, a phrase. Only you see it.",
    )
