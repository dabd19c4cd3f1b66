"""The page on which words are typed or pasted, looked at as cards, and added to a deck."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from decks.models import Deck, NoRoom
from study import adding
from study.add_forms import PasteForm, many_fields


def takes_many_fields(view):
    """Let a view have forms of more fields than others; their token is looked for only after they are read."""
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def take(request, *args, **kwargs):
        if request.method == "POST" and request.content_type == "application/x-www-form-urlencoded":
            request.POST = many_fields(request)
        return checked(request, *args, **kwargs)

    return take


@takes_many_fields
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request, pk=None):
    """Take words, show them as cards, and save them, to a deck of the learner's or to one that they choose."""
    deck = get_object_or_404(Deck.objects.own(request.user), pk=pk) if pk else None
    if request.method != "POST":
        given = {name: request.GET[name] for name in ("text", "deck", "name") if name in request.GET}
        return paste_page(request, PasteForm(user=request.user, deck=deck, initial=given))
    form = PasteForm(request.POST, user=request.user, deck=deck)
    act = request.POST.get("act")
    if not form.is_valid() or act == "edit":
        return paste_page(request, form)
    if "hanzi" not in request.POST:
        return first_look(request, form)
    try:
        unseen = form.paste.mend(request.POST)
    except ValueError:
        return first_look(request, form, said="The dictionary has changed meanwhile: look at the words again.")
    return save(request, form, unseen) if act == "save" else look(request, form)


def paste_page(request, form):
    """Answer with the page on which words are typed; 400 if there is something wrong with them."""
    context = {"form": form, "deck": form.deck, "most": adding.MOST_LINES}
    return render(request, "study/add/paste.html", context, status=400 if form.errors else 200)


def first_look(request, form, said=""):
    """Answer with the cards as the dictionary fills them."""
    form.paste.compare(request.user, form.deck)
    form.paste.leave_out_known(form.paste.rows)
    return preview(request, form, said=said)


def look(request, form, said="", error=""):
    """Answer with the cards as the learner left them; 400 if one can't be."""
    form.paste.compare(request.user, form.deck)
    form.paste.leave_out_known([row for row in form.paste.rows if row.changed])
    return preview(request, form, said=said, error=error)


def preview(request, form, said="", error=""):
    """Answer with the cards to look at."""
    rows = form.paste.rows
    context = {
        "form": form,
        "deck": form.deck,
        "blocks": form.paste.blocks,
        "wrong": [row for row in rows if row.errors],
        "count": len(form.paste.adding),
        "to_look_at": sum(row.to_look_at and row.shown for row in rows),
        "asked": sum(bool(row.completed.choices) and row.shown for row in rows),
        "unknown": sum(row.unknown and row.shown for row in rows),
        "already": sum(bool(row.in_deck) and row.shown for row in rows),
        "repeated": sum(bool(row.earlier) and row.shown for row in rows),
        "seen": {row.note.word_key: row.in_deck for row in rows if row.in_deck},
        "said": said,
        "error": error,
    }
    wrong = error or any(row.errors for row in rows)
    return render(request, "study/add/preview.html", context, status=400 if wrong else 200)


def save(request, form, unseen):
    """Save the cards that the learner has seen, all or none."""
    if unseen:
        return look(request, form, said="You changed a word: look at its card again, then add it.")
    if not form.paste.check():
        return look(request, form)
    rows = form.paste.adding
    if not rows:
        return look(request, form, error="Tick at least one word.")
    try:
        added = adding.save(request.user, form.deck, rows, seen_of(request.POST))
    except NoRoom as full:
        return look(request, form, error=str(full))
    messages.success(request, said_of(form.deck, added, len(rows) - added))
    return redirect(form.deck)


def seen_of(data):
    """Return how many cards of each word the deck had when its page was made."""
    pairs = (each.partition(" ") for each in data.getlist("seen"))
    return {key: int(count) for count, _, key in pairs if count.isascii() and count.isdecimal() and len(count) < 7}


def said_of(deck, added, left):
    """Return what is said of a save."""
    words = f"{added:,} word{'' if added == 1 else 's'}"
    there = f"{left:,} {'was' if left == 1 else 'were'} in it already."
    if not added:
        return f"Nothing to add to {deck}: {there}"
    return f"Added {words} to {deck}." + (f" {there.capitalize()}" if left else "")
