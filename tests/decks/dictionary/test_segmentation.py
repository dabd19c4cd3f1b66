"""Text into words, beside the dictionary's own words (see test_lookup)."""

import time

from decks.dictionary import segmentation

COSTS = segmentation.costs([("中国", 6.0), ("中", 5.0), ("国", 5.0), ("卡拉OK", 3.0), ("OK", 3.0), ("T恤", 3.0)])


def test_letters_and_digits_stay_together_unless_a_word_has_them():
    text = "中国iPhone15中国 卡拉OK OKs T恤"
    assert segmentation.segment(text, COSTS) == ["中国", "iPhone15", "中国", " ", "卡拉OK", " ", "OKs", " ", "T恤"]


def test_a_page_of_letters_without_a_space_takes_no_longer_than_one_of_hanzi():
    started = time.process_time()
    assert segmentation.segment("a" * 50_000, COSTS) == ["a" * 50_000]
    assert time.process_time() - started < 4  # 6 s when each letter looked for the end of its word
