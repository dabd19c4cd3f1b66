"""By which exercise a word is asked: the one that was wished for where it can be, else as a card."""

import pytest
from django.conf import settings as project
from django.test import override_settings

from accounts.models import Script
from decks.dictionary import open_dictionary
from decks.models import Card
from study.asking import asked
from study.choices import EXERCISES, Direction, Exercise
from study.models import CardProgress, Enrolment, StudySession
from study.queue import Entry
from study.typed import expected

READ, WRITE, HEAR, DRAW = Direction
CARDS, PINYIN, HANZI, CLOZE, QUIZ, STROKES = Exercise


@pytest.fixture
def ask(user, deck, now):
    """Return a function that asks a card of some texts by an exercise; the one of the deck unless told."""

    def ask(direction, exercise="", of=None, **texts):
        card = of or deck.cards.create(position=100, **{"hanzi": "猫", "pinyin": "māo", "english": "cat"} | texts)
        session = StudySession(user=user, deck=deck, exercise=exercise, created_at=now)
        [found] = asked(session, [Entry(card, direction)])
        return found

    return ask


def enrol(user, deck, **exercises):
    return Enrolment.objects.create(user=user, deck=deck, exercises=exercises)


class TestWish:
    def test_the_first_exercise_of_a_direction_is_the_one_that_is_asked_unless_told(self, ask, user, deck):
        enrol(user, deck)
        found = {
            direction: ask(direction, hanzi=f"猫{at}").exercise for at, direction in enumerate([READ, WRITE, HEAR])
        }
        assert found == {READ: CARDS, WRITE: CARDS, HEAR: CARDS}
        assert ask(DRAW).exercise == STROKES

    @pytest.mark.parametrize("direction", Direction)
    def test_each_exercise_of_a_direction_can_be_asked(self, ask, card, direction):
        Card.objects.filter(pk=card.pk).update(sentence="我是学生。")
        card.refresh_from_db()
        assert [ask(direction, exercise, card).exercise for exercise in EXERCISES[direction]] == EXERCISES[direction]

    @pytest.mark.parametrize("direction", Direction)
    def test_one_that_a_direction_hasn_t_got_is_asked_by_its_first(self, ask, card, direction):
        others = [exercise for exercise in Exercise if exercise not in EXERCISES[direction]]
        assert {ask(direction, exercise, card).exercise for exercise in others} == {EXERCISES[direction][0]}

    def test_each_deck_and_direction_has_its_own(self, user, deck, make_deck, now):
        other = make_deck(name="Other", user=user)
        enrol(user, deck, chinese_to_english="pinyin", english_to_chinese="hanzi")
        enrol(user, other, chinese_to_english="quiz")
        session = StudySession(user=user, created_at=now)
        entries = [Entry(each.cards.first(), direction) for each in (deck, other) for direction in (READ, WRITE)]
        assert [each.exercise for each in asked(session, entries)] == [PINYIN, HANZI, QUIZ, CARDS]

    def test_another_learner_s_wish_is_not_asked_for(self, ask, stranger, user, deck):
        enrol(user, deck)
        enrol(stranger, deck, chinese_to_english="pinyin")
        assert ask(READ).exercise == CARDS

    def test_a_deck_that_is_not_studied_is_asked_by_the_first(self, ask):
        assert ask(READ).exercise == CARDS

    def test_the_session_s_exercise_comes_before_the_deck_s(self, ask, user, deck):
        enrol(user, deck, chinese_to_english="pinyin")
        assert ask(READ, "cards", hanzi="狗").exercise == CARDS
        assert ask(READ).exercise == PINYIN

    def test_a_wish_that_is_no_exercise_of_the_direction_any_more_is_asked_by_the_first(self, ask, user, deck):
        enrol(user, deck, chinese_to_english="strokes")
        assert ask(READ).exercise == CARDS

    def test_the_order_of_entries_is_kept(self, user, deck, cards, now):
        session = StudySession(user=user, deck=deck, exercise="quiz", created_at=now)
        entries = [Entry(card, direction) for card in cards for direction in (READ, DRAW, WRITE)]
        found = asked(session, entries)
        assert [each.entry for each in found] == entries
        assert [len(each.choices) for each in found] == 5 * [4, 0, 4]

    def test_of_nothing_nothing_is_asked(self, user, deck, now):
        assert asked(StudySession(user=user, deck=deck, created_at=now), []) == []


