"""What makes the site an app on a device: manifest, service worker, the page that needs no network."""

import json
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.csp import CSP

from flashcards import pwa
from study.models import StudySession

MANIFEST, WORKER, OFFLINE = "/manifest.webmanifest", "/sw.js", "/offline/"
HASHED = "flashcards.storage.StaticStorage"


@pytest.fixture
def hashed(settings, tmp_path):
    """Static files under their hashed names, as a server has them."""
    names = [*pwa.ASSETS, *(name for name, *_ in pwa.ICONS)]
    paths = {name: name.replace(".", f".{number:012x}.", 1) for number, name in enumerate(names)}
    (tmp_path / "staticfiles.json").write_text(json.dumps({"version": "1.1", "paths": paths, "hash": "x"}))
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": HASHED}}
    return {name: settings.STATIC_URL + path for name, path in paths.items()}


def listed(client):
    """Return the assets and the version that the service worker names."""
    script = client.get(WORKER).content.decode()
    return json.loads(re.search(r"const ASSETS = (\[.*\]);", script)[1]), re.search(r'VERSION = "(\w+)"', script)[1]


class TestManifest:
    def test_browsers_may_install_the_site(self, client, db):
        response = client.get(MANIFEST)
        assert (response.status_code, response["Content-Type"]) == (200, "application/manifest+json")
        assert response["Cache-Control"] == "max-age=3600"
        about = response.json()
        wanted = {name: about[name] for name in ("id", "name", "short_name", "start_url", "scope", "display", "lang")}
        assert wanted == {
            "id": "/",
            "name": "Chinese Flashcards",
            "short_name": "Flashcards",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "lang": "en",
        }
        assert [each["url"] for each in about["shortcuts"]] == ["/study/"]

    def test_it_has_the_icons_that_browsers_ask_for(self, client, db, hashed):
        icons = client.get(MANIFEST).json()["icons"]
        assert {(each["sizes"], each["purpose"]) for each in icons} == {
            ("192x192", "any"),
            ("512x512", "any"),
            ("512x512", "maskable"),
        }
        assert [each["src"] for each in icons] == [hashed[name] for name, *_ in pwa.ICONS]

    @pytest.mark.parametrize(("name", "size", "purpose"), pwa.ICONS)
    def test_each_icon_is_a_picture_of_its_size(self, name, size, purpose):
        with open(finders.find(name), "rb") as file:
            head = file.read(24)
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = (int.from_bytes(head[start : start + 4]) for start in (16, 20))
        assert f"{width}x{height}" == size

    def test_each_page_names_it(self, client, db):
        assert f'<link rel="manifest" href="{MANIFEST}">' in client.get("/").content.decode()


class TestServiceWorker:
    def test_it_may_serve_the_whole_site_and_is_asked_for_anew(self, client, db):
        response = client.get(WORKER)
        assert (response.status_code, response["Content-Type"]) == (200, "text/javascript")
        assert response["Cache-Control"] == "no-cache"
        assert not response.cookies

    @pytest.mark.parametrize("name", pwa.ASSETS)
    def test_each_asset_exists(self, name):
        assert finders.find(name)

    def test_each_asset_is_listed_under_its_hashed_name(self, client, db, hashed):
        assets, _ = listed(client)
        assert assets == [hashed[name] for name in pwa.ASSETS]
        assert len(set(assets)) == len(assets)

    def test_it_lists_every_script_that_the_study_page_loads(self):
        """One that is missing here is missing without a network."""
        wanted, known = ["js/study.js", "js/app.js", "js/offline.js"], set()
        while wanted:
            known.add(name := wanted.pop())
            with open(finders.find(name)) as file:
                imported = re.findall(r'(?:from|import|import\()\s*"\./(\w+\.js)"', file.read())
            wanted += [each for each in (f"js/{one}" for one in imported) if each not in known]
        assert known == {name for name in pwa.ASSETS if name.startswith("js/")}

    def test_it_lists_every_file_that_its_pages_name(self, client, user, deck, now):
        client.force_login(user)
        session = StudySession.start(user, deck, None, now)
        pages = [client.get(f"/study/session/{session.pk}/"), client.get(OFFLINE)]
        named = {name for each in pages for name in re.findall(r'"(/static/[^"]+)"', each.content.decode())}
        # The last is for whoever puts the site on their home screen.
        assert named - {static(name) for name in pwa.ASSETS} == {static("img/apple-touch-icon.png")}

    def test_it_changes_with_its_version_when_a_file_does(self, client, db, hashed, settings):
        before, version = listed(client)
        assert listed(client) == (before, version)
        kept = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())
        kept["paths"]["js/queue.js"] = "js/queue.0123456789ab.js"
        (settings.STATIC_ROOT / "staticfiles.json").write_text(json.dumps(kept))
        settings.STORAGES = {**settings.STORAGES}  # as a server that starts anew
        after, newer = listed(client)
        assert "/static/js/queue.0123456789ab.js" in after
        assert len(set(before) ^ set(after)) == 2
        assert version != newer

    def test_it_is_the_same_for_everybody(self, client, user):
        before = client.get(WORKER).content
        client.force_login(user)
        assert client.get(WORKER).content == before

    def test_it_keeps_the_offline_page(self, client, db):
        assert f'const OFFLINE = "{OFFLINE}";' in client.get(WORKER).content.decode()


class TestOfflinePage:
    def test_it_says_what_is_so(self, client, db):
        response = client.get(OFFLINE)
        assert (response.status_code, response["Cache-Control"]) == (200, "no-cache")
        assert "<h1>You are offline</h1>" in response.content.decode()

    def test_it_is_the_same_for_everybody_and_asks_for_nobody(self, client, user, django_assert_num_queries):
        before = client.get(OFFLINE)
        user.hanzi_font, user.tone_colours = "kai", "hanping"
        user.save()
        client.force_login(user)
        with django_assert_num_queries(0):
            after = client.get(OFFLINE)
        assert after.content == before.content
        assert "data-user" not in after.content.decode()
        assert not after.cookies
        assert "Log in" not in after.content.decode()

    def test_it_needs_nothing_of_a_request(self):
        assert "csrfmiddlewaretoken" not in get_template("offline.html").render({})


@pytest.mark.parametrize("address", [MANIFEST, WORKER, OFFLINE])
def test_they_are_only_read_and_ask_the_database_nothing(client, db, django_assert_num_queries, address):
    with django_assert_num_queries(0):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405


def test_the_policy_lets_a_service_worker_and_a_manifest_be():
    policy = settings.SECURE_CSP
    assert policy.get("worker-src", policy["script-src"]) == [CSP.SELF]
    assert policy["manifest-src"] == [CSP.SELF]
