"""Words that stand beside the right one in a quiz: like it, and never a second right answer.

Like it in level (of HSK, else in how frequent it is), in kind (see `glosses.kind`) and in length, of the word and of
its gloss. Never right, too: no word that shares a sense with it in any of either's readings (see `glosses`), that is
spoken like it, that has one of its characters or is mentioned by its entry; kin in meaning are often kin in writing.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from decks.dictionary import LEVELS, open_dictionary
from decks.dictionary.gist import is_surname, is_uncommon, refers
from decks.dictionary.glosses import KINDS_LIKE, kind, meanings, mentions, shown, synonyms, with_synonyms
from decks.dictionary.pinyin import toned

WANTED = 3
MOST_IN_POOL = 700
MOST_TRIED = 24  # of the words that are alike in one way
COMMON = 12_000  # by rank; the words whose entries say which glosses are synonyms
RANKS = [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000]  # words between two of them are of like frequency
# Endings of nouns: two words that have no other character in common may mean quite different things.
EMPTY = frozenset("子儿头兒頭")
ANY = 20  # times as long: as good as any length


@dataclass(frozen=True, slots=True)
class Known:
    """A word with what it is compared by; the text is what a choice shows of its English."""

    hanzi: str
    traditional: str
    pinyin: str
    english: str
    text: str
    kind: str
    # Tuples, since they are smaller than sets and thousands are kept.
    stems: tuple[str, ...]
    sounds: tuple[str, ...]
    mentions: tuple[str, ...]

    @property
    def characters(self):
        return set(self.hanzi + self.traditional) - EMPTY

    @property
    def names(self):
        """Return how the word is written, in both scripts if it is known how."""
        return {self.hanzi, self.traditional} - {""}


@lru_cache(maxsize=2_000)
def known(path, hanzi, traditional, pinyin, english):
    """Return the word of a card with what the dictionary says of it, if it has it."""
    return known_word(open_dictionary(path).lookup(hanzi or traditional), hanzi, traditional, pinyin, english)


def known_word(word, hanzi, traditional, pinyin, english):
    """Return a word in the texts of a card; `word` is the dictionary's, or None."""
    readings = word.readings if word else ()
    senses = [sense for reading in readings for sense in reading.senses]
    heard_as = {heard(each) for each in (pinyin, *(reading.pinyin for reading in readings))}
    measured = any(reading.measure_words for reading in readings[:1])
    return Known(
        hanzi,
        traditional,
        pinyin,
        english,
        text=shown(english),
        kind=kind(hanzi, english, measured),
        stems=tuple(meanings([english, *senses])),
        sounds=tuple(heard_as - {""}),
        mentions=tuple(mentions(senses)),
    )


@lru_cache(maxsize=2_000)
def heard(pinyin):
    """Return pinyin with marks as it sounds: the first of two third tones is a second."""
    parts = [(unicodedata.normalize("NFD", text.lower()), tone) for text, tone in toned(pinyin) if tone]
    following = [tone for _, tone in [*parts, ("", 0)]][1:]
    return "".join(
        text.replace("\u030c", "\u0301") if tone == after == 3 else text
        for (text, tone), after in zip(parts, following, strict=True)
    )


class Pool:
    """Words to choose from, by kind and length."""

    def __init__(self, words):
        lots = defaultdict(list)
        for word in words:
            if word.text and word.hanzi and word.stems:
                lots[word.kind, len(word.hanzi)].append(word)
        self.lots = {}
        for (sort, length), lot in lots.items():
            lot.sort(key=lambda word: (len(word.text), word.hanzi))
            self.lots.setdefault(sort, {})[length] = ([len(word.text) for word in lot], lot)

    def like(self, kinds, lengths, least, most):
        """Return the words of some kinds, lengths (None: any) and lengths of the gloss."""
        found = []
        for sort in kinds:
            for length, (sizes, lot) in self.lots.get(sort, {}).items():
                if lengths is None or length in lengths:
                    found += lot[bisect_left(sizes, least) : bisect_right(sizes, most)]
        return found


