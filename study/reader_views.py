"""The reader: a learner's own texts, each word by what they know of it."""

from itertools import pairwise

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models.functions import Length
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from uuid_utils.compat import uuid7

from decks.dictionary_views import core
from decks.models import Card, Deck, NoRoom
from study.choices import Direction
from study.enrolment import decks_of
from study.reader_forms import MOST_WORDS, CutForm, DeckForm, TextForm, TitleForm
from study.reading import UNKNOWN, Analysis, dictionary, line_around, other_cuts, states
from study.reading_deck import in_decks, make_deck, notes
from study.reading_page import LANGS, WAYS, Sheet, chosen, number_of
from study.readings import title_of

TEXTS_ON_A_PAGE = 20
TOPS = (10, 20, 50, 100, 200, MOST_WORDS)
FIRST_WORDS = 12
WAYS_KEY = "reader"

read_and_send = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@read_and_send
@never_cache
def reader(request):
    """The learner's texts, the newest first, and room for a new one."""
    form = TextForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return redirect("reading", request.user.readings.create(**form.kept()).pk)
    texts = request.user.readings.defer("text", "cuts").annotate(length=Length("text"))
    page = Paginator(texts, TEXTS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "study/reader/texts.html", {"form": form, "page": page}, status=400 if form.is_bound else 200
    )


def own(request, pk):
    """Return the learner's text, else answer 404."""
    return get_object_or_404(request.user.readings, pk=pk)


def ways_of(request):
    """Return how the learner wants to read; what the address says is kept for the next pages."""
    kept = request.session.get(WAYS_KEY, {})
    ways = chosen(kept) | {name: way for name in WAYS if (way := request.GET.get(name)) in WAYS[name]}
    if ways != chosen(kept):
        request.session[WAYS_KEY] = ways
    return ways


@login_required
@require_safe
@never_cache
def reading(request, pk):
    """One page of a text, with what the learner knows of the whole."""
    text = own(request, pk)
    analysis = Analysis(request.user, text.text, text.cuts)
    sheet = Sheet(analysis, ways_of(request))
    page = Paginator(sheet.pages, 1).get_page(page_asked(request, sheet))
    tops, top = tops_for(analysis)
    context = {
        "reading": text,
        "analysis": analysis,
        "sheet": sheet,
        "page": page,
        "paragraphs": sheet.paragraphs(page.number),
        "standard": request.user.get_hsk_standard_display(),
        "first_unknown": analysis.unknown[:FIRST_WORDS],
        "tops": tops,
        "top": top,
        "id": uuid7(),
    }
    return render(request, "study/reader/reading.html", context)


def page_asked(request, sheet):
    """Return the page that is asked for, by its number or by a place that is on it."""
    at = request.GET.get("at", "")
    return number_of(sheet.pages, int(at[:9])) if at.isascii() and at.isdigit() else request.GET.get("page")


def tops_for(analysis):
    """Return how many words a deck may be made of, each with whether it is proposed, and how many are in no deck."""
    free = sum(each.state == "unknown" and each.entry is not None for each in analysis.unknown)
    most = min(free, MOST_WORDS)
    tops = [top for top in TOPS if top < most] + ([most] if most else [])
    return tops, next((top for top in tops if top >= 20), most)


# A word where it stands


@login_required
@require_safe
@never_cache
def word(request, pk, start):
    """A word of a text: its entry, what the learner knows of it, and where else it might begin or end."""
    text = own(request, pk)
    found = line_around(text.text, text.cuts, start)
    place = next((place for place, token in enumerate(found) if token.start <= start < token.end), None)
    if place is None or not found[place].word:
        raise Http404("There is no word at this place of the text.")
    token, entry = found[place], dictionary().lookup(found[place].text)
    context = {
        "reading": text,
        "token": token,
        "state": states(request.user, [token.word]).get(token.word, UNKNOWN),
        "cuts": other_cuts(text.text, found, place),
        "card": Card.objects.filter(deck__in=decks_of(request.user), hanzi=token.word).first(),
        "direction": Direction.CHINESE_TO_ENGLISH,
        "back": address(text, token.start),
        "part": "HX-Request" in request.headers,
        "lang": LANGS[request.user.script],
    }
    if entry:
        context |= core(request.user, token.text, entry)
    template = "study/reader/word.html" + ("#word" if context["part"] else "")
    return render(request, template, {**context, "entry": entry})


