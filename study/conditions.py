"""A search made into a condition in SQL; whatever the learner wrote is a parameter."""

import re

from study import leeches, search
from study.choices import Mastery, State
from study.matching import search_parameters
from study.pronunciation import HANZI
from study.scheduling.days import day_number, day_start

_ONLY_HANZI = re.compile(f"{HANZI}+")


class Conditions:
    """Makes SQL of a query's tree, with `values` for its parameters; whatever the learner wrote is a parameter."""

    def __init__(self, user, decks, at):
        self.user = user
        self.at = at
        self.decks = decks
        self.today = day_number(at, user.zone, user.day_starts_at)
        self.values = {"at": at}

    def of(self, node, direction=None):
        """Return the condition on a card that a node states, of one direction's memories alone if one is given."""
        match node:
            case search.All():
                found = self._all(node.nodes, direction)
            case search.Either():
                found = f"({' OR '.join(self.of(each, direction) for each in node.nodes)})"
            case search.Not():
                found = f"NOT {self.of(node.node, direction)}"
            case search.Text():
                found = self._text(node)
            case search.Added():
                found = f"(cards.created_at >= {self._put(self._day(1 - node.days))})"
            case search.Is(state="new"):
                found = f"NOT {self._known(['stability IS NOT NULL'], direction)}"
            case search.Asked():
                found = self._known(["stability IS NOT NULL"], node.direction)
            case _:
                found = self._known([self._memory(node)], direction)
        return found

    def _all(self, nodes, direction):
        """Return the condition that all are met: what is said of memories, of one and the same."""
        asked = [node.direction for node in nodes if isinstance(node, search.Asked)]
        direction = asked[-1] if asked else direction
        memories = [node for node in nodes if is_memory(node)]
        others = [node for node in nodes if not is_memory(node) and not isinstance(node, search.Asked)]
        found = [self.of(node, direction) for node in others]
        if memories:
            found.append(self._known([self._memory(node) for node in memories], direction))
        if len(set(asked)) > 1 or (asked and not any(map(speaks_of_memories, nodes))):
            found += [self._known(["stability IS NOT NULL"], each) for each in asked]
        return f"({' AND '.join(found)})"

    def _known(self, conditions, direction):
        if direction:
            conditions = [*conditions, f"progress.direction = {self._put(direction)}"]
        return f"""EXISTS (
            SELECT FROM user_card_progress AS progress
            WHERE progress.user_id = %(user)s AND progress.word_key = cards.word_key AND {" AND ".join(conditions)}
        )"""

    # What is said of a memory

    def _memory(self, node):
        match node:
            case search.Is():
                return STATES[node.state]
            case search.Property(name="due"):
                return f"stability IS NOT NULL AND {self._due(node.operator, int(node.number))}"
            case search.Property():
                column = {"ivl": "interval"}.get(node.name, node.name)
                return f"stability IS NOT NULL AND progress.{column} {node.operator} {self._put(node.number)}::float8"
        rating = f"entry.rating = {self._put(node.rating)}" if node.rating else "entry.rating IS NOT NULL"
        return f"""EXISTS (
            SELECT FROM card_interactions AS entry
            WHERE entry.progress_id = progress.id AND {rating}
            AND entry.undone_at IS NULL AND entry.day > {self._put(self.today - node.days)}
        )"""

    def _due(self, operator, days):
        begins, ends = self._put(self._day(days)), self._put(self._day(days + 1))
        return {
            "<": f"next_review_at < {begins}",
            "<=": f"next_review_at < {ends}",
            ">": f"next_review_at >= {ends}",
            ">=": f"next_review_at >= {begins}",
            "=": f"next_review_at >= {begins} AND next_review_at < {ends}",
            "!=": f"(next_review_at < {begins} OR next_review_at >= {ends})",
        }[operator]

    def _day(self, days):
        """Return when the learner's day begins that is so many days from today."""
        return day_start(self.today + days, self.user.zone, self.user.day_starts_at)

    # What is said of texts

    def _text(self, node):
        match node.field:
            case "hanzi":
                found = [self._word(node)]
            case "pinyin":
                found = [self._spoken(node) or "false"]
            case "english":
                found = [f"lower(cards.english) LIKE {self._like(node, lower=True)}"]
            case "note":
                found = self._notes(node)
            case "tag":
                found = self._tags(node)
            case "deck":
                within = f"id = ANY (%(decks)s) AND lower(name) LIKE {self._like(node, lower=True)}"
                found = [f"cards.deck_id IN (SELECT id FROM decks WHERE {within})"]  # noqa: S608 (pieces of our own)
            case _:
                found = self._anywhere(node)
        return f"({' OR '.join(found)})"

    def _anywhere(self, node):
        written = "".join(node.pieces)
        if _ONLY_HANZI.fullmatch(written):
            return [self._word(node)]
        found = [f"lower(cards.english) LIKE {self._like(node, lower=True)}"]
        if not written.isascii() or not written.isalpha():
            found.append(self._word(node))
        return found + list(filter(None, [self._spoken(node)]))

    def _word(self, node):
        """Return that the word holds a text, in one of its scripts; its characters are found by the index."""
        characters = sorted(set("".join(node.pieces)))
        like = self._like(node)
        indexed = f"string_to_array(cards.hanzi || cards.traditional, NULL) @> {self._put(characters)}::text[]"
        return f"({indexed} AND (cards.hanzi LIKE {like} OR cards.traditional LIKE {like}))"

    def _spoken(self, node):
        """Return that the pinyin holds a text, with its tones if it has any; None for what can be no pinyin."""
        read = [search_parameters(piece) if piece else {"toned": "", "letters": ""} for piece in node.pieces]
        toned = any(piece["toned"] for piece in read)
        pieces = [piece["toned"] or piece["letters"] for piece in read]
        if any(bool(written.strip()) != bool(piece) for written, piece in zip(node.pieces, pieces, strict=True)):
            return None
        like = pattern(pieces, node.whole)
        return f"cards.spoken LIKE {self._put(f'% {like}' if toned else f'{like} %')}"

    def _notes(self, node):
        like = self._like(node, lower=True)
        own = f"""EXISTS (
            SELECT FROM word_notes
            WHERE word_notes.user_id = %(user)s AND word_notes.word_key = cards.word_key AND lower(text) LIKE {like}
        )"""
        return [f"lower(cards.notes) LIKE {like}", own]

    def _tags(self, node):
        """Return that a card has a tag or one below it, as food::fruit is below food."""
        if not any(node.pieces):
            return ["cards.tagged <> '  '"]
        tag = pattern([piece.lower() for piece in node.pieces], whole=True)
        return [f"cards.tagged LIKE {self._put(f'% {tag}{end}')}" for end in (" %", "::%")]

    def _like(self, node, lower=False):
        pieces = [piece.lower() for piece in node.pieces] if lower else node.pieces
        return self._put(pattern(pieces, node.whole))

    def _put(self, value):
        """Return the place of a parameter."""
        name = f"value_{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"


