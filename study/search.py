"""The language in which a learner searches cards, as Anki's: `tag:food is:due prop:ivl>=21 -is:suspended 学`.

`parse` reads a query into a tree of conditions and knows neither cards nor tables. Words side by side all have to be
met, `or` asks for either, `-` for the contrary, parentheses group; quotes keep a space, `*` stands for any letters and
a backslash takes a sign for itself.
"""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 500
MOST_CONDITIONS = 40
DEEPEST = 12
MOST_DAYS = 36_500
STATES = ("new", "learn", "review", "mastered", "due", "suspended", "buried", "leech")
PROPERTIES = ("ivl", "reps", "lapses", "stability", "difficulty", "due")
TEXTS = ("hanzi", "pinyin", "english", "note", "tag", "deck")
DIRECTIONS = {
    "chinese": "chinese_to_english",
    "english": "english_to_chinese",
    "listening": "listening",
    "writing": "writing",
}
FIELDS = (*TEXTS, "is", "prop", "dir", "added", "rated")
_PROPERTY = re.compile(r"([a-z]*)\s*(<=|>=|!=|=|<|>)\s*(-?\d{1,7}(?:\.\d{1,6})?)", re.ASCII)
_RATED = re.compile(r"(\d{1,5})(?::([1-4]))?", re.ASCII)


class QueryError(ValueError):
    """A query that can't be read: its message says why, `at` where, counted in characters from 0."""

    def __init__(self, message: str, at: int):
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one field of a card, or with "" in any; between its pieces stands whatever there is."""

    field: str
    pieces: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Return whether the pieces are to be all of the field: somebody wrote a `*`."""
        return len(self.pieces) > 1


@dataclass(frozen=True, slots=True)
class Is:
    """A state of a word, one of STATES."""

    state: str


@dataclass(frozen=True, slots=True)
class Property:
    """A figure of a memory, compared; `due` is in days from today."""

    name: str
    operator: str
    number: float


@dataclass(frozen=True, slots=True)
class Added:
    """Added on one of the last days, today being the first."""

    days: int


@dataclass(frozen=True, slots=True)
class Rated:
    """Answered on one of the last days, with this grade or with any."""

    days: int
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A direction; what is said of memories beside it is said of that direction's."""

    direction: str


@dataclass(frozen=True, slots=True)
class Not:
    node: "Node"


@dataclass(frozen=True, slots=True)
class All:
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    nodes: tuple["Node", ...]


Node = Text | Is | Property | Added | Rated | Asked | Not | All | Either


@dataclass(frozen=True, slots=True)
class _Token:
    """A sign ("(", ")", "-", "or", "and") or, with the sign "", a word: its field and pieces."""

    sign: str
    at: int
    written: str = ""
    field: str = ""
    pieces: tuple[str, ...] = ()


def parse(query: str) -> Node | None:
    """Return the conditions of a query, None if it asks for nothing; QueryError if it can't be read."""
    if len(query) > LONGEST:
        raise QueryError(f"A search has at most {LONGEST} characters: this one has {len(query):,}.", LONGEST)
    for at, character in enumerate(query):
        if unicodedata.category(character) in ("Cc", "Cs") and not character.isspace():
            raise QueryError("There is a character that can't be searched for.", at)
    tokens = _tokens(query)
    if not tokens:
        return None
    if sum(not token.sign for token in tokens) > MOST_CONDITIONS:
        raise QueryError(f"A search has at most {MOST_CONDITIONS} conditions.", tokens[-1].at)
    return _Reader(tokens, len(query)).read()


def quoted(text: str) -> str:
    """Return a text as a query takes it for itself, whatever is in it."""
    text = re.sub(r'([\\"*])', r"\\\1", text)
    return text if text and not re.search(r"[\s():]|^-|^(?:or|and)$", text, re.IGNORECASE) else f'"{text}"'


class _Reader:
    """Makes a tree of tokens."""

    def __init__(self, tokens: list[_Token], end: int):
        self.tokens = tokens
        self.end = end
        self.next = 0
        self.depth = 0

    def read(self) -> Node:
        found = self._either()
        if token := self._peek():
            raise QueryError("There is no “(” to this “)”.", token.at)
        return found

    def _peek(self, *signs: str) -> _Token | None:
        """Return the next token, if it is one of some signs where these are given."""
        token = self.tokens[self.next] if self.next < len(self.tokens) else None
        return token if token and (not signs or token.sign in signs) else None

    def _either(self) -> Node:
        found = [self._all()]
        while self._peek("or"):
            self.next += 1
            found.append(self._all())
        return found[0] if len(found) == 1 else Either(tuple(found))

    def _all(self) -> Node:
        found = [self._one()]
        while (token := self._peek()) and token.sign not in ("or", ")"):
            if token.sign == "and":
                self.next += 1
            found.append(self._one())
        return found[0] if len(found) == 1 else All(tuple(found))

    def _one(self) -> Node:
        token = self._peek()
        if token is None:
            raise QueryError("Something is missing at the end.", self.end)
        self.next += 1
        match token.sign:
            case "":
                return _condition(token)
            case "-":
                return Not(self._within(token, self._one))
            case "(":
                found = self._within(token, self._either)
                if not self._peek(")"):
                    raise QueryError("There is no “)” to this “(”.", token.at)
                self.next += 1
                return found
        raise QueryError(f"Something is missing before “{token.written}”.", token.at)

    def _within(self, token: _Token, read) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise QueryError(f"Parentheses and “-” go {DEEPEST} deep at most.", token.at)
        found = read()
        self.depth -= 1
        return found


