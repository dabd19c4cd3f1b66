"""Four choices for a card: one is right, the others are like it and are not right, too."""

import re
from collections import Counter

import pytest
from django.conf import settings as project

from accounts.models import Script
from decks.dictionary import open_dictionary
from decks.models import Card
from study.choices import Direction
from study.progress import CardProgress
from study.queue import Entry
from study.quiz import choices_for, is_right

READ, WRITE, HEAR = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE, Direction.LISTENING
ASKED = [READ, WRITE, HEAR]


@pytest.fixture(scope="module")
def dictionary():
    return open_dictionary(project.DICTIONARY_PATH)


@pytest.fixture
def level(dictionary, make_deck):
    """Return a function that makes the deck of a level, with every n-th word, and returns its cards."""

    def level(level, standard="2025", step=1):
        words = dictionary.hsk_words(standard, level)[::step]
        firsts = [(word.simplified, word.readings[0]) for word in words]
        texts = [(hanzi, first.traditional, first.pinyin, first.english) for hanzi, first in firsts]
        return list(make_deck(texts, name=level, standard=standard, level=level).cards.all())

    return level


@pytest.fixture
def own(make_deck, user):
    """Return a function that makes a deck of the learner's own and returns its cards."""
    return lambda words: list(make_deck(words, name="Mine", user=user).cards.all())


def asked(card, direction, reps=0):
    """Return the entry of a card that was answered so many times."""
    return Entry(card, direction, CardProgress(reps=reps) if reps else None)


def many_times(user, card, direction, times=40):
    """Return the four choices of a card at each of so many answers."""
    return choices_for(user, [asked(card, direction, reps) for reps in range(times)])


def wrong(choices):
    return [choice for choice in choices if not choice["right"]]


def senses(dictionary, hanzi):
    """Return every gloss of a word, without brackets and articles."""
    word = dictionary.lookup(hanzi)
    # What stands in brackets may itself be divided by commas.
    plain = [re.sub(r"\([^()]*\)", "", sense) for each in word.readings for sense in each.senses]
    bare = (part.lower().split() for sense in plain for part in re.split(r"[;,/]", sense))
    return {" ".join(words).removeprefix("to ").removeprefix("a ").removeprefix("the ") for words in bare} - {""}


class TestOfWordsOfHsk:
    @pytest.mark.parametrize("direction", ASKED)
    @pytest.mark.parametrize(("name", "step"), [("1", 1), ("2", 1), ("3", 1), ("7-9", 20)])
    def test_one_of_four_is_right_and_no_other_has_a_sense_of_it(self, user, level, dictionary, direction, name, step):
        cards = level(name, step=step)
        found = choices_for(user, [asked(card, direction) for card in cards])
        without = {card.hanzi for card, choices in zip(cards, found, strict=True) if choices is None}
        assert without <= {"人缘儿", "离谱儿", "属相"}
        for card, choices in zip(cards, found, strict=True):
            if choices:
                assert [choice["hanzi"] for choice in choices if choice["right"]] == [card.hanzi]
                assert len({choice["text"].lower() for choice in choices}) == 4
                assert len({choice["id"] for choice in choices}) == 4
                kin = [senses(dictionary, choice["hanzi"]) for choice in choices]
                assert sum(map(len, kin)) == len(set.union(*kin)), [choice["hanzi"] for choice in choices]

    @pytest.mark.parametrize("direction", ASKED)
    def test_the_others_have_none_of_its_characters_and_do_not_sound_like_it(self, user, level, direction):
        cards = level("1")
        for card, choices in zip(cards, choices_for(user, [asked(card, direction) for card in cards]), strict=True):
            for other in wrong(choices):
                assert not set(card.hanzi) - set("子儿头") & set(other["hanzi"])
                assert other["pinyin"] != card.pinyin

    def test_the_others_are_of_its_level_or_of_the_next_ones(self, user, level, dictionary):
        cards = level("1")
        found = choices_for(user, [asked(card, READ) for card in cards])
        levels = Counter(dictionary.lookup(other["hanzi"]).hsk["2025"] for choices in found for other in wrong(choices))
        assert set(levels) <= {"1", "2", "3"}
        assert levels["1"] > 0.9 * levels.total()

    def test_the_right_one_is_seldom_told_by_its_length(self, user, level):
        cards = level("3")
        found = choices_for(user, [asked(card, READ) for card in cards])
        longest = shortest = 0
        for choices in found:
            [right] = [len(choice["text"]) for choice in choices if choice["right"]]
            others = [len(choice["text"]) for choice in wrong(choices)]
            longest += right > 1.5 * max(others) + 4
            shortest += right < min(others) / 1.5 - 4
        assert (longest <= 0.02 * len(cards), shortest <= 0.02 * len(cards)) == (True, True)

    def test_in_chinese_the_others_have_as_many_characters(self, user, level):
        cards = level("3")
        found = choices_for(user, [asked(card, WRITE) for card in cards])
        same = [len({len(choice["text"]) for choice in choices}) == 1 for choices in found]
        assert same.count(True) > 0.97 * len(cards)

    def test_the_others_of_a_verb_are_verbs(self, user, level):
        cards = [card for card in level("2") if card.english.startswith("to ")]
        found = choices_for(user, [asked(card, READ) for card in cards])
        verbs = [other["text"].startswith(("to ", "(")) for choices in found for other in wrong(choices)]
        assert verbs.count(True) > 0.98 * len(verbs)


