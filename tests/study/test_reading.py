"""What a learner knows of a text: the figures equal those of a slow and obvious count, whatever the text."""

import pytest
from django.conf import settings
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import HskStandard, User
from decks.dictionary import open_dictionary
from decks.models import Visibility
from study.models import CardProgress, Enrolment
from study.reading import Analysis, Goal, line_around, other_cuts, pieces, recut
from study.reading_deck import Sentences, notes
from study.reading_page import Sheet, chosen, number_of, pages
from study.readings import clean, title_of
from tests.study.texts import WORDS, a_text, know

TEXTS = {
    "simplified": "我是学生。老师说：“你们都是好学生！”我们喝水，吃苹果。\n他在看书，我也在看书。",
    "traditional": "我是學生。老師說：「你們都是好學生！」我們喝水，吃蘋果。\n他頭髮很長，發現了后面的皇后。",
    "mixed": "Tom是学生,他有3个iPhone15和1件T恤😀，還有一隻貓。\u200f苹果🍎 café 学生學生\ufeff㍿ Ａ",
    "rare": "𠀀𠮷野家，龘龘，㐀㐁。〇一二三。鿿𫠝",
    "nothing": "Hello, world! 12 345 😀 … — ( ) 、。",
}


@pytest.fixture
def dictionary():
    return open_dictionary(settings.DICTIONARY_PATH)


@pytest.fixture
def known(user, make_deck, remember):
    return know(user, make_deck, remember)


# ---- The slow and obvious count


def is_chinese(text):
    """Return whether there is a Chinese character in a text, by the blocks of Unicode."""
    blocks = [(0x3007, 0x3007), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)]
    for character in text:
        for first, last in blocks:
            if first <= ord(character) <= last:
                return True
    return False


def slow_state(user, word):
    best = None
    for row in CardProgress.objects.filter(user=user):
        if row.word_key.split("|")[0] == word:
            best = row.mastery_level if best is None else max(best, row.mastery_level)
    if best is None:
        for deck in user.decks.all():
            for card in deck.cards.all():
                if card.hanzi == word:
                    best = 0
    return "unknown" if best is None else ["new", "learning", "review", "mastered"][best]


def slow(user, text, dictionary):
    """Return every figure of a text by going through it again and again."""
    running = []
    for piece in dictionary.segment(text):
        if is_chinese(piece):
            entry = dictionary.lookup(piece)
            running.append((entry.simplified if entry else piece, piece, entry))
    distinct = []
    for word, _, _ in running:
        if word not in distinct:
            distinct.append(word)
    state = {word: slow_state(user, word) for word in distinct}
    known = [word for word, _, _ in running if state[word] in ("review", "mastered")]
    levels = {}
    for name in [*dictionary.levels(user.hsk_standard), ""]:
        here = [word for word, _, entry in running if ((entry and entry.hsk[user.hsk_standard]) or "") == name]
        there = [word for word in here if word in known]
        levels[name] = (len(here), len(there), len(set(here)), len(set(there)))
    unknown = []
    for word in distinct:
        if state[word] not in ("review", "mastered"):
            count = sum(each == word for each, _, _ in running)
            entry = dictionary.lookup(word)
            rank = entry.rank if entry and entry.rank else 10**9
            unknown.append((-count, rank, distinct.index(word), word))
    unknown.sort()
    goals = {}
    for percent in (95, 98):
        words = 0
        while len(known) - sum(count for count, *_ in unknown[:words]) < len(running) * percent / 100:
            words += 1
        goals[percent] = words
    return {
        "running": len(running),
        "known": len(known),
        "distinct": len(distinct),
        "characters": len({each for _, piece, _ in running for each in piece if is_chinese(each)}),
        "levels": levels,
        "unknown": [(word, -count) for count, _, _, word in unknown],
        "goals": goals,
    }


def figures(analysis):
    return {
        "running": analysis.running,
        "known": analysis.known,
        "distinct": len(analysis.counts),
        "characters": analysis.characters,
        "levels": {name: tuple(numbers) for name, *numbers in analysis.levels},
        "unknown": [(each.word, each.count) for each in analysis.unknown],
        "goals": dict(analysis.goals),
    }