def _tokens(query: str) -> list[_Token]:
    found, at = [], 0
    while at < len(query):
        character = query[at]
        if character.isspace():
            at += 1
        elif character in "()" or (character == "-" and not _apart(query, at + 1)):
            found.append(_Token(character, at, character))
            at += 1
        else:
            token, at = _word(query, at)
            found.append(token)
    return found


def _apart(query: str, at: int) -> bool:
    """Return whether there is a gap or the end at a place; a lone “-” is a word."""
    return at >= len(query) or query[at].isspace()


def _word(query: str, start: int) -> tuple[_Token, int]:
    """Return the word that begins at a place, and where it ends."""
    pieces, field, at, in_quotes, plain = [""], "", start, False, True
    while at < len(query):
        character = query[at]
        if not in_quotes and (character.isspace() or character in "()"):
            break
        if character == "\\" and at + 1 < len(query):
            at += 1
            pieces[-1] += query[at]
            plain = False
        elif character == '"':
            in_quotes, plain = not in_quotes, False
        elif character == "*":
            pieces.append("")
        elif character == ":" and not field and plain and len(pieces) == 1:
            field, pieces = _field(pieces[0], start), [""]
        else:
            pieces[-1] += character
        at += 1
    if in_quotes:
        raise QueryError("There is no second quote to the first one.", query.rindex('"', start, at))
    written = query[start:at]
    sign = written.lower() if written.lower() in ("or", "and") else ""
    pieces = tuple(unicodedata.normalize("NFC", piece) for piece in pieces)
    return _Token(sign, start, written, field, pieces), at


def _field(name: str, at: int) -> str:
    if name.lower() not in FIELDS:
        known = ", ".join(f"{each}:" for each in FIELDS)
        raise QueryError(f"There is no field “{name}:”; there are {known}. Put quotes around a text with a colon.", at)
    return name.lower()


def _condition(token: _Token) -> Node:
    """Return the condition that a word states."""
    text = "*".join(token.pieces)
    if token.field in ("", *TEXTS):
        if not any(token.pieces) and not (token.field and len(token.pieces) > 1):
            raise QueryError(f"Say what to look for in “{token.written}”.", token.at)
        return Text(token.field, token.pieces)
    match token.field:
        case "is":
            return Is(_one_of(text, STATES, "is:", token.at))
        case "dir":
            named = {name: name for name in DIRECTIONS.values()} | DIRECTIONS
            return Asked(named[_one_of(text, named, "dir:", token.at)])
        case "prop":
            return _property(text, token)
        case "added":
            return Added(_days(text, "added:7", token))
    return _rated(text, token)


def _one_of(text: str, known, field: str, at: int) -> str:
    text = {"learning": "learn"}.get(text.lower(), text.lower())
    if text not in known:
        raise QueryError(f"There is no “{field}{text}”; there are {', '.join(field + each for each in known)}.", at)
    return text


def _property(text: str, token: _Token) -> Node:
    found = _PROPERTY.fullmatch(text.lower())
    if not found or found[1] not in PROPERTIES:
        known = ", ".join(PROPERTIES)
        raise QueryError(f"“{token.written}” is to be like prop:ivl>=21, with one of {known}.", token.at)
    number = float(found[3])
    if found[1] == "due" and (abs(number) > MOST_DAYS or number % 1):
        raise QueryError(f"“{token.written}” is to say whole days from today, {MOST_DAYS:,} at most.", token.at)
    return Property(found[1], found[2], number)


def _days(text: str, example: str, token: _Token) -> int:
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or not 1 <= int(text) <= MOST_DAYS:
        raise QueryError(f"“{token.written}” is to say how many days, as {example}.", token.at)
    return int(text)


def _rated(text: str, token: _Token) -> Node:
    found = _RATED.fullmatch(text)
    if not found:
        raise QueryError(f"“{token.written}” is to be like rated:7, or rated:7:1 for “again”.", token.at)
    return Rated(_days(found[1], "rated:7", token), int(found[2]) if found[2] else None)
