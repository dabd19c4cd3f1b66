"""The pages of cards: to browse and search them, to edit one, and to do something with many."""

import json
from functools import cache
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from decks.filling import fill
from decks.models import Card, Deck, DeckFull
from study import many
from study.act_views import UNDO
from study.browse import COLUMNS, COUNTED, FIRST_SORT, SORTS, Browser, Row, remembered
from study.card_forms import OTHER_WORD, EditForm, FilterForm, ManyForm, NewCardForm
from study.deck_views import visible_deck
from study.enrolment import decks_of
from study.rewording import is_question, reword
from study.search import QueryError
from study.transfer import exported_cards
from study.transfer_views import csv_response

# The list


@login_required
@require_safe
@never_cache
def deck_cards(request, pk):
    """The cards of one deck."""
    return browse(request, visible_deck(request, pk))


@login_required
@require_safe
@never_cache
def cards(request):
    """The cards of all the decks that the learner owns or studies."""
    return browse(request, None)


def browse(request, deck):
    """Answer with a page of cards; 400 if the search can't be read."""
    form = FilterForm(request.GET)
    if form.is_to_be_put:
        query, sort = form.put()
        return redirect(f"{request.path}?{address_of(query, sort)}")
    query, sort = request.GET.get("q", ""), sort_of(request.GET.get("sort", ""))
    decks = list(decks_of(request.user).only("name", "user_id"))
    context = {"deck": deck, "decks": decks, "query": query, "sort": sort, "filters": filters(sort)}
    now = timezone.now()
    try:
        browser = Browser(request.user, [each.pk for each in ([deck] if deck else decks)], query, sort, now)
    except QueryError as error:
        context |= {"error": error, "place": error.at + 1}
        return render(request, "study/cards/list.html", context, status=400)
    page = browser.page(request.GET.get("after", ""), request.GET.get("before", ""), "end" in request.GET)
    remembered(request.user, page.rows, now)
    count = len(page.rows) if page.is_all else browser.count()
    context |= {"page": page, "count": min(count, COUNTED), "is_more": count > COUNTED}
    context |= whose(request.user, decks, deck) | {"search": address_of(query, sort)}
    return render(request, "study/cards/list.html", context)


def whose(user, decks, deck):
    """Return which decks are the learner's own, and the names of all."""
    own = [each for each in decks if each.user_id == user.pk]
    names = {each.pk: each.name for each in decks}
    mine = {each.pk for each in own}
    return {"own": own, "names": names, "mine": mine, "may_edit": deck.pk in mine if deck else bool(mine)}


def sort_of(text):
    """Return the name of an order, that of the deck for what is none."""
    return text if text.removeprefix("-") in SORTS else FIRST_SORT


@cache
def filters(sort):
    """Return the markup of the filters, in which the order alone is chosen already: a third of a page's time."""
    form = FilterForm(initial={"sort": sort.removeprefix("-"), "backwards": sort.startswith("-")})
    return render_to_string("study/cards/_filters.html", {"form": form})


def address_of(query, sort):
    """Return a search and its order as an address has them."""
    given = {"q": query, "sort": "" if sort == FIRST_SORT else sort}
    return urlencode({name: value for name, value in given.items() if value})


# One card


def own_card(user, pk, lock=False):
    """Return a card of the learner's own decks, else answer 404."""
    found = Card.objects.filter(deck__in=Deck.objects.own(user)).select_related("deck")
    return get_object_or_404(found.select_for_update(of=["self"]) if lock else found, pk=pk)


def back_of(request, card):
    """Return where whoever edits a card came from: an address of ours, else the cards of its deck."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("deck-cards", args=[card.deck_id])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def card(request, pk):
    """Edit a card, on a page of its own or in its row of the list."""
    if request.method == "POST":
        return save(request, pk)
    card = own_card(request.user, pk)
    if "row" in request.GET and in_row(request):
        return row_of(request, card)
    return card_page(request, card, EditForm.of(card))


@transaction.atomic
def save(request, pk):
    """Save a card's texts; what is missing for that is asked."""
    card = own_card(request.user, pk, lock=True)
    form = EditForm(request.POST)
    if not form.is_valid():
        return card_page(request, card, form, status=400)
    if form.cleaned_data["version"] != card.updated_at.isoformat():
        form.take_version(card)
        return card_page(request, card, form, status=409, newer=newer(card, form.note))
    word = form.cleaned_data["word"]
    if not word and is_question(card, form.note):
        form.ask()
        return card_page(request, card, form, status=400)
    done = reword(card, form.note, word != OTHER_WORD, timezone.now())
    return saved(request, card, done.entry)


def newer(card, note):
    """Return what a card has by now where somebody else wrote something else: (label, the text there, the one sent)."""
    there, sent = EditForm.of(card), note.columns()
    pairs = [(name, there.initial[name], sent[name]) for name in sent]
    pairs = [(name, text, " ".join(other) if name == "tags" else other) for name, text, other in pairs]
    return [(there[name].label, text, other) for name, text, other in pairs if text != other]


def saved(request, card, entry):
    """Answer that a card is saved; that its word begins anew may be taken back."""
    said = f"{card}: saved, and begun anew." if entry else f"{card}: saved."
    if in_row(request) and not entry:
        response = row_of(request, card)
        response["HX-Trigger"] = json.dumps({"said": said})
        return response
    messages.success(request, said, extra_tags=f"{UNDO}{entry.pk}" if entry else "")
    if in_row(request):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(back_of(request, card))


def in_row(request):
    """Return whether the list's script asks, for one row of it."""
    return "HX-Request" in request.headers


