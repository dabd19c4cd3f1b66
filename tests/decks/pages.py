"""What a page of the dictionary says, and where it leads."""

import re
from html import unescape
from urllib.parse import unquote


def text(response, status=200):
    """Return the text of a page, between its tags."""
    assert response.status_code == status
    main = re.sub(r".*<main[^>]*>|</main>.*", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def links(response):
    """Return the words that a page links to, with what the first such link says."""
    found = re.findall(r'href="/dictionary/([^"?]+)/"[^>]*>(.*?)</a>', response.content.decode())
    said = {}
    for word, text in found:
        said.setdefault(unquote(word), re.sub(r"<[^>]*>", "", text))
    return said