class TestFallback:
    """A word that an exercise can't be done with is asked as a card, with nothing left over from it."""

    @pytest.mark.parametrize(
        ("direction", "exercise", "texts"),
        [
            (READ, PINYIN, {"pinyin": ""}),
            (READ, PINYIN, {"pinyin": "?!"}),
            (HEAR, PINYIN, {"pinyin": ""}),
            (WRITE, HANZI, {"hanzi": "", "traditional": ""}),
            (WRITE, CLOZE, {}),
            (WRITE, CLOZE, {"sentence": "我是学生。"}),  # without the word
            (WRITE, CLOZE, {"hanzi": "", "traditional": "", "sentence": "我是学生。"}),
            (DRAW, STROKES, {"hanzi": "AB"}),
            (DRAW, STROKES, {"hanzi": "", "traditional": ""}),
            (READ, QUIZ, {"english": ""}),
            (WRITE, QUIZ, {"hanzi": ""}),
            (HEAR, QUIZ, {"hanzi": "猫狗猫", "pinyin": ""}),
        ],
    )
    def test_a_card_that_lacks_what_it_takes(self, ask, direction, exercise, texts):
        found = ask(direction, exercise, **texts)
        assert (found.exercise, found.face.exercise) == (CARDS, CARDS)
        assert (found.choices, found.expected, found.characters, found.is_typed) == ([], {}, "", False)
        assert found.face.cloze == []

    @pytest.mark.parametrize(
        ("direction", "exercise"), [(WRITE, PINYIN), (WRITE, HANZI), (READ, QUIZ), (WRITE, QUIZ), (HEAR, HANZI)]
    )
    def test_a_word_that_no_dictionary_has(self, ask, direction, exercise):
        texts = {"hanzi": "猫狗猫", "pinyin": "māogǒumāo", "english": "a beast of ours"}
        assert ask(direction, exercise, **texts).exercise == exercise

    @pytest.mark.parametrize(
        ("direction", "exercise", "left"), [(DRAW, STROKES, CARDS), (READ, QUIZ, CARDS), (READ, PINYIN, PINYIN)]
    )
    def test_without_a_dictionary(self, ask, card, tmp_path, direction, exercise, left):
        with override_settings(DICTIONARY_PATH=tmp_path / "none.sqlite3"):
            assert ask(direction, exercise, card).exercise == left


class TestTyped:
    def test_what_may_be_typed_goes_with_it(self, ask, card):
        found = ask(READ, PINYIN, card)
        assert found.expected == expected(card, open_dictionary(project.DICTIONARY_PATH))
        assert (found.expected["pinyin"], found.expected["hanzi"]) == (["xue2 sheng5"], ["学生", "學生"])

    @pytest.mark.parametrize(
        ("direction", "exercise", "is_typed"),
        [(READ, CARDS, False), (READ, QUIZ, False), (DRAW, STROKES, False), (READ, PINYIN, True), (WRITE, HANZI, True)],
    )
    def test_some_are_typed(self, ask, card, direction, exercise, is_typed):
        assert ask(direction, exercise, card).is_typed == is_typed

    def test_what_is_not_typed_has_nothing_to_expect(self, ask, card):
        assert [ask(READ, exercise, card).expected for exercise in (CARDS, QUIZ)] == [{}, {}]

    def test_a_gap_is_at_each_place_of_the_word(self, ask):
        found = ask(WRITE, CLOZE, sentence="猫和猫。")
        assert (found.exercise, found.face.cloze) == (CLOZE, ["", "和", "。"])
        assert found.expected["hanzi"] == ["猫"]


class TestDrawn:
    @pytest.mark.parametrize(
        ("script", "texts", "characters"),
        [
            (Script.SIMPLIFIED, {"hanzi": "学生", "traditional": "學生"}, "学生"),
            (Script.TRADITIONAL, {"hanzi": "学生", "traditional": "學生"}, "學生"),
            (Script.TRADITIONAL, {"hanzi": "水", "traditional": ""}, "水"),
            (Script.SIMPLIFIED, {"hanzi": "卡拉OK"}, "卡拉OK"),  # those that can be
        ],
    )
    def test_the_characters_of_the_learner_s_script(self, ask, user, script, texts, characters):
        user.script = script
        assert ask(DRAW, STROKES, **texts).characters == characters


class TestSpeech:
    def test_a_word_is_said_by_its_hanzi(self, ask, card):
        speech = ask(READ, of=card).speech
        assert (speech["text"], speech["lang"]) == ("学生", "zh-Hans")
        assert set(speech) == {"text", "lang", "urls", "ambiguous"}

    def test_a_card_without_hanzi_says_nothing(self, ask):
        assert ask(WRITE, hanzi="").speech is None


class TestCost:
    @pytest.mark.parametrize("count", [1, 5])
    @pytest.mark.parametrize(("exercise", "queries"), [("", 1), ("pinyin", 0), ("hanzi", 0), ("cards", 0)])
    def test_it_is_the_same_for_any_number_of_cards(
        self, user, deck, cards, now, count, exercise, queries, django_assert_num_queries
    ):
        session = StudySession(user=user, deck=deck, exercise=exercise, created_at=now)
        entries = [Entry(card, direction) for card in cards[:count] for direction in Direction]
        with django_assert_num_queries(queries):
            assert len(asked(session, entries)) == 4 * count

    @pytest.mark.parametrize("count", [1, 5])
    def test_a_quiz_asks_twice(self, user, make_deck, now, count, django_assert_num_queries):
        own = make_deck(name="Own", user=user)
        session = StudySession(user=user, exercise="quiz", created_at=now)
        entries = [Entry(card, READ, CardProgress(reps=2)) for card in own.cards.all()[:count]]
        with django_assert_num_queries(2):
            asked(session, entries)
