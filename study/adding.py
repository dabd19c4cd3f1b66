"""What a learner pasted, as the cards that it will make: looked at, mended and then saved."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import Q

from decks.filling import Completed, complete, parts, with_sentence
from decks.formats.notes import Note, word_key
from decks.formats.pasted import HANZI, parse, spelt
from decks.models import Card, Deck
from study.models import Enrolment, UserStatistics

MOST_LINES = 500
MOST_CHARACTERS = 50_000
MOST_ROWS = 1000
COLUMNS = ("hanzi", "traditional", "pinyin", "english")
LONGEST_PHRASE = 4  # characters; what is longer and in no dictionary is rather a sentence
WHOLE, SPLIT = "whole", "split"


class TooMuch(ValueError):
    """A paste has more in it than is looked at in one go."""


@dataclass
class Row:
    """One card to be."""

    number: int
    line: int
    typed: Note
    completed: Completed
    note: Note
    chosen: str = ""  # the key of the choice by which the note is filled
    keep: bool = True
    cut: "Cut | None" = None
    part: bool = False  # of a line that is cut, the words of it rather than the whole
    in_deck: int = 0  # cards of the word that the deck has already
    elsewhere: list[str] = field(default_factory=list)  # the names of other decks that have it
    earlier: int = 0  # the line that has it already
    errors: dict[str, str] = field(default_factory=dict)
    changed: bool = False  # into what the learner hasn't seen

    @property
    def shown(self):
        """Whether it is not the other way to take its line."""
        return self.cut is None or (self.cut.way == SPLIT) == self.part

    @property
    def adds(self):
        """Whether it becomes a card."""
        return self.keep and self.shown

    @property
    def unknown(self):
        """Whether no dictionary has it as it stands."""
        return not self.completed.known

    @property
    def to_look_at(self):
        """Whether there is something to decide."""
        said = self.completed.reads or self.in_deck or self.earlier or self.errors
        return bool(self.completed.choices or self.unknown or said)

    def write(self, note, key, before):
        """Take what the learner wrote, and which choice they made where another one stood before.

        What was filled in for another word or reading goes, what they wrote stays. Return whether that fills in
        something that they haven't seen.
        """
        choices = {choice.key: choice for choice in self.completed.choices}
        if key in choices and key != before:
            self._fill(note, choices.get(before), choices[key])
        elif found := self._written(note, before):
            self._fill(note, choices.get(before), found)
        elif note.word_key == self.note.word_key:
            self.note = note
        else:
            filled = {name for name in COLUMNS[1:] if getattr(note, name) == getattr(self.note, name)}
            filled -= {name for name in filled if getattr(self.typed, name)}
            self.completed = complete(replace(note, **dict.fromkeys(filled, "")))
            self.note, self.chosen = self.completed.note, first_key(self.completed)
        self.changed = self.note != note and key == before
        return self.changed

    def _written(self, note, before):
        """Return the choice that a learner has written out, the one made before rather than another one alike."""
        alike = [each for each in self.completed.choices if word_key(each.hanzi, each.pinyin) == note.word_key]
        alike = alike or [each for each in self.completed.choices if each.hanzi == note.hanzi != self.note.hanzi]
        return next((each for each in alike if each.key == before), alike[0] if alike else None)

    def _fill(self, note, old, new):
        """Fill by a choice what still stands as an earlier one had it."""
        untouched = {name for name in COLUMNS if getattr(note, name) == getattr(old, name, "")}
        self.note = replace(note, **{name: getattr(new, name) for name in untouched})
        self.chosen = new.key


@dataclass
class Cut:
    """A line without an entry: one card as it was typed, or one for each of its words."""

    name: str
    text: str
    words: list[str]
    way: str


def is_phrase(typed):
    """Return whether hanzi without an entry are rather one card than a sentence."""
    short = len(typed.hanzi) <= LONGEST_PHRASE and all(map(HANZI.match, typed.hanzi))
    return bool(typed.pinyin or typed.english or short)


def first_key(completed):
    """Return the key of the choice by which a note was filled first."""
    return completed.choices[0].key if completed.choices else ""


class Paste:
    """A pasted text as rows, in the order of its lines."""

    def __init__(self, text):
        """Take the text apart; raise `TooMuch` if there is more in it than fits a page."""
        self.rows = []
        self.cuts = []
        for line in parse(text):
            for typed in line.words:
                self._take(line.number, typed.cleaned())
                if len(self.rows) > MOST_ROWS:
                    raise TooMuch(f"At most {MOST_ROWS:,} words at once: paste it in parts.")

    def _take(self, line, typed):
        completed = complete(typed)
        words = [] if completed.known else parts(typed.hanzi)
        if len(words) < 2:
            self._row(line, typed, completed)
            return
        cut = Cut(f"cut-{len(self.cuts)}", typed.hanzi, words, WHOLE if is_phrase(typed) else SPLIT)
        self.cuts.append(cut)
        self._row(line, typed, completed, cut=cut)
        for word in words:
            self._row(line, Note(hanzi=word), complete(Note(hanzi=word)), cut=cut, part=True)

    def _row(self, line, typed, completed, **of_cut):
        note = completed.note
        keep = bool(HANZI.search(note.hanzi))
        self.rows.append(Row(len(self.rows), line, typed, completed, note, first_key(completed), keep, **of_cut))

    def compare(self, user, deck):
        """Tell of each row what has its word already: the deck, other decks that the learner knows, an earlier line."""
        keys = {row.note.word_key for row in self.rows} - {None}
        here = deck_words(deck, keys)
        others = other_decks(user, deck, keys)
        first = {}
        for row in self.rows:
            key = row.note.word_key
            row.in_deck, row.elsewhere = here[key], others[key]
            row.earlier = first.get(key, 0) if row.shown else 0
            if key and row.shown:
                first.setdefault(key, row.line)

    def leave_out_known(self, rows):
        """Leave out, of some rows, what the deck or an earlier line has; the learner may say otherwise."""
        for row in rows:
            row.keep = row.keep and not row.in_deck and not row.earlier

    @property
    def blocks(self):
        """The rows line by line, those of a line that may be cut together."""
        found = []
        for row in self.rows:
            if row.cut is None:
                found.append({"row": row})
            elif row.part:
                found[-1]["parts"].append(row)
            else:
                found.append({"cut": row.cut, "whole": row, "parts": []})
        return found

    def mend(self, data):
        """Take what the learner changed; return how many words became something that they haven't seen yet.

        A page of other rows than these, of a dictionary that has changed meanwhile, is a `ValueError`.
        """
        columns = [data.getlist(name) for name in COLUMNS]
        if any(len(column) != len(self.rows) for column in columns):
            raise ValueError("These are the words of another text.")
        for cut in self.cuts:
            cut.way = data.get(cut.name) if data.get(cut.name) in (WHOLE, SPLIT) else cut.way
        kept = set(data.getlist("keep"))
        unseen = 0
        for row, *texts in zip(self.rows, *columns, strict=True):
            row.keep = str(row.number) in kept
            chosen = (data.get(f"{name}-{row.number}", "") for name in ("reading", "was"))
            unseen += row.write(note_of(*texts), *chosen) and row.adds
        return unseen

    def check(self):
        """Note each row's errors, and return whether there are none."""
        for row in self.rows:
            row.errors = problems(row.note) if row.adds else {}
        return not any(row.errors for row in self.rows)

    @property
    def adding(self):
        """The rows that become cards."""
        return [row for row in self.rows if row.adds]


