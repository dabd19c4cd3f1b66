"""How the reader shows a word of the dictionary."""

from itertools import pairwise

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from study.pronunciation import said

FITS = 7  # characters of a word that a phone shows on one line, even at twice the size

register = template.Library()


@register.filter
def sound(reading, user):
    """Return how a reading of the dictionary is pronounced, as the learner wants it; "" without one."""
    return said(reading.pinyin, user.phonetic).text if reading else ""


@register.simple_tag
def paragraph(pieces, said_lang):
    """Return the pieces of a paragraph as links to their words; a page has thousands, so they are short.

    A line may end between two words, and within none.
    """
    between = ["<wbr>" if one.state and other.state else "" for one, other in pairwise(pieces)]
    marked = zip(map(mark_safe, ["", *between]), (_piece(piece, said_lang) for piece in pieces), strict=True)
    return format_html_join("", "{}{}", marked)


def _piece(piece, said_lang):
    if not piece.state:
        return piece.text
    text = piece.text
    if piece.said:
        text = format_html('<ruby>{}<rt lang="{}">{}</rt></ruby>', text, said_lang, piece.said)
    state = piece.state if len(piece.text) <= FITS else f"{piece.state} long"
    return format_html('<a id="w{0}" class="{1}" href="{0}/">{2}</a>', piece.start, state, text)