def of_words(words):
    """Return a pool of the dictionary's words in the reading to learn, of so many an even share."""
    found = [word for word in words if fit(word)]
    step = -(-len(found) // MOST_IN_POOL) or 1
    firsts = [(word, word.readings[0]) for word in found[::step]]
    return Pool(
        known_word(word, word.simplified, first.traditional, first.pinyin, first.english) for word, first in firsts
    )


def fit(word):
    """Return whether a word can be asked about: it means something itself, and nothing old, coarse or of a trade."""
    first = word.readings[0].senses[0]
    return not (refers(first) or is_surname(first) or is_uncommon(first))


@cache
def of_level(path, standard, level):
    """Return a pool of the words of a level."""
    return of_words(open_dictionary(path).hsk_words(standard, level))


@cache
def of_ranks(path, step):
    """Return a pool of the words between two of RANKS."""
    return of_words(open_dictionary(path).by_rank(RANKS[step] + 1, RANKS[step + 1]))


@cache
def common_synonyms(path):
    """Return which glosses of common words are synonyms."""
    words = open_dictionary(path).by_rank(1, COMMON)
    return synonyms(reading.senses for word in words for reading in word.readings)


def near(places, place):
    """Return the items of a list by how near they are to a place, two on either side."""
    return [places[at] for at in (place, place - 1, place + 1, place - 2, place + 2) if 0 <= at < len(places)]


def pools_for(path, hanzi, standard, level=None):
    """Return the pools of a word: of its level, looked up if not given, and those around it, else by its frequency."""
    word = None if level else open_dictionary(path).lookup(hanzi)
    level = level or (word and word.hsk[standard])
    if level:
        levels = LEVELS[standard]
        return [of_level(path, standard, each) for each in near(levels, levels.index(level))]
    step = bisect_left(RANKS, (word and word.rank) or RANKS[-1]) - 1
    return [of_ranks(path, each) for each in near(range(len(RANKS) - 1), min(step, len(RANKS) - 2))]


def distractors(path, word, pools, chance, in_english):
    """Return three words to stand beside one in a quiz, or None if there are none; `chance` is a Random."""
    found, apart = [], Apart(word, with_synonyms(word.english, common_synonyms(path)))
    size = len(word.text)
    for kinds, lengths, times in ways_to_be_alike(word, in_english):
        for pool in pools:
            alike = pool.like(kinds, lengths, size / times - 4, size * times + 4)
            for other in chance.sample(alike, min(len(alike), MOST_TRIED)):
                if apart.admits(other):
                    found.append(other)
                    if len(found) == WANTED:
                        return found
                    apart.keep_from(other)
    return None


def ways_to_be_alike(word, in_english):
    """Return (kinds, lengths of the word, times that a gloss may be longer or shorter), the most alike first.

    What the answers show matters most: how long the English is, or how many characters there are.
    """
    own, length = (word.kind,), len(word.hanzi)
    related = own + KINDS_LIKE[word.kind]
    if in_english:
        ways = [(own, {length}, 1.5), (own, None, 1.5), (own, None, 3), (related, None, 2), (KINDS_LIKE, None, 4)]
    else:
        same, about = {length}, {length - 1, length + 1}
        ways = [(own, same, 2), (own, same, ANY), (related, same, ANY), (KINDS_LIKE, same, ANY), (own, about, ANY)]
    return [*ways, (KINDS_LIKE, None, ANY)]


class Apart:
    """What another word must not share with a word so as not to be right, too, nor with those chosen before it."""

    def __init__(self, word, stems):
        self.stems = stems.union(word.stems)
        self.characters = word.characters
        self.names = word.names
        self.sounds = set(word.sounds)
        self.mentions = set(word.mentions)

    def admits(self, other):
        """Return whether the other word means, sounds and looks different."""
        return (
            self.stems.isdisjoint(other.stems)
            and self.characters.isdisjoint(other.hanzi + other.traditional)
            and self.sounds.isdisjoint(other.sounds)
            and self.names.isdisjoint(other.mentions)
            and self.mentions.isdisjoint(other.names)
        )

    def keep_from(self, other):
        """Have what comes next differ from this word, too, in meaning and as it is written."""
        self.stems.update(other.stems)
        self.mentions.update(other.names)
