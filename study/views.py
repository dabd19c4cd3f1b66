"""The pages on which a learner chooses what to study, and studies."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from decks.models import Card, Deck, Visibility
from study.choices import Direction
from study.deck_forms import new_id
from study.deck_views import visible_deck
from study.models import Enrolment, StudySession
from study.queue import Entry, Queue
from study.shelf import KEPT_FOR
from study.start_forms import EnrolmentForm, StartForm
from study.stats import mastery_by_deck, minutes_for
from study.today import today

CARDS_ON_A_PAGE = 100
SAMPLES = 10
PLACE = re.compile(r"\d{1,9}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@require_safe
@never_cache
def home(request):
    """What is due today, by deck; to a stranger, what this is."""
    if not request.user.is_authenticated:
        return welcome(request)
    day = today(request.user, timezone.now())
    context = {
        "rows": [(enrolment.deck, day["by_deck"][enrolment.deck_id]) for enrolment in day["enrolments"]],
        "paused": StudySession.paused(request.user, timezone.now()) if day["counts"].total else None,
        "today": day["counts"],
        "minutes": minutes_for(request.user, day["counts"]),
        "words_today": day["words_today"],
        **{name: day[name] for name in ("next_at", "streak", "backlog")},
    }
    return render(request, "study/home.html", context)


def welcome(request):
    """What this is, and the first words of HSK 1 to try without an account."""
    samples = list(Card.objects.filter(deck__user=None, deck__standard="2025", deck__level="1")[:SAMPLES])
    asked = request.GET.get("card", "")
    number = int(asked) if asked in map(str, range(len(samples))) else 0
    entries = [Entry(card, Direction.CHINESE_TO_ENGLISH) for card in samples[number : number + 1]]
    following = (number + 1) % len(samples) if samples else 0
    context = {"entries": entries, "number": number + 1, "samples": len(samples), "next": following}
    return render(request, "study/welcome.html", context)


@login_required
@require_safe
def decks(request):
    """The decks that the learner studies, with how well, and those of their own that they don't study."""
    visible = Deck.objects.visible_to(request.user)
    enrolments = (
        request.user.enrolments.filter(deck__in=visible)
        .select_related("deck")
        .annotate(card_count=Count("deck__cards"))
        .order_by("place", "added_at")
    )
    mastery = mastery_by_deck(request.user)
    rows = [(enrolment, mastery[enrolment.deck_id]) for enrolment in enrolments]
    resting = request.user.decks.exclude(enrolments__user=request.user).exclude(
        deleted_at__lt=timezone.now() - KEPT_FOR
    )
    resting = list(resting.annotate(card_count=Count("cards")))
    context = {
        "rows": rows,
        "resting": [deck for deck in resting if not deck.deleted_at],
        "deleted": any(deck.deleted_at for deck in resting),
    }
    return render(request, "study/decks.html", context)


@require_safe
def deck(request, pk):
    """The cards of a deck, page by page, each with what the learner knows of it."""
    return deck_page(request, visible_deck(request, pk))


def deck_page(request, deck, form=None):
    """Answer with a deck's page; 400 if its form has errors."""
    cards = list(after(deck.cards.all(), request.GET.get("after", ""))[: CARDS_ON_A_PAGE + 1])
    shown = cards[:CARDS_ON_A_PAGE]
    context = {
        "deck": deck,
        "origin": origin_for(request.user, deck),
        "is_own": request.user.is_authenticated and deck.user_id == request.user.pk,
        "count": deck.cards.count(),
        "following": f"{shown[-1].position}.{shown[-1].pk}" if len(cards) > CARDS_ON_A_PAGE else "",
        "is_first": "after" not in request.GET,
        "enrolment": None,
        "cards": [(card, []) for card in shown],
    }
    if request.user.is_authenticated:
        enrolment = request.user.enrolments.filter(deck=deck).first()
        known = request.user.progress.by_word(shown)
        context["cards"] = [(card, known[card.word_key]) for card in shown]
        context |= {"enrolment": enrolment, "form": form or EnrolmentForm(instance=enrolment), "copy": new_id()}
    return render(request, "study/deck.html", context, status=400 if form else 200)


def origin_for(user, deck):
    """Return the deck that a deck is a copy of, None where a visitor isn't to know: a link is for who was given it."""
    origin = deck.copied_from
    if origin is None or origin.deleted_at:
        return None
    known = origin.user_id == user.pk or origin.visibility == Visibility.PUBLIC
    return origin if known or (deck.user_id == user.pk and origin.visibility == Visibility.UNLISTED) else None


def after(cards, place):
    """Return the cards behind a place as `12.<id of the card>`; all of them if it is none."""
    position, _, pk = place.partition(".")
    if not PLACE.fullmatch(place):
        return cards
    return cards.filter(position__gte=int(position)).filter(Q(position__gt=int(position)) | Q(pk__gt=pk))


@login_required
@require_POST
def enrol(request, pk):
    """Study a deck, or change how."""
    deck = visible_deck(request, pk)
    if "new_per_day" in request.POST:
        enrolment = request.user.enrolments.filter(deck=deck).first() or Enrolment(user=request.user, deck=deck)
        form = EnrolmentForm(request.POST, instance=enrolment)
        if not form.is_valid():
            return deck_page(request, deck, form)
        Enrolment.objects.change(request.user, deck, **form.changes())
        messages.success(request, f"Saved: how you study {deck}.")
        return redirect(deck)
    Enrolment.objects.start(request.user, deck)
    messages.success(request, f"You study {deck} now.")
    return redirect("home")


@login_required
@require_POST
def unenrol(request, pk):
    """Stop studying a deck; what was learnt is kept."""
    enrolment = request.user.enrolments.select_related("deck").filter(deck=pk).first()
    if enrolment:
        Enrolment.objects.stop(request.user, enrolment.deck)
        kept = "What you learnt is kept, should you come back."
        messages.success(request, f"You no longer study {enrolment.deck}. {kept}")
    else:
        visible_deck(request, pk)
    return redirect("decks")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request, pk=None):
    """Choose what to study, how and how much, and start, over one deck or several."""
    deck, now = visible_deck(request, pk) if pk else None, timezone.now()
    queue = Queue(request.user, now, pk)
    decks = [] if pk else [enrolment.deck for enrolment in queue.enrolments]
    form = StartForm(request.POST if request.method == "POST" else None, decks=decks)
    if form.is_valid():
        session = StudySession.start(request.user, deck, at=now, **form.session())
        return redirect("session", session.pk)
    context = {"deck": deck, "form": form, "queue": queue, "minutes": minutes_for(request.user, queue.counts)}
    return render(request, "study/start.html", context, status=400 if form.is_bound else 200)
