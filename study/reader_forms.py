"""What a learner gives the reader: a text, a title, where its words end, and which words to make a deck of."""

from django import forms

from study.readings import LONGEST_TEXT, LONGEST_TITLE, clean, title_of

MOST_WORDS = 500  # in one deck


class CleanText(forms.CharField):
    """Text without what can't be kept."""

    def to_python(self, value):
        """Return the text as it is kept."""
        return clean(super().to_python(value))


class TitleForm(forms.Form):
    """The title of a text; without one it is the beginning of the text."""

    title = CleanText(required=False, max_length=LONGEST_TITLE)

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())


class TextForm(TitleForm):
    """A text to be read."""

    text = CleanText(
        error_messages={"required": "Paste a Chinese text."},
        widget=forms.Textarea(attrs={"rows": 10, "lang": "zh", "spellcheck": "false"}),
        help_text=f"Up to {LONGEST_TEXT:,} characters, simplified or traditional. Only you see it.",
    )
    field_order = ["text", "title"]

    def clean_text(self):
        text = self.cleaned_data["text"]
        if len(text) > LONGEST_TEXT:
            raise forms.ValidationError(
                f"At most {LONGEST_TEXT:,} characters: these are {len(text):,}. Nothing is lost: make it shorter here, "
                "and keep the rest for a second text."
            )
        return text

    def kept(self):
        """Return what is kept of the form."""
        text = self.cleaned_data["text"]
        return {"text": text, "title": self.cleaned_data["title"] or title_of(text)}


class CutForm(forms.Form):
    """The places in the text at which words begin, and the one at which the last of them ends."""

    bounds = forms.RegexField(r"^\d{1,6}( \d{1,6}){1,20}$")
    everywhere = forms.BooleanField(required=False)

    def clean_bounds(self):
        return [int(bound) for bound in self.cleaned_data["bounds"].split()]


class DeckForm(forms.Form):
    """Which of a text's words become a deck: those that are named, else the first ones that are in no deck yet."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    name = CleanText(label="Name of the deck", max_length=100)
    top = forms.IntegerField(required=False, min_value=1, max_value=MOST_WORDS)

    def __init__(self, *args, unknown, **kwargs):
        super().__init__(*args, **kwargs)
        self.unknown = unknown
        self.named = set(self.data.getlist("words")) if self.is_bound else set()

    def clean(self):
        words = [each for each in self.unknown if each.word in self.named]
        if not words and self.cleaned_data.get("top"):
            words = [each for each in self.unknown if each.state == "unknown" and each.entry]
            words = words[: self.cleaned_data["top"]]
        if not words and not self.errors:
            raise forms.ValidationError("Tick at least one word.")
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(f"At most {MOST_WORDS} words in one deck: these are {len(words)}.")
        return self.cleaned_data | {"words": words}
