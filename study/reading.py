"""What a learner knows of a text: its words, the share of them that they know, and which to learn first."""

import re
from collections import Counter
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Func, Max, TextField, Value

from decks.dictionary import Word, open_dictionary
from decks.models import Card
from study.choices import Mastery
from study.enrolment import decks_of
from study.progress import CardProgress
from study.pronunciation import is_hanzi

GOALS = (95, 98)  # per cent of the running words: what reading takes, and what reading with pleasure takes
LONGEST_WORD = 20
STATES = {Mastery.MASTERED: "mastered", Mastery.REVIEW: "review", Mastery.LEARNING: "learning", Mastery.NEW: "new"}
UNKNOWN, IGNORED = "unknown", "ignored"
KNOWN = ("mastered", "review")
_WORD = re.compile(r"[^\W_]+(?:[·・][^\W_]+)*")


class Token(NamedTuple):
    """A piece of a text: a word by its dictionary form, or what is no Chinese word, with none."""

    start: int
    text: str
    word: str

    @property
    def end(self):
        return self.start + len(self.text)


def dictionary():
    """Return the dictionary of this site."""
    return open_dictionary(settings.DICTIONARY_PATH)


# The words of a text


def pieces(text, cuts):
    """Return a text cut into (start, piece), as the dictionary cuts it but for the learner's own cuts."""
    bounds = {0, *accumulate(map(len, dictionary().segment(text)))}
    bounds = (bounds - set(cuts.get("together", ()))) | set(cuts.get("apart", ()))
    return [(start, text[start:end]) for start, end in pairwise(sorted(bounds))]


def recut(text, cuts, bounds, everywhere):
    """Return the cuts with words between these bounds, and in how many places they are now."""
    if not wanted(text, bounds):
        raise ValueError(f"A word has 1 to {LONGEST_WORD} characters, and no space or comma in it.")
    found = pieces(text, cuts)
    starts = {start: place for place, (start, _) in enumerate([*found, (len(text), "")])}
    if bounds[0] not in starts or bounds[-1] not in starts:
        raise ValueError("The text has been cut otherwise meanwhile. Choose the word again.")
    first, last = starts[bounds[0]], starts[bounds[-1]]
    places = alike(found, first, last) if everywhere else [first]
    apart, together = set(cuts.get("apart", ())), set(cuts.get("together", ()))
    for place in places:
        begin = found[place][0]
        new = {begin + bound - bounds[0] for bound in bounds[1:-1]}
        old = {start for start, _ in found[place + 1 : place + last - first]}
        apart, together = (apart - old) | (new - old), (together - new) | (old - new)
    own = {0, *accumulate(map(len, dictionary().segment(text)))}  # what the dictionary does by itself is no cut
    return {"apart": sorted(apart - own), "together": sorted(together & own)}, len(places)


def wanted(text, bounds):
    """Return whether these bounds cut words out of a text."""
    inside = len(bounds) > 1 and bounds[0] >= 0 and bounds[-1] <= len(text)
    return inside and all(
        0 < end - start <= LONGEST_WORD and _WORD.fullmatch(text, start, end) for start, end in pairwise(bounds)
    )


def alike(found, first, last):
    """Return the places at which the same pieces stand as from the first to the last, none within another."""
    all_pieces, size = [piece for _, piece in found], last - first
    places = []
    for start, step in ((first, 1), (first - size, -1)):
        place = start
        while 0 <= place <= len(found) - size:
            same = all_pieces[place : place + size] == all_pieces[first:last]
            places += [place] if same else []
            place += step * (size if same else 1)
    return places


# What is known of words


def states(user, words):
    """Return the state of each of these words that the learner has met, or has in a deck; one query."""
    hanzi = Func(F("word_key"), Value("|"), Value(1), function="split_part", output_field=TextField())
    words = list(words)
    memories = (
        CardProgress.objects.filter(user=user)
        .annotate(word=hanzi)
        .filter(word__in=words)
        .order_by()
        .values_list("word")
        .annotate(level=Max("mastery_level"))
    )
    cards = Card.objects.filter(deck__in=decks_of(user), hanzi__in=words).order_by()
    in_decks = cards.values_list("hanzi", Value(Mastery.NEW))
    best = {}
    for word, level in memories.union(in_decks):
        best[word] = max(level, best.get(word, level))
    return {word: STATES[level] for word, level in best.items()}


class Unknown(NamedTuple):
    """A word that the learner doesn't know yet, with how often the text has it."""

    word: str
    text: str
    start: int
    count: int
    state: str
    entry: Word | None

    @property
    def reading(self):
        """Return the reading that is written as in the text, else the first; None without an entry."""
        return read(self.entry, self.text)


class Level(NamedTuple):
    """The running words of one level, the different ones, and how many of each are known."""

    name: str
    running: int
    known: int
    distinct: int
    distinct_known: int


