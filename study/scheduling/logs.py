"""Logs of answers kept by other programs, in CSV: card_id, review_rating, review_time (and more, not looked at)."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from study.scheduling.days import day_number
from study.scheduling.fsrs import Rating

COLUMNS = ("card_id", "review_rating", "review_time")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# As seconds this would be the year 5138; as milliseconds it is 1973.
FEWEST_MILLISECONDS = 10**11
SHORTEST_EPOCH = 9


class LogError(ValueError):
    """A log that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Log:
    """A learner's answers, oldest first, as (card, day, rating); and the rows left out.

    unrated: rows without one of the four ratings, as Anki writes for a date set by hand; repeated: rows that say
    again what another one said.
    """

    answers: list[tuple[str, int, int]]
    unrated: int
    repeated: int

    def histories(self) -> list[list[tuple[int, int]]]:
        """Return each card's (day, rating) answers, the card first met first."""
        cards: dict[str, list[tuple[int, int]]] = {}
        for card, day, rating in self.answers:
            cards.setdefault(card, []).append((day, rating))
        return list(cards.values())

    def known(self, part: float) -> list[int]:
        """Return how many answers of each history lie within the first part, by time, of the next-day reviews."""
        last: dict[str, int] = {}
        reviews = []
        for index, (card, day, _) in enumerate(self.answers):
            if last.setdefault(card, day) < day:
                reviews.append(index)
            last[card] = day
        cut = round(part * len(reviews))
        end = reviews[cut] if cut < len(reviews) else len(self.answers)
        early = Counter(card for card, _, _ in self.answers[:end])
        return [early[card] for card in last]


def read(lines: Iterable[str], zone: ZoneInfo, rollover_hour: int) -> Log:
    """Return the log in these lines of CSV; the rows may come in any order.

    A time is ISO 8601 (in the zone where it names none) or seconds or milliseconds since 1970. LogError for a column
    that is missing or a value that cannot be read.
    """
    rows = csv.reader(lines)
    found = []
    try:
        places = _places(next(rows, []))
        found.extend(_answer(row, places, zone) for row in rows if row)
    except (ValueError, OverflowError, csv.Error) as error:
        raise LogError(f"line {max(rows.line_num, 1)}: {error}") from error
    rated = [answer for answer in found if answer[2]]
    # A dict, for it keeps the order of rows of the same time.
    answers = sorted(dict.fromkeys(rated), key=lambda answer: answer[0])
    return Log(list(_by_day(answers, zone, rollover_hour)), len(found) - len(rated), len(rated) - len(answers))


def _places(header: list[str]) -> list[int]:
    names = [name.strip().lower() for name in header]
    if missing := [column for column in COLUMNS if column not in names]:
        raise ValueError(f"no column {', '.join(missing)}")
    return [names.index(column) for column in COLUMNS]


def _answer(row: list[str], places: list[int], zone: ZoneInfo) -> tuple[datetime, str, int]:
    """Return the time in UTC, the card and the rating, 0 for none."""
    if len(row) <= max(places):
        raise ValueError(f"{len(row)} values are too few")
    card, rating, time = (row[place].strip() for place in places)
    if not card:
        raise ValueError("no card_id")
    return _time(time, zone), card, _rating(rating)


def _rating(text: str) -> int:
    # Spreadsheets and data frames write 3.0 for 3 where another row has none.
    rating = float(text or 0)
    if rating and rating not in tuple(Rating):
        raise ValueError(f"{text!r} is no review_rating from 1 to 4")
    return int(rating)


def _time(text: str, zone: ZoneInfo) -> datetime:
    whole = text.partition(".")[0]
    if len(whole) >= SHORTEST_EPOCH and whole.isdecimal():
        since = float(text)
        return EPOCH + timedelta(seconds=since / 1000 if since >= FEWEST_MILLISECONDS else since)
    at = datetime.fromisoformat(text)
    return (at if at.utcoffset() is not None else at.replace(tzinfo=zone)).astimezone(UTC)


def _by_day(
    answers: Iterable[tuple[datetime, str, int]], zone: ZoneInfo, rollover_hour: int
) -> Iterator[tuple[str, int, int]]:
    for at, card, rating in answers:
        yield card, day_number(at, zone, rollover_hour), rating
