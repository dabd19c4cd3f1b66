"""The pages on which a learner keeps their own decks, and finds those of others."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from decks.models import Card, Deck, DeckReport, NoRoom, Visibility
from study import shelf
from study.deck_forms import DeckForm, ReportForm, new_id

SAMPLES = 6  # words that show what a deck is about
SHARED_ON_A_PAGE = 24


def own_deck(request, pk):
    """Return the learner's own deck, else answer 404."""
    return get_object_or_404(Deck.objects.own(request.user), pk=pk)


def visible_deck(request, pk):
    """Return the deck if the visitor may see it, else answer 404."""
    user = request.user if request.user.is_authenticated else None
    return get_object_or_404(Deck.objects.visible_to(user).select_related("user", "copied_from"), pk=pk)


# The library


@require_safe
def library(request):
    """The built-in decks by standard and level, and what other learners share."""
    query = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:100]
    shared = with_samples(Deck.objects.in_library().exclude(user=None)).select_related("user", "copied_from")
    for word in query.split():
        shared = shared.filter(Q(name__icontains=word) | Q(description__icontains=word) | Q(tags__contains=[word]))
    page = Paginator(shared.order_by("-updated_at"), SHARED_ON_A_PAGE).get_page(request.GET.get("page"))
    built_in = Deck.objects.none()
    if not query and page.number == 1:
        built_in = with_samples(Deck.objects.in_library().built_in()).order_by("-standard", "level", "name")
    enrolled = set()
    if request.user.is_authenticated:
        enrolled = set(request.user.enrolments.values_list("deck", flat=True))
    return render(
        request, "study/library.html", {"built_in": built_in, "page": page, "query": query, "enrolled": enrolled}
    )


def with_samples(decks):
    """Return decks with how many cards each has, and its first words."""
    cards = Card.objects.filter(deck=OuterRef("pk")).order_by("position", "id")
    count = Card.objects.filter(deck=OuterRef("pk")).order_by().values("deck").values(count=Count("pk"))
    words = ArraySubquery(cards.exclude(hanzi="").values("hanzi")[:SAMPLES])
    return decks.annotate(card_count=Coalesce(Subquery(count), 0), samples=words)


# Making and changing


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Make a deck."""
    form = DeckForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            deck = shelf.make(request.user, new_id(request.POST.get("id", "")), **form.cleaned_data)
            messages.success(request, f"{deck} is made. Add its first words.")
            return redirect("deck", deck.pk)
        except NoRoom as trouble:
            form.add_error(None, str(trouble))
        except IntegrityError:  # an id that is somebody else's
            raise PermissionDenied from None
    context = {"form": form, "id": new_id(request.POST.get("id", ""))}
    return render(request, "study/deck_form.html", context, status=400 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """Rename a deck, describe it, tag it and share it."""
    deck = own_deck(request, pk)
    form = DeckForm(request.POST if request.method == "POST" else None, instance=deck)
    if form.is_valid():
        form.save()
        messages.success(request, f"Saved: {deck}.")
        return redirect(deck)
    if form.is_bound:
        deck.refresh_from_db()  # the title is still the old one
    link = request.build_absolute_uri(deck.get_absolute_url())
    return render(
        request,
        "study/deck_form.html",
        {"form": form, "deck": deck, "link": link},
        status=400 if form.is_bound else 200,
    )


@login_required
@require_POST
def copy(request, pk):
    """Make a deck one's own; what is known of its words is known of the copy."""
    deck = visible_deck(request, pk)
    try:
        made = shelf.copy(request.user, deck, new_id(request.POST.get("id", "")))
    except NoRoom as trouble:
        messages.error(request, str(trouble))
        return redirect(deck)
    except IntegrityError:  # an id that is somebody else's
        raise PermissionDenied from None
    messages.success(
        request, f"{made} is your own copy now: change it as you like. What you know of its words is kept."
    )
    return redirect("deck", made.pk)


@login_required
@require_POST
def move(request, pk):
    """Put a deck up or down in the order of the learner's decks."""
    enrolment = get_object_or_404(request.user.enrolments.select_related("deck"), deck=pk)
    shelf.move(request.user, enrolment.deck, -1 if request.POST.get("to") == "up" else 1)
    return redirect("decks")


# Deleting


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request, pk):
    """Say what goes with a deck, and delete it; it can be brought back for 30 days."""
    deck = own_deck(request, pk)
    if request.method == "POST":
        shelf.delete(deck)
        messages.success(request, f"{deck} is deleted.", extra_tags=f"restore:{deck.pk}")
        return redirect("decks")
    return render(request, "study/deck_delete.html", {"deck": deck, "lost": shelf.lost_with(deck)})


@login_required
@require_safe
def deleted(request):
    """The decks that can be brought back, and until when."""
    since = timezone.now() - shelf.KEPT_FOR
    decks = request.user.decks.filter(deleted_at__gte=since).annotate(card_count=Count("cards")).order_by("-deleted_at")
    rows = [(deck, deck.deleted_at + shelf.KEPT_FOR) for deck in decks]
    return render(request, "study/decks_deleted.html", {"rows": rows})


@login_required
@require_POST
def restore(request, pk):
    """Bring a deleted deck back; one that is there already stays as it is."""
    deck = get_object_or_404(request.user.decks, pk=pk)
    shelf.restore(deck)
    messages.success(request, f"{deck} is back, with all that you learnt by it.")
    return redirect("deck", deck.pk)


# Reporting


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, pk):
    """Tell staff what is wrong with a deck that somebody shares."""
    decks = Deck.objects.visible_to(request.user).exclude(visibility=Visibility.PRIVATE).exclude(user=request.user)
    deck = get_object_or_404(decks, pk=pk)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        # Said again, it is said better: staff read the latest.
        DeckReport.objects.update_or_create(deck=deck, user=request.user, settled_at=None, defaults=form.cleaned_data)
        messages.success(request, "Thank you: the people who run this site will look at it.")
        return redirect(deck)
    return render(request, "study/deck_report.html", {"deck": deck, "form": form}, status=400 if form.is_bound else 200)
