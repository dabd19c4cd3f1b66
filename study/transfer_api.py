"""Cards in and out as files, over HTTP; and how far what takes long is."""

from itertools import islice

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from decks.formats.records import BadFile
from decks.formats.tables import open_table
from decks.models import Deck
from study.imports import AT_ONCE, DUPLICATES, Import, ImportState
from study.tasks import import_cards
from study.transfer import SKIP, exported, lines_of, summarise
from study.transfer_forms import FileForm
from study.transfer_views import asked, counted_for, csv_response, template_response


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class FileView(APIView):
    """Answers with a file, whatever is asked for; its errors are JSON."""

    def perform_content_negotiation(self, request, force=False):
        return JSONRenderer(), JSONRenderer.media_type


class TemplateView(FileView):
    permission_classes = [AllowAny]

    def get(self, request):
        """Return a file to begin with."""
        return template_response()


class ExportView(FileView):
    def get(self, request, pk):
        """Return the cards of a deck that the learner may see."""
        deck = get_object_or_404(Deck.objects.visible_to(request.user), pk=pk)
        return csv_response(exported([deck], counted_for(request)), deck.name)


class ExportAllView(FileView):
    def get(self, request):
        """Return the cards of all of the learner's own decks."""
        decks = Deck.objects.own(request.user).order_by("name", "id").iterator(chunk_size=100)
        return csv_response(exported(decks, counted_for(request), with_deck=True), "All decks")


class ImportView(APIView):
    parser_classes = [MultiPartParser]

    def post(self, request, pk):
        """Take a file's cards into a deck of the learner's, or only say what it would bring.

        More lines than are done in a moment become a task; its id is in the answer.
        """
        deck = get_object_or_404(Deck.objects.own(request.user), pk=pk)
        form = FileForm(request.data, request.FILES)
        if form.too_large:
            raise TooLarge({"file": form.errors["file"]})
        if not form.is_valid():
            raise ValidationError(form.errors)
        duplicates = request.data.get("duplicates", SKIP)
        if duplicates not in DUPLICATES:
            raise ValidationError({"duplicates": [f"One of {', '.join(DUPLICATES)}."]})
        file = form.cleaned_data["file"]
        try:
            if asked(request.data.get("validate_only")):
                return Response(self.looked_at(file.read(), deck))
            begun = Import.objects.begin(request.user, file.name, file.read(), timezone.now(), deck)
        except BadFile as error:
            raise ValidationError({"file": [str(error)]}) from None
        begun.duplicates = duplicates
        begun.save(update_fields=["duplicates"])
        return self.taken(begun)

    def looked_at(self, data, deck):
        """Return what a file would bring, and its first cards."""
        table = open_table(data)
        gaps = not table.own
        summary = summarise(table, deck, gaps)
        cards = islice((line for line in lines_of(table, gaps) if line.note), AT_ONCE)
        return {
            "success": summary.good > 0 or not summary.left_out,
            "imported_count": 0,
            "task_id": None,
            "validated_cards": [{"line": line.number, **line.note.columns()} for line in cards],
            **numbers(vars(summary)),
        }

    def taken(self, begun):
        """Take the cards at once or leave them to the worker, and answer."""
        begun.queue()
        if begun.told.lines > AT_ONCE:
            import_cards.enqueue(str(begun.pk))
            answer = {"success": True, "imported_count": 0, "task_id": begun.pk, "validated_cards": []}
            return Response(answer | numbers(begun.summary), status=status.HTTP_202_ACCEPTED)
        begun.run()
        begun.refresh_from_db()
        if begun.state != ImportState.SUCCESSFUL:
            raise ValidationError({"file": [begun.error]})
        result = begun.result
        answer = {
            "success": result["lines"] > result["left_out"] or not result["left_out"],
            "imported_count": result["imported_count"],
            "updated_count": result["updated_count"],
            "task_id": begun.pk,
            "validated_cards": [],
        }
        return Response(answer | numbers(result))


def numbers(summary):
    """Return what a file holds, in numbers, and what is wrong with it, as JSON takes them."""
    return {
        "total_count": summary["lines"],
        "error_count": summary["left_out"],
        "duplicate_count": summary["duplicates"] + summary["repeats"],
        "errors": summary["errors"],
    }


STATES = {ImportState.DRAFT: "ready", ImportState.CANCELLED: "failed"}


class TaskView(APIView):
    def get(self, request, pk):
        """Return how far a task of the learner's is, and what came of it."""
        task = get_object_or_404(request.user.imports.defer("data"), pk=pk)
        state = STATES.get(task.state, task.state)
        error = "It was stopped; nothing was imported." if task.state == ImportState.CANCELLED else task.error
        if task.stuck(timezone.now()):
            state, error = "failed", "Its worker has died; nothing was imported."
        return Response(
            {
                "id": task.pk,
                "state": state,
                "progress": task.share,
                "result": task.result,
                "error": error or None,
            }
        )
