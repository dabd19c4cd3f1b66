"""What a query finds: hanzi of either script, pinyin of any kind, English; wildcards in each.

What is asked for exactly comes first, then what begins with it or has more to say; each by how likely it is meant,
which the build has worked out for each reading and gloss.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from decks.dictionary import english
from decks.dictionary.words import tokens

HANZI = re.compile(r"[\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3105-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LONGEST_QUERY = 100
_EXACT = 100.0  # more than what frequency can make up for
_EXACT_BUT_RARE = 3.0  # a word of no frequency comes after the common ones that begin so
_LITERALLY = 0.7
_MOST_OF_A_SOUND = 500
_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_BETWEEN = frozenset(" '’-·")
_WILD = re.compile(r"[*?]")
_SAYS_LITTLE = frozenset(("a", "an", "the", "to", "of", "be", "sb", "sth", "in", "on"))
# What learners take for one another, by ear or by keyboard.
_CONFUSED = (
    *(("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("f", "h"), ("x", "sh"), ("j", "zh")),
    *(("q", "ch"), ("v", "u"), ("uo", "o"), ("ie", "e"), ("ui", "uei"), ("iu", "iou"), ("un", "uen")),
)

Rows = Callable[..., list[tuple]]
Found = Iterator[tuple[float, int]]


def normal(query: str) -> str:
    """Return a query as it is searched for: trimmed, full-width letters as plain ones, nothing that has no UTF-8."""
    query = unicodedata.normalize("NFKC", query[: 4 * LONGEST_QUERY]).encode(errors="ignore").decode()
    return " ".join(query.replace("\0", " ").split())[:LONGEST_QUERY]


def find(rows: Rows, query: str, limit: int) -> list[int]:
    """Return the numbers of the words that a query finds, the best first."""
    if HANZI.search(query):
        return _by_pattern(rows, query, limit) if _WILD.search(query) else _by_hanzi(rows, query, limit)
    best = _scores(rows, query, limit)
    return sorted(best, key=lambda word: (-best[word], word))[:limit]


def exact(rows: Rows, query: str) -> list[int]:
    """Return the numbers of the words that are read just so or mean just this."""
    if HANZI.search(query) or _WILD.search(query):
        return []
    return [word for word, score in _scores(rows, query, 2).items() if score > _EXACT / 2]


def _scores(rows: Rows, query: str, limit: int) -> dict[int, float]:
    """Return the words that a query in Latin letters finds, with how good an answer each is."""
    best: dict[int, float] = {}
    found = [*_by_sound(rows, query, limit), *_by_meaning(rows, query, limit)]
    for score, word in found or _begun(rows, query, limit):
        best[word] = max(score, best.get(word, score))
    return best


def _exactly(score: float) -> float:
    return score + (_EXACT if score > 0 else _EXACT_BUT_RARE)


# Hanzi


def _by_hanzi(rows: Rows, query: str, limit: int) -> list[int]:
    """Return the word itself, the longer ones that begin with it, and those that have it within."""
    found = rows(
        "SELECT word_id FROM headwords WHERE headword >= ? AND headword < ?"
        " GROUP BY word_id ORDER BY min(headword <> ?), word_id LIMIT ?",
        *(query, query + "\U0010ffff", query, limit),
    )
    within = rows("SELECT rowid FROM written WHERE written MATCH ? ORDER BY rowid LIMIT ?", _phrase(query), limit)
    return list(dict.fromkeys(number for (number,) in found + within))[:limit]


def _phrase(text: str, *, begins: bool = False, ends: bool = False) -> str:
    return f'"{tokens(text, begins=begins, ends=ends)}"'


def _by_pattern(rows: Rows, query: str, limit: int) -> list[int]:
    """Return the words that fit a pattern of hanzi, `*` and `?`, the frequent first."""
    runs = _WILD.split(query)
    phrases = [_phrase(run, begins=at == 0, ends=at == len(runs) - 1) for at, run in enumerate(runs) if run]
    candidates = rows("SELECT rowid FROM written WHERE written MATCH ? ORDER BY rowid", " AND ".join(phrases))
    fits = re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in query.lower()), re.DOTALL)
    found: list[int] = []
    for start in range(0, len(candidates), 500):
        numbers = [number for (number,) in candidates[start : start + 500]]
        for number, forms in _forms(rows, numbers):
            if any(fits.fullmatch(form) for form in forms):
                found.append(number)
                if len(found) == limit:
                    return found
    return found


def _forms(rows: Rows, numbers: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Yield words with each way they are written."""
    places = ",".join("?" * len(numbers))
    for number, forms in rows(
        f"SELECT id, forms FROM words WHERE id IN ({places}) ORDER BY id",  # noqa: S608 (only question marks)
        *numbers,
    ):
        yield number, forms.lower().split(" ")


