import time

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from decks import audio
from tests.decks.sounds import M4A, OGG, OPUS, WEBM, make_pack, mp3

KEPT = "public, max-age=31536000, immutable"


@pytest.fixture
def load(settings, tmp_path, monkeypatch):
    """Return a function that loads a pack of these words and syllables, and returns what each address says."""
    settings.AUDIO_PATH = tmp_path / "audio"
    monkeypatch.setattr(audio, "LOOK_AGAIN_AFTER", 0)

    def load(syllabs=(), words=()):
        pack = make_pack(
            tmp_path / "pack",
            syllabs={f"{each}.mp3": mp3(tag=each.encode()) for each in syllabs},
            words={f"{each}.mp3": mp3(tag=each.encode()) for each in words},
        )
        call_command("load_audio", pack, verbosity=0)
        loaded = audio.pack()
        return {f"/audio/{name}": each for each, name in [*loaded.words.items(), *loaded.syllables.items()]}

    return load


@pytest.mark.parametrize(
    ("hanzi", "numbers", "heard"),
    [
        ("学生", "xue2 sheng5", ["学生"]),
        ("老师", "lao3 shi1", []),  # both of its syllables are there
        ("长", "chang2", ["chang2"]),
        ("长", "zhang3", ["zhang3"]),
        ("长", "Zhang3", ["zhang3"]),
        ("绿", "lu:4", ["lü4"]),
        ("绿", "lv4", ["lü4"]),
        ("略", "lu:e4", ["lüe4"]),
        ("的", "de5", ["的"]),  # there is no syllable, and de is how it is read first
        ("的", "di4", []),
        ("水", "shui3", ["水"]),
        ("水", "", ["水"]),
        ("得", "de5", ["得"]),
        ("得", "dei3", []),
        ("哪儿", "na3 r5", ["哪儿"]),
        ("玩", "wan2", []),  # the recording of 玩儿 is another word
        ("花", "hua1 r5", []),
        ("儿", "r5", []),
        ("儿", "er2", ["er2"]),
        ("\u7701", "sheng3", ["省"]),
        ("\uf96d", "sheng3", ["省"]),  # the same character for compatibility with Korean
        ("", "", []),
        ("猫", "mao1", []),
        ("行", "xing2/hang2", []),
    ],
)
def test_a_word_is_heard_by_its_own_recording_and_a_character_by_its_reading(load, hanzi, numbers, heard):
    names = load(
        syllabs=["chang2", "zhang3", "lv4", "lve4", "lao3", "shi1", "er2", "hua1"],
        words=["学生", "长", "的", "得", "水", "哪儿", "玩儿", "儿", "花", "省", "行"],
    )
    assert [names[url] for url in audio.sounds_of(hanzi, numbers)] == heard


def test_without_a_pack_nothing_is_heard_and_nothing_read(settings, tmp_path):
    settings.AUDIO_PATH = tmp_path / "audio"
    assert audio.sounds_of("学生", "xue2 sheng5") == []
    start = time.perf_counter()
    for _ in range(1000):
        audio.sounds_of("学生", "xue2 sheng5")
    assert time.perf_counter() - start < 0.5


def test_a_running_process_takes_a_new_pack_by_itself(load, settings, monkeypatch):
    monkeypatch.setattr(audio, "LOOK_AGAIN_AFTER", 60)
    assert audio.sounds_of("学生", "") == []
    load(words=["学生"])
    assert audio.sounds_of("学生", "") == []  # it looks again within the minute
    monkeypatch.setattr(audio, "LOOK_AGAIN_AFTER", 0)
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert len(audio.sounds_of("学生", "")) == 1
    call_command("load_audio", "--remove", verbosity=0)
    assert audio.sounds_of("学生", "") == []


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"words": {}, "more": 1}', b"\xff"])
def test_an_index_that_cannot_be_read_is_no_pack_and_is_logged(load, settings, caplog, content):
    load(words=["学生"])
    (settings.AUDIO_PATH / "index.json").write_bytes(content)
    assert audio.sounds_of("学生", "") == []
    assert "run `manage.py load_audio` again" in caplog.text


def test_a_character_with_several_readings_is_ambiguous():
    assert [audio.is_ambiguous(hanzi) for hanzi in ["长", "水", "学生", "", "狗"]] == [True, False, False, False, False]


