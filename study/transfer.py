"""Cards taken from a file into a deck, and written from decks into one."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from uuid import uuid5

from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.filling import fill
from decks.formats import csv
from decks.formats.notes import LONGEST, TEXTS, Note, word_key
from decks.formats.records import Score
from decks.formats.tables import DECK_COLUMN, DIRECTIONS, STATISTICS, STATISTICS_COLUMNS
from decks.models import Card
from study import acts
from study.acts import Act
from study.choices import Direction, InteractionType
from study.shelf import note_of

CHUNK = 1000
MOST_ERRORS = 1000  # told one by one
SKIP, UPDATE, ADD = "skip", "update", "add"
LABELS = {name: name.replace("_", " ").capitalize() for name in LONGEST} | {"tags": "Tags"}


@dataclass(frozen=True, slots=True)
class Line:
    """A record of a file as a note, or what is wrong with it."""

    number: int
    note: Note | None = None
    problem: str = ""
    score: Score | None = None
    scored: bool = False


def lines_of(table, gaps):
    """Yield a table's records as notes; `gaps` says whether the dictionary fills what is missing.

    It fills hanzi that stand alone in any case.
    """
    for record in table.records():
        if problem := record.problem or table.too_wide(record):
            yield Line(record.line, problem=problem)
            continue
        note, whole = table.note(record)
        problems = note.problems()
        if not problems and not whole and (gaps or note.is_bare):
            note = fill(note)
            problems = note.problems()
        problem = " ".join(f"{LABELS[name]}: {said}" for name, said in problems.items())
        yield Line(record.line, None if problem else note, problem, record.score, record.scored)


def key_of(note):
    """Return what makes two cards of a file or a deck the same; a card without hanzi is what it means."""
    return word_key(note.hanzi, note.pinyin) if note.hanzi else f"|{note.pinyin}|{note.english}"


class Known:
    """The cards that a deck has already, to be met again in a file.

    Of a file of our own the second of two cards of one word meets the second card of the deck, so that each stays;
    of others it is a repeat of the first.
    """

    def __init__(self, deck, own):
        self.own = own
        self.cards = defaultdict(deque)
        self.seen = set()
        if deck:
            rows = deck.cards.order_by("position", "id").values_list("id", "hanzi", "pinyin", "english")
            for pk, hanzi, pinyin, english in rows.iterator(chunk_size=CHUNK):
                self.cards[key_of(Note(hanzi=hanzi, pinyin=pinyin, english=english))].append(pk)

    def meet(self, note):
        """Return the id of the deck's card that a note repeats, True if it repeats one of the file, else None."""
        key = key_of(note)
        repeated = not self.own and key in self.seen
        self.seen.add(key)
        if repeated:
            return True
        return self.cards[key].popleft() if self.cards.get(key) else None


@dataclass
class Summary:
    """What a file holds, in numbers, and what is wrong with which of its lines."""

    lines: int = 0
    new: int = 0
    duplicates: int = 0
    repeats: int = 0
    left_out: int = 0
    scored: int = 0
    scores: int = 0
    errors: list = field(default_factory=list)

    def count(self, line, met):
        """Count a line, and what it met in the deck."""
        self.lines += 1
        self.scored += line.scored
        self.scores += line.score is not None
        if line.note is None:
            self.left_out += 1
            if len(self.errors) < MOST_ERRORS:
                self.errors.append({"line": line.number, "message": line.problem})
        elif met is True:
            self.repeats += 1
        elif met:
            self.duplicates += 1
        else:
            self.new += 1

    @property
    def good(self):
        return self.lines - self.left_out


def summarise(table, deck, gaps):
    """Return what a file would bring into a deck, or into a new one."""
    known, summary = Known(deck, table.own), Summary()
    # Nothing of what the dictionary adds makes a card another one where there is no other.
    for line in lines_of(table, gaps and deck is not None):
        summary.count(line, line.note and known.meet(line.note))
    return summary


