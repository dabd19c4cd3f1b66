"""The schedule fitted to its learner: when, from which answers, what came of it, and how well it predicts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from math import ceil
from operator import itemgetter

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Avg, Case, Count, F, OuterRef, Q, Subquery, Sum, Value, When
from django.template.defaultfilters import pluralize
from django.utils.timezone import localtime
from uuid_utils.compat import uuid7

from accounts.models import User
from study.choices import GRADED, InteractionType, Rating
from study.log import UserStatistics
from study.scheduling import fsrs
from study.scheduling.days import day_number
from study.scheduling.fit import (
    FIRST_FIT_DAYS,
    FIRST_FIT_REVIEWS,
    REFIT_DAYS,
    REFIT_GROWTH,
    History,
    calibration,
    due_for_fit,
    evaluate,
    fit,
)

CHUNK = 2000  # rows read at a time
HEALTH_DAYS, HEALTH_REVIEWS, HEALTH_POINTS = 90, 200, 5
ENDS_A_HISTORY = [InteractionType.RESET, InteractionType.MARK_KNOWN]


def histories(user):
    """Yield the (day, rating) answers that the learner's memories follow from, one history at a time.

    A word that was reset begins anew. What follows "known already" is left out until then: that memory came from what
    the learner said, not from answers.
    """
    entries = user.interactions.standing().filter(cram=False, interaction_type__in=[*GRADED, *ENDS_A_HISTORY])
    rows = entries.order_by("progress_id", "answered_at", "sequence")
    rows = rows.values_list("progress_id", "interaction_type", "day", "rating").iterator(chunk_size=CHUNK)
    for _, entries_of_a_word in groupby(rows, itemgetter(0)):
        yield from _lives(entries_of_a_word)


def _lives(entries) -> Iterator[History]:
    history, known, last_day = [], False, 0
    for _, kind, day, rating in entries:
        if kind in ENDS_A_HISTORY:
            if history:
                yield history
            history, known = [], kind == InteractionType.MARK_KNOWN
        elif not known:
            # Who flies east loses a day and may have one number twice: time stands still then, as it does for a memory.
            counted = history[-1][0] + max(0, day - last_day) if history else day
            history.append((counted, rating))
            last_day = day
    if history:
        yield history


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far a learner is from the next fit: next-day reviews, days of study, the last fit or None, and the time."""

    reviews: int
    days: int
    last: "ScheduleFit | None"
    at: datetime

    @classmethod
    def of(cls, user, at, of_histories=None):
        """Return it, exactly: by the whole log, or by the histories if they have been read."""
        reviews, days = 0, set()
        for history in histories(user) if of_histories is None else of_histories:
            reviews += sum(earlier < later for (earlier, _), (later, _) in pairwise(history))
            days.update(day for day, _ in history)
        return cls(reviews, len(days), user.fits.first(), at)

    @classmethod
    def estimate(cls, user, at):
        """Return it about, without the log: by the days of study, of which there are few."""
        found = user.days.filter(answers__gt=0).aggregate(reviews=Sum("reviews", default=0), days=Count("day"))
        return cls(found["reviews"], found["days"], user.fits.first(), at)

    def __str__(self):
        found = f"{self.reviews:,} of {self.reviews_needed:,} reviews"
        if self.last:
            return f"{found}, not before {self.not_before:%Y-%m-%d}"
        return f"{found}, {self.days} of {self.days_needed} days of study"

    @property
    def due(self):
        """Return whether to fit now."""
        if self.last is None:
            return due_for_fit(self.reviews, self.days, None, None)
        return due_for_fit(self.reviews, self.days, self.last.reviews, (self.at - self.last.made_at).days)

    @property
    def reviews_needed(self):
        """Return at how many reviews in all the next fit is due."""
        return ceil(REFIT_GROWTH * self.last.reviews) if self.last else FIRST_FIT_REVIEWS

    @property
    def reviews_missing(self):
        return max(0, self.reviews_needed - self.reviews)

    @property
    def days_needed(self):
        """Return how many days of study the first fit takes."""
        return FIRST_FIT_DAYS

    @property
    def days_missing(self):
        """Return how many more days of study the first fit takes; no later one does."""
        return 0 if self.last else max(0, FIRST_FIT_DAYS - self.days)

    @property
    def missing(self):
        """Return in words what is missing until the next fit; empty if it is due."""
        reviews, days = self.reviews_missing, self.days_missing
        parts = [f"{reviews:,} more review{pluralize(reviews)}"] if reviews else []
        parts += [f"{days} more day{pluralize(days)} of study"] if days else []
        missing = " and ".join(parts)
        if self.not_before and self.at < self.not_before:
            missing += (", and " if missing else "") + f"not before {localtime(self.not_before):%-d %B %Y}"
        return missing

    @property
    def not_before(self):
        """Return the time before which there is no fit, or None for the first."""
        return self.last and self.last.made_at + timedelta(days=REFIT_DAYS)


class ScheduleFitQuerySet(models.QuerySet):
    def candidates(self, at):
        """Return the learners who may be due for a fit, by the days of study alone: no other can be.

        Every next-day review is an answer, so whoever has too few answers has too few reviews.
        """
        latest = self.filter(user=OuterRef("pk")).order_by("-made_at", "-pk")
        users = User.objects.filter(is_active=True).annotate(
            last_reviews=Subquery(latest.values("reviews")[:1]),
            last_at=Subquery(latest.values("made_at")[:1]),
            answers=Sum("days__answers"),
            days_of_use=Count("days__day", filter=Q(days__answers__gt=0)),
        )
        first = Q(last_at=None, answers__gte=FIRST_FIT_REVIEWS, days_of_use__gte=FIRST_FIT_DAYS)
        again = Q(last_at__lte=at - timedelta(days=REFIT_DAYS), answers__gte=REFIT_GROWTH * F("last_reviews"))
        return users.filter(first | again).order_by("username")


