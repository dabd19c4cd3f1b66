"""The page on which a learner makes a session of their own: other words than those that are due."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from study.choices import Filter, Mode
from study.custom_forms import CustomForm
from study.deck_views import visible_deck
from study.filtered import FilteredQueue, tags_in_scope
from study.models import StudySession
from study.queue import Queue

NOTHING = {
    Filter.FAILED: "You have forgotten no word today.",
    Filter.TAG: "No word with the tag “{}” can be asked now.",
    Filter.SEARCH: "No word that you study was found by “{}”.",
    Filter.AHEAD: "No review is due by then, or you have answered its word today.",
    "": "You have begun no word yet.",
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def custom(request, pk=None):
    """Choose which words to study, over one deck or all, and start."""
    deck = visible_deck(request, pk) if pk else None
    now = timezone.now()
    enrolments = Queue(request.user, now, pk).enrolments
    data = request.POST if request.method == "POST" else None
    form = CustomForm(data, tags=tags_in_scope(enrolments), initial={"direction": "", "filter": Filter.FAILED})
    context = {"deck": deck, "form": form, "enrolments": enrolments}
    if not form.is_valid():
        return render(request, "study/custom.html", context, status=400 if form.is_bound else 200)
    wanted = form.session()
    if session := begin(request.user, deck, now, wanted):
        return redirect("session", session.pk)
    context["nothing"] = NOTHING[wanted["filter"]].format(wanted["filter_value"])
    # New words are left out for the day's limit alone.
    context["in_a_cram"] = count(request.user, deck, now, wanted | {"mode": Mode.CRAM})
    return render(request, "study/custom.html", context)


def begin(user, deck, at, wanted):
    """Return a session with something to ask, or None; one of the same kind that is through begins anew."""
    if not count(user, deck, at, wanted):
        return None
    session = StudySession.start(user, deck, at=at, **wanted)
    if not FilteredQueue(session, at).counts.total:
        session.end(at)
        session = StudySession.start(user, deck, at=at, **wanted)
    return session


def count(user, deck, at, wanted):
    """Return how many words a new session of a kind would ask."""
    return FilteredQueue(StudySession(user=user, deck=deck, **wanted), at).counts.total
