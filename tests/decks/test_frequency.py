"""The rank of a word among the most frequent ones, and the card that keeps it."""

import pytest

from decks.frequency import frequency_rank
from decks.models import Card, Deck

RANKS = {"看": 69, "学生": 210, "水": 643}


@pytest.mark.parametrize(("hanzi", "rank"), [*RANKS.items(), ("山x", None), ("", None)])
def test_a_word_has_the_dictionary_s_rank(hanzi, rank):
    assert frequency_rank(hanzi) == rank


def test_without_a_dictionary_no_word_has_a_rank(settings, tmp_path):
    settings.DICTIONARY_PATH = tmp_path / "none.sqlite3"
    assert frequency_rank("水") is None


class TestACard:
    @pytest.mark.parametrize(("hanzi", "rank"), [*RANKS.items(), ("山x", None), ("", None)])
    def test_has_the_rank_of_its_word(self, make_deck, hanzi, rank):
        card = make_deck([]).cards.create(hanzi=hanzi, english="x")
        assert Card.objects.get(pk=card.pk).frequency_rank == rank

    @pytest.mark.parametrize("fields", [None, ["hanzi"], ("hanzi", "pinyin")])
    def test_takes_the_rank_of_its_new_word(self, make_deck, fields):
        card = make_deck([]).cards.create(hanzi="水", pinyin="shuǐ")
        card.hanzi = "看"
        card.save(update_fields=fields)
        assert Card.objects.get(pk=card.pk).frequency_rank == 69

    def test_takes_it_where_it_had_none(self, deck):
        card = deck.cards.get(hanzi="水")
        assert card.frequency_rank is None  # made in bulk
        card.save()
        assert Card.objects.get(pk=card.pk).frequency_rank == 643

    @pytest.mark.parametrize("fields", [["notes"], []])
    def test_keeps_its_rank_where_only_other_fields_are_saved(self, deck, fields, django_assert_num_queries):
        card = deck.cards.get(hanzi="水")
        card.hanzi = "看"
        with django_assert_num_queries(len(fields)):
            card.save(update_fields=fields)
        stored = Card.objects.get(pk=card.pk)
        assert (stored.hanzi, stored.frequency_rank) == ("水", None)

    def test_with_another_rank_makes_its_deck_another_version(self, deck):
        before = Deck.objects.get(pk=deck.pk).version
        card = deck.cards.get(hanzi="水")
        card.save()
        assert Deck.objects.get(pk=deck.pk).version == before + 1
        card.save()
        assert Deck.objects.get(pk=deck.pk).version == before + 1
