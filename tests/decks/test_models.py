"""What is one word, who sees a deck, and what the tables refuse."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from decks.models import Card, Deck, Visibility


@pytest.fixture
def my_deck(user):
    return Deck.objects.create(name="Mine", user=user)


@pytest.fixture
def key(my_deck):
    """Return a function that returns the key that the database gives to a word."""

    def key(hanzi, pinyin=""):
        return my_deck.cards.create(hanzi=hanzi, pinyin=pinyin, english="x").word_key

    return key


class TestWordKey:
    def test_is_hanzi_and_pinyin(self, key):
        assert key("学生", "xuésheng") == "学生|xuésheng"

    @pytest.mark.parametrize(
        "pinyin",
        [
            "xi'an",
            "xi’an",
            "Xi'an",
            "XI'AN",
            "xi an",
            " xi an ",
            "xi-an",
            "xi·an",
            "xi\tan",
            "xi\u00a0an",
            "xi\u3000an",
        ],
    )
    def test_has_neither_case_nor_spaces_nor_marks_between_syllables(self, key, pinyin):
        assert key("西安", pinyin) == "西安|xian"

    def test_has_no_case_in_letters_with_tones(self, key):
        assert key("爱", "ÀI") == key("爱", "ài") == "爱|ài"
        assert key("女", "NǙ") == key("女", "nǚ") == "女|nǚ"

    def test_tells_tones_apart(self, key):
        assert key("长", "cháng") != key("长", "zhǎng")
        assert key("妈", "mā") != key("妈", "ma")

    def test_tells_hanzi_apart(self, key):
        assert key("他", "tā") != key("她", "tā")

    def test_does_not_look_at_what_else_a_card_says(self, my_deck, key):
        other = my_deck.cards.create(
            hanzi="学生", traditional="學生", pinyin="xuésheng", english="pupil", notes="n", tags=["t"], position=7
        )
        assert other.word_key == key("学生", "xuésheng")

    def test_is_the_same_however_a_tone_is_encoded(self, key):
        assert key("学生", unicodedata.normalize("NFD", "xuésheng")) == key("学生", "xuésheng")

    def test_without_pinyin_is_hanzi_alone(self, key):
        assert key("学生") == "学生|"

    def test_without_hanzi_is_the_card_s_own(self, my_deck):
        first = my_deck.cards.create(english="student", pinyin="xuésheng")
        second = my_deck.cards.create(english="student", pinyin="xuésheng")
        assert (first.word_key, second.word_key) == (str(first.pk), str(second.pk))

    def test_is_known_after_bulk_create(self, my_deck):
        (card,) = Card.objects.bulk_create([Card(deck=my_deck, hanzi="水", pinyin="Shuǐ")])
        assert card.word_key == "水|shuǐ"

    def test_follows_a_correction(self, my_deck):
        card = my_deck.cards.create(hanzi="水", pinyin="shui")
        card.pinyin = "shuǐ"
        card.save()
        assert card.word_key == "水|shuǐ"
        Card.objects.update(hanzi="", english="water")
        card.refresh_from_db()
        assert card.word_key == str(card.pk)


class TestVisibility:
    @pytest.fixture
    def decks(self, user, stranger):
        for owner in (user, stranger):
            for visibility in Visibility:
                Deck.objects.create(name=f"{owner} {visibility}", user=owner, visibility=visibility)
        Deck.objects.create(name="built in", visibility=Visibility.PUBLIC)

    def names(self, decks):
        return sorted(decks.values_list("name", flat=True))

    def test_a_learner_sees_their_own_decks_and_shared_ones(self, decks, user):
        assert self.names(Deck.objects.visible_to(user)) == [
            *("built in", "li private", "li public", "li unlisted"),
            *("wang public", "wang unlisted"),
        ]

    def test_a_visitor_sees_shared_decks(self, decks):
        assert self.names(Deck.objects.visible_to(None)) == [
            *("built in", "li public", "li unlisted", "wang public", "wang unlisted"),
        ]

    def test_nobody_sees_a_built_in_deck_that_is_not_shared_yet(self, user, db):
        Deck.objects.create(name="Draft", visibility=Visibility.PRIVATE)
        assert self.names(Deck.objects.visible_to(user)) == []
        assert self.names(Deck.objects.visible_to(None)) == []

    def test_the_library_has_public_decks_only(self, decks):
        assert self.names(Deck.objects.in_library()) == ["built in", "li public", "wang public"]

    def test_built_in_decks_are_nobody_s(self, decks):
        assert self.names(Deck.objects.built_in()) == ["built in"]

    def test_a_new_deck_is_private(self, my_deck):
        assert my_deck.visibility == Visibility.PRIVATE


class TestConstraints:
    def test_a_card_with_nothing_to_ask_is_refused(self, my_deck):
        with pytest.raises(IntegrityError, match="cards_have_something_to_ask"):
            my_deck.cards.create(pinyin="shuǐ", traditional="水")

    @pytest.mark.parametrize("text", [{"hanzi": "水"}, {"english": "water"}])
    def test_a_card_with_hanzi_or_english_is_taken(self, my_deck, text):
        card = my_deck.cards.create(**text)
        card.full_clean()
        assert my_deck.cards.get() == card

    def test_a_form_says_which_field_is_wanting(self, my_deck):
        with pytest.raises(ValidationError) as error:
            Card(deck=my_deck, pinyin="shuǐ").full_clean()
        assert error.value.message_dict["hanzi"] == ["Write the word in hanzi, or at least what it means in English."]

    def test_a_deck_without_a_name_is_refused(self, user):
        with pytest.raises(IntegrityError, match="decks_name_is_not_empty"):
            Deck.objects.create(name="", user=user)

    def test_a_level_of_hsk_is_one_deck(self, deck):
        with pytest.raises(IntegrityError, match="decks_one_for_each_hsk_level"):
            Deck.objects.create(name="Again", standard="2025", level="1")

    def test_learners_may_have_as_many_decks_of_one_name_as_they_like(self, user, stranger):
        for owner in (user, user, stranger):
            Deck.objects.create(name="Mine", user=owner)
        assert (user.decks.count(), stranger.decks.count()) == (2, 1)

    def test_a_built_in_deck_need_not_be_a_level_of_hsk(self, db):
        for name in ("Animals", "Food"):
            with transaction.atomic():
                Deck.objects.create(name=name, visibility=Visibility.PUBLIC)
        assert Deck.objects.built_in().count() == 2

    @pytest.mark.parametrize("in_sql", [False, True])
    def test_a_deleted_deck_takes_its_cards_only(self, deck, my_deck, in_sql):
        my_deck.cards.create(hanzi="水")
        if in_sql:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM decks WHERE id = %s", [my_deck.pk])
        else:
            my_deck.delete()
        assert (Deck.objects.get(), Card.objects.count()) == (deck, 5)


class TestOrder:
    def test_cards_come_by_position_then_age(self, my_deck):
        for hanzi, position in [("丙", 2), ("甲", 0), ("丁", 2), ("乙", 1)]:
            my_deck.cards.create(hanzi=hanzi, position=position)
        assert [card.hanzi for card in my_deck.cards.all()] == ["甲", "乙", "丙", "丁"]

    def test_decks_come_by_name(self, user):
        for name in ("b", "a"):
            Deck.objects.create(name=name, user=user)
        assert [deck.name for deck in user.decks.all()] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "shown"), [({"hanzi": "水"}, "水"), ({"english": "water " * 9}, "water " * 6 + "wate")]
)
def test_a_card_is_called_by_its_word_or_its_meaning(text, shown):
    assert str(Card(**text)) == shown


def test_a_deck_has_an_address(my_deck):
    assert my_deck.get_absolute_url() == f"/decks/{my_deck.pk}/"
