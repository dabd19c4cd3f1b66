"""The dictionary, open to everybody: a word's entry, the way to it, and how a character is drawn."""

import gzip
import re
import sys
import unicodedata
from hashlib import blake2b

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import HanziFont, HskStandard, Script, StrokeLeniency
from decks.dictionary import STANDARDS, Reference, open_dictionary, parse_sense
from decks.dictionary.pinyin import marks, toned

# What stands for the short forms of some radicals; hardly a font has these.
FULL_FORMS = dict(zip("⺮⺙⻊⺈⺌⺍⺊⺁⺺⺧⺀", "竹攵足刀小小卜厂聿牛冫", strict=True))
DAY = 24 * 60 * 60
RESULTS = 30
SENTENCES = 5
FREQUENT = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
_CODE_POINT = re.compile(r"[1-9a-f][0-9a-f]{3,5}")
_ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
_BARE_PINYIN = re.compile(r"\[([^\[\]]*[1-5])\]")
_FIRST_BLOCK = re.compile(r"[\u4e00-\u9fa5]")
_IS_RADICAL = re.compile(r"Kangxi radical \d+")


def open_ours():
    """Return the dictionary of this site."""
    return open_dictionary(settings.DICTIONARY_PATH)


# The way to a word


@require_safe
def look_up(request):
    """Lead to the entry that is meant, else list what the query finds."""
    query = " ".join(request.GET.get("q", "").replace("\0", " ").split())
    if has_entry(query):
        return redirect("entry", query)
    found = open_ours().search(query, RESULTS + 1)
    if len(found) == 1:
        return redirect("entry", found[0].simplified)
    return render(request, "decks/dictionary.html", results(request.user, query, found))


def results(user, query, found):
    """Return what the page of a query shows."""
    words = [(forms(word, user), toned(word.readings[0].pinyin), word.readings[0].english) for word in found[:RESULTS]]
    return {"query": query, "words": words, "more": len(found) > RESULTS, "kai": in_kai(user)}


# A word


