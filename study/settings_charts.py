"""The drawings of the settings page, as what their templates need: places in a box of 336 by 216."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10, sqrt

LEFT, RIGHT, TOP, BOTTOM = 50, 312, 12, 172
MOST_TICKS = 5
ROUNDING = 1e-9
SMALLEST_DOT, LARGEST_DOT = 2.5, 8
# From 70 to 97 %, as one may wish.
RETENTION_TICKS = [0.7, 0.8, 0.9, 0.97]


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from values to places."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value):
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    def marks(self, values, label):
        """Return the place and the label of each value."""
        return [(self.place(value), label(value)) for value in values]


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing: marks on both axes, a line, dots as (x, y, radius, label), and a spot of interest or None."""

    x_marks: list
    y_marks: list
    line: list
    dots: list
    spot: tuple | None = None

    @property
    def points(self):
        """Return the line as SVG has it."""
        return " ".join(f"{x},{y}" for x, y in self.line)


def percent(part):
    """Return a part of 1 as text: "90 %"."""
    return f"{100 * part:.0f} %"


def round_numbers(low, high):
    """Return up to five round numbers, evenly apart, that enclose both ends."""
    magnitude = 10 ** floor(log10((high - low or 1) / MOST_TICKS))
    for step in (magnitude, 2 * magnitude, 5 * magnitude, 10 * magnitude, 20 * magnitude):
        # What is a whole number of steps but for a rounding error is one.
        first, last = floor(low / step + ROUNDING), ceil(high / step - ROUNDING)
        if last - first < MOST_TICKS:
            break
    return [round(number * step, 9) for number in range(first, max(last, first + 1) + 1)]


def calibration(bands):
    """Return the chart of recall against what was predicted; bands as `fit.calibration` gives them."""
    lowest = min(min(predicted, recalled) for predicted, recalled, _ in bands)
    ticks = round_numbers(floor(min(lowest, 0.9) * 10) / 10, 1.0)
    x, y = Axis(ticks[0], ticks[-1], LEFT, RIGHT), Axis(ticks[0], ticks[-1], BOTTOM, TOP)
    most = max(reviews for *_, reviews in bands)
    dots = [
        (
            x.place(predicted),
            y.place(recalled),
            round(max(SMALLEST_DOT, LARGEST_DOT * sqrt(reviews / most)), 1),
            f"predicted {percent(predicted)}, recalled {percent(recalled)}, reviews {reviews:,}",
        )
        for predicted, recalled, reviews in bands
    ]
    return Chart(x.marks(ticks, percent), y.marks(ticks, percent), [(LEFT, BOTTOM), (RIGHT, TOP)], dots)


def against_retention(retentions, values, wished, low=None):
    """Return the chart of a value against the retention wished for, with the learner's own wish as its spot.

    The axis of the values begins at `low`, or below the least of them.
    """
    ticks = round_numbers(min(values) if low is None else low, max(values))
    x, y = Axis(retentions[0], retentions[-1], LEFT, RIGHT), Axis(ticks[0], ticks[-1], BOTTOM, TOP)
    line = [(x.place(retention), y.place(value)) for retention, value in zip(retentions, values, strict=True)]
    spot = x.place(wished), y.place(between(retentions, values, wished))
    return Chart(x.marks(RETENTION_TICKS, percent), y.marks(ticks, "{:g}".format), line, [], spot)


def between(places, values, place):
    """Return the value at a place, on the straight line between its neighbours."""
    pairs = pairwise(zip(places, values, strict=True))
    (left, before), (right, after) = next(pair for pair in pairs if place <= pair[1][0])
    return before + (after - before) * (place - left) / (right - left)
