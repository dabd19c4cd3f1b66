"""The pages of words that don't stick: which they are, and what may help with one."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from decks.dictionary import open_dictionary
from decks.dictionary.pinyin import numbers
from decks.models import Deck
from study import leeches
from study.contrast import contrasts
from study.face import Face
from study.models import CardInteraction, CardProgress, WordNote
from study.word_forms import NoteForm

WORDS_ON_A_PAGE = 50
ENTRIES = 10
SENTENCES = 3


@login_required
@require_safe
@never_cache
def leech_list(request):
    """The learner's words that don't stick, the worst first."""
    rows = leeches.worst_first(readable(request.user))
    page = Paginator(rows, WORDS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "study/leeches.html", {"page": page})


def readable(user):
    """Return the learner's progress on cards that they may still see."""
    return CardProgress.objects.filter(user=user, card__deck__in=Deck.objects.visible_to(user))


def own_word(request, pk):
    """Return the learner's progress on a word with its card, else answer 404."""
    progress = get_object_or_404(readable(request.user).select_related("card__deck"), pk=pk)
    progress.user = request.user
    progress.card.is_own = progress.card.deck.user_id == request.user.pk
    return progress


@login_required
@require_safe
@never_cache
def word(request, pk):
    """One word: what it is taken for, what it is made of, how it is used, and what the learner noted of it."""
    return word_page(request, own_word(request, pk))


def word_page(request, progress, form=None):
    """Answer with a word's page; 400 if its form has errors."""
    card, dictionary = progress.card, open_dictionary(settings.DICTIONARY_PATH)
    note = request.user.word_notes.filter(word_key=progress.word_key).first()
    context = {
        "progress": progress,
        "card": card,
        "is_leech": leeches.is_leech(progress),
        "directions": request.user.progress.filter(word_key=progress.word_key).order_by("direction"),
        "contrasts": contrasts(progress, dictionary),
        "characters": Face(card, request.user).characters,
        "sentences": sentences(card, dictionary),
        "entries": CardInteraction.objects.filter(progress_id=progress.pk).standing().order_by("-sequence")[:ENTRIES],
        "form": form or NoteForm(initial={"text": note.text if note else ""}),
    }
    return render(request, "study/word.html", context, status=400 if form else 200)


def sentences(card, dictionary):
    """Return examples from the dictionary beside the card's own, those of its reading if there are any."""
    same_reading = dictionary.sentences(card.hanzi, numbers(card.pinyin), SENTENCES + 1)
    found = same_reading or dictionary.sentences(card.hanzi, limit=SENTENCES + 1)
    return [each for each in found if each.chinese != card.sentence][:SENTENCES]


@login_required
@require_http_methods(["GET", "POST"])
def note(request, pk):
    """Keep what the learner wrote of a word; whoever comes back here from the log-in is sent to the word."""
    progress = own_word(request, pk)
    if request.method == "GET":
        return redirect("word", pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return word_page(request, progress, form)
    kept = WordNote.objects.write(request.user, progress.word_key, form.cleaned_data["text"])
    messages.success(request, "Your note is saved." if kept else "There is no note on this word now.")
    return redirect("word", pk)