def pattern(pieces, whole):
    """Return what LIKE takes for pieces with anything between them, and around them unless they are the whole."""
    like = "%".join(re.sub(r"([\\%_])", r"\\\1", piece) for piece in pieces)
    return like if whole else f"%{like}%"


def is_memory(node):
    """Return whether a condition is on one memory of a word."""
    is_state = isinstance(node, search.Is) and node.state != "new"
    return is_state or isinstance(node, search.Property | search.Rated)


def speaks_of_memories(node):
    """Return whether a direction beside a condition says something of it."""
    match node:
        case search.Not():
            return speaks_of_memories(node.node)
        case search.All() | search.Either():
            return any(map(speaks_of_memories, node.nodes))
    return isinstance(node, search.Is | search.Property | search.Rated)


_LEECH = f"""
lapses >= {leeches.FEWEST_LAPSES} AND stability IS NOT NULL AND lapse_variance > 0
AND lapses - expected_lapses > {leeches.HIGHEST_SCORE} * sqrt(lapse_variance)
"""
STATES = {
    "learn": f"stability IS NOT NULL AND state <> '{State.REVIEW}'",
    "review": f"stability IS NOT NULL AND state = '{State.REVIEW}'",
    "mastered": f"mastery_level = {Mastery.MASTERED}",
    "due": """
        stability IS NOT NULL AND next_review_at <= %(at)s
        AND NOT suspended AND (buried_until IS NULL OR buried_until <= %(at)s)
    """,
    "suspended": "suspended",
    "buried": "buried_until > %(at)s",
    "leech": _LEECH,
}
assert {"new", *STATES} == set(search.STATES)
