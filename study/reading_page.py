"""A text as it is read: page by page, each word in the script and with the signs that the learner wants."""

from functools import cached_property
from typing import NamedTuple

from accounts.models import Script
from study.pronunciation import LANGUAGES, said
from study.reading import KNOWN, read

PAGE = 5000  # characters
_TOO_LONG = 6000  # where a page ends within a paragraph
WAYS = {
    "pinyin": {"unknown": "Over words you don’t know", "all": "Over all words", "none": "None"},
    "colours": {"on": "On", "off": "Off"},
    "script": {"mine": "As in your settings", "written": "As the text is written"},
}
LANGS = {Script.SIMPLIFIED: "zh-Hans", Script.TRADITIONAL: "zh-Hant"}


class Piece(NamedTuple):
    """A word with its state and, where it is wanted, how it is said; of what is no word, the text alone."""

    start: int
    text: str
    state: str
    said: str


def pages(tokens):
    """Return tokens as a list of pages, each a list of paragraphs."""
    found, size = [[[]]], 0
    for token in tokens:
        at_end = token.text == "\n"
        if size >= (PAGE if at_end else _TOO_LONG):
            found.append([[]])
            size = 0
        elif at_end and found[-1][-1]:
            found[-1].append([])
        size += len(token.text)
        if not at_end:
            found[-1][-1].append(token)
    return [[paragraph for paragraph in page if paragraph] for page in found if any(page)]


def number_of(pages, start):
    """Return the number of the page on which a place of the text is."""
    begins = [page[0][0].start for page in pages]
    return max(1, sum(begin <= start for begin in begins))


def chosen(ways):
    """Return each way of reading, the first of its choices where none that there is was chosen."""
    return {
        name: ways.get(name) if ways.get(name) in choices else next(iter(choices)) for name, choices in WAYS.items()
    }


class Sheet:
    """An analysed text as one learner wants to see it."""

    def __init__(self, analysis, ways):
        self.analysis = analysis
        self.user = analysis.user
        self.ways = ways
        self.pages = pages(analysis.tokens)

    @cached_property
    def written(self):
        """Return the script that more words of the text are written in than in the other; None if none are."""
        balance = 0
        for word, count in self.analysis.counts.items():
            text = self.analysis.first[word].text
            if entry := self.analysis.entries[text]:
                if text != entry.simplified:
                    balance += count
                elif all(reading.traditional != text for reading in entry.readings):
                    balance -= count
        return {True: Script.TRADITIONAL, False: Script.SIMPLIFIED}[balance > 0] if balance else None

    @property
    def other_script(self):
        """Return whether the text is written in the script that the learner doesn't want."""
        return self.written not in (None, self.user.script)

    @cached_property
    def script(self):
        """Return the script that is shown."""
        as_written = self.ways["script"] == "written" and self.written
        return Script(as_written or self.user.script)

    @property
    def lang(self):
        return LANGS[self.script]

    @property
    def said_lang(self):
        return LANGUAGES[self.user.phonetic]

    @property
    def choices(self):
        """Return each way of reading that makes a difference here, with its choices."""
        return [
            (name, [(value, label, value == self.ways[name]) for value, label in choices.items()])
            for name, choices in WAYS.items()
            if name != "script" or self.other_script
        ]

    def paragraphs(self, number):
        """Return the paragraphs of a page as lists of pieces."""
        return [self._pieces(tokens) for tokens in self.pages[number - 1]] if self.pages else []

    def _pieces(self, tokens):
        found = []
        for token in tokens:
            if token.word:
                state = self.analysis.state(token.word)
                found.append(Piece(token.start, self._shown(token), state, self._said(token, state)))
            elif found and not found[-1].state:
                found[-1] = found[-1]._replace(text=found[-1].text + token.text)
            else:
                found.append(Piece(token.start, token.text, "", ""))
        return found

    def _shown(self, token):
        entry = self.analysis.entries[token.text]
        if entry is None or not self.other_script or self.script == self.written:
            return token.text
        return entry.traditional if self.script == Script.TRADITIONAL else entry.simplified

    def _said(self, token, state):
        wanted = self.ways["pinyin"]
        reading = read(self.analysis.entries[token.text], token.text)
        if reading is None or wanted == "none" or (wanted == "unknown" and state in KNOWN):
            return ""
        return said(reading.pinyin, self.user.phonetic).text
