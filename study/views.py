"""The pages on which a learner chooses what to study, and studies."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from decks.models import Card, Deck
from study.choices import Direction
from study.models import Enrolment, StudySession
from study.queue import Entry, Queue
from study.start_forms import EnrolmentForm, StartForm
from study.stats import mastery_by_deck, minutes_for
from study.today import today

CARDS_ON_A_PAGE = 100
SAMPLES = 10


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


@require_safe
def library(request):
    """The built-in decks by standard and level, and what other learners share."""
    decks = Deck.objects.in_library().annotate(card_count=Count("cards")).order_by("-standard", "level", "name")
    enrolled = set()
    if request.user.is_authenticated:
        enrolled = set(request.user.enrolments.values_list("deck", flat=True))
    return render(request, "study/library.html", {"decks": decks, "enrolled": enrolled})


@login_required
@require_safe
def decks(request):
    """The decks that the learner studies, with how well."""
    visible = Deck.objects.visible_to(request.user)
    enrolments = (
        request.user.enrolments.filter(deck__in=visible)
        .select_related("deck")
        .annotate(card_count=Count("deck__cards"))
    )
    mastery = mastery_by_deck(request.user)
    rows = [(enrolment, mastery[enrolment.deck_id]) for enrolment in enrolments]
    return render(request, "study/decks.html", {"rows": rows})


@require_safe
def deck(request, pk):
    """The cards of a deck, page by page, each with what the learner knows of it."""
    return deck_page(request, visible_deck(request, pk))


def deck_page(request, deck, form=None):
    """Answer with a deck's page; 400 if its form has errors."""
    page = Paginator(deck.cards.all(), CARDS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"deck": deck, "page": page, "enrolment": None, "cards": [(card, []) for card in page]}
    if request.user.is_authenticated:
        enrolment = request.user.enrolments.filter(deck=deck).first()
        known = request.user.progress.by_word(page.object_list)
        context["cards"] = [(card, known[card.word_key]) for card in page]
        context |= {"enrolment": enrolment, "form": form or EnrolmentForm(instance=enrolment)}
    return render(request, "study/deck.html", context, status=400 if form else 200)


def visible_deck(request, pk):
    """Return the deck if the visitor may see it, else answer 404."""
    user = request.user if request.user.is_authenticated else None
    return get_object_or_404(Deck.objects.visible_to(user), pk=pk)


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
