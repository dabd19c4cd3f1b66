"""How a word is shown beside one that it is taken for."""

from django import template
from django.utils.html import format_html, format_html_join

from accounts.models import Script

register = template.Library()


@register.simple_tag
def contrasted(other, word, user):
    """Return a word in the learner's script, the characters marked in which it differs from another word.

    None are marked where all differ.
    """
    traditional = getattr(user, "script", None) == Script.TRADITIONAL and other.traditional
    language, text = ("zh-Hant", other.traditional) if traditional else ("zh-Hans", other.hanzi)
    beside = (word.traditional if traditional else "") or word.hanzi
    same = [len(text) == len(beside) and character == beside[place] for place, character in enumerate(text)]
    if not any(same):
        return format_html('<span lang="{}">{}</span>', language, text)
    shown = format_html_join(
        "",
        "{}",
        (
            (character if like else format_html("<mark>{}</mark>", character),)
            for character, like in zip(text, same, strict=True)
        ),
    )
    return format_html('<span lang="{}">{}</span>', language, shown)
