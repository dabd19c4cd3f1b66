"""A deck of words of a text, each with the sentence in which the text has it first."""

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate

from django.db import IntegrityError, transaction

from decks.filling import fill
from decks.formats.notes import Note
from decks.models import Card, Deck
from study.enrolment import decks_of
from study.models import Enrolment
from study.reading import read

LONGEST_SENTENCE = 120
_SENTENCE = re.compile(r"[^。！？!?…\n]*(?:[。！？!?…]+[”’」』\"'）)》〉]*|\n|\Z)")
_MARKS = dict(zip("。，、；：！？（）「」『』《》〈〉…—．", ".,,;:!?()“”‘’“”‘’…–.", strict=True))
_OPENING = frozenset("“‘(「『《〈（")
_CLOSING = frozenset(".,;:!?)”’…，。、；：！？）」』》〉")
_ENDS = frozenset(".!?")


class Sentences:
    """The sentences of an analysed text."""

    def __init__(self, analysis):
        self.analysis = analysis
        self._starts = [token.start for token in analysis.tokens]
        self._ends = list(accumulate(len(found) for found in _SENTENCE.findall(analysis.text)))

    def around(self, start):
        """Return the tokens of the sentence that has a word at this place; of a very long one, those around it."""
        number = bisect_right(self._ends, start)
        first, last = self._ends[number - 1] if number else 0, self._ends[number]
        if last - first > LONGEST_SENTENCE:
            half = LONGEST_SENTENCE // 2
            first, last = max(first, start - half), min(last, start + half)
        tokens = self.analysis.tokens[bisect_left(self._starts, first) : bisect_left(self._starts, last)]
        return tokens or [self.analysis.tokens[bisect_left(self._starts, start)]]

    def pinyin(self, tokens):
        """Return how a sentence is read, word by word: words apart, its beginning a capital."""
        text, capital = "", True
        for token in tokens:
            reading = read(self.analysis.entries.get(token.text), token.text)
            said = reading.pinyin if reading else _MARKS.get(token.text, token.text)
            if not said.strip():
                continue
            apart = text and said not in _CLOSING and text[-1] not in _OPENING
            text += (" " if apart else "") + (said[:1].upper() + said[1:] if capital and reading else said)
            capital = said in _ENDS or (capital and not reading)
        return text


def notes(analysis, unknown):
    """Return what makes a card of each of these words: what the dictionary has, and the text's own sentence."""
    sentences = Sentences(analysis)
    found = []
    for each in unknown:
        around = sentences.around(each.start)
        sentence = "".join(token.text for token in around).strip()
        note = Note(hanzi=each.text, sentence=sentence, sentence_pinyin=sentences.pinyin(around))
        found.append(fill(note).cleaned())
    return found


def in_decks(user, words):
    """Return the names of the learner's decks that have these words, as a mapping from the word to one of them."""
    cards = Card.objects.filter(deck__in=decks_of(user), hanzi__in=words).order_by("-deck__name")
    return dict(cards.values_list("hanzi", "deck__name"))


def make_deck(user, id, name, description, notes):
    """Return a new deck of these notes that the learner studies, and True; of a repeat, what was made first."""
    try:
        with transaction.atomic():
            deck = Deck.objects.make(user, id=id, name=name, description=description)
            deck.add(notes)
            Enrolment.objects.start(user, deck)
    except IntegrityError:
        return Deck.objects.existing().get(pk=id, user=user), False
    return deck, True
