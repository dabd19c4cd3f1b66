"""Studying over HTTP, as JSON: the same methods as the pages call."""

from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from decks.models import Card, Deck
from study import acts
from study.acts import Act, ActRefused, StaleAnswer
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
        session = StudySession.start(request.user, deck, wanted["direction"], timezone.now(), wanted["mode"])
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
        entries = session.queue(now).entries(int(asked), last=last and last.card.word_key)
        return Response([entry_with_grades(session, entry, now) for entry in entries])


def entry_with_grades(session, entry, at):
    """Return an entry of the queue as JSON takes it."""
    following = {
        str(int(rating)): {"interval_days": outcome.interval_days, "due_at": outcome.due_at}
        for rating, outcome in grades(session, entry, at)
    }
    return {
        "card": card_data(entry.card),
        "direction": entry.direction,
        "progress": progress_data(entry.progress),
        "next": following,
    }


class SessionEndView(APIView):
    def put(self, request, pk):
        """Close a session; the duration is measured, not believed."""
        session = own_session(request.user, pk)
        session.end(timezone.now())
        session.refresh_from_db()
        return Response(SessionSerializer(session).data)


class InteractionsView(APIView):
    def post(self, request):
        """Record one act, or a list of them in the order in which they were done; a repeat changes nothing."""
        many = isinstance(request.data, list)
        if many and len(request.data) > MOST_ACTS:
            raise ValidationError({"non_field_errors": [f"At most {MOST_ACTS} at a time."]})
        wanted = ActSerializer(data=request.data, many=many)
        wanted.is_valid(raise_exception=True)
        if not many:
            entry = record(request.user, Lookup(request.user, [wanted.validated_data]), wanted.validated_data)
            return Response(recorded(entry), status=status.HTTP_200_OK if entry.repeated else status.HTTP_201_CREATED)
        return self.record_all(request.user, wanted.validated_data)

    @transaction.atomic
    def record_all(self, user, wanted):
        """Record acts in one transaction; one that can't be done says why in its place and stops no other."""
        lookup, received_at = Lookup(user, wanted), timezone.now()
        in_order = sorted(wanted, key=lambda act: (act["answered_at"] or received_at, act["id"]))
        answers = {}
        for act in in_order:
            try:
                entry = record(user, lookup, act, received_at)
                answers[act["id"]] = (recorded(entry), not entry.repeated)
            except (APIException, NotFound) as error:
                code = "VALIDATION_ERROR" if isinstance(error, ValidationError) else error.default_code.upper()
                refused = {"detail": error.detail, "error_code": code, "status_code": error.status_code}
                answers[act["id"]] = ({"id": act["id"], "error": refused}, False)
        new = any(made for _, made in answers.values())
        found = [answers[act["id"]][0] for act in wanted]
        return Response(found, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)


class Lookup:
    """The sessions and cards that some acts name, of those that the learner may use; two queries for any number."""

    def __init__(self, user, wanted):
        sessions = {act["session_id"] for act in wanted} - {None}
        self.sessions = {each.pk: each for each in user.sessions.filter(pk__in=sessions)} if sessions else {}
        for session in self.sessions.values():
            session.user = user
        readable = Q(deck__user=None) | Q(deck__user=user) | Q(deck__in=Deck.objects.visible_to(user))
        cards = Card.objects.filter(readable, pk__in={act["card_id"] for act in wanted})
        self.cards = {each.pk: each for each in cards}

    def session(self, pk):
        if pk and pk not in self.sessions:
            raise NotFound("No such session.")
        return self.sessions.get(pk)

    def card(self, pk):
        if pk not in self.cards:
            raise NotFound("No such card.")
        return self.cards[pk]


def record(user, lookup, wanted, received_at=None):
    """Record one act and return its entry; NotFound and Conflict as the API answers them."""
    received_at = received_at or timezone.now()
    session = lookup.session(wanted["session_id"])
    act = Act(
        id=wanted["id"],
        card=lookup.card(wanted["card_id"]),
        direction=wanted["direction"],
        type=wanted["interaction_type"],
        at=wanted["answered_at"] or received_at,
        **{name: wanted[name] for name in ("rating", "response_time", "days", "typed", "device")},
    )
    try:
        return acts.record(user, act, received_at, session)
    except StaleAnswer:
        raise Conflict("This id belongs to another interaction.") from None
    except ActRefused as error:
        raise ValidationError({"non_field_errors": [str(error)]}) from None


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
