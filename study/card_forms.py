"""What a learner writes on a card, which cards they look for, and what they do with many."""

from django import forms

from decks.formats.notes import LONGEST, TEXTS, Note
from decks.models import MOST_CARDS
from study.browse import FIRST_SORT, SORTS
from study.search import DIRECTIONS, quoted
from study.search import LONGEST as LONGEST_QUERY
from study.word_forms import PlainText

SAME_WORD, OTHER_WORD = "same", "other"
SHORT = ("hanzi", "traditional", "pinyin")
LANGUAGES = {"hanzi": "zh-Hans", "traditional": "zh-Hant", "pinyin": "zh-Latn-pinyin", "sentence": "zh-Hans"} | {
    "sentence_pinyin": "zh-Latn-pinyin"
}
LABELS = {
    "hanzi": "Hanzi",
    "traditional": "Traditional",
    "pinyin": "Pinyin",
    "english": "English",
    "sentence": "Example sentence",
    "sentence_pinyin": "Its pinyin",
    "sentence_translation": "Its translation",
    "notes": "Notes",
}


def text_field(name):
    """Return the field of one of a card's texts."""
    attrs = {"lang": LANGUAGES[name]} if name in LANGUAGES else {}
    attrs |= {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"} if name in SHORT else {"rows": 2}
    widget = forms.TextInput(attrs) if name in SHORT else forms.Textarea(attrs)
    return PlainText(label=LABELS[name], required=False, max_length=LONGEST[name], widget=widget)


class TextsForm(forms.Form):
    """All that is written on a card."""

    hanzi, traditional, pinyin, english, sentence, sentence_pinyin, sentence_translation, notes = map(text_field, TEXTS)
    tags = forms.CharField(required=False, max_length=6000, help_text="Spaces between them; food::fruit is below food.")

    def clean(self):
        """Say of each text why it can't be on a card."""
        data = super().clean()
        texts = {name: data.get(name, "") for name in TEXTS}
        self.note = Note(**texts, tags=tuple(data.get("tags", "").split())).cleaned()
        for name, problem in self.note.problems().items():
            if name not in self.errors:
                self.add_error(name, problem)
        return data


class NewCardForm(TextsForm):
    """A card to be; the dictionary may say what is left out."""

    fill = forms.BooleanField(
        label="Take what I leave out from the dictionary", required=False, initial=True, label_suffix=""
    )


class EditForm(TextsForm):
    """A card's texts, changed; `version` says from which ones, `word` whether other hanzi are the same word."""

    version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    word = forms.ChoiceField(
        label="Is it still the same word?",
        required=False,
        choices=[
            (SAME_WORD, "The same word: keep what I know of it"),
            (OTHER_WORD, "Another word: begin it anew"),
        ],
        widget=forms.RadioSelect,
    )
    asks = False  # whether `word` is shown

    @classmethod
    def of(cls, card):
        """Return the form with the texts of a card."""
        texts = {name: getattr(card, name) for name in TEXTS}
        return cls(initial=texts | {"tags": " ".join(card.tags), "version": card.updated_at.isoformat()})

    def ask(self):
        """Ask whether it is the same word."""
        self.asks = True
        self.add_error("word", "The hanzi are others now. Say whether it is the same word.")

    def take_version(self, card):
        """Let the form be sent again over the card as it is."""
        self.data = self.data.copy()
        self.data["version"] = card.updated_at.isoformat()


def choices(*pairs):
    """Return the choices of a filter, of which none need be made."""
    return [("", "Any"), *pairs]


class FilterForm(forms.Form):
    """A search and its order, with filters that come to be a part of the search."""

    q = forms.CharField(required=False, max_length=None, strip=False)
    state = forms.ChoiceField(
        label="What you know of it",
        required=False,
        choices=choices(
            ("is:new", "New"),
            ("is:learn", "Learning"),
            ("is:review", "Review"),
            ("is:mastered", "Mastered"),
            ("is:due", "Due"),
            ("is:suspended", "Suspended"),
            ("is:buried", "Not today"),
            ("is:leech", "Doesn’t stick"),
        ),
    )
    direction = forms.ChoiceField(
        required=False,
        choices=choices(
            ("chinese", "Chinese → English"),
            ("english", "English → Chinese"),
            ("listening", "Listening"),
            ("writing", "Writing"),
        ),
    )
    tag = forms.CharField(required=False, max_length=LONGEST_QUERY)
    sort = forms.ChoiceField(
        label="Order", required=False, choices=[(name, sort.label) for name, sort in SORTS.items()]
    )
    backwards = forms.BooleanField(label="The other way round", required=False)

    FILTERS = ("state", "direction", "tag", "backwards")

    @property
    def is_to_be_put(self):
        """Return whether there is more in it than a search and an order."""
        return any(self.data.get(name) for name in self.FILTERS)

    def put(self):
        """Return the search with the filters in it, and the order's name."""
        data, query = self.data, self.data.get("q", "").strip()
        asked = dict.fromkeys(DIRECTIONS)
        more = [data["state"]] if data.get("state") in dict(self.fields["state"].choices) else []
        more += [f"dir:{data['direction']}"] if data.get("direction") in asked else []
        more += [f"tag:{quoted(tag)}" for tag in data.get("tag", "").split()]
        more = [each for each in more if each and each not in query.split()]
        if more and " or " in f" {query.lower()} ":
            query = f"({query})"
        sort = data.get("sort") or FIRST_SORT
        return " ".join(filter(None, [query, *more])), f"-{sort}" if data.get("backwards") else sort


class ManyForm(forms.Form):
    """What to do with many cards: those named, or all that a search finds; `sure` that they may be lost."""

    do = forms.ChoiceField(
        choices=[
            (name, name)
            for name in ("tag", "untag", "move", "place", "suspend", "unsuspend", "reset", "export", "delete")
        ]
    )
    every = forms.BooleanField(required=False)
    deck = forms.UUIDField(required=False)
    q = forms.CharField(required=False, max_length=LONGEST_QUERY, strip=False)
    tags = forms.CharField(required=False, max_length=500)
    to = forms.UUIDField(required=False)
    place = forms.IntegerField(required=False, min_value=1, max_value=MOST_CARDS)
    sure = forms.BooleanField(required=False)

    card = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    def clean_card(self):
        """Return the ids of the cards."""
        return [forms.UUIDField().clean(each) for each in self.cleaned_data["card"] or []]

    def clean(self):
        """Ask for what an act takes."""
        data = super().clean()
        if data.get("do") in ("tag", "untag"):
            note = Note(english="x", tags=tuple(data.get("tags", "").split())).cleaned()
            data["tags"] = note.tags
            if not note.tags:
                self.add_error("tags", "Write which tags.")
            elif problem := note.problems().get("tags"):
                self.add_error("tags", problem)
        if data.get("do") == "move" and not data.get("to") and "to" not in self.errors:
            self.add_error("to", "Choose a deck.")
        if data.get("do") == "place":
            if not data.get("deck"):
                self.add_error("deck", "Choose cards in the list of their deck.")
            if not data.get("place") and "place" not in self.errors:
                self.add_error("place", "Write a place: 1 is the first one.")
        if not data.get("card") and not data.get("every") and "card" not in self.errors:
            self.add_error("card", "Choose cards first.")
        return data
