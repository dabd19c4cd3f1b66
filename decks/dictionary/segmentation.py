"""Chinese text into words: of all ways to cut it, the one whose words are most frequent."""

import re
from collections.abc import Iterable, Mapping

_UNLISTED = 0.5  # the Zipf frequency of a word that the frequency list does not have
_UNKNOWN = 12.0  # the cost of a character that begins no word
_LONGEST = 16
_ENDINGS = frozenset("儿兒")  # belong to the word before them, and hardly ever stand alone
_ALIEN = re.compile(r"[^\W_\u2e80-\U0003ffff]+")  # letters and digits of another script


def costs(frequencies: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """Return what each word costs: the more frequent (Zipf), the cheaper."""
    return {word: 10 - (_UNLISTED if zipf is None or word in _ENDINGS else zipf) for word, zipf in frequencies}


def segment(text: str, costs: Mapping[str, float]) -> list[str]:
    """Return the words of a text, whatever stands between them included: joined they are the text."""
    return [word for line in re.split(r"(?<=[\n。！？，；])", text) for word in _segment(line, costs) if word]


def _segment(line: str, costs: Mapping[str, float]) -> list[str]:
    """Return the cheapest way to cut a line, found from its end to its start."""
    size = len(line)
    best: list[tuple[float, int]] = [(0.0, size)] * (size + 1)
    # Found once for each run: looked for at each of its letters, a page of them took seconds.
    aliens = {place: alien.end() for alien in _ALIEN.finditer(line) for place in range(*alien.span())}
    for start in range(size - 1, -1, -1):
        end = aliens.get(start, start + 1)
        least = (_UNKNOWN + best[end][0], end)
        for end in range(start + 1, min(start + _LONGEST, size) + 1):
            if (cost := costs.get(line[start:end])) is not None and cost + best[end][0] < least[0]:
                least = (cost + best[end][0], end)
        best[start] = least
    words, start = [], 0
    while start < size:
        words.append(line[start : best[start][1]])
        start = best[start][1]
    return words
