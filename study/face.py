"""The face of a card: what its front and its back show of a word, in the ways that the learner chose."""

import re
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings

from accounts.models import Script, User
from decks.dictionary import open_dictionary
from decks.dictionary.similar import spoken
from study import parts
from study.choices import Direction, Exercise
from study.pronunciation import HANZI, Said, is_hanzi, said, tones

VISITOR = User()  # the settings of whoever has none
FRONTS = {
    Direction.CHINESE_TO_ENGLISH: "hanzi",
    Direction.ENGLISH_TO_CHINESE: "english",
    Direction.LISTENING: "sound",
    Direction.WRITING: "writing",
}
HIDDEN = "~"  # for a word that its own translation names
_SEMICOLON = re.compile(r";\s*(?![^()]*\))")
_WITH_MARKS = r"(?:\s+[a-zü']*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][\wü']*)?"


class Written(NamedTuple):
    """A word in one script: its characters with their tones, 0 where no colour is wanted or no tone is known."""

    lang: str
    characters: list[tuple[str, int]]

    @property
    def text(self):
        return "".join(character for character, _ in self.characters)


class Token(NamedTuple):
    """A piece of a sentence; word is None for what no dictionary has, such as a comma."""

    text: str
    word: str | None
    is_target: bool


class MeasureWord(NamedTuple):
    lang: str
    text: str
    said: Said

    @property
    def url(self):
        return entry_url(self.text)


def entry_url(word):
    """Return the address of a word's page in the dictionary."""
    return f"/dictionary/{quote(word, safe='')}/"


