"""How the reader shows a word of the dictionary."""

from django import template

from study.pronunciation import said

register = template.Library()


@register.filter
def sound(reading, user):
    """Return how a reading of the dictionary is pronounced, as the learner wants it; "" without one."""
    return said(reading.pinyin, user.phonetic).text if reading else ""
