"""What glosses say of a word: how much a choice shows, which of them are kin in meaning, what kind of word it is."""

import pytest

from decks.dictionary.glosses import (
    _SAME,
    KINDS_LIKE,
    _bare,
    kind,
    meanings,
    mentions,
    shown,
    stem,
    synonyms,
    with_synonyms,
)


@pytest.mark.parametrize(
    ("english", "text"),
    [
        ("student", "student"),
        ("to look; to read", "to look; to read"),
        ("to love; to be fond of; to like; affection", "to love; to be fond of; to like"),
        ("company / firm\ncorporation", "company; firm; corporation"),
        ("to run (a machine; a shop); to walk", "to run (a machine; a shop); to walk"),
        (
            "to pay particular attention to; to be particular about sth",
            "to pay particular attention to",  # both are longer than two lines of a phone
        ),
        (
            "classifier used before a noun that has no specific classifier; individual",
            "classifier used before a noun that has no specific classifier",
        ),
        (
            "(a woman) who used to go about the country with a troupe of singers and of dancers, long ago",
            "(a woman) who used to go about the country with a troupe of singers and…",
        ),
        ("x" * 100, "x" * 36 + "…"),
        ("four seasons, namely: spring 春 chūn, summer 夏 xià", "four seasons"),
        ("variant of 女孩; girl", "girl"),
        ("variant of 女孩", ""),
        ("abbr. (of 中国)", "abbr."),
        (" ", ""),
    ],
)
def test_a_choice_shows_the_first_parts_without_hanzi(english, text):
    assert shown(english) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("to study", "student; learner"),
        ("quickly", "fast; rapid"),
        ("to stop", "stopped"),
        ("happy; joyful", "happiness"),
        ("cities", "city"),
        ("colour", "(visible) color"),
        ("big; large; great", "huge; very large"),
        ("to take", "to take"),
        ("two; 2", "two; both"),
        ("a man; male", "men"),
        ("don't", "not; no"),
        ("movie", "a film, as seen in a theater"),
    ],
)
def test_glosses_that_share_a_sense_are_kin(one, other):
    assert meanings([one]) & meanings([other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("to take a photograph", "to take medicine"),
        ("to make sb do sth", "to make tea"),
        ("to be tired", "to be hungry"),
        ("classifier for books", "classifier for rooms"),
        ("particle used after a verb", "particle used before a question"),
        ("father; dad", "mother; mum"),
        ("today", "yesterday"),
        ("(of a person) tall", "(of a person) poor"),
        ("husband", "wife"),
    ],
)
def test_glosses_that_share_what_says_nothing_are_not(one, other):
    assert not meanings([one]) & meanings([other])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("immediate immediately prompt", "imm"),
        ("compete competition", "compet"),
        ("careful care attention", "care"),
        ("car", "car"),
        ("run running runner", "run"),
        ("glad happily", "hap"),
    ],
)
def test_a_stem_is_what_a_word_and_its_kin_begin_with(words, found):
    assert {stem(word) for word in words.split()} == {found}


def test_no_word_is_in_two_groups_of_one_meaning():
    groups = [set(group.split()) for group in _SAME.replace("\n", "|").split("|")]
    forms = [form for group in groups for form in group | {_bare(word) for word in group}]
    assert sorted(forms) == sorted(set(forms))


def test_what_a_sense_names_together_are_synonyms():
    found = synonyms([["joyful; delighted", "to sell", "bank", "river"], ["shy; timid (of animals)"], ["to be a cook"]])
    assert {each: sorted(others) for each, others in found.items()} == {
        "joy": ["delight", "joy"],
        "delight": ["delight", "joy"],
        "shy": ["shy", "timid"],
        "timid": ["shy", "timid"],
    }


def test_of_an_entry_with_few_senses_all_are():
    assert sorted(synonyms([["odd", "weird", "strange"]])["odd"]) == ["odd", "strang", "weird"]


def test_synonyms_are_those_of_a_meaning_by_itself():
    others = {"joy": ("joy", "delight"), "light": ("light", "lamp")}
    assert with_synonyms("joyful; a light meal", others) == {"joy", "delight", "light", "meal"}


def test_the_words_that_senses_mention():
    assert mentions(["see 蘋果|苹果[ping2 guo3]", "fruit"]) == {"蘋果", "苹果"}


@pytest.mark.parametrize(
    ("hanzi", "english", "measured", "found"),
    [
        ("学生", "student; schoolchild", False, "noun"),
        ("广告", "to advertise; a commercial", True, "verb"),
        ("关系", "connected", True, "noun"),
        ("身体", "the body; one's health", False, "noun"),
        ("看", "to look; to read", False, "verb"),
        ("动", "(of sth) to move", False, "verb"),
        ("漂亮", "pretty; beautiful", False, "adjective"),
        ("浪漫", "romantic", False, "adjective"),
        ("无畏", "daring thing; fearless; dauntless", False, "adjective"),
        ("牛奶", "cow's milk", False, "noun"),
        ("突然", "suddenly", False, "adverb"),
        ("非常", "very; extremely", False, "adverb"),
        ("愚蠢", "silly; stupid", False, "adjective"),
        ("家", "family; home", False, "noun"),
        ("但是", "but; however", False, "function"),
        ("我们", "we; us", False, "function"),
        ("吗", 'question particle for "yes-no" questions', False, "grammar"),
        ("本", "classifier for books; root", False, "measure"),
        ("二", "two; 2", False, "number"),
        ("中国", "China", False, "name"),
        ("今年", "this year", False, "time"),
        ("晚上", "evening; night", True, "time"),
        ("晚饭", "evening meal", False, "noun"),
        ("再见", "goodbye", False, "phrase"),
        ("多少", "how much?; how many?", False, "phrase"),
        ("出人意料", "unexpected; surprising", False, "idiom"),
        ("公共汽车", "bus", True, "noun"),
        ("", "", False, "noun"),
    ],
)
def test_the_kind_of_a_word_is_told_by_its_first_glosses(hanzi, english, measured, found):
    assert kind(hanzi, english, measured) == found


def test_every_kind_has_others_that_do_for_it():
    assert all(set(others) <= set(KINDS_LIKE) for others in KINDS_LIKE.values())


def test_words_between_two_ranks_come_most_frequent_first(dictionary):
    found = dictionary.by_rank(101, 200)
    ranks = [word.rank for word in found]
    assert ranks == sorted(ranks)
    assert set(ranks) <= set(range(101, 201))
    assert len(ranks) > 80
    assert dictionary.lookup(found[0].simplified) == found[0]
