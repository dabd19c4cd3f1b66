"""How words, times and sentences are shown."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.utils.html import escape, strip_tags

from accounts.models import Script, User
from decks.models import Card
from study.templatetags.study import hanzi, interval, marked, minutes

MINUTE, HOUR = 1 / 1440, 1 / 24


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "1 min"),
        (MINUTE / 2, "1 min"),
        (MINUTE, "1 min"),
        (5.5 * MINUTE, "6 min"),
        (10 * MINUTE, "10 min"),
        (59 * MINUTE, "59 min"),
        (HOUR, "1 h"),
        (8 * HOUR, "8 h"),
        (23 * HOUR, "23 h"),
        (1, "1 d"),
        (1.0, "1 d"),
        (30, "30 d"),
        (31, "1 mo"),
        (45, "1.5 mo"),
        (61, "2 mo"),
        (304, "10 mo"),
        (364, "12 mo"),
        (365, "1 y"),
        (438, "1.2 y"),
        (3653, "10 y"),
        (36500, "99.9 y"),
    ],
)
def test_an_interval_is_short_text(days, text):
    assert interval(days) == text


@pytest.mark.parametrize(("days", "text"), [(59.6 * MINUTE, "1 h"), (23.6 * HOUR, "1 d")])
def test_an_interval_that_rounds_up_to_a_whole_unit_is_told_in_that_unit(days, text):
    assert interval(days) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "less than a minute"),
        (0.49, "less than a minute"),
        (0.51, "1 minute"),
        (1, "1 minute"),
        (1.49, "1 minute"),
        (1.51, "2 minutes"),
        (90.2, "90 minutes"),
    ],
)
def test_minutes_are_text(number, text):
    assert minutes(number) == text


class TestHanzi:
    BOTH = Card(hanzi="学生", traditional="學生")
    SIMPLIFIED = '<span lang="zh-Hans">学生</span>'
    TRADITIONAL = '<span lang="zh-Hant">學生</span>'

    @pytest.mark.parametrize("script", Script)
    def test_a_word_in_simplified_characters_alone_is_shown_to_all(self, script):
        assert hanzi(Card(hanzi="水"), User(script=script)) == '<span lang="zh-Hans">水</span>'

    @pytest.mark.parametrize(("script", "lang"), [(Script.SIMPLIFIED, "zh-Hans"), (Script.TRADITIONAL, "zh-Hant")])
    def test_a_word_that_is_alike_in_both_scripts_is_shown_once(self, script, lang):
        assert hanzi(Card(hanzi="水", traditional="水"), User(script=script)) == f'<span lang="{lang}">水</span>'

    def test_the_other_script_is_left_out_if_the_learner_likes(self):
        assert hanzi(self.BOTH, User(both_scripts=False)) == self.SIMPLIFIED

    def test_characters_have_the_class_of_their_tone_if_they_are_to_be_coloured(self):
        word = Card(hanzi="学生", pinyin="xuésheng")
        found = hanzi(word, User(tone_colours_on="hanzi"))
        assert found == '<span lang="zh-Hans"><span class="tone2">学</span><span class="tone5">生</span></span>'

    def test_the_learner_s_script_comes_first(self):
        first = hanzi(self.BOTH, User(script=Script.SIMPLIFIED))
        assert first == f'{self.SIMPLIFIED} <small class="other-script">{self.TRADITIONAL}</small>'
        other = hanzi(self.BOTH, User(script=Script.TRADITIONAL))
        assert other == f'{self.TRADITIONAL} <small class="other-script">{self.SIMPLIFIED}</small>'

    def test_a_visitor_sees_simplified_first(self):
        assert hanzi(self.BOTH, AnonymousUser()).startswith(self.SIMPLIFIED)

    def test_html_is_text(self):
        found = hanzi(Card(hanzi="<b>", traditional="<i>&"), User())
        assert "&lt;b&gt;" in found
        assert "&lt;i&gt;&amp;" in found


class TestPinyin:
    def shown(self, text, lang="zh-Latn-pinyin", **context):
        found = Template("{% load study %}{% pinyin card %}").render(Context({"card": Card(pinyin=text), **context}))
        assert found.startswith(f'<span lang="{lang}">')
        return found.removeprefix(f'<span lang="{lang}">').removesuffix("</span>")

    def test_each_syllable_has_the_class_of_its_tone(self):
        assert self.shown("māmámǎmàma") == "".join(
            f'<span class="tone{tone}">{syllable}</span>'
            for tone, syllable in enumerate(["mā", "má", "mǎ", "mà", "ma"], start=1)
        )

    def test_what_stands_between_syllables_has_no_tone(self):
        assert self.shown("Xī'ān") == '<span class="tone1">Xī</span>&#x27;<span class="tone1">ān</span>'

    def test_umlauts_keep_their_tone(self):
        assert self.shown("nǚ'ér") == '<span class="tone3">nǚ</span>&#x27;<span class="tone2">ér</span>'

    def test_it_is_zhuyin_for_whoever_reads_that(self):
        found = self.shown("xuésheng", "zh-Bopo", user=User(phonetic="zhuyin"))
        assert found == '<span class="tone2">ㄒㄩㄝˊ</span> <span class="tone5">˙ㄕㄥ</span>'

    @pytest.mark.parametrize("user", [User(tone_change=True), AnonymousUser()])
    def test_in_a_list_it_is_what_the_dictionary_has(self, user):
        assert self.shown("nǐhǎo", user=user) == '<span class="tone3">nǐ</span><span class="tone3">hǎo</span>'

    @pytest.mark.parametrize("text", ["xuésheng", "lǎo shī", "yīdiǎnr", "OK!", "qwrt", "nǐ hǎo, Wáng", "123"])
    def test_no_letter_is_lost(self, text):
        assert strip_tags(self.shown(text)) == escape(text)

    def test_no_pinyin_is_nothing(self):
        assert self.shown("") == ""

    def test_html_is_text(self):
        found = self.shown("<b>mā</b>")
        assert "<b>" not in found
        assert "&lt;" in found


class TestMarked:
    @pytest.mark.parametrize(
        ("sentence", "text"),
        [
            ("他是学生。", "他是<mark>学生</mark>。"),
            ("学生", "<mark>学生</mark>"),
            ("学生爱学生。", "<mark>学生</mark>爱学生。"),
            ("他来了。", "他来了。"),
            ("", ""),
        ],
    )
    def test_the_word_is_marked_where_it_comes_first(self, sentence, text):
        assert marked(Card(hanzi="学生", sentence=sentence)) == text

    def test_a_card_without_hanzi_marks_nothing(self):
        assert marked(Card(english="x", sentence="他来了。")) == "他来了。"

    @pytest.mark.parametrize("hanzi", ["", "<b>", "x"])
    def test_html_is_text(self, hanzi):
        found = marked(Card(hanzi=hanzi, sentence="a <b> & c"))
        assert found.replace("<mark>", "").replace("</mark>", "") == "a &lt;b&gt; &amp; c"