@pytest.mark.parametrize("standard", HskStandard.values)
@pytest.mark.parametrize("name", TEXTS)
def test_the_figures_are_those_of_a_slow_count(user, known, dictionary, name, standard):
    user.hsk_standard = standard
    assert figures(Analysis(user, clean(TEXTS[name]))) == slow(user, clean(TEXTS[name]), dictionary)


def test_the_figures_of_a_long_text_are_those_of_a_slow_count(user, known, dictionary):
    text = a_text(3000)
    assert figures(Analysis(user, text)) == slow(user, text, dictionary)


@pytest.mark.usefixtures("known")
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from([*"我是学生老师水看说苹果學師蘋。，！\n a7😀𠀀\u202e龘", "学生", "銀行"]) | st.text(max_size=3)
    ).map("".join)
)
@example("学生學生")
@example("我是我是我")
def test_the_figures_of_any_text_are_those_of_a_slow_count(text):
    user, dictionary = User.objects.get(username="li"), open_dictionary(settings.DICTIONARY_PATH)
    text = clean(text)
    assert figures(Analysis(user, text)) == slow(user, text, dictionary)


# ---- What is known


def test_a_word_is_known_when_any_direction_is_reviewed_or_mastered(user, known):
    analysis = Analysis(user, "我是学生，老师喝水，看苹果，猫。")
    states = {token.text: analysis.state(token.word) for token in analysis.tokens}
    assert states == {
        "我": "review",
        "是": "review",
        "学生": "mastered",
        "，": "ignored",
        "老师": "learning",
        "喝": "unknown",
        "水": "learning",
        "看": "new",
        "苹果": "new",
        "猫": "unknown",
        "。": "ignored",
    }
    assert (analysis.running, analysis.known, analysis.percent) == (9, 3, 33)


def test_a_text_in_traditional_characters_is_known_by_the_words_of_simplified_ones(user, known):
    analysis = Analysis(user, "我是學生")
    assert [(token.text, token.word) for token in analysis.tokens] == [("我", "我"), ("是", "是"), ("學生", "学生")]
    assert analysis.share == 1


def test_what_others_know_or_keep_for_themselves_is_not_known(user, stranger, make_deck, remember):
    theirs = make_deck(WORDS, name="Wang's", user=stranger, visibility=Visibility.PRIVATE)
    remember(stranger, theirs.cards.get(hanzi="学生"))
    analysis = Analysis(user, "我是学生")
    assert [analysis.state(word) for word in analysis.counts] == ["unknown"] * 3


def test_the_words_of_a_studied_deck_are_new_and_those_of_a_deleted_one_unknown(user, deck, make_deck, now):
    Enrolment.objects.start(user, deck)
    gone = make_deck([("猫", "貓", "māo", "cat")], name="Gone", user=user, deleted_at=now)
    assert gone.cards.count() == 1
    analysis = Analysis(user, "学生猫狗")
    assert [analysis.state(word) for word in ("学生", "猫", "狗")] == ["new", "unknown", "unknown"]


def test_what_is_known_takes_one_query_for_any_text(user, known, dictionary, django_assert_num_queries):
    with django_assert_num_queries(1):
        Analysis(user, "我是学生")
    with django_assert_num_queries(1):
        Analysis(user, a_text(5000))
    with django_assert_num_queries(0):
        Analysis(user, "Hello")


def test_fewest_words_bring_the_share_to_its_goal(user, known):
    # 100 running words, 90 of them known; then 4 times 猫, 3 times 狗, and three words once.
    text = "我。" * 90 + "猫。" * 4 + "狗。" * 3 + "鱼。鸟。马。"
    analysis = Analysis(user, text)
    assert (analysis.running, analysis.percent) == (100, 90)
    assert analysis.goals == [Goal(95, 2), Goal(98, 3)]


def test_nothing_more_is_to_be_learnt_of_a_text_that_is_known(user, known):
    assert Analysis(user, "我是学生").goals == [Goal(95, 0), Goal(98, 0)]
    assert Analysis(user, "").goals == [Goal(95, 0), Goal(98, 0)]
    assert Analysis(user, "").share is None


