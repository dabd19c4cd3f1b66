"""The pages on which a learner chooses what to study, and studies."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from uuid_utils.compat import uuid7

from decks.models import Card, Deck
from study import acts, leeches
from study.acts import Act, ActRefused, NotTheirs
from study.choices import Direction
from study.forms import ActForm, AnswerForm, EnrolmentForm, StartForm
from study.models import CardInteraction, Enrolment, StaleAnswer, StudySession
from study.progress import grades
from study.queue import Entry, Queue
from study.stats import mastery_by_deck, minutes_for
from study.streak import streak_of
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
        Enrolment.objects.change(request.user, deck, **form.cleaned_data)
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
    """Choose a direction and start, over one deck or all."""
    deck = visible_deck(request, pk) if pk else None
    form = StartForm(request.POST if request.method == "POST" else None, initial={"direction": ""})
    if form.is_valid():
        session = StudySession.start(request.user, deck, form.cleaned_data["direction"], timezone.now())
        return redirect("session", session.pk)
    queue = Queue(request.user, timezone.now(), pk)
    context = {"deck": deck, "form": form, "queue": queue, "minutes": minutes_for(request.user, queue.counts)}
    return render(request, "study/start.html", context, status=400 if form.is_bound else 200)


def own_session(request, pk):
    """Return the learner's session, else answer 404."""
    session = get_object_or_404(StudySession.objects.select_related("deck"), pk=pk, user=request.user)
    session.user = request.user
    return session


@login_required
@require_safe
@never_cache
def session(request, pk):
    """The card to answer now."""
    session = own_session(request, pk)
    if session.ended_at:
        return redirect("summary", pk)
    return card_page(request, session, "study/session.html")


def card_page(request, session, template, partial=False, last=None, sequence=None):
    """Answer with the session's next card, or with the summary when nothing is left."""
    now = timezone.now()
    last = last or session.last_act()
    waiting = session.waiting(now, last=last and last.card.word_key, sequence=sequence)
    context = {"session": session, "last": last, "partial": partial, "counts": waiting.counts}
    if not waiting.entries:
        return render(request, template, context | {"next_at": session.queue(now).next_at()})
    [entry] = waiting.entries
    [buttons] = grades(session, waiting.entries, now)
    return render(request, template, context | {"entry": entry, "grades": buttons, "id": uuid7(), "now": now})


@login_required
@require_http_methods(["GET", "POST"])
def answer(request, pk):
    """Record an answer and show the next card; whoever comes back here from the log-in is sent to the card."""
    if request.method == "GET":
        return redirect("session", pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
    now = timezone.now()
    try:
        entry = acts.record(request.user, form.act(now, pk), now)
    except NotTheirs as error:
        raise Http404(str(error)) from None
    except StaleAnswer:
        card = Card.objects.get(pk=form.cleaned_data["card"])
        messages.info(request, f"{card} was answered in another tab: that answer counts.")
        return next_card(request, own_session(request, pk))
    except ActRefused as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain")
    if entry.repeated and entry.rating != form.cleaned_data["rating"]:
        messages.info(request, f"{entry.card}: your first answer, “{entry.get_rating_display()}”, counts.")
    return next_card(request, entry.session, entry)


def next_card(request, session, entry=None):
    """Answer an act with the next card, or the page on which it is."""
    if not request.headers.get("HX-Request"):
        return redirect("session", session.pk)
    if session.ended_at:
        return HttpResponse(headers={"HX-Redirect": reverse("summary", args=[session.pk])})
    # Whoever has just written the log knows where it stands.
    known = {"last": entry, "sequence": entry.sequence} if entry and not entry.repeated else {}
    return card_page(request, session, "study/session.html#card", partial=True, **known)


@login_required
@require_http_methods(["GET", "POST"])
def act(request, pk):
    """Put a word aside, on a day or out of the way, or mark it as known, and show the next card."""
    if request.method == "GET":
        return redirect("session", pk)
    form = ActForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
    now = timezone.now()
    try:
        entry = acts.record(request.user, Act(session=pk, **form.cleaned_data), now)
    except NotTheirs as error:
        raise Http404(str(error)) from None
    except (ActRefused, StaleAnswer) as error:
        messages.info(request, str(error) or "That is done already.")
        return next_card(request, own_session(request, pk))
    messages.success(request, f"{entry.card}: {entry.get_interaction_type_display().lower()}.")
    return next_card(request, entry.session, entry)


@login_required
@require_http_methods(["GET", "POST"])
def undo(request, pk):
    """Take the latest act of a session back and show its card again."""
    session = own_session(request, pk)
    if request.method == "GET":
        return redirect("session", pk)
    try:
        entry = acts.undo(request.user, session.interactions.get(pk=request.POST.get("id")).pk, timezone.now())
        session.plan = None
        messages.success(request, f"Taken back: {entry.card}.")
    except (CardInteraction.DoesNotExist, ValidationError, StaleAnswer):
        messages.info(request, "You have done something else since: that can't be taken back from here.")
    session.refresh_from_db(fields=["ended_at"])
    return next_card(request, session)


@login_required
@require_http_methods(["GET", "POST"])
def end(request, pk):
    """Close the session and show what came of it; whoever comes back here from the log-in is sent to the card."""
    session = own_session(request, pk)
    if request.method == "GET":
        return redirect("session", pk)
    session.end(timezone.now())
    return redirect("summary", pk)


@login_required
@require_safe
def summary(request, pk):
    """What was studied in a session, and what was hard."""
    session = own_session(request, pk)
    queue = session.queue(timezone.now())
    context = {
        "session": session,
        "last": session.last_act(),
        "answers": session.answers().count(),
        "hard": session.hard_cards(),
        "streak": streak_of(request.user, timezone.now()),
        "leeches": list(leeches.forgotten_in(session)),
        "counts": queue.counts,
    }
    if not queue.counts.total:
        context["next_at"] = queue.next_at()
    return render(request, "study/summary.html", context)
