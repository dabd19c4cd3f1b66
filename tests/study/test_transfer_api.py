"""Files over the API: its shapes, its refusals, and the same bytes out as in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from decks.formats.notes import Note
from decks.models import Deck
from study.imports import Import

WORDS = 'hanzi,pinyin,english\n水,shui3,"wa\nter"\n,,\n山,shān,mountain,high\n学生\n'
NO_TEXT = "This is no text file. A CSV file, or Pleco's flashcards as text or XML, can be read."
NOBODY = "01990000-0000-7000-8000-00000000dead"
HARD = [
    Note("学生", "學生", "xuésheng", 'says "hello", again', notes="two\r\nlines\nand one", tags=("food", "a::b")),
    Note("𠮷", "", "jí", "👩‍👩‍👧 \u200fwater\u202e", sentence=" spaces "),
    Note("看", "", "kàn", "=1+1", notes="'=1+1", sentence="'", sentence_translation="-1"),
]


@pytest.fixture
def own_deck(user):
    return Deck.objects.create(user=user, name="Mine")


@pytest.fixture
def send(as_user, own_deck):
    """Return a function that sends a file into a deck and returns the status and the answer."""

    def send(data, deck=None, **fields):
        file = SimpleUploadedFile("words.csv", data if isinstance(data, bytes) else data.encode())
        reply = as_user.post(f"/api/csv/import/{deck or own_deck.pk}", {"file": file} | fields)
        return reply.status_code, reply.json()

    return send


def content(reply):
    assert reply.status_code == 200
    return b"".join(reply.streaming_content)


def test_a_file_is_checked_without_being_taken(send, own_deck):
    status, answer = send(WORDS, validate_only="true")
    assert status == 200
    assert answer["errors"] == [
        {"line": 5, "message": "4 columns, where there should be 3: is a text without its quotes?"},
    ]
    assert [(card["line"], card["hanzi"], card["pinyin"]) for card in answer["validated_cards"]] == [
        (2, "水", "shuǐ"),
        (6, "学生", "xuésheng"),
    ]
    assert set(answer["validated_cards"][0]) == {
        *("line", "hanzi", "traditional", "pinyin", "english", "sentence", "sentence_pinyin"),
        *("sentence_translation", "notes", "tags"),
    }
    del answer["errors"], answer["validated_cards"]
    assert answer == {
        "success": True,
        "imported_count": 0,
        "task_id": None,
        "total_count": 3,
        "error_count": 1,
        "duplicate_count": 0,
    }
    assert (own_deck.cards.count(), Import.objects.count()) == (0, 0)


def test_a_file_is_taken_but_for_its_wrong_lines(send, own_deck):
    status, answer = send(WORDS)
    assert (status, answer["success"], answer["imported_count"], answer["error_count"]) == (200, True, 2, 1)
    assert [error["line"] for error in answer["errors"]] == [5]
    assert own_deck.cards.first().english == "wa\nter"
    status, answer = send(WORDS)
    assert (answer["imported_count"], answer["duplicate_count"]) == (0, 2)
    assert send(WORDS, duplicates="add")[1]["imported_count"] == 2


def test_a_file_of_wrong_lines_alone_is_no_success(send):
    status, answer = send("hanzi,english\n" + "字" * 101 + ",x\n")
    assert (status, answer["success"], answer["imported_count"], answer["error_count"]) == (200, False, 0, 1)


def test_an_export_goes_in_and_out_again_byte_by_byte(as_user, send, own_deck, user):
    own_deck.add(HARD)
    first = content(as_user.get(f"/api/csv/export/{own_deck.pk}"))
    assert not first.startswith(b"\xef\xbb\xbf")
    empty = Deck.objects.create(user=user, name="Empty")
    assert send(first, empty.pk)[1]["imported_count"] == len(HARD)
    assert content(as_user.get(f"/api/csv/export/{empty.pk}")) == first
    assert send(first, empty.pk)[1]["imported_count"] == 0
    assert content(as_user.get(f"/api/csv/export/{empty.pk}")) == first


def test_statistics_are_in_an_export_that_asks_for_them(as_user, user, deck, remember):
    remember(user, deck.cards.first())
    path = f"/api/csv/export/{deck.pk}"
    plain, counted = content(as_user.get(path)), content(as_user.get(f"{path}?include_stats=true"))
    assert counted.startswith(b"hanzi,traditional,pinyin,english,")
    assert b",chinese_to_english_state,chinese_to_english_due," in counted.split(b"\r\n")[0]
    assert b",review,2026-03-02T12:00:00+00:00,10,10.0000,5.0000,3,0," in counted.split(b"\r\n")[1]
    assert content(as_user.get(f"{path}?include_stats=false")) == plain


def test_all_own_decks_and_the_template_are_files(client, as_user, own_deck):
    own_deck.add(HARD[:1])
    reply = as_user.get("/api/csv/export/all", headers={"Accept": "text/csv"})
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert content(reply).split(b"\r\n")[1].startswith("Mine,学生,學生,".encode())
    client.logout()
    reply = client.get("/api/csv/template", headers={"Accept": "text/csv"})
    assert reply["Link"] == '<https://creativecommons.org/licenses/by-sa/4.0/>; rel="license"'
    assert content(reply).decode().startswith("hanzi,traditional,pinyin,english,")


def said(status, answer):
    assert set(answer) == {"detail", "error_code", "status_code"}
    assert answer["status_code"] == status
    return status, answer["detail"], answer["error_code"]


@pytest.mark.parametrize(
    ("data", "fields", "detail"),
    [
        (b"", {}, {"file": ["The file is empty."]}),
        (b"\0" * 999, {}, {"file": [NO_TEXT]}),
        (b"\x89PNG" + bytes(99), {"validate_only": "1"},
         {"file": [NO_TEXT]}),
        (b"x,y\n", {"duplicates": "burn"}, {"duplicates": ["One of skip, update, add."]}),
        (",".join("x" * 10_000).encode(), {}, {"file": ["Line 1: 10,000 columns: at most 100 can be read."]}),
        (b"<plecoflash><card>&x;", {}, {"file": ["Line 1: this is not XML as Pleco writes it."]}),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused(send, data, fields, detail):
    assert said(*send(data, **fields)) == (400, detail, "VALIDATION_ERROR")
    assert not Import.objects.exists()


def test_a_file_too_large_is_refused(send):
    status, detail, code = said(*send(b"x" * (20 * 2**20 + 1)))
    assert (status, code) == (413, "TOO_LARGE")
    assert detail == {"file": ["The file is larger than 20 MB: cut it in two."]}


def test_no_file_is_refused(as_user, own_deck):
    reply = as_user.post(f"/api/csv/import/{own_deck.pk}", {})
    assert said(reply.status_code, reply.json())[1] == {"file": ["Choose a file."]}
    reply = as_user.post(f"/api/csv/import/{own_deck.pk}", "{}", content_type="application/json")
    assert reply.status_code == 415
    reply = as_user.post(f"/api/csv/import/{own_deck.pk}", "nonsense", content_type="multipart/form-data; boundary=x")
    assert reply.status_code == 400


def test_a_long_file_is_a_task(as_user, send, own_deck, client, stranger):
    status, answer = send("hanzi,english\n" + "".join(f"字{at},x\n" for at in range(1200)))
    assert (status, answer["imported_count"], answer["total_count"]) == (202, 0, 1200)
    path = f"/api/tasks/{answer['task_id']}"
    task = {"id": answer["task_id"], "state": "ready", "progress": 0.0, "result": None, "error": None}
    assert as_user.get(path).json() == task
    Import.objects.update(state="running", done=300)
    assert as_user.get(path).json() == task | {"state": "running", "progress": 0.25}
    [queued] = DBTaskResult.objects.all()
    queued.task.call(*queued.args_kwargs["args"])
    over = as_user.get(path).json()
    assert (over["state"], over["progress"], over["error"]) == ("successful", 1.0, None)
    assert (over["result"]["imported_count"], over["result"]["deck_id"]) == (1200, str(own_deck.pk))
    assert own_deck.cards.count() == 1200
    client.force_login(stranger)
    assert said(404, client.get(path).json())[2] == "NOT_FOUND"
    client.logout()
    assert client.get(path).status_code == 403


def test_a_failed_or_stopped_task_says_so(as_user, send):
    path = f"/api/tasks/{send('水,water' + chr(10))[1]['task_id']}"
    Import.objects.update(state="failed", error="Why.")
    assert [as_user.get(path).json()[name] for name in ("state", "error")] == ["failed", "Why."]
    Import.objects.update(state="cancelled")
    assert [as_user.get(path).json()[name] for name in ("state", "error")] == [
        "failed",
        "It was stopped; nothing was imported.",
    ]
    assert as_user.get(f"/api/tasks/{NOBODY}").status_code == 404


def test_others_decks_are_not_there(as_user, client, send, deck, private_deck, own_deck, now):
    for other in (deck.pk, private_deck.pk, NOBODY):
        assert said(*send(WORDS, other))[::2] == (404, "NOT_FOUND")
    assert as_user.get(f"/api/csv/export/{deck.pk}").status_code == 200
    assert as_user.get(f"/api/csv/export/{private_deck.pk}").status_code == 404
    Deck.objects.filter(pk=own_deck.pk).update(deleted_at=now)
    assert send(WORDS)[0] == 404
    assert as_user.get(f"/api/csv/export/{own_deck.pk}").status_code == 404
    client.logout()
    for path in (f"export/{deck.pk}", "export/all"):
        assert client.get(f"/api/csv/{path}").status_code == 403
    assert client.post(f"/api/csv/import/{own_deck.pk}").status_code == 403