@pytest.fixture
def get(client):
    """Return a function that asks for an address and returns the answer, read to its end."""

    def get(url, method="get", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = getattr(client, method)(url, headers=named)
        response.body = response.getvalue()
        return response

    return get


@pytest.fixture
def recording(load, settings):
    """The address of a recording, and its content."""
    [url] = load(words=["学生"])
    return url, (settings.AUDIO_PATH / url.rpartition("/")[2]).read_bytes()


def test_a_recording_is_served_whole_and_kept_for_ever(get, recording):
    url, content = recording
    response = get(url)
    assert (response.status_code, response.body) == (200, content)
    assert response["Content-Type"] == "audio/mpeg"
    assert response["Content-Length"] == str(len(content)) == "1056"
    assert response["Cache-Control"] == KEPT
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{url[7:39]}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Vary" not in response


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-1", 0, 1),
        ("bytes=10-", 10, 1055),
        ("bytes=0-", 0, 1055),
        ("bytes=-6", 1050, 1055),
        ("bytes=-9999", 0, 1055),
        ("bytes=1055-1055", 1055, 1055),
        ("bytes=1000-99999999999999999999999", 1000, 1055),
        ("Bytes = 3-4 ", 3, 4),
    ],
)
def test_a_range_is_answered_by_its_part(get, recording, asked, first, last):
    url, content = recording
    response = get(url, range=asked)
    assert (response.status_code, response.body) == (206, content[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/1056"
    assert response["Content-Length"] == str(last - first + 1)
    assert response["Content-Type"] == "audio/mpeg"
    assert response["Cache-Control"] == KEPT


@pytest.mark.parametrize(
    "asked",
    [
        *("bytes=1056-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes="),
        *("bytes=a-b", "bytes=1", "bytes=1--2", "bytes=٣-"),
        f"bytes={'9' * 5000}-",
    ],
)
def test_a_range_that_the_file_does_not_have_is_refused_with_its_size(get, recording, asked):
    url, _ = recording
    response = get(url, range=asked)
    assert (response.status_code, response.body) == (416, b"")
    assert response["Content-Range"] == "bytes */1056"
    assert "Cache-Control" not in response


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "nonsense"])
def test_several_ranges_or_another_unit_get_the_whole(get, recording, asked):
    url, content = recording
    response = get(url, range=asked)
    assert (response.status_code, response.body) == (200, content)


def test_a_head_request_tells_the_size_whatever_its_range(get, recording):
    url, _ = recording
    response = get(url, "head", range="bytes=0-1")
    assert (response.status_code, response["Content-Length"], response.body) == (200, "1056", b"")


@pytest.mark.parametrize("known", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
def test_who_has_it_gets_304(get, recording, known):
    url, _ = recording
    for range_ in ({}, {"range": "bytes=0-1"}, {"range": "bytes=9999-"}):
        response = get(url, if_none_match=known.format(url[7:39]), **range_)
        assert (response.status_code, response.body) == (304, b"")
        assert (response["ETag"], response["Cache-Control"]) == (f'"{url[7:39]}"', KEPT)


def test_a_part_is_sent_only_of_the_file_that_if_range_names(get, recording):
    url, content = recording
    etag = f'"{url[7:39]}"'
    for named, status in [(etag, 206), ('"other"', 200), (f"W/{etag}", 200), ("Mon, 02 Mar 2026 12:00:00 GMT", 200)]:
        response = get(url, range="bytes=0-1", if_range=named)
        assert (response.status_code, len(response.body)) == (status, {206: 2, 200: len(content)}[status])


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("学.m4a", M4A, "audio/mp4"),
        ("学.ogg", OGG, "audio/ogg"),
        ("学.opus", OPUS, "audio/ogg"),
        ("学.webm", WEBM, "audio/webm"),
    ],
)
def test_each_kind_has_its_type(get, load, tmp_path, name, content, content_type):
    call_command("load_audio", make_pack(tmp_path / "other", words={name: content}), verbosity=0)
    [url] = audio.sounds_of("学", "xue2")
    assert get(url)["Content-Type"] == content_type


@pytest.mark.parametrize(
    "path",
    [
        f"/audio/{'0' * 32}.mp3",
        "/audio/index.json",
        "/audio/.lock",
        "/audio/",
        "/audio/../audio/index.json",
        "/audio/%2e%2e/%2e%2e/manage.py",
        "/audio/..%2f..%2fmanage.py",
        f"/audio/{'0' * 31}g.mp3",
        f"/audio/{'A' * 32}.mp3",
        f"/audio/{'0' * 32}.mp3/",
        f"/audio/{'0' * 32}.exe",
    ],
)
def test_what_is_no_recording_is_not_found(client, recording, db, path):
    assert client.get(path).status_code == 404


def test_a_name_with_a_line_break_is_not_found(client, recording, db):
    url, _ = recording
    assert client.get(f"{url}%0A").status_code == 404


def test_that_a_recording_is_missing_is_not_kept(client, recording):
    assert client.get(f"/audio/{'0' * 32}.mp3")["Cache-Control"] == "no-store"


def test_a_recording_is_only_read(client, recording):
    url, _ = recording
    assert client.post(url).status_code == 405


def test_a_learner_who_is_logged_in_costs_no_query(client, get, recording, user, stranger):
    url, _ = recording
    for learner in (user, stranger):
        client.force_login(learner)
        with CaptureQueriesContext(connection) as queries:
            response = get(url)
        assert (response.status_code, len(queries)) == (200, 0)
        assert "Vary" not in response
        assert not response.cookies


def test_the_credits_name_whose_recordings_they_are(client, load, tmp_path, db):
    assert "Recordings" not in client.get("/credits/").text
    pack = make_pack(tmp_path / "pack", words={"学生.mp3": mp3()})
    (pack / "credits.txt").write_text("Yue <b>Tan</b>, CC BY-SA 4.0\nhttps://example.com/pack")
    call_command("load_audio", pack, verbosity=0)
    page = client.get("/credits/").text
    assert "Yue &lt;b&gt;Tan&lt;/b&gt;, CC BY-SA 4.0<br>" in page
    assert '<a href="https://example.com/pack" rel="nofollow">' in page


def test_pages_may_play_what_comes_from_our_own_origin_alone():
    assert django_settings.SECURE_CSP["media-src"] == ["'self'"]
