"""A learner's settings, what their schedule makes of them, and how well it fits."""

import hashlib
import json
from copy import copy
from dataclasses import astuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.shortcuts import redirect, render
from django.tasks.exceptions import TaskResultDoesNotExist
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from study import settings_charts
from study.fitting import Readiness, health, publish
from study.preview import preview
from study.scheduling import fsrs
from study.scheduling.simulate import Point, curve
from study.settings_forms import SettingsForm
from study.tasks import fit_schedule

FIT_TASK = "fit_task"  # in the browser's session: what this learner waits for
WORDS, DAYS = 1000, 365
PACE = 10  # new words a day, for whoever takes none at the moment
CURVE_KEPT = 60 * 60 * 24 * 30
# A curve takes about a second of one processor, so the site works one out at a time; whoever comes meanwhile asks
# again. Should that process die, the place is free after a minute.
CURVE_BEING_MADE, CURVE_TAKES_AT_MOST = "retention-curve-being-made", 60


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def settings(request):
    """Show the settings, or save them all; of two tabs, the later one's stay."""
    if request.method != "POST":
        return settings_page(request, SettingsForm(instance=request.user))
    # A form writes what it finds right into its row, even if it is refused: not into the one that the page shows.
    form = SettingsForm(request.POST, instance=copy(request.user))
    if not form.is_valid():
        return settings_page(request, form)
    form.save()
    messages.success(request, "Your settings are saved.")
    return redirect("settings")


def settings_page(request, form):
    """Answer with the page; 400 if its form has errors."""
    user, now = request.user, timezone.now()
    ready = Readiness.estimate(user, now)
    context = {
        "form": form,
        "preview": preview(),
        "ready": ready,
        "fit": ready.last,
        "fit_task": fit_task(request),
        "health": health(user, now),
        **curve_context(user, curve_points(user)),
    }
    if ready.last:
        context |= calibration_context(ready.last)
    return render(request, "study/settings.html", context, status=400 if form.errors else 200)


def calibration_context(fit):
    """Return how well a fitted schedule predicts, for the page."""
    reviews = sum(count for *_, count in fit.calibration)
    return {
        "calibration": settings_charts.calibration(fit.calibration),
        "predicted": sum(predicted * count for predicted, _, count in fit.calibration) / reviews,
        "recalled": sum(recalled * count for _, recalled, count in fit.calibration) / reviews,
    }


def fit_task(request):
    """Return the fit that the learner waits for, or None; one that has ended is returned once."""
    if FIT_TASK not in request.session:
        return None
    try:
        result = fit_schedule.get_result(request.session[FIT_TASK])
    except TaskResultDoesNotExist:  # those that ended long ago are deleted
        result = None
    if result is None or result.is_finished:
        del request.session[FIT_TASK]
    return result


@login_required
@require_http_methods(["GET", "POST"])
def fit(request):
    """Have the schedule fitted by the worker, or say what is missing for that."""
    if request.method == "GET":
        return redirect("settings")
    waiting = fit_task(request)
    if waiting and not waiting.is_finished:
        messages.info(request, "The fit to your answers is on its way already.")
    elif not (ready := Readiness.of(request.user, timezone.now())).due:
        messages.info(request, f"It is too early to fit the schedule to you: {ready.missing}. Nothing has changed.")
    else:
        request.session[FIT_TASK] = fit_schedule.enqueue(str(request.user.pk)).id
        messages.success(request, "The schedule will be fitted to your answers; that takes a few minutes.")
    return redirect("settings")


@login_required
@require_http_methods(["GET", "POST"])
def reset_weights(request):
    """Go back to the published weights."""
    if request.method == "POST" and publish(request.user):
        messages.success(request, "You are back on the published weights. No date has moved.")
    return redirect("settings")


@login_required
@require_safe
@never_cache
def retention_curve(request):
    """What each share of words remembered costs and yields: a part of the settings page, or a page of its own."""
    points = curve_points(request.user)
    if points is None and cache.add(CURVE_BEING_MADE, True, CURVE_TAKES_AT_MOST):
        try:
            points = curve(weights_of(request.user), words=WORDS, new_per_day=pace_of(request.user), days=DAYS)
            cache.set(curve_key(request.user), [astuple(point) for point in points], CURVE_KEPT)
        finally:
            cache.delete(CURVE_BEING_MADE)
    template = "study/_curve.html" if request.headers.get("HX-Request") else "study/curve.html"
    return render(request, template, {"waiting": points is None, **curve_context(request.user, points)})


def weights_of(user):
    return user.weights or fsrs.DEFAULT_WEIGHTS


def pace_of(user):
    return user.new_per_day or PACE


def curve_key(user):
    """Return where the curve of these weights and so many new words a day is kept, whoever has them."""
    inputs = json.dumps([WORDS, DAYS, pace_of(user), list(weights_of(user))])
    return f"retention-curve-{hashlib.sha256(inputs.encode()).hexdigest()}"


def curve_points(user):
    """Return the learner's curve, or None where it has yet to be worked out."""
    kept = cache.get(curve_key(user))
    return kept and [Point(*values) for values in kept]


def curve_context(user, points):
    """Return the curve for its template, with what the learner's own wish costs and yields."""
    if points is None:
        return {"curve": None}
    wished = user.desired_retention
    retentions = [point.retention for point in points]
    minutes = [point.minutes_a_day for point in points]
    known = [point.known_on_last_day for point in points]
    return {
        "curve": points,
        "words": WORDS,
        "pace": pace_of(user),
        "minutes": settings_charts.between(retentions, minutes, wished),
        "known": settings_charts.between(retentions, known, wished),
        "minutes_chart": settings_charts.against_retention(retentions, minutes, wished, low=0),
        "known_chart": settings_charts.against_retention(retentions, known, wished),
    }