class TestOrder:
    def test_it_is_the_same_for_the_same_card_and_number_of_answers(self, user, card):
        first, again = many_times(user, card, READ), many_times(user, card, READ)
        assert first == again

    def test_it_is_another_after_an_answer(self, user, card):
        found = many_times(user, card, READ)
        places = Counter([choice["right"] for choice in choices].index(True) for choices in found)
        assert set(places) == {0, 1, 2, 3}
        assert len({choice["hanzi"] for choices in found for choice in choices}) > 10

    def test_it_does_not_hang_on_what_else_is_asked(self, user, cards):
        entries = [asked(card, READ, 2) for card in cards]
        assert choices_for(user, entries)[3] == choices_for(user, entries[3:4])[0]


class TestText:
    def test_a_choice_has_its_language_and_what_explains_it(self, user, card):
        [choices] = choices_for(user, [asked(card, READ)])
        [right] = [choice for choice in choices if choice["right"]]
        assert {name: right[name] for name in right if name != "id"} == {
            "text": "student",
            "lang": "en",
            "right": True,
            "hanzi": "学生",
            "traditional": "學生",
            "pinyin": "xuésheng",
            "english": "student",
        }
        assert {frozenset(choice) for choice in choices} == {frozenset(right)}

    @pytest.mark.parametrize(
        ("script", "text", "lang"),
        [(Script.SIMPLIFIED, "学生", "zh-Hans"), (Script.TRADITIONAL, "學生", "zh-Hant")],
    )
    def test_hanzi_are_in_the_learners_script(self, user, card, script, text, lang):
        user.script = script
        [choices] = choices_for(user, [asked(card, WRITE)])
        assert [choice["text"] for choice in choices if choice["right"]] == [text]
        assert {choice["lang"] for choice in choices} == {lang}
        names = {"zh-Hans": "hanzi", "zh-Hant": "traditional"}
        assert all(choice["text"] == choice[names[lang]] for choice in choices)

    def test_without_a_traditional_form_it_is_the_simplified_one(self, user, own):
        user.script = Script.TRADITIONAL
        [card] = own([("学生", "", "xuésheng", "student")])
        [choices] = choices_for(user, [asked(card, WRITE)])
        assert [(choice["text"], choice["lang"]) for choice in choices if choice["right"]] == [("学生", "zh-Hans")]

    def test_it_is_the_cards_own_english_cut_to_what_a_choice_shows(self, user, own):
        long = "to study; to read attentively, or so; to pore over books (until late at night); to swot; to cram"
        [card] = own([("读书", "讀書", "dúshū", long)])
        [choices] = choices_for(user, [asked(card, READ)])
        [right] = [choice for choice in choices if choice["right"]]
        assert (right["text"], right["english"]) == ("to study; to read attentively, or so", long)