def test_the_share_is_never_said_to_be_more_than_it_is(user, known):
    analysis = Analysis(user, "我。" * 999 + "猫")
    assert (analysis.percent, analysis.running) == (99, 1000)


def test_words_are_joined_here_or_everywhere(dictionary):
    text = "阿尔塔说，阿尔塔来了。"
    assert [piece for _, piece in pieces(text, {})].count("阿尔塔") == 0
    here, places = recut(text, {}, [0, 3], everywhere=False)
    assert ([piece for _, piece in pieces(text, here)].count("阿尔塔"), places) == (1, 1)
    all_over, places = recut(text, {}, [0, 3], everywhere=True)
    assert ([piece for _, piece in pieces(text, all_over)].count("阿尔塔"), places) == (2, 2)


def test_a_word_is_split_and_joined_again_to_what_it_was():
    text = "学生是学生"
    apart, places = recut(text, {}, [0, 1, 2], everywhere=True)
    assert (pieces(text, apart), places) == ([(0, "学"), (1, "生"), (2, "是"), (3, "学"), (4, "生")], 2)
    assert apart == {"apart": [1, 4], "together": []}
    again, places = recut(text, apart, [3, 5], everywhere=True)
    assert (again, places) == ({"apart": [], "together": []}, 2)


def test_words_that_lie_over_each_other_are_joined_one_after_the_other():
    text, apart = "天天天天天", {"apart": [1, 2, 3, 4]}
    joined, places = recut(text, apart, [1, 3], everywhere=True)
    assert ([piece for _, piece in pieces(text, joined)], places) == (["天", "天天", "天天"], 2)
    joined, places = recut(text, apart, [3, 5], everywhere=True)
    assert ([piece for _, piece in pieces(text, joined)], places) == (["天", "天天", "天天"], 2)


@pytest.mark.parametrize("bounds", [[0, 1], [0, 3], [3, 4], [5, 4], [0, 0], [0, 99], [-1, 2], [2, 9], [0]], ids=str)
def test_what_is_no_word_is_not_cut(bounds):
    text = "学生，学生 是学生"
    with pytest.raises(ValueError, match=r"A word has|cut otherwise"):
        recut(text, {}, bounds, everywhere=False)


def test_figures_follow_the_cuts(user, known):
    text = "小明是学生。小明看书。"
    cuts, places = recut(text, {}, [0, 2], everywhere=True)
    analysis = Analysis(user, text, cuts)
    assert places == 2
    assert analysis.counts["小明"] == 2
    assert analysis.unknown[0][:4] == ("小明", "小明", 0, 2)
    split = recut(text, cuts, [3, 4, 5], everywhere=True)[0]
    assert "学生" not in Analysis(user, text, split).counts


def test_a_line_alone_is_cut_as_the_whole_text_is():
    text = "小明是学生。\n他看书。\n\n学生"
    cuts, _ = recut(text, {}, [3, 4, 5], everywhere=True)
    for start, piece in pieces(text, cuts):
        if piece != "\n":
            assert (start, piece) in [token[:2] for token in line_around(text, cuts, start)]
    assert line_around(text, cuts, len(text)) == []


def test_each_other_way_to_cut_a_word_is_offered():
    tokens = line_around("我是学生。", {}, 2)
    assert other_cuts("我是学生。", tokens, 2) == [("2 3 4", ["学", "生"]), ("1 4", ["是学生"])]
    assert other_cuts("我是学生。", tokens, 0) == [("0 2", ["我是"])]


# ---- As it is read


def test_a_text_is_read_page_by_page_at_the_ends_of_paragraphs(user):
    text = "\n".join(["我是学生。" * 200] * 12)
    analysis = Analysis(user, text)
    found = pages(analysis.tokens)
    assert [sum(len(token.text) for paragraph in page for token in paragraph) for page in found] == [5000, 5000, 2000]
    assert [len(page) for page in found] == [5, 5, 2]
    assert [number_of(found, start) for start in (0, 5003, 5005, 12_000)] == [1, 1, 2, 3]


