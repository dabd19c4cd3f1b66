import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from uuid_utils.compat import uuid7

from decks import builtin
from decks.models import Card, Deck, Standard, Visibility
from study.choices import Direction, Rating
from study.models import CardProgress, StudySession

pytestmark = pytest.mark.xdist_group("load_decks")
SIZES = {
    Standard.HSK_2025: [300, 197, 491, 990, 1579, 1777, 5562],
    Standard.HSK_2021: [507, 753, 953, 973, 1059, 1124, 5608],
    Standard.HSK_2: [150, 147, 298, 598, 1298, 2500],
}
READ = Direction.CHINESE_TO_ENGLISH


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The built-in decks, loaded once for these tests; each then has a transaction of its own upon them."""
    with django_db_blocker.unblock():
        yield builtin.load()
        Deck.objects.built_in().delete()


@pytest.fixture
def hsk1(loaded, db):
    return Deck.objects.get(standard="2025", level="1")


@pytest.fixture
def learnt(hsk1, user, now):
    """A word that is in no other deck, which a learner has answered."""
    card = Card.objects.get(hanzi="没事")
    StudySession.start(user, hsk1, READ, now).answer(uuid7(), card, READ, Rating.GOOD, now)
    return card


def test_there_is_a_deck_of_each_level_of_each_standard(loaded, db):
    decks = Deck.objects.annotate(size=Count("cards")).order_by("level")
    for standard, sizes in SIZES.items():
        levels = [*"123456", "7-9"][: len(sizes)]
        found = [(deck.name, deck.level, deck.size) for deck in decks if deck.standard == standard]
        names = [f"{standard.label} Level {level}" for level in levels]
        assert found == list(zip(names, levels, sizes, strict=True))
    assert len(decks) == 20
    assert (loaded.made, loaded.changed, loaded.left) == (sum(map(sum, SIZES.values())), 0, 0)


def test_each_deck_is_public_and_says_which_standard_it_follows(loaded, db):
    for deck in Deck.objects.all():
        assert deck.user is None
        assert deck.visibility == Visibility.PUBLIC
        assert builtin.ABOUT[deck.standard] in deck.description
        assert "CC-CEDICT, under CC BY-SA 4.0" in deck.description
    assert "November 2025" in Deck.objects.get(name="HSK 3.0 (2025) Level 1").description
    assert "GF0025-2021" in Deck.objects.get(name="HSK 3.0 (2021) Level 1").description


def test_positions_count_from_0_without_a_gap(loaded, db):
    for deck in Deck.objects.all():
        positions = list(deck.cards.order_by("position").values_list("position", flat=True))
        assert positions == list(range(len(positions)))


def test_each_word_comes_once_in_a_deck(loaded, db):
    assert not Card.objects.values("deck", "hanzi").annotate(times=Count("pk")).filter(times__gt=1).exists()


def test_every_card_has_its_texts_and_none_of_what_is_not_its_meaning(loaded, db):
    for field in ("hanzi", "traditional", "pinyin", "english"):
        assert not Card.objects.filter(**{field: ""}).exists()
    assert not Card.objects.filter(english__istartswith="surname").exists()
    assert not Card.objects.filter(english__contains="CL:").exists()
    assert not Card.objects.filter(pinyin__regex=r"[0-9]").exists()


def test_the_first_words_are_the_most_frequent_in_their_everyday_reading(hsk1):
    texts = {card.hanzi: (card.traditional, card.pinyin) for card in hsk1.cards.all()}
    assert list(texts)[:5] == ["的", "是", "在", "了", "我"]
    assert texts["的"] == ("的", "de")
    assert texts["都"] == ("都", "dōu")
    assert texts["还"] == ("還", "hái")
    assert texts["学生"] == ("學生", "xuésheng")


def test_each_card_has_the_frequency_of_its_word(hsk1):
    ranks = dict(hsk1.cards.values_list("hanzi", "frequency_rank"))
    assert (ranks["的"], ranks["看"], ranks["学生"]) == (1, 69, 210)
    assert {hanzi for hanzi, rank in ranks.items() if rank is None} == {"不客气", "有的", "面条儿"}


def test_a_card_from_before_there_were_frequencies_takes_its_own(learnt):
    before = Card.objects.get(pk=learnt.pk).frequency_rank
    Card.objects.filter(pk=learnt.pk).update(frequency_rank=None)
    assert builtin.load().changed == 1
    assert Card.objects.get(pk=learnt.pk).frequency_rank == before


def test_an_example_has_its_word_pinyin_and_translation(hsk1):
    with_example = hsk1.cards.exclude(sentence="")
    assert with_example.count() > 250
    for card in with_example:
        assert card.hanzi in card.sentence
        assert card.sentence_pinyin
        assert card.sentence_translation


def test_loading_again_changes_nothing(loaded, db):
    before = list(Card.objects.order_by("id").values())
    decks = list(Deck.objects.order_by("id").values())
    again = builtin.load()
    assert (again.made, again.changed, again.left) == (0, 0, 0)
    assert list(Card.objects.order_by("id").values()) == before
    assert list(Deck.objects.order_by("id").values()) == decks


def test_texts_are_brought_up_to_date_and_the_card_and_its_progress_stay(learnt):
    before = Card.objects.filter(pk=learnt.pk).values(*builtin.TEXTS).get()
    Card.objects.filter(pk=learnt.pk).update(pinyin="méi shī", english="old", sentence="", notes="mine")
    assert builtin.load().changed == 1
    after = Card.objects.get(pk=learnt.pk)
    assert {name: getattr(after, name) for name in builtin.TEXTS} == before
    assert after.notes == "mine"
    assert CardProgress.objects.get().card == after


def test_progress_follows_the_word_to_its_new_spelling(learnt, user):
    Card.objects.filter(pk=learnt.pk).update(pinyin="méishī")
    assert CardProgress.objects.get().word_key == "没事|méishī"
    builtin.load()
    assert CardProgress.objects.get().word_key == "没事|méishì"
    learnt.refresh_from_db()
    assert user.progress.by_word([learnt])[learnt.word_key][0].reps == 1


def test_progress_is_found_from_each_deck_of_its_word(loaded, user, now):
    cards = Card.objects.filter(hanzi="学生")
    deck = cards[0].deck
    StudySession.start(user, deck, READ, now).answer(uuid7(), cards[0], READ, Rating.GOOD, now)
    cards.update(english="old")
    assert builtin.load().changed == 3
    assert [user.progress.by_word([card])[card.word_key][0].reps for card in cards.all()] == [1, 1, 1]


def test_a_word_that_left_the_list_goes_to_the_end_with_its_progress(learnt, hsk1, user):
    Card.objects.filter(pk=learnt.pk).update(hanzi="斈生")
    loaded = builtin.load()
    assert (loaded.made, loaded.changed, loaded.left) == (1, 0, 1)
    cards = list(hsk1.cards.all())
    assert len(cards) == 301
    assert cards[-1] == learnt
    assert [card.position for card in cards] == list(range(301))
    assert CardProgress.objects.get().card == learnt
    assert builtin.load().left == 1
    assert list(hsk1.cards.values_list("position", flat=True)) == list(range(301))


def test_a_name_changed_by_hand_is_restored(hsk1):
    Deck.objects.filter(pk=hsk1.pk).update(name="My HSK", visibility=Visibility.PRIVATE)
    builtin.load()
    hsk1.refresh_from_db()
    assert (hsk1.name, hsk1.visibility) == ("HSK 3.0 (2025) Level 1", Visibility.PUBLIC)


def test_a_learner_s_deck_of_the_same_name_is_left_alone(hsk1, make_deck, user):
    own = make_deck([("水", "水", "shuǐ", "my water")], name=hsk1.name, user=user)
    builtin.load()
    assert [card.english for card in own.cards.all()] == ["my water"]


def test_the_command_says_what_it_did(loaded, db, capsys):
    Card.objects.filter(hanzi="学生").update(english="old")
    call_command("load_decks")
    assert capsys.readouterr().out == "Built-in decks: 0 cards made, 3 changed.\n"


def test_without_a_dictionary_the_command_says_how_to_make_one(db, settings, tmp_path):
    settings.DICTIONARY_PATH = tmp_path / "none.sqlite3"
    with pytest.raises(CommandError, match="build_dictionary"):
        call_command("load_decks")


@pytest.mark.django_db(transaction=True)
def test_two_loads_at_once_make_each_card_once():
    Deck.objects.all().delete()
    failed = []

    def load():
        try:
            builtin.load()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Deck.objects.count() == 20
    assert Card.objects.count() == sum(map(sum, SIZES.values()))
