"""How a word is shown: in the learner's script, with its tones marked; and times a person can read."""

import re
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from uuid_utils.compat import uuid7

from accounts.models import Phonetic
from study import pronunciation
from study.face import Face, entry_url
from study.settings_charts import percent

_HANZI = re.compile(f"({pronunciation.HANZI}+)")

register = template.Library()
register.filter(percent)


@register.filter
def interval(days):
    """Return days (a fraction for minutes) as short text: "1 min", "10 min", "4 d", "2.5 mo", "1.2 y"."""
    minutes, hours = round(days * 24 * 60), round(days * 24)
    if minutes < 60:
        return f"{max(1, minutes)} min"
    if hours < 24:
        return f"{hours} h"
    if days < 31:
        return f"{round(days)} d"
    if days < 365:
        return f"{days / 30.4:.1f} mo".replace(".0 ", " ")
    return f"{days / 365.25:.1f} y".replace(".0 ", " ")


@register.filter
def minutes(number):
    """Return a number of minutes as text: "less than a minute", "1 minute", "12 minutes"."""
    whole = round(number)
    if whole < 1:
        return "less than a minute"
    return "1 minute" if whole == 1 else f"{whole} minutes"


@register.filter
def to_come(time):
    """Return whether a time, if there is one, is still ahead."""
    return bool(time) and time > timezone.now()


@register.simple_tag
def new_id():
    """Return a new id for what a form will record, so that its repeat is recorded once."""
    return uuid7()


@register.simple_tag
def face(entry, user):
    """Return what there is to show of an entry of the queue."""
    return Face(entry.card, user, entry.direction, note=entry.note)


@register.simple_tag
def hanzi(card, user):
    """Return the word in the learner's script, with the other one beside it where they want it and it differs."""
    return written(Face(card, user))


@register.simple_tag
def written(face):
    """Return the word in its scripts, the second one small."""
    first, *other = map(_written, face.words)
    return format_html('{} <small class="other-script">{}</small>', first, *other) if other else first


def _written(word):
    characters = format_html_join("", "{}", ((_coloured(*each),) for each in word.characters))
    return format_html('<span lang="{}">{}</span>', word.lang, characters)


@lru_cache(maxsize=8192)
def _coloured(text, tone, changed=False):
    """Return a character or a syllable in the colour of its tone."""
    return format_html('<span class="tone{}{}">{}</span>', tone, " changed" if changed else "", text) if tone else text


@register.simple_tag(takes_context=True)
def pinyin(context, card):
    """Return the dictionary's pronunciation of a word, in pinyin or zhuyin."""
    phonetic = getattr(context.get("user"), "phonetic", Phonetic.PINYIN)
    return _said(*pronunciation.said(card.pinyin, phonetic)[:2])


@register.simple_tag
def said(face):
    """Return how a word is pronounced; where it is not what the dictionary has, that too."""
    found = face.said
    if not found.citation:
        return _said(found.lang, found.syllables)
    citation = _said(found.lang, found.citation)
    spoken = _said(found.lang, found.syllables)
    return format_html('{} <small class="citation">spoken; in the dictionary {}</small>', spoken, citation)


def _said(lang, syllables):
    """Return syllables with a class for each one's tone; the reader's colours come from the page's body."""
    shown = format_html_join("", "{}", ((_coloured(*each),) for each in syllables))
    return format_html('<span lang="{}">{}</span>', lang, shown)


@register.simple_tag
def sentence(face):
    """Return the example sentence, the word marked and each word a link to its entry."""
    return format_html_join("", "{}", ((_token(*each),) for each in face.tokens))


@lru_cache(maxsize=8192)
def _token(text, word, is_target):
    linked = format_html('<a class="word" href="{}">{}</a>', entry_url(word), text) if word else text
    return format_html("<mark>{}</mark>", linked) if is_target else linked


@register.simple_tag
def gapped(face):
    """Return the example sentence with a gap for the word."""
    gap = mark_safe('<span class="gap" role="img" aria-label="gap">＿＿</span>')
    return format_html_join(gap, "{}", ((piece,) for piece in face.cloze))


@register.filter
def english(text):
    """Return an English text with the Chinese in it marked as such."""
    if not pronunciation.is_hanzi(text):
        return text
    pieces = (
        (format_html('<span lang="zh">{}</span>', each) if at % 2 else each,)
        for at, each in enumerate(_HANZI.split(text))
    )
    return format_html_join("", "{}", pieces)


@register.simple_tag
def marked(card):
    """Return the example sentence with the word marked."""
    before, word, after = card.sentence.partition(card.hanzi) if card.hanzi else (card.sentence, "", "")
    return format_html("{}<mark>{}</mark>{}", before, word, after) if word else format_html("{}", before)