class Face:
    """What templates show of a card to one viewer; nothing is worked out before it is asked for, and no row read."""

    def __init__(self, card, viewer, direction=Direction.CHINESE_TO_ENGLISH, exercise=Exercise.CARDS, note=""):
        self.card = card
        self.viewer = viewer if isinstance(viewer, User) else VISITOR
        self.direction = direction
        self.exercise = exercise
        self.note = note

    # What is asked

    @cached_property
    def front(self):
        """Return what the front shows: "hanzi", "english", "sound" or "writing"; something else where it can't."""
        card, wanted = self.card, FRONTS[self.direction]
        if wanted == "hanzi" or not card.hanzi:
            return "hanzi" if card.hanzi else "english"
        if wanted == "english" and not card.english:
            wanted = "writing"
        return wanted if card.pinyin or card.english else "hanzi"

    @cached_property
    def cloze(self):
        """Return what stands between the gaps of the sentence, or nothing where it isn't asked or has none."""
        asked = self.exercise == Exercise.CLOZE and self.front == "english"
        return self.gapped if asked else []

    @cached_property
    def gapped(self):
        """Return the sentence cut at each place of the word, or nothing if that isn't in it."""
        return self.card.sentence.split(self._target) if self._target else []

    @cached_property
    def hints(self):
        """Return the senses as a front may show them: a word that its translation names is hidden, with its sound."""
        named = "|".join(re.escape(word) for word in (self.card.hanzi, self.card.traditional) if word)
        if not named or not re.search(named, self.card.english):
            return self.senses
        return [re.sub(f"{HANZI}*(?:{named}){HANZI}*{_WITH_MARKS}", HIDDEN, sense) for sense in self.senses]

    # The word

    @cached_property
    def words(self):
        """Return the word in the learner's script and, if they want it and it differs, in the other."""
        return [Written(lang, self._coloured(text)) for lang, text in self._scripts]

    @cached_property
    def _scripts(self):
        card, viewer = self.card, self.viewer
        scripts = [("zh-Hans", card.hanzi), ("zh-Hant", card.traditional)]
        if viewer.script == Script.TRADITIONAL:
            scripts.reverse()
        scripts = [each for each in scripts if each[1]]
        differ = len(scripts) == 2 and card.hanzi != card.traditional
        return scripts if differ and viewer.both_scripts else scripts[:1]

    def _coloured(self, text):
        if self.viewer.tone_colours == "none" or self.viewer.tone_colours_on == "pinyin":
            return [(character, 0) for character in text]
        return list(zip(text, tones(text, self.card.pinyin, self.viewer.tone_change), strict=True))

    @cached_property
    def said(self):
        """Return how the word is pronounced, as `Said`, or None."""
        card, viewer = self.card, self.viewer
        return said(card.pinyin, viewer.phonetic, card.hanzi, viewer.tone_change) if card.pinyin else None

    @cached_property
    def senses(self):
        """Return what the word means, sense by sense."""
        return [sense for part in _SEMICOLON.split(self.card.english) if (sense := part.strip())]

    # What the dictionary knows

    @cached_property
    def _dictionary(self):
        dictionary = open_dictionary(settings.DICTIONARY_PATH)
        return dictionary if dictionary.path.exists() else None

    @cached_property
    def _entry(self):
        return self._dictionary.lookup(self.card.hanzi) if self._dictionary and self.card.hanzi else None

    @property
    def entry_url(self):
        """Return the address of the word's page in the dictionary, "" if it has none."""
        return entry_url(self.card.hanzi) if self._entry else ""

    @property
    def hsk_level(self):
        """Return the word's level by the learner's standard: "HSK 1 (2025)", or ""."""
        standard = self.viewer.hsk_standard
        level = self._entry and self._entry.hsk[standard]
        return f"HSK {level} ({standard})" if level else ""

    @cached_property
    def measure_words(self):
        """Return the measure words of the reading that the card has, in the learner's script."""
        if not self._entry:
            return []
        sound = spoken(self.card.pinyin)
        reading = next((each for each in self._entry.readings if spoken(each.pinyin) == sound), None)
        found = reading.measure_words if reading else ()
        traditional = self.viewer.script == Script.TRADITIONAL
        return [
            MeasureWord(
                "zh-Hant" if traditional else "zh-Hans",
                each.traditional if traditional else each.simplified,
                said(each.pinyin, self.viewer.phonetic),
            )
            for each in found
        ]

    @cached_property
    def characters(self):
        """Return the word's characters with their meanings and their parts."""
        if not self._dictionary or not self._scripts:
            return []
        return parts.characters(self._scripts[0][1], self._dictionary)

    # The example sentence

    @cached_property
    def _target(self):
        """Return the word as it is in the sentence: in simplified characters, but for a learner's own, perhaps."""
        found = (word for word in (self.card.hanzi, self.card.traditional) if word and word in self.card.sentence)
        return next(found, "")

    @property
    def sentence_lang(self):
        return "zh-Hant" if self._target not in ("", self.card.hanzi) else "zh-Hans"

    @property
    def sentence_said(self):
        """Return how the sentence is pronounced, as `Said`, or None."""
        pinyin = self.card.sentence_pinyin
        return said(pinyin, self.viewer.phonetic) if pinyin else None

    @property
    def tokens(self):
        """Return the example sentence word by word."""
        return cut(self.card.sentence, self._target, self._dictionary)


@lru_cache(maxsize=4096)
def cut(sentence, target, dictionary):
    """Return the tokens of a sentence; the target is one wherever it is a word, or part of one if it is none."""
    words = dictionary.segment(sentence) if dictionary else [sentence]
    found, start = [], 0
    for place in _places(sentence, target, words):
        found += _plain(sentence[start:place], dictionary)
        found.append(Token(target, target, True))
        start = place + len(target)
    return [*found, *_plain(sentence[start:], dictionary)]


def _places(sentence, target, words):
    """Return where the target begins: at the bounds of words if it is anywhere, else wherever it is."""
    if not target:
        return []
    found = [match.start() for match in re.finditer(re.escape(target), sentence)]
    bounds, end = {0}, 0
    for word in words:
        end += len(word)
        bounds.add(end)
    return [place for place in found if {place, place + len(target)} <= bounds] or found


def _plain(text, dictionary):
    words = dictionary.segment(text) if dictionary else [text]
    return [Token(word, word if dictionary and is_hanzi(word) else None, False) for word in words if word]
