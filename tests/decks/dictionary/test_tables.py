"""The dictionary against tables of what a learner expects, written from a knowledge of Chinese."""

import json
from pathlib import Path

import pytest

TABLES = Path(__file__).parents[2] / "data"


def table(name):
    return json.loads((TABLES / f"dictionary_{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["lookup", "readings", "levels", "segmentation", "conversion"])
def test_a_table_has_a_hundred_rows_none_twice(name):
    rows = [json.dumps(row, ensure_ascii=False) for row in table(name)]
    assert len(rows) >= 100
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("row", table("lookup"), ids=lambda row: row["query"])
def test_a_query_finds_the_word_that_is_meant_among_the_first(dictionary, row):
    found = [word.simplified for word in dictionary.search(row["query"], 30)]
    assert row["word"] in found[: row["within"]]


@pytest.mark.parametrize("row", table("readings"), ids=lambda row: row["word"])
def test_the_usual_reading_of_a_word_comes_first(dictionary, row):
    first = dictionary.readings(row["word"])[0]
    assert (first.pinyin, first.traditional) == (row["pinyin"], row["traditional"])


@pytest.mark.parametrize("row", table("levels"), ids=lambda row: row["word"])
def test_a_word_has_its_level_by_each_standard(dictionary, row):
    assert dictionary.hsk_levels(row["word"]) == {standard: row[standard] for standard in ("2025", "2021", "2.0")}


@pytest.mark.parametrize("row", table("segmentation"), ids=lambda row: "".join(row["words"]))
def test_a_text_is_cut_where_its_words_end(dictionary, row):
    assert dictionary.segment("".join(row["words"])) == row["words"]


@pytest.mark.parametrize("row", table("conversion"), ids=lambda row: row["simplified"])
def test_a_text_is_written_in_the_other_script(dictionary, row):
    assert dictionary.to_traditional(row["simplified"]) == row["traditional"]
    assert dictionary.to_simplified(row["traditional"]) == row["simplified"]


@pytest.mark.parametrize("row", table("conversion"), ids=lambda row: row["simplified"])
def test_a_text_that_is_in_a_script_already_stays(dictionary, row):
    assert dictionary.to_traditional(row["traditional"]) == row["traditional"]
    assert dictionary.to_simplified(row["simplified"]) == row["simplified"]
