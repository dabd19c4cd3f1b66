import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation

from flashcards.npm import PACKAGES, NpmFinder

MODULES = settings.BASE_DIR / "node_modules"


@pytest.fixture(scope="module")
def found():
    """What is published, as a mapping from the address to the file."""
    return {f"{storage.prefix}/{path}": storage.path(path) for path, storage in NpmFinder().list([])}


def test_what_a_package_has_for_us_is_published_under_its_name(found):
    assert found["vendor/pico/pico.min.css"] == str(MODULES / "@picocss/pico/css/pico.min.css")
    assert found["vendor/htmx/htmx.min.js"] == str(MODULES / "htmx.org/dist/htmx.min.js")
    assert {path.split("/")[1] for path in found} == set(PACKAGES)


def test_every_pattern_finds_a_file(found):
    for name, (folder, patterns) in PACKAGES.items():
        for pattern in patterns:
            files = {str(path.relative_to(MODULES / folder)) for path in (MODULES / folder).glob(pattern)}
            assert files
            assert {f"vendor/{name}/{file}" for file in files} <= found.keys()


def test_nothing_else_is_published(found):
    kinds = [r"[\w-]+/[\w.-]+\.(min\.)?(css|js|js\.map)", r"[\w-]+/files/[\w.-]+\.woff2"]
    assert [path for path in found if not any(re.fullmatch(f"vendor/{kind}", path) for kind in kinds)] == []


def test_each_font_that_a_style_sheet_asks_for_is_published(found):
    for address, file in found.items():
        if address.endswith(".css"):
            folder = address.rsplit("/", 1)[0]
            with open(file, encoding="utf-8") as css:
                fonts = re.findall(r"url\([\"']?\./(files/[^)\"']+\.woff2)", css.read())
            assert {f"{folder}/{font}" for font in fonts} <= found.keys()


def test_a_request_finds_what_is_published(found):
    for address in ("vendor/pico/pico.min.css", "vendor/htmx/htmx.min.js"):
        assert finders.find(address) == found[address]


@pytest.mark.parametrize(
    "path",
    [
        "vendor/pico/pico.css",
        "vendor/htmx/htmx.js",
        "vendor/htmx/package.json",
        "vendor/noto-sans-sc/package.json",
        "vendor/pico",
        "vendor/",
        "pico.min.css",
        "htmx.org/dist/htmx.min.js",
        "vendor/hanzi/lib/data/cedict_ts.u8.js",
        "vendor/unknown/index.css",
    ],
)
def test_nothing_else_of_the_packages_can_be_reached(path):
    assert NpmFinder().find(path) == []


def test_no_way_leads_out_of_a_package(found):
    font = next(path for path in found if path.startswith("vendor/noto-sans-tc/files/"))
    way = font.replace("vendor/noto-sans-tc/files", "vendor/noto-sans-sc/files/../../noto-sans-tc/files")
    assert (MODULES / "@fontsource-variable" / way.removeprefix("vendor/")).exists()
    with pytest.raises(SuspiciousFileOperation):
        NpmFinder().find(way)
