"""What a learner sees of a page, and what they send back by its forms."""

import json
import re
from html import unescape

from decks.models import Card

MAIN = re.compile(r"<main.*</main>", re.DOTALL)
UNSEEN = re.compile(r"<(script|template)\b.*?</\1>", re.DOTALL)


def main_of(response, status=200):
    """Return the markup of what a page is about."""
    assert response.status_code == status
    return MAIN.search(response.content.decode())[0]


def page(response, status=200):
    """Return the text of a page, between its tags; what only its script reads is not of it."""
    seen = UNSEEN.sub(" ", main_of(response, status))
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", seen)).split())


def fields_of(markup, form):
    """Return the hidden fields of the first form of a class, but for the token."""
    found = markup.split(f'<form class="{form}"', 1)[1].split("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found))
    fields.pop("csrfmiddlewaretoken", None)
    return {name: unescape(value) for name, value in fields.items()}


def hidden_fields(response, form="grades"):
    """Return the hidden fields of the form by which the card on the page is answered."""
    return fields_of(UNSEEN.sub(" ", main_of(response)), form)


def shown(response):
    """Return the card that a page asks, None if it asks none."""
    if 'class="flashcard"' not in UNSEEN.sub(" ", main_of(response)):
        return None
    return Card.objects.get(pk=hidden_fields(response)["card"])


def pack_in(response):
    """Return what a page brings for its script, as the browser reads it."""
    [data] = re.findall(r'<script id="pack" type="application/json">(.*?)</script>', response.content.decode())
    return json.loads(data)
