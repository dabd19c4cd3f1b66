"""How the reader shows a word of the dictionary."""

from django import template
from django.utils.html import format_html, format_html_join

from study.pronunciation import said

register = template.Library()


@register.filter
def sound(reading, user):
    """Return how a reading of the dictionary is pronounced, as the learner wants it; "" without one."""
    return said(reading.pinyin, user.phonetic).text if reading else ""


@register.simple_tag
def paragraph(pieces, said_lang):
    """Return the pieces of a paragraph as links to their words; a page has thousands, so they are short."""
    return format_html_join("", "{}", ([_piece(piece, said_lang)] for piece in pieces))


def _piece(piece, said_lang):
    if not piece.state:
        return piece.text
    text = piece.text
    if piece.said:
        text = format_html('<ruby>{}<rt lang="{}">{}</rt></ruby>', text, said_lang, piece.said)
    return format_html('<a id="w{0}" class="{1}" href="{0}/">{2}</a>', piece.start, piece.state, text)