def card_page(request, card, form, status=200, newer=()):
    """Answer with the form of a card."""
    name = "_edit.html" if in_row(request) else "card.html"
    context = {"card": card, "form": form, "newer": newer, "back": back_of(request, card)}
    if not in_row(request):
        context["loss"] = many.loss(request.user, [card.pk])
    return render(request, f"study/cards/{name}", context, status=status)


def row_of(request, card):
    """Answer with a card's row of the list."""
    row = Row(**{name: getattr(card, name) for name in COLUMNS})
    remembered(request.user, [row], timezone.now())
    return render(request, "study/cards/_row.html", {"row": row, "mine": {card.deck_id}})


@login_required
@require_http_methods(["GET", "POST"])
def delete_card(request, pk):
    """Delete a card; whoever comes back here from the log-in is sent to it."""
    card = own_card(request.user, pk)
    if request.method == "GET":
        return redirect("card", pk)
    many.delete([card.pk])
    messages.success(request, f"{card}: deleted.")
    return redirect(back_of(request, card))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_card(request, pk):
    """Add a card to a deck of the learner's own."""
    deck = get_object_or_404(Deck.objects.own(request.user), pk=pk)
    form = NewCardForm(request.POST or None)
    if form.is_valid():
        try:
            [added] = deck.add([fill(form.note) if form.cleaned_data["fill"] else form.note])
        except DeckFull as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{added}: added to {deck}.")
            return redirect("card-new", pk)
    return render(request, "study/cards/new.html", {"deck": deck, "form": form}, status=400 if form.is_bound else 200)


# Many cards


@login_required
@require_http_methods(["GET", "POST"])
def many_cards(request):
    """Do something with many cards; whoever comes back here from the log-in is sent to the list."""
    if request.method == "GET":
        return redirect("cards")
    form = ManyForm(request.POST)
    deck = None
    if request.POST.get("deck") and "deck" not in form.errors:
        deck = visible_deck(request, form.cleaned_data["deck"])
    back = back_to_list(request, deck)
    if not form.is_valid():
        for error in [each for errors in form.errors.values() for each in errors]:
            messages.error(request, error)
        return redirect(back)
    return do_with(request, form.cleaned_data, deck, back)


def back_to_list(request, deck):
    """Return the address of the list from which cards were chosen."""
    home = reverse("deck-cards", args=[deck.pk]) if deck else reverse("cards")
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else home


def do_with(request, wanted, deck, back):
    """Do what a form says with the cards that it names."""
    try:
        chosen, strange = choose(request.user, wanted, deck)
    except QueryError as error:
        messages.error(request, str(error))
        return redirect(back)
    if strange:
        messages.error(request, f"Nothing was changed: {strange} of these cards are of decks that aren’t yours.")
        return redirect(back)
    if wanted["do"] == "delete" and not wanted["sure"]:
        context = {"wanted": wanted, "deck": deck, "count": len(chosen), "loss": many.loss(request.user, chosen)}
        return render(request, "study/cards/delete.html", context | {"back": back})
    if wanted["do"] == "export":
        return csv_response(exported_cards(chosen), "Cards", bom=True)
    if wanted["do"] in many.ACTS:
        remember(request, chosen, wanted["do"])
    else:
        change(request, chosen, wanted)
    return redirect(back)


def choose(user, wanted, deck):
    """Return the ids of the cards that are meant, and how many of them may not be changed so; 404 if none may be."""
    edits = wanted["do"] not in [*many.ACTS, "export"]
    if wanted["every"]:
        decks = [deck] if deck else decks_of(user)
        if edits and deck and deck.user_id != user.pk:
            raise Http404("This deck isn't yours.")
        browser = Browser(user, [each.pk for each in decks], wanted["q"], FIRST_SORT, timezone.now())
        return browser.ids(owner=user if edits else None), 0
    visible = Card.objects.filter(pk__in=wanted["card"], deck__in=Deck.objects.visible_to(user))
    found = dict(visible.values_list("pk", "deck__user"))
    own = [pk for pk, owner in found.items() if owner == user.pk]
    if len(found) < len(set(wanted["card"])) or (edits and not own):
        raise Http404("No such card.")
    return list(found), len(found) - len(own) if edits else 0


DONE = {"suspend": "suspended", "unsuspend": "taken up again", "reset": "started over"}


def remember(request, chosen, kind):
    """Do an act to the memories of cards, and say so, with the offer to take it back."""
    count, last = many.act_on(request.user, chosen, many.ACTS[kind], timezone.now())
    said = f"{count:,} word{'' if count == 1 else 's'} {DONE[kind]}."
    messages.success(request, said, extra_tags=f"{UNDO}{last.pk}" if last else "")


def change(request, chosen, wanted):
    """Tag, move or delete cards, and say so."""
    now, count = timezone.now(), len(chosen)
    cards = f"{count:,} card{'' if count == 1 else 's'}"
    match wanted["do"]:
        case "tag":
            many.tag(chosen, wanted["tags"], now)
            said = f"{cards} tagged: {', '.join(wanted['tags'])}."
        case "untag":
            many.untag(chosen, wanted["tags"], now)
            said = f"{cards} no longer tagged: {', '.join(wanted['tags'])}."
        case "move":
            deck = get_object_or_404(Deck.objects.own(request.user), pk=wanted["to"])
            try:
                many.move(request.user, chosen, deck)
            except DeckFull as error:
                messages.error(request, str(error))
                return
            said = f"{cards} moved to {deck}."
        case "place":
            deck = get_object_or_404(Deck.objects.own(request.user), pk=wanted["deck"])
            many.place(request.user, deck, chosen, wanted["place"])
            said = f"{cards} put in place {wanted['place']:,}."
        case "delete":
            many.delete(chosen)
            said = f"{cards} deleted."
    messages.success(request, said)
