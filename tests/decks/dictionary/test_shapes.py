from decks.dictionary.characters import Facts
from decks.dictionary.shapes import lookalikes

# Strokes as hanzi-writer draws them: y goes up.
LEFT, RIGHT = [[100, 800], [100, 0]], [[900, 800], [900, 0]]
TOP, MIDDLE, BOTTOM = [[100, 800], [900, 800]], [[100, 400], [900, 400]], [[100, 0], [900, 0]]
RISING, FALLING = [[100, 0], [900, 800]], [[100, 800], [900, 0]]


def facts(*medians, parts=(), radical=1):
    return Facts("", radical, len(medians), parts, (), "", b"", list(medians))


# Enough others for the pictures to have something in common.
OTHERS = {
    name: facts(*strokes)
    for name, strokes in zip(
        "甲乙丙丁戊庚辛壬癸",
        [
            (RISING, FALLING, TOP, LEFT),
            (RISING, BOTTOM, TOP, FALLING),
            (MIDDLE, RISING, LEFT, RIGHT),
            (TOP, BOTTOM, RISING, RIGHT),
            (LEFT, RIGHT, FALLING, MIDDLE),
            (FALLING, MIDDLE, BOTTOM, RISING),
            (LEFT, FALLING, RISING, BOTTOM),
            (TOP, FALLING, RIGHT, RISING),
            (BOTTOM, FALLING, LEFT, RIGHT),
        ],
        strict=True,
    )
}


def moved(stroke, by):
    return [[x + by, y] for x, y in stroke]


def test_characters_of_the_same_strokes_look_alike():
    box = facts(LEFT, TOP, RIGHT, BOTTOM)
    nearly = facts(moved(LEFT, 20), TOP, moved(RIGHT, -20), BOTTOM)
    assert lookalikes(OTHERS | {"口": box, "囗": nearly})["口"] == ["囗"]


def test_a_third_more_strokes_make_another_character():
    four, six = [LEFT, TOP, RIGHT, BOTTOM], [LEFT, TOP, RIGHT, BOTTOM, moved(LEFT, 10), moved(RIGHT, -10)]
    found = lookalikes(OTHERS | {"口": facts(*four), "囗": facts(*six), "回": facts(*six, moved(LEFT, 15))})
    assert found["囗"] == ["口", "回"] or found["囗"] == ["回", "口"]
    assert found["口"] == ["囗"]


def test_reviewed_pairs_look_alike_whatever_was_measured():
    found = lookalikes(OTHERS | {"买": facts(LEFT, TOP, RIGHT, BOTTOM), "卖": facts(RISING, FALLING)})
    assert (found["买"], found["卖"]) == (["卖"], ["买"])


def test_refuted_pairs_look_unlike_whatever_was_measured():
    found = lookalikes(OTHERS | {"一": facts(MIDDLE), "二": facts(MIDDLE)})
    assert "一" not in found
    assert "二" not in found


def test_characters_that_cannot_be_drawn_look_like_none():
    plain = Facts("", 1, 4, (), (), "", None, [])
    assert "㑇" not in lookalikes(OTHERS | {"㑇": plain, "口": facts(LEFT, TOP, RIGHT, BOTTOM)})