class TestNoSecondRightAnswer:
    # Words that a learner has beside one another in a deck of their own, so that they would be taken first.
    @pytest.mark.parametrize("direction", ASKED)
    @pytest.mark.parametrize(
        "words",
        [
            "高兴 快乐 愉快 开心",
            "马上 立刻 赶紧",
            "大夫 医生",
            "爸爸 父亲",
            "仔细 认真 细心",
            "大概 也许 可能",
            "卫生间 厕所 洗手间",
            "害怕 恐惧",
            "勇敢 大胆",
            "常常 经常 时常",
            "好 善良",
            "长 成长",
            "宾馆 酒店 旅馆 饭店",
            "后来 以后",
            "星期天 星期日",
            "不 没",
        ],
    )
    def test_no_synonym_stands_beside_a_word(self, user, own, dictionary, words, direction):
        firsts = [(word, dictionary.lookup(word).readings[0]) for word in words.split()]
        cards = own([(word, first.traditional, first.pinyin, first.english) for word, first in firsts])
        for card in cards:
            found = {choice["hanzi"] for four in many_times(user, card, direction, 10) for choice in wrong(four)}
            assert not found & set(words.split())

    def made_up(self, own, *words):
        """Return cards of words that no dictionary has, of one length and kind."""
        return own([(hanzi, "", pinyin, english) for hanzi, pinyin, english in words])

    def test_a_card_stands_beside_others_of_its_deck(self, user, own):
        cards = self.made_up(
            own,
            *[("甲龘", "jiǎdá", "otter"), ("乙龘", "yǐ'ér", "zebra"), ("丙鱻", "bǐngsān", "heron")],
            *[("丁麤", "dīngcū", "badger"), ("戊犇", "wùbēn", "weasel")],
        )
        # The first two have a character in common.
        for four in many_times(user, cards[0], READ):
            assert {choice["text"] for choice in four} == {"otter", "heron", "badger", "weasel"}

    @pytest.mark.parametrize(
        ("pinyin", "like"), [("mǎdá", "Mǎ dá"), ("qǐmǎ", "qímǎ"), ("nǐhǎo", "níhǎo"), ("lǎoshī", "lǎoshī")]
    )
    @pytest.mark.parametrize("direction", ASKED)
    def test_no_word_that_sounds_like_it_does(self, user, own, pinyin, like, direction):
        cards = self.made_up(
            own,
            *[("甲龘", pinyin, "otter"), ("乙飝", like, "zebra"), ("丙鱻", "bǐngsān", "heron")],
            *[("丁麤", "dīngcū", "badger"), ("戊犇", "wùbēn", "weasel")],
        )
        for four in many_times(user, cards[0], direction):
            assert {choice["english"] for choice in four} == {"otter", "heron", "badger", "weasel"}

    def test_no_two_of_the_others_are_alike(self, user, own):
        cards = self.made_up(
            own,
            *[("甲龘", "jiǎdá", "otter"), ("乙飝", "yǐfēi", "heron"), ("丙鱻", "bǐngsān", "herons")],
            *[("丁麤", "dīngcū", "badger"), ("戊犇", "wùbēn", "weasel")],
        )
        for four in many_times(user, cards[0], READ):
            texts = {choice["text"] for choice in four}
            assert {"otter", "badger", "weasel"} < texts
            assert not {"heron", "herons"} <= texts

    def test_a_meaning_in_another_reading_counts(self, user, own):
        # 长 is also zhǎng, "to grow", which its card doesn't say.
        cards = own([("长", "長", "cháng", "long"), ("发", "發", "fā", "to grow"), ("短", "短", "duǎn", "short")])
        for four in many_times(user, cards[1], WRITE):
            assert "长" not in {choice["hanzi"] for choice in four}

    def test_a_word_that_its_entry_mentions_does_not_stand_beside_it(self, user, own, dictionary):
        word = dictionary.lookup("您").readings[0]  # "you (courteous, as opposed to informal 你)"
        cards = own([("您", word.traditional, word.pinyin, "thou"), ("你", "你", "nǐ", "youngster")])
        for four in many_times(user, cards[0], WRITE):
            assert "你" not in {choice["hanzi"] for choice in four}


