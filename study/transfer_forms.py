"""What a learner says of a file that they send, or that they want."""

from django import forms
from django.core.exceptions import ValidationError

from decks.formats.columns import TARGETS
from decks.formats.records import MOST_BYTES
from decks.models import Deck
from study.imports import DUPLICATES

LONGEST_LABEL = 60
TOO_LARGE = f"The file is larger than {MOST_BYTES >> 20} MB: cut it in two."


class FileForm(forms.Form):
    """A file of cards."""

    file = forms.FileField(
        label="File",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xml,text/csv,text/plain,text/xml"}),
        error_messages={"required": "Choose a file."},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(TOO_LARGE, code="too_large")
        return file

    @property
    def too_large(self):
        """Return whether that is what is wrong with it."""
        return self.has_error("file", "too_large")


class DeckFileForm(FileForm):
    """A file of cards and the deck that it goes into: one of the learner's own or a new one."""

    deck = forms.ModelChoiceField(
        Deck.objects.none(), label="Into which deck", required=False, empty_label="A new deck", blank=True
    )
    name = forms.CharField(
        label="Name of the new deck", required=False, max_length=100, help_text="Empty: the name of the file."
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deck"].queryset = Deck.objects.existing().filter(user=user)

    def clean(self):
        wanted = super().clean()
        file = wanted.get("file")
        if file and not wanted.get("deck") and not wanted.get("name"):
            wanted["name"] = named_for(file.name)
        return wanted


def named_for(file_name):
    """Return a name for a deck of a file's cards."""
    name = "".join(letter for letter in file_name.rpartition(".")[0] or file_name if letter.isprintable())
    return name.strip()[:100] or "Imported cards"


class SettleForm(forms.Form):
    """How a file is to be taken: what each column holds, and what becomes of cards that are there already."""

    header = forms.BooleanField(label="The first line names the columns", required=False)
    duplicates = forms.ChoiceField(
        label="Cards that are in the deck already", choices=DUPLICATES, widget=forms.RadioSelect
    )
    gaps = forms.BooleanField(label="Fill what is missing from the dictionary", required=False)
    progress = forms.BooleanField(label="Take over how well you know the words", required=False)

    def __init__(self, *args, of, **kwargs):
        initial = {name: getattr(of, name) for name in ("header", "duplicates", "gaps", "progress")}
        super().__init__(*args, initial=initial, **kwargs)
        self.of = of
        table = of.table
        for at, target in enumerate(of.columns):
            name = table.names[at][:LONGEST_LABEL] if at < len(table.names) else ""
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=name or f"Column {at + 1}",
                choices=TARGETS.items(),
                required=False,
                initial=target,
            )
        if not table.delimiter or table.kind == "Anki":
            del self.fields["header"]
        if not of.summary["scores"]:
            del self.fields["progress"]

    @property
    def columns(self):
        """Return the fields that say what each column holds."""
        return [self[name] for name in self.fields if name.startswith("column_")]

    def clean(self):
        wanted = super().clean()
        columns = [wanted.get(f"column_{at}", "") for at in range(len(self.of.columns))]
        if not {"hanzi", "traditional", "english"} & set(columns):
            raise ValidationError("Say which column holds the hanzi, or at least the English.")
        wanted["columns"] = columns
        return wanted

    def settle(self):
        """Have the import follow what was said."""
        wanted, of = self.cleaned_data, self.of
        # Another first line has other columns to be told by.
        other_head = "header" in self.fields and wanted["header"] != of.header
        of.columns = None if other_head else wanted["columns"]
        for name in ("header", "duplicates", "gaps", "progress"):
            if name in self.fields:
                setattr(of, name, wanted[name])
        of.settle()
        of.save(update_fields=["columns", "header", "duplicates", "gaps", "progress", "summary"])
