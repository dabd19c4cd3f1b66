"""The pages of a session: a card and its answer, what one does instead of answering, and what came of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBadRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe
from uuid_utils.compat import uuid7

from decks.models import Card
from study import acts, leeches
from study.acts import Act, ActRefused, NotTheirs
from study.asking import asked
from study.forms import ActForm, AnswerForm, CheckForm
from study.models import CardInteraction, StaleAnswer, StudySession, WordNote
from study.pack import MOST_CARDS, ON_THE_PAGE, pack_of
from study.progress import grades
from study.queue import entries_of
from study.streak import streak_of
from study.word_forms import NoteForm


def own_session(request, pk):
    """Return the learner's session, else answer 404."""
    session = get_object_or_404(StudySession.objects.select_related("deck"), pk=pk, user=request.user)
    session.user = request.user
    return session


@login_required
@require_safe
@never_cache
def session(request, pk):
    """The card to answer now, and the next ones for the page's script."""
    session = own_session(request, pk)
    if session.ended_at:
        return redirect("summary", pk)
    now, last = timezone.now(), session.last_act()
    waiting = session.waiting(now, last=last and last.card.word_key)
    context = {"last": last, "counts": waiting.counts}
    if not waiting.entries:
        context |= {"reached": waiting.reached, "next_at": None if waiting.reached else session.queue(now).next_at()}
        return render(request, "study/session.html", context | {"session": session})
    context["pack"] = pack_of(session, now, ON_THE_PAGE)
    return card_page(request, session, waiting.entries[0], now, **context)


def card_page(request, session, entry, at, **context):
    """Answer with the page of one card."""
    [buttons] = grades(session, [entry], at)
    [shown] = asked(session, [entry])
    of_card = {"asked": shown, "entry": entry, "grades": buttons, "now": at, "id": uuid7()}
    return render(request, "study/session.html", {"session": session, **of_card, **context})


@login_required
@require_safe
@never_cache
@gzip_page
def pack(request, pk):
    """The session's next cards for the page's script, as many as it may keep on the device."""
    session = own_session(request, pk)
    return JsonResponse(pack_of(session, timezone.now(), MOST_CARDS))


@require_safe
@never_cache
def device(request):
    """Who is signed in on this device, for scripts: the user's id or null, and the token of this visit's forms."""
    user = request.user.pk if request.user.is_authenticated else None
    return JsonResponse({"user": user, "token": get_token(request)})


@login_required
@require_http_methods(["GET", "POST"])
def check(request, pk):
    """Say whether what was typed or chosen is right, before it is graded; nothing is recorded."""
    session = own_session(request, pk)
    if request.method == "GET":
        return redirect("session", pk)
    form = CheckForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
    wanted = form.cleaned_data
    entry = next(iter(entries_of(request.user, [(wanted["card"], wanted["direction"])])), None)
    if not entry:
        raise Http404("No such card.")
    [shown] = asked(session, [entry])
    if not shown.is_typed and not shown.choices:
        return redirect("session", pk)  # the learner asks it otherwise by now
    checked = shown.check(wanted["typed"], wanted["choice"], wanted["warned"])
    now = timezone.now()
    counts = session.waiting(now, 0).counts
    context = {"id": wanted["id"], "now": wanted["shown_at"] or now, "counts": counts, "last": session.last_act()}
    context["checked" if checked.final else "warned"] = checked
    return card_page(request, session, entry, now, **context)


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
        return redirect("session", pk)
    except ActRefused as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain")
    if entry.repeated and entry.rating != form.cleaned_data["rating"]:
        messages.info(request, f"{entry.card}: your first answer, “{entry.get_rating_display()}”, counts.")
    return redirect("session", pk)


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
        return redirect("session", pk)
    messages.success(request, f"{entry.card}: {entry.get_interaction_type_display().lower()}.")
    return redirect("session", pk)


@login_required
@require_http_methods(["GET", "POST"])
def undo(request, pk):
    """Take the latest act of a session back and show its card again."""
    session = own_session(request, pk)
    if request.method == "GET":
        return redirect("session", pk)
    try:
        entry = acts.undo(request.user, session.interactions.get(pk=request.POST.get("id")).pk, timezone.now())
        messages.success(request, f"Taken back: {entry.card}.")
    except (CardInteraction.DoesNotExist, ValidationError, StaleAnswer):
        messages.info(request, "You have done something else since: that can't be taken back from here.")
    return redirect("session", pk)


@login_required
@require_http_methods(["GET", "POST"])
def note(request, pk, card):
    """Keep what the learner writes of the word that a card asks, and show the card again."""
    session = own_session(request, pk)
    if request.method == "GET":
        return redirect("session", pk)
    entry = next(iter(entries_of(request.user, [(card, "chinese_to_english")])), None)
    if not entry:
        raise Http404("No such card.")
    form = NoteForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
    WordNote.objects.write(request.user, entry.card.word_key, form.cleaned_data["text"])
    messages.success(request, f"{entry.card}: your note is saved.")
    return redirect("session", session.pk)


@login_required
@require_http_methods(["GET", "POST"])
def go_on(request, pk):
    """Study on although the learner has done what they set out to."""
    session = own_session(request, pk)
    if request.method == "POST":
        session.go_on()
    return redirect("session", pk)


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
@never_cache
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