class Goal(NamedTuple):
    """How many words more bring a learner to a share of the running words."""

    percent: int
    words: int


class Analysis:
    """A text and what one learner knows of it; each figure is worked out when it is asked for."""

    def __init__(self, user, text, cuts=None):
        self.user = user
        self.text = text
        found = pieces(text, cuts or {})
        self.entries = {piece: dictionary().lookup(piece) for piece in {piece for _, piece in found} if is_hanzi(piece)}
        self.tokens = [Token(start, piece, self._word(piece)) for start, piece in found]
        self.counts = Counter(token.word for token in self.tokens if token.word)
        self.states = states(user, self.counts) if self.counts else {}

    def _word(self, piece):
        if piece not in self.entries:
            return ""
        entry = self.entries[piece]
        return entry.simplified if entry else piece

    def state(self, word):
        """Return what the learner knows of a word."""
        return self.states.get(word, UNKNOWN) if word else IGNORED

    @cached_property
    def running(self):
        return self.counts.total()

    @cached_property
    def known(self):
        """Return how many of the running words are known."""
        return sum(count for word, count in self.counts.items() if self.state(word) in KNOWN)

    @property
    def share(self):
        """Return the share of running words that is known, None without any."""
        return self.known / self.running if self.running else None

    @property
    def percent(self):
        """Return the share in whole per cent, never more than it is."""
        return 100 * self.known // self.running if self.running else None

    @cached_property
    def distinct_known(self):
        return sum(self.state(word) in KNOWN for word in self.counts)

    @cached_property
    def characters(self):
        """Return how many different Chinese characters there are."""
        return len({each for text in self.entries for each in text if is_hanzi(each)})

    @cached_property
    def first(self):
        """Return the first token of each word."""
        return {token.word: token for token in reversed(self.tokens) if token.word}

    @cached_property
    def levels(self):
        """Return the figures of each level of the learner's standard, those of the words in no list last."""
        standard = self.user.hsk_standard
        found = {name: [0, 0, 0, 0] for name in (*dictionary().levels(standard), "")}
        for word, count in self.counts.items():
            entry = self.entries[self.first[word].text]
            known = self.state(word) in KNOWN
            figures = found[(entry and entry.hsk[standard]) or ""]
            for place, number in enumerate((count, count * known, 1, int(known))):
                figures[place] += number
        return [Level(name, *figures) for name, figures in found.items()]

    @cached_property
    def unknown(self):
        """Return the words that are not known: those first that are frequent in the text, then in the language."""
        found = []
        for word, count in self.counts.items():
            if (state := self.state(word)) not in KNOWN:
                token = self.first[word]
                found.append(Unknown(word, token.text, token.start, count, state, self.entries[token.text]))
        return sorted(found, key=_first_to_learn)

    @cached_property
    def goals(self):
        """Return for each share to be reached how few words more do it; 0 where it is reached."""
        found = []
        for percent in GOALS:
            known, words = self.known, 0
            while 100 * known < percent * self.running:
                known += self.unknown[words].count
                words += 1
            found.append(Goal(percent, words))
        return found


def _first_to_learn(unknown):
    rank = unknown.entry.rank if unknown.entry else None
    return -unknown.count, rank is None, rank or 0, unknown.start


def read(entry, text):
    """Return the reading of an entry that is written so, else its first; None without an entry."""
    if entry is None:
        return None
    written = (each for each in entry.readings if text in (entry.simplified, each.traditional))
    return next(written, entry.readings[0])


# A word where it stands


def line_around(text, cuts, start):
    """Return the tokens of the line that has a place of a text; none behind its end."""
    if start >= len(text):
        return []
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", start)
    line = text[first : last if last >= 0 else None]
    own = {name: [at - first for at in bounds if 0 < at - first < len(line)] for name, bounds in cuts.items()}
    return [Token(first + begin, piece, word_of(piece)) for begin, piece in pieces(line, own)]


def word_of(piece):
    """Return the dictionary form of a word, "" of what is none."""
    entry = dictionary().lookup(piece) if is_hanzi(piece) else None
    return entry.simplified if entry else piece * is_hanzi(piece)


def other_cuts(text, tokens, place):
    """Return each other way to cut a word or to join it with a neighbour: the bounds, and the words between them."""
    token = tokens[place]
    found = [[token.start, at, token.end] for at in range(token.start + 1, token.end)]
    found += [[each.start, token.end] for each in tokens[max(place - 1, 0) : place]]
    found += [[token.start, each.end] for each in tokens[place + 1 : place + 2]]
    return [
        (" ".join(map(str, bounds)), [text[start:end] for start, end in pairwise(bounds)])
        for bounds in found
        if wanted(text, bounds)
    ]