class ScheduleFit(models.Model):
    """One attempt to fit the schedule to its learner: the weights found, if they were taken, and how well they do."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="fits", db_index=False)
    made_at = models.DateTimeField()
    reviews = models.PositiveIntegerField(help_text="Next-day reviews fitted to.")
    accepted = models.BooleanField(help_text="The weights took effect.")
    reason = models.CharField(max_length=200)
    weights = ArrayField(models.FloatField(), size=21, null=True, blank=True)
    log_loss_before = models.FloatField(help_text="Of all reviews, by the weights that were in force.")
    log_loss_after = models.FloatField(help_text="By the weights found.")
    rmse_bins_before = models.FloatField("RMSE (bins) before", help_text="In parts of 1.")
    rmse_bins_after = models.FloatField("RMSE (bins) after", help_text="In parts of 1.")
    params_version = models.PositiveIntegerField(help_text="The learner's, after the fit.")
    calibration = models.JSONField(
        help_text="By the weights in force after the fit: recall predicted, part recalled, reviews of each band."
    )

    objects = ScheduleFitQuerySet.as_manager()

    class Meta:
        db_table = "schedule_fits"
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["user", "made_at"], name="schedule_fits_of_a_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=True, weights__isnull=False) | Q(accepted=False, weights=None),
                name="schedule_fits_keep_what_was_taken",
            )
        ]

    def __str__(self):
        verdict = "taken" if self.accepted else "not taken"
        return f"fitted to {self.reviews:,} reviews and {verdict}: {self.reason}"

    @classmethod
    def make(cls, user, at):
        """Fit a learner's weights to their log if that is due, and return the fit; else None.

        Accepted weights take effect with the next answer to each word and move no due date. None, too, if the weights
        changed or another fit was made meanwhile. It takes seconds: never in a request.
        """
        answers = list(histories(user))
        ready = Readiness.of(user, at, answers)
        if not ready.due:
            return None
        current = user.weights or fsrs.DEFAULT_WEIGHTS
        found = fit(answers, current, user.desired_retention)
        before = evaluate(answers, current) if user.weights else found.default
        in_force = found.weights if found.accepted else current
        attempt = cls(
            user=user,
            made_at=at,
            reviews=found.reviews,
            accepted=found.accepted,
            reason=found.reason,
            weights=list(found.weights) if found.accepted else None,
            log_loss_before=before.log_loss,
            log_loss_after=found.fitted.log_loss,
            rmse_bins_before=before.rmse_bins,
            rmse_bins_after=found.fitted.rmse_bins,
            params_version=user.params_version + found.accepted,
            calibration=calibration(answers, in_force),
        )
        return attempt if attempt._take_effect(ready.last) else None

    @transaction.atomic
    def _take_effect(self, last):
        """Save the fit and, if accepted, its weights; return whether nothing had changed since they were read."""
        if not User.objects.filter(pk=self.user_id).exists():
            return False
        # First, as whoever records an act does.
        UserStatistics.objects.touch(self.user)
        # An answer refers to its learner and must not wait: so not the key.
        user = User.objects.select_for_update(no_key=True).get(pk=self.user_id)
        if user.params_version != self.params_version - self.accepted or user.fits.first() != last:
            return False
        if self.accepted:
            user.weights, user.params_version = self.weights, self.params_version
            user.save(update_fields=["weights", "params_version"])
        self.save(force_insert=True)
        return True


@transaction.atomic
def publish(user):
    """Put a learner back on the published weights and return whether they had their own; no due date moves."""
    UserStatistics.objects.touch(user)
    own = User.objects.filter(pk=user.pk).exclude(weights=None)
    return bool(own.update(weights=None, params_version=F("params_version") + 1))


@dataclass(frozen=True, slots=True)
class Health:
    """How the recall of the last 90 days compares with what was predicted: parts of 1, None without reviews."""

    reviews: int
    predicted: float | None
    recalled: float | None

    @property
    def points(self):
        """Return by how many percentage points more was recalled than predicted."""
        return 100 * (self.recalled - self.predicted) if self.reviews else 0.0

    @property
    def warns(self):
        """Return whether that is too much to be chance."""
        return self.reviews >= HEALTH_REVIEWS and abs(self.points) > HEALTH_POINTS


def health(user, at):
    """Return how well the learner's recall was predicted in their last 90 days; one query, bounded by those."""
    today = day_number(at, user.zone, user.day_starts_at)
    # By the index of received_at, which is never earlier than the day of the answer; a day of slack for the zones.
    since = at - timedelta(days=HEALTH_DAYS + 2)
    reviews = user.interactions.standing().filter(
        received_at__gte=since,
        day__gt=today - HEALTH_DAYS,
        cram=False,
        rating__isnull=False,
        retrievability__lt=1,  # it is 1 on the day of the answer before
    )
    recalled = Case(When(rating=Rating.AGAIN, then=Value(0.0)), default=Value(1.0))
    return Health(**reviews.aggregate(reviews=Count("pk"), predicted=Avg("retrievability"), recalled=Avg(recalled)))
