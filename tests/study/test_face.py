"""What the front and the back of a card show, in the ways that a learner may choose."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from accounts.models import User
from decks.models import Card
from study.choices import Direction, Exercise
from study.face import Face, Token, entry_url

STUDENT = Card(
    hanzi="学生",
    traditional="學生",
    pinyin="xuésheng",
    english="student; schoolchild",
    sentence="他是不是学生？",
    sentence_pinyin="Tā shìbushì xuésheng?",
    sentence_translation="Is he a student or not?",
)
TOGETHER = Card(hanzi="一起", traditional="一起", pinyin="yīqǐ", english="together")
BOOK = Card(hanzi="书", traditional="書", pinyin="shū", english="book")
READ, RECALL, LISTEN, WRITE = Direction


def face(card, direction=READ, exercise=Exercise.CARDS, note="", **settings):
    return Face(card, User(**settings), direction, exercise, note)


def front(*arguments, **settings):
    return " ".join(render_to_string("study/_prompt.html", {"face": face(*arguments, **settings)}).split())


def back(*arguments, **settings):
    return " ".join(render_to_string("study/_answer.html", {"face": face(*arguments, **settings)}).split())


def seen(html):
    return " ".join(strip_tags(html).split())


@pytest.fixture
def no_dictionary(settings, tmp_path):
    settings.DICTIONARY_PATH = tmp_path / "none.sqlite3"


class TestScripts:
    @pytest.mark.parametrize(
        ("look", "shown"),
        [
            ({}, [("zh-Hans", "学生"), ("zh-Hant", "學生")]),
            ({"script": "traditional"}, [("zh-Hant", "學生"), ("zh-Hans", "学生")]),
            ({"both_scripts": False}, [("zh-Hans", "学生")]),
            ({"both_scripts": False, "script": "traditional"}, [("zh-Hant", "學生")]),
        ],
    )
    def test_the_learners_script_comes_first_and_the_other_if_wanted(self, look, shown):
        assert [(word.lang, word.text) for word in face(STUDENT, **look).words] == shown

    def test_a_visitor_sees_what_a_new_learner_does(self):
        words = Face(STUDENT, AnonymousUser()).words
        assert [word.text for word in words] == ["学生", "學生"]

    @pytest.mark.parametrize(("script", "lang"), [("simplified", "zh-Hans"), ("traditional", "zh-Hant")])
    def test_a_word_that_is_alike_in_both_is_shown_once_in_the_learners_forms(self, script, lang):
        [word] = face(Card(hanzi="骨", traditional="骨"), script=script).words
        assert (word.lang, word.text) == (lang, "骨")

    def test_a_card_without_traditional_characters_is_simplified_to_all(self):
        [word] = face(Card(hanzi="学生"), script="traditional").words
        assert (word.lang, word.text) == ("zh-Hans", "学生")


class TestColoursOfCharacters:
    @pytest.mark.parametrize(
        ("hanzi", "pinyin", "tones"),
        [
            ("学生", "xuésheng", [2, 5]),
            ("西安", "Xī'ān", [1, 1]),
            ("一点儿", "yīdiǎnr", [1, 3, 5]),
            ("一点儿", "yīdiǎn", [1, 3, 0]),
            ("一点", "yīdiǎnr", [1, 3]),
            ("女儿", "nǚ'ér", [3, 2]),
            ("T恤", "T xù", [0, 4]),
            ("阿Q正传", "Ā Q Zhèngzhuàn", [1, 0, 4, 4]),
            ("好", "hǎo / hào", [0]),
            ("学生", "xué", [0, 0]),
            ("学生", "xue2sheng5", [0, 0]),
            ("学生", "", [0, 0]),
            ("𠮷", "jí", [2]),
        ],
    )
    def test_each_has_the_tone_of_its_syllable_where_they_match(self, hanzi, pinyin, tones):
        [word] = face(Card(hanzi=hanzi, pinyin=pinyin), tone_colours_on="both").words
        assert [tone for _, tone in word.characters] == tones

    @pytest.mark.parametrize("look", [{"tone_colours_on": "pinyin"}, {"tone_colours": "none"}])
    def test_there_are_none_unless_the_learner_wants_them(self, look):
        words = face(STUDENT, **({"tone_colours_on": "hanzi"} | look)).words
        assert {tone for word in words for _, tone in word.characters} == {0}

    def test_both_scripts_have_them(self):
        assert [word.characters for word in face(STUDENT, tone_colours_on="hanzi").words] == [
            [("学", 2), ("生", 5)],
            [("學", 2), ("生", 5)],
        ]

    def test_they_are_of_the_spoken_tones_where_those_are_shown(self):
        [word] = face(TOGETHER, tone_colours_on="hanzi", tone_change=True).words
        assert word.characters == [("一", 4), ("起", 3)]


class TestPronunciation:
    def said(self, pinyin, hanzi="", **settings):
        return face(Card(hanzi=hanzi, pinyin=pinyin, english="x"), **settings).said

    def test_pinyin_is_cut_into_syllables_with_their_tones(self):
        said = self.said("Xī'ān")
        assert (said.lang, said.citation) == ("zh-Latn-pinyin", ())
        assert [syllable[:2] for syllable in said.syllables] == [("Xī", 1), ("'", 0), ("ān", 1)]

    @pytest.mark.parametrize(
        ("pinyin", "zhuyin"),
        [
            ("xuésheng", "ㄒㄩㄝˊ ˙ㄕㄥ"),
            ("Xī'ān", "ㄒㄧ ㄢ"),
            ("nǚ'ér", "ㄋㄩˇ ㄦˊ"),
            ("yīdiǎnr", "ㄧ ㄉㄧㄢˇ ˙ㄦ"),
            ("lǎo shī", "ㄌㄠˇ ㄕ"),
            ("hǎo / hào", "ㄏㄠˇ / ㄏㄠˋ"),
            ("kǎlā OK", "ㄎㄚˇ ㄌㄚ OK"),
        ],
    )
    def test_zhuyin_stands_syllable_by_syllable(self, pinyin, zhuyin):
        said = self.said(pinyin, phonetic="zhuyin")
        assert (said.lang, said.text) == ("zh-Bopo", zhuyin)

    @pytest.mark.parametrize("phonetic", ["pinyin", "zhuyin"])
    @pytest.mark.parametrize("odd", ["xue2sheng5", "see below", "???", "xuesheng"])
    def test_what_tells_no_tones_is_shown_as_it_is(self, odd, phonetic):
        said = self.said(odd, "学生", phonetic=phonetic, tone_change=True)
        assert (said.lang, said.text, {syllable.tone for syllable in said.syllables}) == ("zh-Latn-pinyin", odd, {0})

    @pytest.mark.parametrize(
        ("hanzi", "pinyin", "shown", "citation"),
        [
            ("一起", "yīqǐ", [("yì", 4, True), ("qǐ", 3, False)], "yīqǐ"),
            ("你好", "nǐ hǎo", [("ní", 2, True), (" ", 0, False), ("hǎo", 3, False)], "nǐ hǎo"),
            ("女子", "nǚzǐ", [("nǘ", 2, True), ("zǐ", 3, False)], "nǚzǐ"),
            ("看一看", "kànyīkàn", [("kàn", 4, False), ("yi", 5, True), ("kàn", 4, False)], "kànyīkàn"),
            ("学生", "xuésheng", [("xué", 2, False), ("sheng", 5, False)], ""),
            ("好", "hǎo / hǎo", [("hǎo", 3, False), (" / ", 0, False), ("hǎo", 3, False)], ""),
        ],
    )
    def test_a_changed_tone_is_marked_and_the_dictionarys_is_told(self, hanzi, pinyin, shown, citation):
        said = self.said(pinyin, hanzi, tone_change=True)
        assert [tuple(syllable) for syllable in said.syllables] == shown
        assert "".join(syllable.text for syllable in said.citation) == citation

    def test_zhuyin_changes_too(self):
        said = self.said("yīqǐ", "一起", tone_change=True, phonetic="zhuyin")
        assert (said.text, said.citation[0].text) == ("ㄧˋ ㄑㄧˇ", "ㄧ")

    def test_tones_are_the_dictionarys_unless_the_learner_wants_the_spoken_ones(self):
        assert self.said("yīqǐ", "一起").text == "yīqǐ"

    def test_no_pinyin_is_no_pronunciation(self):
        assert self.said("") is None


@pytest.mark.parametrize(
    ("english", "senses"),
    [
        ("student", ["student"]),
        ("to look; to read;  ; to see", ["to look", "to read", "to see"]),
        ("to lead (a team; a group); to guide", ["to lead (a team; a group)", "to guide"]),
        ("", []),
    ],
)
def test_the_english_is_cut_into_senses(english, senses):
    assert face(Card(hanzi="x", english=english)).senses == senses


class TestDictionary:
    @pytest.mark.parametrize(
        ("standard", "level"), [("2025", "HSK 2 (2025)"), ("2021", "HSK 1 (2021)"), ("2.0", "HSK 3 (2.0)")]
    )
    def test_the_level_is_of_the_learners_standard(self, standard, level):
        assert face(Card(hanzi="一会儿"), hsk_standard=standard).hsk_level == level

    def test_a_word_of_no_list_has_no_level(self):
        assert face(Card(hanzi="展览馆")).hsk_level == ""

    @pytest.mark.parametrize(
        ("script", "lang", "words"), [("simplified", "zh-Hans", "本册部"), ("traditional", "zh-Hant", "本冊部")]
    )
    def test_measure_words_are_in_the_learners_script(self, script, lang, words):
        found = face(BOOK, script=script).measure_words
        assert [(each.lang, each.text, each.said.text) for each in found] == [
            (lang, word, pinyin) for word, pinyin in zip(words, ["běn", "cè", "bù"], strict=True)
        ]

    def test_measure_words_are_of_the_reading_that_the_card_has(self):
        assert face(Card(hanzi="书", pinyin="zhǎng")).measure_words == []

    def test_characters_are_those_of_the_learners_script_with_their_parts(self):
        [(character, meanings, parts), _] = face(Card(hanzi="请水", traditional="請水")).characters
        assert (character.character, meanings[0], parts) == (
            "请",
            "ask, request",
            [("讠", "words, speech"), ("青", "blue, green")],
        )
        assert face(STUDENT, script="traditional").characters[0][0].character == "學"

    def test_a_words_page_has_its_name_quoted(self):
        assert entry_url("学生") == "/dictionary/%E5%AD%A6%E7%94%9F/"
        assert entry_url("a/b?") == "/dictionary/a%2Fb%3F/"
        assert face(STUDENT).entry_url == entry_url("学生")

    @pytest.mark.parametrize("card", [Card(hanzi="学生吗书"), Card(english="x")])
    def test_a_word_that_it_does_not_have_has_no_page(self, card):
        unknown = face(card)
        assert (unknown.entry_url, unknown.hsk_level, unknown.measure_words) == ("", "", [])

    def test_without_a_dictionary_the_card_shows_its_own_texts(self, no_dictionary):
        shown = back(STUDENT, RECALL)
        assert seen(shown) == "学生 學生 xuésheng 他是不是学生？ Tā shìbushì xuésheng? Is he a student or not?"
        assert "<mark>" in shown
        assert "about" not in shown


def cut(sentence, hanzi, traditional=""):
    tokens = face(Card(hanzi=hanzi, traditional=traditional, sentence=sentence)).tokens
    assert "".join(token.text for token in tokens) == sentence
    return " ".join(f"[{token.text}]" if token.is_target else token.text for token in tokens)


class TestSentence:
    @pytest.mark.parametrize(
        ("sentence", "hanzi", "shown"),
        [
            ("他是不是学生？", "学生", "他 是不是 [学生] ？"),
            ("学生", "学生", "[学生]"),
            ("学生爱学生。", "学生", "[学生] 爱 [学生] 。"),
            ("你好，这个好吗？", "好", "你好 ， 这个 [好] 吗 ？"),  # not in 你好, where it is no word
            ("你好！", "好", "你 [好] ！"),
            ("他们都是大学生。", "学生", "他们 都 是 大 [学生] 。"),
            ("请给我一点儿水。", "一点儿", "请 给 我 [一点儿] 水 。"),
            ("他来了。", "学生", "他 来 了 。"),
            ("他去KTV。", "KTV", "他 去 [KTV] 。"),
            ("", "学生", ""),
        ],
    )
    def test_it_is_cut_into_words_of_which_the_target_is_always_one(self, sentence, hanzi, shown):
        assert cut(sentence, hanzi) == shown

    def test_a_word_has_an_entry_and_a_comma_none(self):
        tokens = face(Card(hanzi="好", sentence="你好，好！")).tokens
        assert tokens == [
            Token("你好", "你好", False),
            Token("，", None, False),
            Token("好", "好", True),
            Token("！", None, False),
        ]

    def test_a_learners_own_sentence_may_be_in_traditional_characters(self):
        shown = face(Card(hanzi="学生", traditional="學生", sentence="他是學生。"))
        assert (shown.sentence_lang, [token.text for token in shown.tokens if token.is_target]) == ("zh-Hant", ["學生"])
        assert face(STUDENT, script="traditional").sentence_lang == "zh-Hans"

    def test_each_word_is_a_link_to_its_entry(self):
        shown = back(STUDENT)
        assert f'<mark><a class="word" href="{entry_url("学生")}">学生</a></mark>？' in shown
        assert f'<a class="word" href="{entry_url("他")}">他</a>' in shown

    def test_its_pronunciation_is_written_as_the_learner_wants(self):
        assert face(STUDENT).sentence_said.text == "Tā shìbushì xuésheng?"
        assert face(STUDENT, phonetic="zhuyin").sentence_said.text == "ㄊㄚ ㄕˋ ˙ㄅㄨ ㄕˋ ㄒㄩㄝˊ ˙ㄕㄥ?"


class TestCloze:
    @pytest.mark.parametrize(
        ("sentence", "hanzi", "pieces"),
        [
            ("他是学生。", "学生", ["他是", "。"]),
            ("学生爱学生。", "学生", ["", "爱", "。"]),
            ("他来了。", "学生", []),
            ("", "学生", []),
            ("他来了。", "", []),
        ],
    )
    def test_every_place_of_the_word_is_a_gap(self, sentence, hanzi, pieces):
        card = Card(hanzi=hanzi, english="x", sentence=sentence)
        assert face(card, RECALL, Exercise.CLOZE).cloze == pieces

    @pytest.mark.parametrize(("direction", "exercise"), [(RECALL, Exercise.CARDS), (READ, Exercise.CLOZE)])
    def test_there_are_no_gaps_where_they_are_not_asked(self, direction, exercise):
        assert face(STUDENT, direction, exercise).cloze == []

    def test_the_front_has_the_sentence_with_its_gap_and_what_it_means(self):
        shown = front(STUDENT, RECALL, Exercise.CLOZE)
        assert 'lang="zh-Hans">他是不是<span class="gap" role="img" aria-label="gap">＿＿</span>？</p>' in shown
        assert seen(shown) == "student schoolchild 他是不是＿＿？ Is he a student or not?"
        assert "<a " not in shown

    def test_a_card_without_the_word_in_its_sentence_is_asked_by_its_english(self):
        assert seen(front(BOOK, RECALL, Exercise.CLOZE)) == "book"


class TestFront:
    @pytest.mark.parametrize(
        ("direction", "shown"),
        [
            (READ, "学生 學生"),
            (RECALL, "student schoolchild"),
            (LISTEN, "xuésheng"),
            (WRITE, "student schoolchild xuésheng"),
        ],
    )
    def test_it_asks_one_side(self, direction, shown):
        html = front(STUDENT, direction)
        assert seen(html) == shown
        assert html.count('id="prompt" class="prompt ') == 1

    @pytest.mark.parametrize("look", [{}, {"tone_colours_on": "both", "tone_change": True, "phonetic": "zhuyin"}])
    @pytest.mark.parametrize("direction", [RECALL, LISTEN, WRITE])
    @pytest.mark.parametrize("exercise", Exercise)
    def test_it_does_not_tell_the_word_not_even_in_an_attribute(self, direction, exercise, look):
        html = front(STUDENT, direction, exercise, **look)
        assert not re.search("[学學生]", html)
        assert "%E5" not in html

    @pytest.mark.parametrize(
        ("english", "shown"),
        [
            ("prefix, as in 第六 dìliù “sixth”", "prefix, as in ~ “sixth”"),
            ("before 第 dì + {noun}; rank", "before ~ + {noun} rank"),
            ("ordinal; see 次第", "ordinal see ~"),
            ("order", "order"),
        ],
    )
    def test_a_translation_that_names_the_word_has_it_hidden(self, english, shown):
        card = Card(hanzi="第", traditional="第", pinyin="dì", english=english)
        assert seen(front(card, RECALL)) == shown
        assert "第" in back(card, READ)

    def test_the_pinyin_of_a_sound_is_its_fallback(self):
        said = '<span lang="zh-Latn-pinyin"><span class="tone1">shū</span></span>'
        assert f'<p id="prompt" class="prompt sound"><span class="sound-fallback">{said}</span></p>' in front(
            BOOK, LISTEN
        )

    @pytest.mark.parametrize(
        ("fields", "direction", "shown"),
        [
            ({"english": "x"}, READ, "x"),
            ({"english": "x"}, LISTEN, "x"),
            ({"english": "x"}, WRITE, "x"),
            ({"hanzi": "书"}, RECALL, "书"),
            ({"hanzi": "书"}, LISTEN, "书"),
            ({"hanzi": "书", "english": "x"}, LISTEN, "x"),
            ({"hanzi": "书", "pinyin": "shū"}, RECALL, "shū"),
            ({"hanzi": "书", "pinyin": "shū"}, WRITE, "shū"),
        ],
    )
    def test_a_card_that_lacks_a_side_asks_another(self, fields, direction, shown):
        assert seen(front(Card(**fields), direction)) == shown

    def test_html_is_text(self):
        card = Card(hanzi="<b>", traditional="<i>", pinyin="<u>ā", english="<s>; &amp;", sentence="<q><b>")
        for direction in Direction:
            for exercise in Exercise:
                shown = front(card, direction, exercise) + back(card, direction, exercise, "<p>")
                assert not re.search(r"<[biusq]>", shown)


class TestBack:
    @pytest.mark.parametrize(
        ("direction", "first"),
        [
            (READ, "xuésheng student schoolchild 他是不是学生？"),
            (RECALL, "学生 學生 xuésheng 他是不是学生？"),
            (LISTEN, "学生 學生 xuésheng student schoolchild 他是不是学生？"),
            (WRITE, "学生 學生 他是不是学生？"),
        ],
    )
    def test_it_first_tells_what_the_front_did_not(self, direction, first):
        shown = seen(back(STUDENT, direction))
        assert shown.startswith(first)
        assert "HSK 1 (2025) More about this word" in shown

    def test_one_sense_is_a_paragraph_and_more_are_a_list(self):
        assert '<p class="senses">book</p>' in back(BOOK)
        assert '<ul class="senses"><li>student</li> <li>schoolchild</li> </ul>' in back(STUDENT)

    def test_chinese_within_the_english_is_marked_as_chinese(self):
        shown = back(Card(hanzi="子", english="noun suffix, as in 椅子 yǐzi <b>"))
        assert 'as in <span lang="zh">椅子</span> yǐzi &lt;b&gt;</p>' in shown

    def test_a_changed_tone_is_told_beside_the_dictionarys(self):
        shown = back(TOGETHER, tone_change=True)
        assert '<span class="tone4 changed">yì</span><span class="tone3">qǐ</span>' in shown
        assert "yìqǐ spoken; in the dictionary yīqǐ together" in seen(shown)

    def test_measure_words_link_to_their_entries(self):
        shown = back(BOOK)
        assert "HSK 1 (2025) Measure words 本 běn, 册 cè, 部 bù" in seen(shown)
        assert f'<a class="word" href="{entry_url("本")}" lang="zh-Hans">本</a>' in shown

    def test_notes_are_told_the_cards_and_the_learners_own(self):
        shown = back(Card(hanzi="书", notes="A radical."), READ, Exercise.CARDS, "My own.")
        assert '<p class="notes">A radical.</p> <p class="notes own">My own.</p>' in shown


def test_a_face_reads_no_row(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        front(STUDENT, RECALL, Exercise.CLOZE)
        back(STUDENT)
