"""What a learner sends to add words to a deck."""

from urllib.parse import parse_qsl

from django import forms
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from django.utils.functional import cached_property
from uuid_utils.compat import uuid7

from decks.models import Deck
from study.adding import MOST_CHARACTERS, MOST_LINES, Paste, TooMuch
from study.word_forms import PlainText

NEW = "new"
MOST_FIELDS = 10_000  # some seven for each row


def many_fields(request):
    """Return the fields of a request that may have more of them than other pages take."""
    try:
        pairs = parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise TooManyFieldsSent(str(error)) from error
    fields = QueryDict(mutable=True)
    for name, value in pairs:
        fields.appendlist(name, value)
    return fields


class PasteForm(forms.Form):
    """Words as they were typed or pasted, and where they go."""

    text = PlainText(
        label="Words",
        strip=False,
        error_messages={"required": "Type or paste some words."},
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "none"}),
        help_text="One on a line, or several with commas between them. Pinyin and English may stand beside the hanzi.",
    )
    deck = forms.ChoiceField(label="Deck", required=False)
    name = forms.CharField(label="Name of the new deck", required=False, max_length=100)
    new = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, user, deck=None, **kwargs):
        """Take the deck where the words go, if the page is one deck's."""
        super().__init__(*args, **kwargs)
        self.user, self.deck = user, deck
        if deck:
            for name in ("deck", "name", "new"):
                del self.fields[name]
            return
        decks = [(str(pk), name) for pk, name in Deck.objects.own(user).values_list("pk", "name")]
        self.fields["deck"].choices = [*decks, (NEW, "A new deck")]
        self.fields["new"].initial = uuid7
        if not decks:
            self.fields["deck"].widget = forms.HiddenInput()
            self.fields["deck"].initial = NEW

    def clean_text(self):
        """Refuse what is more than one looks through."""
        text = self.cleaned_data["text"]
        lines = sum(1 for line in text.splitlines() if line.strip())
        if len(text) > MOST_CHARACTERS:
            raise forms.ValidationError(f"At most {MOST_CHARACTERS:,} characters: these are {len(text):,}.")
        if lines > MOST_LINES:
            raise forms.ValidationError(f"At most {MOST_LINES:,} lines at once: these are {lines:,}.")
        try:
            self.paste = Paste(text)
        except TooMuch as error:
            raise forms.ValidationError(str(error)) from error
        if not self.paste.rows:
            raise forms.ValidationError("There is no word in it.")
        return text

    def clean(self):
        """Find the deck, or the new one that isn't made yet unless this is a repeat."""
        super().clean()
        if "deck" not in self.fields or "deck" in self.errors:
            return self.cleaned_data
        chosen = self.cleaned_data.get("deck") or NEW
        self.deck = self._new_deck() if chosen == NEW else Deck.objects.own(self.user).get(pk=chosen)
        return self.cleaned_data

    def _new_deck(self):
        pk, name = self.cleaned_data.get("new") or uuid7(), self.cleaned_data.get("name")
        if not name and "name" not in self.errors:
            self.add_error("name", "Give the new deck a name.")
        made = Deck.objects.filter(pk=pk).first()
        if made and (made.user_id != self.user.pk or made.deleted_at):
            self.add_error(None, "That deck isn't there any more. Choose another one.")
        return made or Deck(pk=pk, user=self.user, name=name or "")

    @cached_property
    def placing(self):
        """The hidden fields that say where the words go."""
        return [self[name].as_hidden() for name in ("deck", "name", "new") if name in self.fields]