# Pinyin


class Sound(NamedTuple):
    """Pinyin as it is looked up: its letters, and what the spelling with tones must match; with wildcards or not."""

    letters: str
    spelling: re.Pattern[str]
    is_toned: bool
    is_wild: bool


def sound(query: str) -> Sound | None:
    """Return a query as pinyin, None if it can't be any; tones may be marked, numbered, left out here and there."""
    letters: list[str] = []
    after: list[str] = []  # what the spelling may or must have behind each letter
    for sign in unicodedata.normalize("NFD", query.lower().replace("u:", "ü")):
        if "a" <= sign <= "z" or sign in "*?":
            letters.append(sign)
            after.append("[1-5]?")
        elif not letters:
            return None
        elif sign == "\u0308":
            letters[-1] = "v"
        elif sign in _MARKS:
            after[-1] = f"(?=[a-z]*{_MARKS[sign]})[1-5]?"
        elif sign in "012345":
            after[-1] = "5" if sign == "0" else sign
        elif sign in _BETWEEN:
            after[-1] = after[-1].replace("[1-5]?", "[1-5]")
        elif sign != "\u0302":
            return None
    spelt = re.sub("(?<=[jqxy])v", "u", re.sub("(?<=[ln])ue", "ve", "".join(letters)))
    signs = {"*": "[a-z1-5]*", "?": "[a-z][1-5]?"}
    pattern = "".join(signs.get(letter) or letter + behind for letter, behind in zip(spelt, after, strict=True))
    toned = any(behind != "[1-5]?" for behind in after)
    return Sound(spelt, re.compile(pattern), toned, bool(_WILD.search(spelt))) if spelt.strip("*?") else None


def _by_sound(rows: Rows, query: str, limit: int) -> Found:
    """Yield the words that are read so, and those whose reading begins so."""
    wanted = sound(query)
    if wanted is None:
        return
    if wanted.is_wild:
        yield from _by_sound_pattern(rows, wanted, limit)
        return
    exact = rows(
        "SELECT score, word_id, spelling FROM pinyin WHERE letters = ? ORDER BY score DESC LIMIT ?",
        *(wanted.letters, _MOST_OF_A_SOUND),
    )
    for score, word, spelling in exact:
        if not wanted.is_toned or wanted.spelling.fullmatch(spelling):
            yield _exactly(score), word
    if len(wanted.letters) > 1:
        for score, word in _longer(rows, wanted, limit):
            yield score - 1, word


def _longer(rows: Rows, wanted: Sound, limit: int) -> Found:
    """Yield the words whose reading begins with a sound, the likely first."""
    longer = "SELECT score, word_id, spelling FROM pinyin WHERE letters > ? AND letters < ? ORDER BY score DESC"
    bounds = wanted.letters, wanted.letters + "{"
    if not wanted.is_toned:
        yield from ((score, word) for score, word, _ in rows(longer + " LIMIT ?", *bounds, limit))
        return
    found = (row for row in rows(longer, *bounds) if wanted.spelling.match(row[2]))
    yield from ((score, word) for (score, word, _), _ in zip(found, range(limit), strict=False))


