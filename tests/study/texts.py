"""A learner who knows some words, and texts of any length."""

import random

from django.conf import settings

from decks.dictionary import open_dictionary
from decks.models import Visibility
from study.choices import Direction, State

WORDS = [
    ("学生", "學生", "xuésheng", "student"),
    ("老师", "老師", "lǎoshī", "teacher"),
    ("苹果", "蘋果", "píngguǒ", "apple"),
    ("水", "水", "shuǐ", "water"),
    ("看", "看", "kàn", "to look; to read"),
    ("说", "說", "shuō", "to say"),
    ("我", "我", "wǒ", "I"),
    ("是", "是", "shì", "to be"),
]


def know(user, make_deck, remember):
    """Give the learner a deck of eight words, and return its cards by word.

    Three are known in one way or another, two are being learnt, and three are new.
    """
    deck = make_deck(WORDS, name="Mine", user=user, visibility=Visibility.PRIVATE)
    cards = {card.hanzi: card for card in deck.cards.all()}
    remember(user, cards["学生"], stability=30.0, interval=30)
    remember(user, cards["我"], direction=Direction.LISTENING)
    remember(user, cards["我"], direction=Direction.WRITING, state=State.LEARNING, step=0)
    remember(user, cards["是"])
    remember(user, cards["老师"], state=State.LEARNING, step=0)
    remember(user, cards["水"], state=State.RELEARNING, step=0)
    return cards


def a_text(length, seed=1):
    """Return a text of example sentences at random, of so many characters."""
    chance, dictionary = random.Random(seed), open_dictionary(settings.DICTIONARY_PATH)
    words = [word for level in ("1", "2", "3") for word in dictionary.hsk_words("2025", level)]
    sentences = [each.chinese for word in words for each in dictionary.sentences(word.simplified)]
    found, size = [], 0
    while size < length:
        found.append(chance.choice(sentences) + ("\n" if chance.random() < 0.1 else ""))
        size += len(found[-1])
    return "".join(found)[:length]
