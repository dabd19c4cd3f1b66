"""The built-in decks: the words of HSK by three standards, with the dictionary's texts."""

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from decks.dictionary import LEVELS, open_dictionary
from decks.filling import texts_of
from decks.models import Card, Deck, Standard, Visibility

# What a card takes from the dictionary; notes and tags are nobody's to overwrite.
TEXTS = [
    *("position", "traditional", "pinyin", "english", "frequency_rank"),
    *("sentence", "sentence_pinyin", "sentence_translation"),
]
ABOUT = {
    Standard.HSK_2025: "the HSK 3.0 examination syllabus of November 2025, in force since July 2026",
    Standard.HSK_2021: "the HSK 3.0 standard GF0025-2021, whose levels differ from the syllabus of 2025",
    Standard.HSK_2: "HSK 2.0, the examination from 2012 to 2026",
}


@dataclass
class Loaded:
    """How many cards a load has made and changed, and how many are in no list any more."""

    made: int = 0
    changed: int = 0
    left: int = 0


@transaction.atomic
def load():
    """Make or refresh every built-in deck, and return what changed; cards keep their ids, so progress stays."""
    loaded = Loaded()
    for standard in Standard:
        for level in LEVELS[standard]:
            load_level(standard, level, loaded)
    return loaded


@transaction.atomic
def load_level(standard, level, loaded):
    """Make or refresh the deck of one level, and add what changed to what was loaded."""
    dictionary = open_dictionary(settings.DICTIONARY_PATH)
    words = dictionary.hsk_words(standard, level)
    deck = _deck(standard, level, len(words))
    _load_cards(deck, [_texts(word, at) for at, word in enumerate(words)], loaded)


def _deck(standard, level, size):
    texts = {
        "name": f"{standard.label} Level {level}",
        "description": (
            f"The {size:,} words of level {level} of {ABOUT[standard]}; the most frequent first. "
            "Texts from CC-CEDICT, under CC BY-SA 4.0."
        ),
        "visibility": Visibility.PUBLIC,
    }
    # The lock on the row makes a second load wait for this one.
    deck, made = Deck.objects.select_for_update().get_or_create(
        user=None, standard=standard, level=level, defaults=texts
    )
    if not made and texts != {name: getattr(deck, name) for name in texts}:
        Deck.objects.filter(pk=deck.pk).update(**texts)
    return deck


def _texts(word, position):
    """Return a card's columns: the texts of the reading to learn, and where it comes."""
    return texts_of(word, word.readings[0]) | {"position": position, "frequency_rank": word.rank}


def _load_cards(deck, wanted, loaded):
    """Bring a deck's cards to the wanted texts; a word that left the list goes behind the others, with its progress."""
    cards = defaultdict(list)
    for card in deck.cards.all():
        cards[card.hanzi].append(card)
    changed, made = [], []
    for texts in wanted:
        if not cards[texts["hanzi"]]:
            made.append(Card(deck=deck, **texts))
            continue
        card = cards[texts["hanzi"]].pop(0)
        if any(getattr(card, name) != texts[name] for name in TEXTS):
            for name in TEXTS:
                setattr(card, name, texts[name])
            changed.append(card)
    left = [card for rest in cards.values() for card in rest]
    for position, card in enumerate(sorted(left, key=lambda card: card.position), start=len(wanted)):
        card.position = position
    Card.objects.bulk_update(changed, TEXTS, batch_size=500)
    Card.objects.bulk_update(left, ["position"], batch_size=500)
    Card.objects.bulk_create(made, batch_size=1000)
    loaded.made, loaded.changed, loaded.left = (
        loaded.made + len(made),
        loaded.changed + len(changed),
        loaded.left + len(left),
    )
