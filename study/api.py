"""Studying over HTTP, as JSON: the same methods as the pages call."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from decks.models import Deck
from study import acts
from study.acts import Act, ActRefused, NotTheirs, StaleAnswer
from study.log import CardInteraction
from study.progress import CardProgress, grades
from study.serializers import (
    ActSerializer,
    SessionSerializer,
    SessionStartSerializer,
    card_data,
    entry_data,
    progress_data,
)
from study.sessions import StudySession

MOST_ACTS = 500
MOST_CARDS = 100


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class SessionStartView(APIView):
    def post(self, request):
        """Begin a session, or go on with today's open one of the same kind."""
        start = SessionStartSerializer(data=request.data)
        start.is_valid(raise_exception=True)
        wanted = start.validated_data
        deck = None
        if wanted["deck_id"]:
            deck = get_object_or_404(Deck.objects.visible_to(request.user), pk=wanted["deck_id"])
        kind = {name: wanted[name] for name in ("mode", "exercise", "filter", "filter_value")}
        session = StudySession.start(request.user, deck, wanted["direction"], timezone.now(), **kind)
        return Response(SessionSerializer(session).data, status=status.HTTP_201_CREATED)


class SessionCardsView(APIView):
    def get(self, request, pk):
        """Return the next cards of a session, each with what every grade would do."""
        session = own_session(request.user, pk)
        asked = request.query_params.get("count", "10")
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:4]) <= MOST_CARDS):
            raise ValidationError({"count": [f"A number from 1 to {MOST_CARDS}."]})
        now = timezone.now()
        last = session.last_act()
        waiting = session.waiting(now, int(asked), last=last and last.card.word_key)
        return Response(entries_data(session, waiting.entries, now))


def entries_data(session, entries, at):
    """Return entries of a session's queue as JSON takes them, each with what every grade would do."""
    return [
        {
            "card": card_data(entry.card),
            "direction": entry.direction,
            "progress": progress_data(entry.progress),
            "next": {
                str(int(rating)): {"interval_days": outcome.interval_days, "due_at": outcome.due_at}
                for rating, outcome in buttons
            },
        }
        for entry, buttons in zip(entries, grades(session, entries, at), strict=True)
    ]


class SessionEndView(APIView):
    def put(self, request, pk):
        """Close a session; the duration is measured, not believed."""
        session = own_session(request.user, pk)
        session.end(timezone.now())
        session.refresh_from_db()
        return Response(SessionSerializer(session).data)


class InteractionsView(APIView):
    def post(self, request):
        """Record one act, or a list of them in the order in which they were done; a repeat changes nothing.

        With `?next=1` one act is answered with the session's next card, too.
        """
        many = isinstance(request.data, list)
        if many and len(request.data) > MOST_ACTS:
            raise ValidationError({"non_field_errors": [f"At most {MOST_ACTS} at a time."]})
        wanted = ActSerializer(data=request.data, many=many)
        wanted.is_valid(raise_exception=True)
        if many:
            return self.record_all(request.user, wanted.validated_data)
        try:
            entry = acts.record(request.user, act_of(wanted.validated_data), timezone.now())
        except REFUSED as refused:
            raise error_of(refused) from None
        found = recorded(entry)
        if "next" in request.query_params and entry.session:
            found["next"] = self.next_card(entry)
        return Response(found, status=status.HTTP_200_OK if entry.repeated else status.HTTP_201_CREATED)

    def next_card(self, entry):
        """Return the next card of the entry's session as JSON takes it, or None, with how many words wait."""
        now, session = timezone.now(), entry.session
        sequence = None if entry.repeated else entry.sequence
        waiting = session.waiting(now, last=entry.progress and entry.progress.word_key, sequence=sequence)
        return {
            "cards": entries_data(session, waiting.entries, now),
            "new": waiting.counts.new,
            "learning": waiting.counts.learning,
            "review": waiting.counts.review,
        }

    def record_all(self, user, wanted):
        """Record acts in one transaction; one that can't be done says why in its place and stops no other."""
        received_at = timezone.now()
        places = sorted(range(len(wanted)), key=lambda at: (wanted[at]["answered_at"] or received_at, wanted[at]["id"]))
        results = acts.record_many(user, [act_of(wanted[at]) for at in places], received_at)
        found = [None] * len(wanted)
        for at, result in zip(places, results, strict=True):
            found[at] = refused(wanted[at], result) if isinstance(result, Exception) else recorded(result)
        new = any(not isinstance(result, Exception) and not result.repeated for result in results)
        return Response(found, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)


REFUSED = (ActRefused, NotTheirs, StaleAnswer)


def act_of(wanted):
    """Return one act as the API was told of it."""
    return Act(
        card=wanted["card_id"],
        type=wanted["interaction_type"],
        at=wanted["answered_at"],
        session=wanted["session_id"],
        **{name: wanted[name] for name in ("id", "direction", "rating", "response_time", "days", "typed", "device")},
    )


def error_of(refused):
    """Return why an act wasn't recorded as the API answers it."""
    if isinstance(refused, StaleAnswer):
        return Conflict("This id belongs to another interaction.")
    if isinstance(refused, NotTheirs):
        return NotFound(str(refused))
    return ValidationError({"non_field_errors": [str(refused)]})


def refused(wanted, why):
    """Return what stands in the place of an act that wasn't recorded."""
    error = error_of(why)
    code = "VALIDATION_ERROR" if isinstance(error, ValidationError) else error.default_code.upper()
    return {
        "id": wanted["id"],
        "error": {"detail": error.detail, "error_code": code, "status_code": error.status_code},
    }


def recorded(entry):
    """Return an entry and the row that it made as JSON takes them."""
    return {"interaction": entry_data(entry), "progress": progress_data(entry.progress)}


class UndoView(APIView):
    def post(self, request, pk):
        """Take the learner's latest act back, exactly."""
        try:
            entry = acts.undo(request.user, pk, timezone.now())
        except CardInteraction.DoesNotExist:
            raise NotFound("No such interaction.") from None
        except StaleAnswer:
            raise Conflict("Only the latest interaction can be taken back.") from None
        progress = CardProgress.objects.filter(pk=entry.progress_id).first()
        return Response({"interaction": entry_data(entry), "progress": progress_data(progress)})


def own_session(user, pk):
    """Return the learner's session, else answer 404."""
    session = get_object_or_404(StudySession.objects.select_related("deck"), pk=pk, user=user)
    session.user = user
    return session
