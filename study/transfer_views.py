"""The pages by which cards come in from files and go out into them."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from decks.formats import csv
from decks.formats.notes import Note
from decks.formats.records import BadFile
from decks.models import Deck
from study.deck_views import visible_deck
from study.imports import AT_ONCE, Import, ImportState
from study.tasks import import_cards
from study.transfer import exported
from study.transfer_forms import DeckFileForm, FileForm, SettleForm

PREVIEWED = 20
BOM = "\ufeff"  # without it, Excel takes UTF-8 for something else
LICENCE = "https://creativecommons.org/licenses/by-sa/4.0/"
SAMPLES = [
    Note("学生", "學生", "xuésheng", "student", "我是学生。", "Wǒ shì xuésheng.", "I am a student.", "", ("people",)),
    Note("老师", "老師", "lǎoshī", "teacher", tags=("people", "school")),
]


def csv_response(lines, name, bom=False):
    """Return lines as a file to be kept, sent as they come; what is of the dictionary stays under its licence."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    if bom:
        response.streaming_content = with_bom(lines)
    name = re.sub(r"[^\w .()\-]+", "_", name).strip() or "cards"
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv")
    response["Link"] = f'<{LICENCE}>; rel="license"'
    response["Cache-Control"] = "no-store"
    return response


def with_bom(lines):
    yield BOM
    yield from lines


def template_response(bom=False):
    """Return the file that shows which columns there are, with two cards as they are written."""
    rows = [csv.COLUMNS, *map(csv.fields_of, SAMPLES)]
    return csv_response(csv.lines_of(rows), "template", bom)


@require_safe
def template(request):
    """A file to begin with, for whoever wants one."""
    return template_response(bom=True)


@login_required
@require_safe
@never_cache
def export(request, pk):
    """A deck's cards as a file, or first what is to be in it."""
    deck = visible_deck(request, pk)
    if "download" in request.GET or "include_stats" in request.GET:
        return csv_response(exported([deck], counted_for(request)), deck.name, bom=True)
    context = {"deck": deck, "count": deck.cards.count(), "licence": LICENCE}
    return render(request, "study/transfer/export.html", context)


@login_required
@require_safe
@never_cache
def export_all(request):
    """The cards of all of a learner's own decks as one file."""
    decks = Deck.objects.own(request.user).order_by("name", "id")
    if "download" in request.GET or "include_stats" in request.GET:
        lines = exported(decks.iterator(chunk_size=100), counted_for(request), with_deck=True)
        return csv_response(lines, "All decks", bom=True)
    context = {"deck": None, "decks": decks.count(), "licence": LICENCE}
    return render(request, "study/transfer/export.html", context)


def counted_for(request):
    """Return the learner whose memories are to be in the file, or None."""
    return request.user if asked(request.GET.get("include_stats")) else None


def asked(value):
    """Return whether a parameter says yes."""
    return str(value or "").lower() in ("1", "true", "on", "yes")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request, pk=None):
    """Choose a file, for one deck or for a new one."""
    deck = get_object_or_404(Deck.objects.own(request.user), pk=pk) if pk else None
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileForm(*sent) if deck else DeckFileForm(*sent, user=request.user)
    if form.is_valid():
        wanted = form.cleaned_data
        file, into = wanted["file"], deck or wanted.get("deck")
        name = "" if into else wanted["name"]
        try:
            begun = Import.objects.begin(request.user, file.name, file.read(), timezone.now(), into, name)
            return redirect("import-file", begun.pk)
        except BadFile as error:
            form.add_error("file", str(error))
    status = (413 if form.too_large else 400) if form.is_bound else 200
    return render(request, "study/transfer/start.html", {"form": form, "deck": deck}, status=status)


def own_import(request, pk):
    """Return the learner's import, else answer 404."""
    return get_object_or_404(request.user.imports.select_related("deck", "user").defer("data"), pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def import_file(request, pk):
    """Look at what a file would bring and take it; or see how far that is."""
    found = own_import(request, pk)
    if found.state != ImportState.DRAFT:
        return under_way(request, found)
    if request.method != "POST":
        return preview(request, found, SettleForm(of=found))
    form = SettleForm(request.POST, of=found)
    if not form.is_valid():
        return preview(request, found, form, status=400)
    try:
        form.settle()
    except BadFile as error:
        form.add_error(None, str(error))
        return preview(request, own_import(request, pk), form, status=400)
    if "look" in request.POST or not found.told.good:
        return redirect("import-file", pk)
    return begin(request, found)


def begin(request, found):
    """Have a file taken: at once, or by the worker if it is long."""
    if found.queue():
        if found.told.lines > AT_ONCE:
            import_cards.enqueue(str(found.pk))
        else:
            found.run()
            found.refresh_from_db()
    if found.state == ImportState.SUCCESSFUL:
        messages.success(request, told(found.result))
        return redirect(found.deck)
    return redirect("import-file", found.pk)


def told(result):
    """Return in words what an import came to."""
    added, updated, left_out = (result[name] for name in ("imported_count", "updated_count", "left_out"))
    there = result["duplicates"] + result["repeats"] - updated
    parts = [f"{added:,} card{pluralize(added)} added"]
    parts += [f"{updated:,} updated"] if updated else []
    parts += [f"{there:,} already there"] if there > 0 and added + there <= result["lines"] - left_out else []
    parts += [f"{left_out:,} line{pluralize(left_out)} left out"] if left_out else []
    remembered = result["remembered_count"]
    parts += [f"{remembered:,} with how well you know {pluralize(remembered, 'it,them')}"] if remembered else []
    return f"{', '.join(parts)}."


def preview(request, found, form, status=200):
    """Answer with the first cards of a file, what is wrong with which line, and the choices that there are."""
    lines = found.first_lines(PREVIEWED)
    context = {"import": found, "form": form, "lines": lines, "told": found.told, "table": found.table}
    return render(request, "study/transfer/preview.html", context, status=status)


def under_way(request, found):
    """Answer with how far an import is: the page, or for a page that has it already, its moving part."""
    name = "study/transfer/progress.html"
    moving = bool(request.headers.get("HX-Request"))
    context = {
        "import": found,
        "stuck": found.stuck(timezone.now()),
        "result": found.result and told(found.result),
    }
    return render(request, f"{name}#moving" if moving else name, context)


@login_required
@require_POST
def stop(request, pk):
    """Stop an import, or throw its file away."""
    found = own_import(request, pk)
    if found.state == ImportState.DRAFT:
        found.delete()
        return redirect(found.deck if found.deck_id else "import")
    if found.cancel():
        messages.success(request, "The import is stopped. Nothing was imported.")
    return redirect("import-file", pk)


@login_required
@require_POST
def again(request, pk):
    """Try an import once more that has failed or whose worker has died."""
    found = own_import(request, pk)
    if found.state == ImportState.DRAFT or (found.state in (ImportState.SUCCESSFUL, ImportState.CANCELLED)):
        return redirect("import-file", pk)
    return begin(request, found)
