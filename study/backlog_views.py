"""The page on which a backlog is spread over days."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from uuid_utils.compat import uuid7

from study import acts
from study.acts import StaleAnswer
from study.backlog import Backlog, last_spread, spread
from study.forms import PlanForm, SpreadForm, UndoSpreadForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def backlog(request):
    """What has piled up, and what spreading it would bring on each day; or spread it."""
    now = timezone.now()
    if request.method != "POST":
        return plan_page(request, PlanForm(request.GET if "days" in request.GET else None), now)
    form = SpreadForm(request.POST)
    if not form.is_valid():
        return plan_page(request, form, now)
    days = form.cleaned_data["days"]
    if moved := spread(request.user, form.cleaned_data["batch"], days, now):
        words = f"{moved:,} {'word' if moved == 1 else 'words'}"
        messages.success(request, f"Done: over {days} days. {words} will come later, the others are due now.")
    return redirect("backlog")


def plan_page(request, form, now):
    """Answer with the plan that a form asks for, else the one suggested; 400 if the form has errors."""
    waiting = Backlog(request.user, now)
    if not form.is_bound:
        form.initial = {"days": waiting.suggested_days}
    asked = form.cleaned_data.get("days") if form.is_bound and form.is_valid() else None
    days = asked or waiting.suggested_days
    last = last_spread(request.user)
    context = {
        "backlog": waiting,
        "form": form,
        "days": days,
        "plan": waiting.plan(days),
        "batch": uuid7(),
        "last": last,
        "just_spread": last and last.day == waiting.today and not form.errors,
    }
    return render(request, "study/backlog.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def undo_backlog(request):
    """Take the spreading back, if nothing was done since; whoever comes back here from the log-in sees the plan."""
    if request.method == "GET":
        return redirect("backlog")
    form = UndoSpreadForm(request.POST)
    if not form.is_valid():
        raise Http404("No such act.")
    batch = form.cleaned_data["batch"]
    entry = get_object_or_404(request.user.interactions, pk=batch, batch=batch)
    try:
        acts.undo(request.user, entry.pk, timezone.now())
        messages.success(request, "Taken back: every word is due again when it was.")
    except StaleAnswer:
        messages.info(request, "You have studied since, so this can't be taken back any more.")
    return redirect("backlog")
