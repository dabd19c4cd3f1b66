"""A card's row in the list of cards. Fifty of them are most of a page, and a template takes four times as long."""

from html import escape

from django import template
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from accounts.models import Phonetic
from study import pronunciation
from study.face import Face
from study.templatetags.study import _said, interval, written

LONGEST_ENGLISH = 160
_NOBODY = "00000000-0000-0000-0000-000000000000"
# The addresses of a card and of a word, to be filled in.
CARD = SimpleLazyObject(lambda: Address("card"))
WORD = SimpleLazyObject(lambda: Address("word"))

register = template.Library()


class Address:
    """The addresses of a page by the ids of rows, without asking the resolver for each."""

    def __init__(self, name):
        self.pattern = reverse(name, args=[_NOBODY])

    def of(self, pk):
        return self.pattern.replace(_NOBODY, str(pk))


@register.simple_tag(takes_context=True)
def card_row(context, row):
    """Return a row of the list; its edit link stands for cards of the learner's own decks (`mine`) alone."""
    name = escape(str(row))
    choice = f'<input type="checkbox" name="card" value="{row.id}" form="many">'
    return mark_safe(  # noqa: S308 (whatever somebody wrote is escaped)
        f'<tr id="card-{row.id}">'
        f'<td class="pick"><label>{choice}<span class="visually-hidden">Choose {name}</span></label></td>'
        f'<th scope="row" class="hanzi">{written(Face(row, context["user"])) if row.hanzi else ""}</th>'
        f'<td class="pinyin">{_pinyin(context, row)}</td>'
        f'<td class="english">{_english(context, row)}</td>'
        f'<td class="you">{"".join(map(_memory, row.memories)) or NEW}</td>'
        f'<td class="edit">{_edit(row.id, name) if row.deck_id in context["mine"] else ""}</td></tr>'
    )


NEW = '<span class="state">New</span>'


def _pinyin(context, row):
    phonetic = getattr(context["user"], "phonetic", Phonetic.PINYIN)
    return _said(*pronunciation.said(row.pinyin, phonetic)[:2]) if row.pinyin else ""


def _english(context, row):
    """Return what a card means, its tags and, in a list over several decks, its deck's name."""
    text = row.english
    if len(text) > LONGEST_ENGLISH:
        text = Truncator(text).chars(LONGEST_ENGLISH)
    tags = "".join(f' <span class="badge">{escape(tag)}</span>' for tag in row.tags)
    deck = "" if context.get("deck") else context.get("names", {}).get(row.deck_id, "")
    return escape(text) + tags + (f" <small>{escape(deck)}</small>" if deck else "")


def _memory(memory):
    """Return what is remembered of a word in a direction, as the way to the word's page."""
    state = memory.label
    if memory.suspended:
        state += ", suspended"
    elif memory.buried:
        state += ", not today"
    elif memory.days is not None:
        state += f", {interval(memory.days)}" if memory.days else ", due"
    direction = f'<span class="visually-hidden">{memory.direction}: </span>'
    return f'<a class="state" href="{WORD.of(memory.pk)}" title="{memory.direction}">{direction}{state}</a>'


def _edit(pk, name):
    url = CARD.of(pk)
    swap = f'hx-get="{url}" hx-target="closest tr" hx-swap="outerHTML"'
    return f'<a href="{url}" {swap}>Edit<span class="visually-hidden"> {name}</span></a>'
