"""The dictionary, open to everybody: a word's entry, the way to it, and how a character is drawn."""

import gzip
import re
import sys
import unicodedata
from hashlib import blake2b
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import HanziFont, HskStandard, Script, StrokeLeniency
from decks.audio import is_ambiguous, sounds_of
from decks.dictionary import STANDARDS, Reference, open_dictionary, parse_sense, search
from decks.dictionary.pinyin import marks, spelling, toned
from decks.dictionary.words import FULL_FORMS
from decks.dictionary_forms import AddForm
from decks.models import DeckFull

DAY = 24 * 60 * 60
RESULTS = 30
MOST_PAGES = 20
SENTENCES = 5
SHARING = 10
CONTAINING = 12
EXAMPLES = (
    ("学生", "hanzi, simplified or traditional"),
    ("beijing", "pinyin as you type it, with tones or without"),
    ("bei3 jing1", "pinyin with the numbers of tones"),
    ("to run", "English, in any form"),
    ("学*", "words that begin with 学"),
    ("?学", "words of two characters that end in 学"),
    ("xue*", "words whose pinyin begins with xue"),
)
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
    """Lead to the entry that is meant, else list what the query finds; while it is typed, with the list alone."""
    query = search.normal(request.GET.get("q", ""))
    typing = "HX-Request" in request.headers
    listed = typing or "list" in request.GET
    if not listed and has_entry(query):
        return redirect("entry", query)
    if not listed and query and (meant := open_ours().meant(query)):
        return redirect("entry", meant.simplified)
    page = page_number(request.GET.get("page", ""))
    found = open_ours().search(query, page * RESULTS + 1) if query else []
    part = "#rows" if page > 1 else "#found"
    context = results(request.user, query, found, page) | {"typing": typing, "examples": EXAMPLES}
    response = render(request, "decks/dictionary.html" + (part if typing else ""), context)
    if typing and page == 1:
        response["HX-Replace-Url"] = address(query)
    patch_vary_headers(response, ["HX-Request"])
    return response


def page_number(text):
    """Return the page of results that is asked for, 1 for what is none."""
    return min(int(text), MOST_PAGES) if re.fullmatch("[1-9][0-9]{0,3}", text) else 1


def address(query, **more):
    """Return the address of the list of what a query finds, even if it means one word."""
    parameters = {"q": query, "list": 1} | more if query else {}
    return reverse("dictionary") + ("?" + urlencode(parameters) if parameters else "")


def results(user, query, found, page=1):
    """Return what a page of a query's words shows."""
    shown = found[(page - 1) * RESULTS : page * RESULTS]
    wanted = search.sound(query)
    readings = [as_read(word, wanted) for word in shown]
    words = [(forms(word, user), toned(each.pinyin), each.english) for word, each in zip(shown, readings, strict=True)]
    more = len(found) > page * RESULTS
    return {
        "query": query,
        "words": words,
        "page": page,
        "more": more,
        "next": address(query, page=page + 1) if more and page < MOST_PAGES else None,
        "nearby": [(each, address(each)) for each in open_ours().nearby(query)] if query and not found else [],
        "kai": in_kai(user),
    }


# A word


def as_read(word, wanted):
    """Return the reading of a word that a query in pinyin asks for, else the first."""
    asked = (each for each in word.readings if wanted and wanted.spelling.fullmatch(spelling(each.pinyin_numbers)))
    return next(asked, word.readings[0])


@require_safe
def entry(request, word):
    """Answer with the entry of a word, traditional or simplified; with its core alone for a dialog."""
    part = "HX-Request" in request.headers or request.GET.get("part") == "1"
    if found := open_ours().lookup(word):
        return entry_page(request, word, found, part)
    query = search.normal(word)
    context = {"unknown": word, "part": part} | results(request.user, query, open_ours().search(query, RESULTS + 1))
    response = render(request, "decks/dictionary.html" + ("#unknown" if part else ""), context, status=404)
    patch_vary_headers(response, ["HX-Request"])
    return response


def entry_page(request, asked, word, part=False, form=None):
    """Answer with a word's entry; 400 if its form to add it to a deck has errors."""
    user = request.user
    context = {"part": part} | core(user, asked, word)
    if not part:
        form = form or (user.is_authenticated and AddForm(user=user, word=word)) or None
        context |= around(user, asked, word) | {"form": form, "signed_in": user.is_authenticated}
    status = 400 if form and form.errors else 200
    response = render(request, "decks/entry.html" + ("#core" if part else ""), context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request, word):
    """Put a word in one of its readings into a deck of the learner's; whoever comes from the log-in sees the entry."""
    found = open_ours().lookup(word)
    if found is None:
        raise Http404
    if request.method != "POST":
        return redirect("entry", word)
    form = AddForm(request.POST, user=request.user, word=found)
    if form.has_error("deck", "invalid_choice"):  # a deck that isn't there, or isn't theirs
        raise Http404
    if not form.is_valid():
        return entry_page(request, word, found, form=form)
    try:
        told, added = form.save(), messages.success
    except DeckFull as full:
        told, added = str(full), messages.error
    added(request, told)
    return redirect("entry", word)


def core(user, asked, word):
    """Return what a word is: how it is written, read and meant, who has to know it and how frequent it is."""
    readings = as_asked(asked, word)
    return {
        "word": word,
        "forms": forms(word, user, asked),
        "readings": [told(word, reading) for reading in readings],
        "is_ambiguous": is_ambiguous(word.simplified),
        "several_forms": len({reading.traditional for reading in readings}) > 1,
        "levels": levels(user, word),
        "frequent": next((band for band in FREQUENT if word.rank and word.rank <= band), None),
        "kai": in_kai(user),
    }


def told(word, reading):
    """Return a reading with its syllables and their tones, its senses, its measure words and its recordings."""
    measured, heard = linked(reading.measure_words), sounds_of(word.simplified, reading.pinyin_numbers)
    return reading, toned(reading.pinyin), senses(reading), measured, heard


def around(user, asked, word):
    """Return what an entry tells beside its core: the word's characters, and how it is used."""
    _, shown = forms(word, user, asked)[0]
    characters = [found for each in dict.fromkeys(shown) if (found := open_ours().character(each))]
    sentences = open_ours().sentences(word.simplified, limit=SENTENCES)
    traditional = shown != word.simplified or getattr(user, "script", None) == Script.TRADITIONAL
    containing = open_ours().containing(word.simplified, CONTAINING)
    return {
        "homographs": [each for each in open_ours().homographs(asked) if each.simplified != word.simplified],
        "sharing": sharing(characters, traditional),
        "containing": results(user, "", containing)["words"],
        "all_containing": address(f"*{shown}*"),
        "characters": [(each, definition(each), parts(each)) for each in characters],
        "can_be_drawn": any(each.drawing for each in characters),
        "leniency": getattr(user, "stroke_leniency", StrokeLeniency.NORMAL),
        "sentences": [(each, pieces(each.chinese, word.simplified)) for each in sentences],
    }


def sharing(characters, traditional):
    """Return each part of some characters with other characters that have it, the most frequent first."""
    own = [character.character for character in characters]
    named = dict.fromkeys(part for character in characters for part in parts(character))
    if len(own) == 1:
        named |= dict.fromkeys(own)  # it may be a part of others itself
    found = []
    for part in named:
        others = open_ours().sharing(part, traditional=traditional, limit=SHARING + len(own))
        if others := [each for each in others if each not in own and each != part][:SHARING]:
            found.append((part, others))
    return found


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