def note_of(hanzi, traditional, pinyin, english):
    """Return the texts of a row as a note, its pinyin with marks and its line breaks plain."""
    return Note(hanzi, traditional, spelt(pinyin), english.replace("\r\n", "\n")).cleaned()


def problems(note):
    """Return why a row can be no card, by column."""
    without_hanzi = {} if note.hanzi else {"hanzi": "Write the word in hanzi, or leave it out."}
    return note.problems() | without_hanzi


def deck_words(deck, keys):
    """Return how many cards of each word a deck has."""
    found = Card.objects.filter(deck=deck.pk, word_key__in=keys).values_list("word_key", flat=True)
    return Counter(found)


def other_decks(user, deck, keys):
    """Return the names of the other decks, the learner's own and those that they study, that have each word."""
    known = Deck.objects.visible_to(user).filter(Q(user=user) | Q(enrolments__user=user)).exclude(pk=deck.pk)
    found = Card.objects.filter(word_key__in=keys, deck__in=known.values("pk"))
    names = defaultdict(list)
    for key, name in found.values_list("word_key", "deck__name").distinct().order_by("deck__name"):
        names[key].append(name)
    return names


@transaction.atomic
def save(user, deck, rows, seen):
    """Make the cards of some rows, and return how many there are; the learner studies the deck from now on.

    `seen` is how many cards of a word the deck had when the learner decided to add it. What is more by now came by the
    same page, sent twice, and isn't added again.
    """
    UserStatistics.objects.touch(user)  # so a repeat waits for this one, and then sees its deck
    mine = Deck.objects.filter(pk=deck.pk, user=user).first()
    deck = mine or Deck.objects.make(user, pk=deck.pk, name=deck.name)
    Enrolment.objects.start(user, deck)
    # The lock on the row makes a repeat wait for this one, and then see its cards.
    Deck.objects.select_for_update().get(pk=deck.pk)
    there = deck_words(deck, {row.note.word_key for row in rows})
    wanted = Counter(seen)
    notes = []
    for row in rows:
        key = row.note.word_key
        wanted[key] += 1
        if there[key] < wanted[key]:
            there[key] += 1
            notes.append(with_sentence(row.note))
    deck.add(notes)
    return len(notes)
