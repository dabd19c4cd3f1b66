"""Where a learner has a word of the dictionary: in which of their decks, and how well they know it."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from decks.dictionary import open_dictionary
from decks.formats.notes import word_key
from decks.models import Card, Deck

MOST_CARDS = 50


@login_required
@require_safe
@never_cache
def mine(request, word):
    """The cards that the learner has of a word, each with its deck and its memories; a part of the entry for htmx."""
    found = open_dictionary(settings.DICTIONARY_PATH).lookup(word)
    if found is None:
        raise Http404
    keys = {word_key(found.simplified, reading.pinyin) for reading in found.readings}
    cards = list(cards_of(request.user).filter(word_key__in=keys)[:MOST_CARDS])
    known = request.user.progress.by_word(cards)
    context = {"word": found, "asked": word, "cards": [(card, known[card.word_key]) for card in cards]}
    part = "#cards" if "HX-Request" in request.headers else ""
    return render(request, f"study/mine.html{part}", context)


def cards_of(user):
    """Return the cards of the decks that a learner owns or studies, with their decks."""
    decks = Deck.objects.visible_to(user).filter(Q(user=user) | Q(enrolments__user=user))
    return Card.objects.filter(deck__in=decks).select_related("deck").order_by("deck__name", "position", "id")