def _by_sound_pattern(rows: Rows, wanted: Sound, limit: int) -> Found:
    """Yield the words whose reading fits a pattern."""
    beginning = _WILD.split(wanted.letters)[0]
    found = rows(
        "SELECT score, word_id, spelling FROM pinyin WHERE letters >= ? AND letters < ? AND letters GLOB ?"
        " ORDER BY score DESC",
        *(beginning, beginning + "{", wanted.letters),
    )
    fits = (row for row in found if not wanted.is_toned or wanted.spelling.fullmatch(row[2]))
    yield from ((score, word) for (score, word, _), _ in zip(fits, range(limit), strict=False))


# English


def _by_meaning(rows: Rows, query: str, limit: int) -> Found:
    """Yield the words that mean just this, and those whose glosses have all of its words."""
    if _WILD.search(query.replace("*", "")) or not query.isascii():
        return
    terms = english.bare(english.words(query))
    if not terms:
        return
    if "*" not in query:
        exact = rows(
            "SELECT score, word_id, plain FROM glosses WHERE stems = ? ORDER BY score DESC LIMIT ?",
            *(english.stems(terms), _MOST_OF_A_SOUND),
        )
        plain = " ".join(terms)
        for score, word, said in exact:
            yield _exactly(score + 0.4 * len(terms)) + _LITERALLY * (said == plain), word
    telling = [term for term in terms if term not in _SAYS_LITTLE] or terms
    beginnings = {beginning.lower() for beginning in re.findall(r"(\w+)\*", query)}
    pieces = [piece for term in telling for piece in term.split("'")]
    asked = " ".join(f'"{piece}"' + "*" * (piece in beginnings) for piece in pieces)
    yield from _glossed(rows, asked, limit)


def _begun(rows: Rows, query: str, limit: int) -> list[tuple[float, int]]:
    """Return the words whose glosses have a query's words, the last of which is still being typed."""
    pieces = re.findall(r"[^\W_]+", query)
    if len("".join(pieces[-1:])) < 3 or _WILD.search(query):
        return []
    return _glossed(rows, " ".join(f'"{piece}"' for piece in pieces) + "*", limit)


def _glossed(rows: Rows, asked: str, limit: int) -> list[tuple[float, int]]:
    return rows(
        "SELECT g.score, g.word_id FROM english e JOIN glosses g ON g.id = e.rowid"
        " WHERE english MATCH ? ORDER BY e.rowid LIMIT ?",
        *(asked, 3 * limit),
    )


# Where nothing is found


def nearby(rows: Rows, query: str, limit: int = 4) -> list[str]:
    """Return queries that find something and are close to one in Latin letters that finds nothing."""
    letters = "".join(re.findall("[a-z]", query.lower()))
    if HANZI.search(query) or len(letters) < 3:
        return []
    found = [each for each in _misheard(letters) if rows("SELECT 1 FROM pinyin WHERE letters = ? LIMIT 1", each)]
    words = english.words(query)
    known = rows(
        "SELECT DISTINCT plain FROM glosses WHERE stems >= ? AND stems < ? AND plain NOT LIKE '% %'",
        *(letters[:2], letters[:2] + "{"),
    )
    if len(words) == 1:
        found += get_close_matches(words[0], [plain for (plain,) in known], limit, 0.75)
    elif words:
        found += [word for word in words if rows("SELECT 1 FROM glosses WHERE stems = ? LIMIT 1", english.stem(word))]
    return list(dict.fromkeys(found))[:limit]


def _misheard(letters: str) -> list[str]:
    """Return pinyin with one sound changed for another that is often taken for it."""
    pairs = [pair for both in _CONFUSED for pair in (both, both[::-1])]
    return [
        letters[: match.start()] + other + letters[match.end() :]
        for one, other in pairs
        for match in re.finditer(one, letters)
    ]