class TestWithoutChoices:
    def test_a_card_that_says_too_little_has_none(self, user, own, deck):
        silent, unwritten, unsaid, referring = own(
            [
                *[("苹果", "", "píngguǒ", ""), ("", "", "píngguǒ", "apple"), ("甲龘", "", "", "otter")],
                ("男孩儿", "", "nánháir", "erhua form of 男孩 nánhái"),
            ]
        )
        for card, directions in [(silent, []), (unwritten, []), (unsaid, [READ, WRITE]), (referring, [])]:
            found = choices_for(user, [asked(card, direction) for direction in ASKED])
            assert [way for way, choices in zip(ASKED, found, strict=True) if choices] == directions

    def test_writing_has_none(self, user, card):
        assert choices_for(user, [asked(card, Direction.WRITING), asked(card, READ)])[0] is None

    def test_without_a_dictionary_there_are_none(self, user, card, settings, tmp_path):
        settings.DICTIONARY_PATH = tmp_path / "none.sqlite3"
        assert choices_for(user, [asked(card, READ)]) == [None]

    def test_of_no_entries_there_are_none(self, user, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert choices_for(user, []) == []


class TestOfOtherWords:
    def test_words_that_no_list_has_stand_beside_some_as_frequent(self, user, own, dictionary):
        word = next(word for word in dictionary.by_rank(20_000, 20_400) if word.hsk["2025"] is None)
        first = word.readings[0]
        [card] = own([(word.simplified, first.traditional, first.pinyin, first.english)])
        ranks = [
            dictionary.lookup(choice["hanzi"]).rank for four in many_times(user, card, READ) for choice in wrong(four)
        ]
        assert (min(ranks) > 2_000, max(ranks) <= 64_000) == (True, True)

    def test_a_deck_of_ones_own_asks_by_the_learners_standard(self, user, own, dictionary):
        user.hsk_standard = "2.0"
        [card] = own([("朋友", "朋友", "péngyou", "friend")])
        found = {
            dictionary.lookup(choice["hanzi"]).hsk["2.0"]
            for four in many_times(user, card, READ)
            for choice in wrong(four)
        }
        assert found <= {"1", "2", "3"}

    def test_a_card_without_english_texts_of_a_dictionary_is_asked_all_the_same(self, user, own):
        [card] = own([("甲龘", "", "jiǎdá", "otter")])
        assert all(many_times(user, card, direction, 1)[0] for direction in ASKED)


class TestQueries:
    def test_those_of_hsk_decks_take_one(self, user, level, django_assert_num_queries):
        entries = [asked(card, READ) for card in level("1")]
        with django_assert_num_queries(1):
            choices_for(user, entries)

    def test_others_take_two_whatever_their_number(self, user, level, own, django_assert_num_queries):
        entries = [
            asked(card, READ) for card in [*level("1"), *own([(f"字{at}", "", "zì", f"x{at}") for at in range(300)])]
        ]
        with django_assert_num_queries(2):
            choices_for(user, entries)


class TestWhichIsRight:
    @pytest.mark.parametrize("direction", ASKED)
    def test_the_right_one_is_known_by_its_id(self, user, card, direction):
        for choice in choices_for(user, [asked(card, direction)])[0]:
            assert is_right(card, direction, choice["id"]) is choice["right"]

    def test_ids_say_nothing_of_the_word(self, user, cards):
        one, other = choices_for(user, [asked(card, READ) for card in cards[:2]])
        assert not {choice["id"] for choice in one} & {choice["id"] for choice in other}
        assert all(re.fullmatch("[0-9a-f]{16}", choice["id"]) for choice in one)

    def test_what_was_offered_for_another_card_or_direction_was_not(self, user, cards):
        [choices] = choices_for(user, [asked(cards[0], READ)])
        for choice in choices:
            assert is_right(cards[1], READ, choice["id"]) is None
            assert is_right(cards[0], WRITE, choice["id"]) is None

    @pytest.mark.parametrize("id", ["", "x", "0" * 16, "字" * 16, "0" * 1000])
    def test_what_was_never_offered_is_none(self, card, id):
        assert is_right(card, READ, id) is None

    def test_an_id_outlives_a_change_of_the_card_and_later_answers(self, user, card):
        [choices] = choices_for(user, [asked(card, READ, 3)])
        Card.objects.update(english="a pupil", hanzi="生徒")
        card.refresh_from_db()
        assert [is_right(card, READ, choice["id"]) for choice in choices] == [choice["right"] for choice in choices]

    def test_ids_are_the_sites_own(self, user, card, settings):
        [choices] = choices_for(user, [asked(card, READ)])
        settings.SECRET_KEY = "another"
        assert [is_right(card, READ, choice["id"]) for choice in choices] == 4 * [None]
