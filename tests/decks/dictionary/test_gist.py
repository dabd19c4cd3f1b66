import re

import pytest

from decks.dictionary import STANDARDS
from decks.dictionary.cedict import Entry
from decks.dictionary.gist import LONGEST, gist

GISTS = {
    "我": "I; me; my",
    "被": "used to indicate passive voice; quilt; to cover (with)",
    "把": "used to put the object before the verb: 把 bǎ + {noun} + {verb}; to hold; to grasp",
    "吗": 'question particle for "yes-no" questions',
    "了": "completed action marker; modal particle indicating change of state, situation now",
    "的": "of; ~'s (possessive particle); used after an attribute when it modifies a noun",
    "学生": "student; schoolchild",
    "一点儿": "a bit; a little bit; (not) the least bit; a bit more, -er",
    "太": "too (much); very; extremely",
    "中国": "China",
}


def of(*senses, others=()):
    words = {}
    for other in others:
        words.setdefault(other.simplified, []).append(other)
    return gist(Entry("x", "x", "x1", senses), words)


@pytest.fixture(scope="module")
def cards(dictionary):
    """Every word of every HSK list."""
    return {
        word.simplified: word
        for standard in STANDARDS
        for level in dictionary.levels(standard)
        for word in dictionary.hsk_words(standard, level)
    }


@pytest.mark.parametrize(("word", "english"), GISTS.items())
def test_a_card_says_what_a_learner_needs(dictionary, word, english):
    assert dictionary.lookup(word).readings[0].english == english


def test_no_card_is_empty_crowded_or_says_where_to_look(cards):
    assert len(cards) > 12_000
    noise = re.compile(r"^surname|CL:|\[|\bvariant of|also pr\.|Taiwan pr\.|bound form|see also|^\s*$|abbr\. for")
    wrong = {word: card.readings[0].english for word, card in cards.items() if noise.search(card.readings[0].english)}
    assert wrong == {}
    composed = {word for word, card in cards.items() if card.composed}
    assert [w for w, c in cards.items() if len(c.readings[0].english) > LONGEST and w not in composed] == []


def test_the_first_three_senses_are_enough():
    assert of("one", "two", "three", "four") == "one; two; three"


def test_a_meaning_is_said_once():
    assert of("this; these", "This; that") == "this; these; that"


def test_surnames_and_variants_are_left_out_when_there_is_more():
    assert of("surname Li", "variant of 裡|里[li3]", "plum", "also pr. [li2]") == "plum"


def test_a_surname_that_is_all_there_is_can_be_read():
    assert of("surname Hao") == "Hao (surname)"


def test_a_word_that_only_refers_to_another_has_its_meaning():
    target = Entry("一點", "一点", "yi1 dian3", ("a bit", "a little"))
    assert of("erhua variant of 一點|一点[yi1 dian3]", others=[target]) == "a bit; a little"


def test_a_reference_to_nothing_is_made_readable():
    assert of("variant of 裡|里[li3]") == "variant of 里 lǐ"


def test_references_are_shown_as_hanzi_and_marks():
    assert of("opposite of 好[hao3] (as in 好人[hao3 ren2])") == "opposite of 好 hǎo"


def test_uncommon_senses_are_left_out_where_there_are_common_ones():
    assert of("(literary) to call out", "number") == "number"


def test_a_long_sense_is_cut_where_a_clause_ends():
    long = "cheongsam, a traditional Chinese dress for women, originally a long robe worn by Manchu women of the Qing"
    assert of(long) == "cheongsam, a traditional Chinese dress for women"