class Taking:
    """One file being taken into a deck, a chunk at a time; to be used inside a transaction that holds the deck."""

    def __init__(self, user, deck, table, *, duplicates=SKIP, gaps=True, progress=False):
        self.user, self.deck, self.table = user, deck, table
        self.duplicates, self.gaps, self.progress = duplicates, gaps, progress
        self.summary = Summary()
        self.added = self.updated = self.remembered = 0
        self.batch = uuid7()

    def run(self, report=lambda done: None):
        """Take all lines that can be, and call `report` with how many are done after each chunk."""
        known = Known(self.deck, self.table.own)
        for lines in batched(lines_of(self.table, self.gaps), CHUNK, strict=False):
            self._take(lines, known)
            report(self.summary.lines)

    def _take(self, lines, known):
        new, met = [], {}
        for line in lines:
            found = line.note and known.meet(line.note)
            self.summary.count(line, found)
            if line.note and (found is None or self.duplicates == ADD):
                new.append(line)
            elif line.note and found is not True and self.duplicates == UPDATE:
                met[found] = line
        cards = self.deck.add([line.note for line in new]) if new else []
        self.added += len(cards)
        self.updated += self._update(met)
        if self.progress:
            taken = [(card, line.score) for card, line in zip(cards, new, strict=True)]
            taken += [(card, line.score) for card, line in self._met(met)]
            self._remember([(card, score) for card, score in taken if score])

    def _met(self, met):
        cards = self.deck.cards.in_bulk(list(met))
        return [(cards[pk], line) for pk, line in met.items() if pk in cards]

    def _update(self, met):
        """Have cards say what their lines say; what a line leaves open stays, but in a file of our own."""
        changed = []
        for card, line in self._met(met):
            texts = {name: getattr(line.note, name) for name in TEXTS}
            texts = texts if self.table.own else {name: text for name, text in texts.items() if text}
            tags = list(line.note.tags if self.table.own else dict.fromkeys([*card.tags, *line.note.tags]))
            wanted = texts | {"tags": tags}
            if any(getattr(card, name) != value for name, value in wanted.items()):
                for name, value in wanted.items():
                    setattr(card, name, value)
                card.updated_at = timezone.now()
                changed.append(card)
        Card.objects.bulk_update(changed, [*TEXTS, "tags", "updated_at"], batch_size=CHUNK)
        return len(changed)

    def _remember(self, scored):
        """Take over how well words are known elsewhere; those that the learner has begun here stay as they are."""
        direction, now = Direction.CHINESE_TO_ENGLISH, timezone.now()
        keys = [word_key(card.hanzi, card.pinyin) for card, _ in scored]
        begun = set(
            self.user.progress.filter(word_key__in=keys, direction=direction).values_list("word_key", flat=True)
        )
        wanted = {}
        for card, score in scored:
            key = word_key(card.hanzi, card.pinyin)
            at = datetime.fromtimestamp(score.reviewed_at, UTC)
            if card.hanzi and key not in begun and key not in wanted and at <= now:
                wanted[key] = Act(
                    id=uuid5(self.batch, str(card.pk)),
                    card=card.pk,
                    direction=direction,
                    type=InteractionType.MARK_KNOWN,
                    at=at,
                    days=score.days,
                )
        results = acts.record_many(self.user, list(wanted.values()), now, batch=self.batch)
        self.remembered += sum(not isinstance(result, Exception) for result in results)


def exported(decks, user=None, with_deck=False):
    """Yield the lines of a file with the cards of some decks; with a user, with what they remember of each."""
    header = [DECK_COLUMN] if with_deck else []
    yield from csv.lines_of([[*header, *csv.COLUMNS, *(STATISTICS_COLUMNS if user else ())]])
    for deck in decks:
        yield from _chunks(deck.cards.order_by("position", "id"), user, [csv.guarded(deck.name)] if with_deck else [])


def exported_cards(cards):
    """Yield the lines of a file with some cards of any decks."""
    yield from csv.lines_of([csv.COLUMNS])
    yield from _chunks(Card.objects.filter(pk__in=cards).order_by("deck_id", "position", "id"), None, [])


def _chunks(cards, user, before):
    for chunk in batched(cards.iterator(chunk_size=CHUNK), CHUNK, strict=False):
        yield "".join(csv.lines_of(_rows(chunk, user, before)))


def _rows(cards, user, before):
    known = user.progress.by_word(cards) if user else {}
    for card in cards:
        yield [*before, *csv.fields_of(note_of(card)), *(_statistics(known[card.word_key]) if user else ())]


def _statistics(rows):
    """Yield what is remembered of a word, direction by direction; nothing where it isn't begun."""
    by_direction = {row.direction: row for row in rows}
    for direction in DIRECTIONS:
        row = by_direction.get(direction)
        if row is None:
            yield from [""] * len(STATISTICS)
            continue
        begun = row.stability is not None
        yield "suspended" if row.suspended else row.state if begun else "new"
        yield row.next_review_at.isoformat() if begun and row.next_review_at else ""
        yield str(row.interval)
        yield f"{row.stability:.4f}" if begun else ""
        yield f"{row.difficulty:.4f}" if begun else ""
        yield str(row.reps)
        yield str(row.lapses)