def test_a_line_without_an_end_is_broken_between_words(user):
    found = pages(Analysis(user, "学生" * 10_000).tokens)
    assert [sum(len(token.text) for token in page[0]) for page in found] == [6000, 6000, 6000, 2000]
    assert "".join(token.text for page in found for token in page[0]) == "学生" * 10_000


@pytest.mark.parametrize(
    ("script", "way", "text", "shown", "lang"),
    [
        ("simplified", "mine", "學生說", "学生说", "zh-Hans"),
        ("simplified", "written", "學生說", "學生說", "zh-Hant"),
        ("traditional", "mine", "学生说", "學生說", "zh-Hant"),
        ("traditional", "mine", "學生后", "學生后", "zh-Hant"),
        ("traditional", "mine", "水", "水", "zh-Hant"),
        ("simplified", "mine", "水", "水", "zh-Hans"),
    ],
)
def test_a_text_is_shown_in_the_script_of_the_learner(user, script, way, text, shown, lang):
    user.script = script
    sheet = Sheet(Analysis(user, text), chosen({"script": way}))
    assert ("".join(piece.text for piece in sheet.paragraphs(1)[0]), sheet.lang) == (shown, lang)


@pytest.mark.parametrize(
    ("way", "said"),
    [("unknown", ["", "xuésheng"]), ("all", ["wǒ", "xuésheng"]), ("none", ["", ""])],
)
def test_how_words_are_said_stands_over_those_that_are_wanted(user, known, way, said):
    known["学生"].progress.all().delete()
    sheet = Sheet(Analysis(user, "我学生"), chosen({"pinyin": way}))
    assert [piece.said for piece in sheet.paragraphs(1)[0]] == said


# ---- Cards of its words


def test_each_card_has_its_own_sentence_with_its_pinyin(user):
    analysis = Analysis(user, "我是学生。“你喝水吗？”他说：我喝水！\n水")
    first = {each.word: each for each in analysis.unknown}
    made = {note.hanzi: note for note in notes(analysis, [first["水"], first["学生"], first["说"]])}
    texts = {hanzi: (note.sentence, note.sentence_pinyin, note.sentence_translation) for hanzi, note in made.items()}
    assert texts == {
        "水": ("“你喝水吗？”", "“Nǐ hē shuǐ ma?”", ""),
        "学生": ("我是学生。", "Wǒ shì xuésheng.", ""),
        "说": ("他说：我喝水！", "Tā shuō: wǒ hē shuǐ!", ""),
    }
    assert (made["学生"].traditional, made["学生"].pinyin) == ("學生", "xuésheng")


def test_a_card_of_a_traditional_text_has_both_scripts_and_the_reading_that_is_written(user):
    analysis = Analysis(user, "他的髮很長。")
    [note] = notes(analysis, [each for each in analysis.unknown if each.text == "髮"])
    assert (note.hanzi, note.traditional, note.pinyin) == ("发", "髮", "fà")
    assert note.sentence == "他的髮很長。"


def test_a_sentence_without_an_end_is_cut_around_the_word(user):
    analysis = Analysis(user, "我" * 300 + "学生" + "我" * 300)
    around = Sentences(analysis).around(300)
    sentence = "".join(token.text for token in around)
    assert (len(sentence), sentence.count("学生")) == (120, 1)


def test_every_word_has_a_sentence_that_has_it(user):
    for text in TEXTS.values():
        analysis = Analysis(user, clean(text))
        sentences = Sentences(analysis)
        for each in analysis.unknown:
            assert each.text in "".join(token.text for token in sentences.around(each.start))


# ---- A text as it is kept


def test_a_text_is_kept_without_what_can_not_be_shown():
    assert clean(" 学\0生\r\n是\ud800\x1b老\u2028师\r好 ") == "学生\n是老\n师\n好"
    assert clean("\uf900") == "\u8c48"
    assert clean("\0 \r\n") == ""


def test_a_text_without_a_title_is_called_by_its_beginning():
    assert title_of("我是学生。\n第二行") == "我是学生。"
    assert title_of("学" * 40) == "学" * 29 + "…"
