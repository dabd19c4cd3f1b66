"""How a word is shown: in the learner's script, with its tones marked; and times a person can read."""

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from uuid_utils.compat import uuid7

from accounts.models import Script
from decks.dictionary.pinyin import toned
from study.settings_charts import percent

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
def hanzi(card, user):
    """Return the word in the learner's script, with the other one beside it where they differ."""
    simplified = format_html('<span lang="zh-Hans">{}</span>', card.hanzi)
    if card.traditional in ("", card.hanzi):
        return simplified
    traditional = format_html('<span lang="zh-Hant">{}</span>', card.traditional)
    first, other = simplified, traditional
    if getattr(user, "script", None) == Script.TRADITIONAL:
        first, other = traditional, simplified
    return format_html('{} <small class="other-script">{}</small>', first, other)


@register.simple_tag
def pinyin(card):
    """Return the pinyin with a class for each syllable's tone; the reader's colours come from the page's body."""
    syllables = format_html_join(
        "", '<span class="{}">{}</span>', ((f"tone{tone}" if tone else "", text) for text, tone in toned(card.pinyin))
    )
    return format_html('<span lang="zh-Latn-pinyin">{}</span>', syllables)


@register.simple_tag
def marked(card):
    """Return the example sentence with the word marked."""
    before, word, after = card.sentence.partition(card.hanzi) if card.hanzi else (card.sentence, "", "")
    return format_html("{}<mark>{}</mark>{}", before, word, after) if word else format_html("{}", before)
