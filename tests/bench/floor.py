"""What an answer costs at the least: bare views in the same stack that do a session user's transaction and no more."""

import json
import time

from django.db import connection, transaction
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

from flashcards.urls import handler500, urlpatterns  # noqa: F401 (Django reads handler500 here)
from study.choices import InteractionType, Rating, State
from study.log import CardInteraction
from study.progress import CardProgress


def nothing(request):
    """Only the stack: middleware, session, user."""
    return HttpResponse(str(request.user.pk))


def floor(request):
    """SELECT FOR UPDATE, UPDATE and INSERT by the ORM, in one transaction."""
    now = timezone.now()
    with transaction.atomic():
        progress = CardProgress.objects.select_for_update().get(user=request.user, card=request.POST["card"])
        progress.reps += 1
        progress.stability *= 1.01
        progress.last_reviewed_at = progress.next_review_at = progress.updated_at = now
        progress.save(update_fields=["reps", "stability", "last_reviewed_at", "next_review_at", "updated_at"])
        CardInteraction.objects.create(
            id=request.POST["id"],
            user=request.user,
            card_id=progress.card_id,
            progress_id=progress.pk,
            sequence=time.time_ns(),
            interaction_type=InteractionType.REVIEW,
            direction=progress.direction,
            rating=Rating.GOOD,
            answered_at=now,
            received_at=now,
            time_zone=request.user.time_zone,
            utc_offset=0,
            day=progress.last_day,
            state_before=State.REVIEW,
            state_after=State.REVIEW,
            stability_after=progress.stability,
            due_after=progress.next_review_at,
        )
    return JsonResponse({"id": request.POST["id"], "reps": progress.reps})


def floor_by_hand(request):
    """The same three statements, written by hand: what the ORM adds is the difference."""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SELECT, [request.user.pk, request.POST["card"]])
        row = dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))
        cursor.execute(UPDATE, [row["reps"] + 1, row["stability"] * 1.01, now, now, now, row["id"]])
        new = {
            "id": request.POST["id"],
            "user_id": request.user.pk,
            "card_id": row["card_id"],
            "progress_id": row["id"],
            "sequence": time.time_ns(),
            "interaction_type": "review",
            "direction": row["direction"],
            "rating": 3,
            "answered_at": now,
            "received_at": now,
            "created_at": now,
            "time_zone": request.user.time_zone,
            "utc_offset": 0,
            "day": row["last_day"],
            "state_before": "review",
            "state_after": "review",
            "stability_after": row["stability"],
            "due_after": now,
        }
        new |= {name: value for name, value in _defaults().items() if name not in new}
        cursor.execute(
            f"INSERT INTO card_interactions ({', '.join(new)}) VALUES ({', '.join(['%s'] * len(new))})",
            list(new.values()),
        )
    return HttpResponse(json.dumps({"id": new["id"], "reps": row["reps"] + 1}), content_type="application/json")


def _defaults(kept={}):  # noqa: B006 (found once)
    """Return what the other columns that may not be null hold."""
    if not kept:
        blank = CardInteraction()
        fields = [field for field in CardInteraction._meta.concrete_fields if not field.null and not field.primary_key]
        kept.update({field.column: getattr(blank, field.attname) for field in fields})
    return kept


SELECT = "SELECT * FROM user_card_progress WHERE user_id = %s AND card_id = %s FOR UPDATE"
UPDATE = """
UPDATE user_card_progress
SET reps = %s, stability = %s, last_reviewed_at = %s, next_review_at = %s, updated_at = %s
WHERE id = %s
"""

urlpatterns = [
    path("bench/nothing", nothing),
    path("bench/floor", floor),
    path("bench/floor-by-hand", floor_by_hand),
    *urlpatterns,
]