@require_safe
def entry(request, word):
    """Answer with the entry of a word, traditional or simplified; with its core alone for a dialog."""
    part = "HX-Request" in request.headers or request.GET.get("part") == "1"
    if found := open_ours().lookup(word):
        context = core(request.user, word, found) | ({} if part else around(request.user, word, found))
        template, status = "decks/entry.html" + ("#core" if part else ""), 200
    else:
        context = {"unknown": word} | results(request.user, word, open_ours().search(word, RESULTS + 1))
        template, status = "decks/dictionary.html" + ("#unknown" if part else ""), 404
    response = render(request, template, {"part": part, **context}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def core(user, asked, word):
    """Return what a word is: how it is written, read and meant, who has to know it and how frequent it is."""
    readings = as_asked(asked, word)
    return {
        "word": word,
        "forms": forms(word, user, asked),
        "readings": [(each, toned(each.pinyin), senses(each), linked(each.measure_words)) for each in readings],
        "several_forms": len({reading.traditional for reading in readings}) > 1,
        "levels": levels(user, word),
        "frequent": next((band for band in FREQUENT if word.rank and word.rank <= band), None),
        "kai": in_kai(user),
    }


def around(user, asked, word):
    """Return what an entry tells beside its core: the word's characters, and how it is used."""
    _, shown = forms(word, user, asked)[0]
    characters = [found for each in dict.fromkeys(shown) if (found := open_ours().character(each))]
    sentences = open_ours().sentences(word.simplified, limit=SENTENCES)
    return {
        "characters": [(each, definition(each), parts(each)) for each in characters],
        "can_be_drawn": any(each.drawing for each in characters),
        "leniency": getattr(user, "stroke_leniency", StrokeLeniency.NORMAL),
        "sentences": [(each, pieces(each.chinese, word.simplified)) for each in sentences],
    }


def as_asked(asked, word):
    """Return a word's readings, those first that are written as asked: of 髮, fà before fā."""
    return sorted(word.readings, key=lambda reading: asked not in (word.simplified, reading.traditional))


def forms(word, user, asked=""):
    """Return the language and text of each form of a word, the one first that was asked for, else the learner's."""
    simplified, traditional = ("zh-Hans", word.simplified), ("zh-Hant", as_asked(asked, word)[0].traditional)
    if simplified[1] == traditional[1]:
        return [simplified]
    traditional_first = asked == traditional[1] or getattr(user, "script", None) == Script.TRADITIONAL
    return [traditional, simplified] if traditional_first else [simplified, traditional]


def in_kai(user):
    """Return whether a learner wants hanzi as a brush writes them."""
    return getattr(user, "hanzi_font", None) == HanziFont.KAI


def levels(user, word):
    """Return each standard that lists a word with its level, the learner's own standard first."""
    own = getattr(user, "hsk_standard", STANDARDS[0])
    standards = sorted(STANDARDS, key=lambda standard: standard != own)
    return [(HskStandard(each).label, word.hsk[each]) for each in standards if word.hsk[each]]


def senses(reading):
    """Return each sense of a reading as pieces: a text, or another word and whether it has an entry."""
    return [
        [
            linked([piece])[0] if isinstance(piece, Reference) else (with_marks(piece), None)
            for piece in parse_sense(each)
        ]
        for each in reading.senses
    ]


def linked(references):
    """Return other words, each with whether it has an entry; those in examples often have none."""
    return [(each, has_entry(each.simplified)) for each in references]


def with_marks(text):
    """Return a text of CC-CEDICT with pinyin as `[zhang4]` in marks."""
    return _BARE_PINYIN.sub(lambda found: marks(found[1]), text)


def definition(character):
    """Return what Unihan says a character means; its radical is told beside it."""
    said = [each for each in character.definition.split("; ") if not _IS_RADICAL.fullmatch(each)]
    return "; ".join(said)


def parts(character):
    """Return the parts of a character that have an entry; those beyond Unicode's first block hardly a font has."""
    named = dict.fromkeys(FULL_FORMS.get(each, each) for each in character.parts)
    return [each for each in named if _FIRST_BLOCK.fullmatch(each) and each != character.character and has_entry(each)]


def has_entry(word):
    """Return whether the dictionary has a word."""
    return open_ours().lookup(word) is not None


def pieces(sentence, word):
    """Return a sentence word by word, each with whether it is the entry's own and whether it has an entry."""
    words = open_ours().segment(sentence)
    if word not in words:  # the sentence was cut otherwise when it was chosen
        words = re.split(f"({re.escape(word)})", sentence)
    return [(each, each == word, has_entry(each)) for each in words if each]


# A character's strokes


@require_safe
def strokes(request, code):
    """Answer with the drawing of the character of a code point, in hanzi-writer's form.

    The address is the same for every edition of the dictionary, so that nobody has to know the edition to ask: a copy
    serves for a day, and is asked about by its ETag after that.
    """
    drawing = drawing_of(code)
    if drawing is None:
        detail = "There is no drawing of this character."
        return JsonResponse({"detail": detail, "error_code": "NOT_FOUND", "status_code": 404}, status=404)
    # A weak one: it is the same drawing, packed or not.
    etag = f'W/"{blake2b(drawing, digest_size=12).hexdigest()}"'
    packed = _ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", ""))
    headers = {"ETag": etag} | ({"Content-Encoding": "gzip"} if packed else {})
    response = HttpResponse(
        drawing if packed else gzip.decompress(drawing), content_type="application/json", headers=headers
    )
    patch_cache_control(response, public=True, max_age=DAY)
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=etag, response=response)


def drawing_of(code):
    """Return the packed drawing of the character of a code point in lower-case hexadecimal, None if there is none."""
    number = int(code, 16) if _CODE_POINT.fullmatch(code) else 0
    if number > sys.maxunicode or unicodedata.category(chr(number)) == "Cs":  # half of a surrogate pair is no text
        return None
    found = open_ours().character(chr(number))
    return found.drawing if found else None
