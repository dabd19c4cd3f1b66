"""The form by which a word of the dictionary is put into a deck."""

from django import forms
from django.db import transaction
from django.utils.html import format_html

from decks.filling import texts_of
from decks.formats.notes import Note
from decks.models import Deck


class AddForm(forms.Form):
    """Which of the learner's decks a word goes into, in which of its readings."""

    deck = forms.ModelChoiceField(
        Deck.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose a deck."},
    )
    reading = forms.TypedChoiceField(
        coerce=int, error_messages={"invalid_choice": "Choose one of the readings of this word."}
    )

    def __init__(self, *args, user, word, **kwargs):
        super().__init__(*args, **kwargs)
        self.word = word
        # The one last added to is likely meant again.
        self.fields["deck"].queryset = Deck.objects.existing().filter(user=user).order_by("-updated_at", "name")
        self.fields["reading"].choices = [
            (at, f"{each.pinyin} {each.english}") for at, each in enumerate(word.readings)
        ]

    @property
    def decks(self):
        """Return the learner's decks, read once."""
        return list(self.fields["deck"].queryset)

    @transaction.atomic
    def save(self):
        """Put the word into the deck unless it is there; return what has come of it, with a link to the deck."""
        deck = Deck.objects.select_for_update().get(pk=self.cleaned_data["deck"].pk)
        note = Note(**texts_of(self.word, self.word.readings[self.cleaned_data["reading"]]))
        there = deck.cards.filter(word_key=note.word_key).exists()
        if not there:
            deck.add([note])
        says = "{} {} was in {} already." if there else "Added {} {} to {}."
        link = format_html('<a href="{}">{}</a>', deck.get_absolute_url(), deck.name)
        return format_html(says, note.hanzi, note.pinyin, link)