def address(text, start):
    """Return the address of a place in a text."""
    return f"{reverse('reading', args=[text.pk])}?at={start}#w{start}"


@login_required
@read_and_send
def cut(request, pk):
    """Split or join words of a text; without bounds, cut it as the dictionary does again."""
    text = own(request, pk)
    if request.method != "POST":
        return redirect("reading", pk)
    if "reset" in request.POST:
        text.cuts = {}
        text.save(update_fields=["cuts", "updated_at"])
        messages.success(request, "The words are cut as the dictionary has them again.")
        return redirect("reading", pk)
    form = CutForm(request.POST)
    if not form.is_valid():
        return refused(request, text, "Choose one of the ways that the word's page offers.")
    bounds = form.cleaned_data["bounds"]
    try:
        places = text.recut(bounds, form.cleaned_data["everywhere"])
    except ValueError as error:
        return refused(request, text, str(error))
    words = " + ".join(text.text[a:b] for a, b in pairwise(bounds))
    joined = "one word" if len(bounds) == 2 else f"{len(bounds) - 1} words"
    messages.success(request, f"{words}: {joined} now{f', in {places} places' if places > 1 else ''}.")
    return redirect(address(text, bounds[0]))


def refused(request, text, why):
    """Answer 400 with why a text wasn't cut so."""
    return render(request, "study/reader/refused.html", {"reading": text, "why": why}, status=400)


@login_required
@read_and_send
def rename(request, pk):
    """Give a text another title; an empty one becomes the beginning of the text."""
    text = own(request, pk)
    if request.method != "POST":
        return redirect("reading", pk)
    form = TitleForm(request.POST)
    if not form.is_valid():
        return refused(request, text, form.errors["title"][0])
    text.title = form.cleaned_data["title"] or title_of(text.text)
    text.save(update_fields=["title", "updated_at"])
    messages.success(request, f"It is called “{text.title}” now.")
    return redirect("reading", pk)


@login_required
@read_and_send
def delete(request, pk):
    """Ask, then delete a text; decks that were made of it stay."""
    text = own(request, pk)
    if request.method != "POST":
        return render(request, "study/reader/delete.html", {"reading": text})
    text.delete()
    messages.success(request, f"“{text.title}” is deleted. Decks that you made of it are still there.")
    return redirect("reader")


# A deck of its words


@login_required
@read_and_send
@never_cache
def deck(request, pk):
    """Choose which unknown words of a text become a deck, and make it."""
    text = own(request, pk)
    analysis = Analysis(request.user, text.text, text.cuts)
    if request.method != "POST":
        return deck_page(request, text, analysis)
    form = DeckForm(request.POST, unknown=analysis.unknown)
    if not form.is_valid():
        return deck_page(request, text, analysis, form)
    data = form.cleaned_data
    cards = notes(analysis, data["words"])
    try:
        made, is_new = make_deck(request.user, data["id"], data["name"], f"Words of “{text.title}”.", cards)
    except Deck.DoesNotExist:
        form.add_error(None, "The deck that this form has made is gone. Send it again to make another.")
        return deck_page(request, text, analysis, form)
    except NoRoom as full:
        form.add_error(None, str(full))
        return deck_page(request, text, analysis, form)
    count = f"{len(cards)} word{pluralize(len(cards))}"
    done = f"{count}, and you study it now" if is_new else "this deck was made before"
    messages.success(request, f"{made.name}: {done}.")
    return redirect(made)


def deck_page(request, text, analysis, form=None):
    """Answer with the words to choose from; 400 if the form has errors."""
    tops, top = tops_for(analysis)
    asked = request.GET.get("top", "")
    if asked.isascii() and asked.isdigit():
        top = int(asked[:4])
    listed = analysis.unknown[:MOST_WORDS]
    free = [each.word for each in listed if each.state == UNKNOWN and each.entry]
    ticked = form.named if form else set(free[:top])
    decks = in_decks(request.user, [each.word for each in listed])
    context = {
        "reading": text,
        "analysis": analysis,
        "form": form or DeckForm(initial={"name": text.title}, unknown=[]),
        "id": uuid7(),  # what was refused has made nothing
        "rows": [(each, each.word in ticked, decks.get(each.word)) for each in listed],
        "tops": tops,
        "top": top,
    }
    return render(request, "study/reader/deck.html", context, status=400 if form else 200)
