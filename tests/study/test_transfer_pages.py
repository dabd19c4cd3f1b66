"""The pages of files: who may, what is shown before anything is saved, what is told of it, and what it costs."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from decks.formats.notes import Note
from decks.models import Deck, Visibility
from study.imports import Import, ImportState
from tests.study.pages import main_of, page

UUID = "01990000-0000-7000-8000-00000000dead"
WORDS = "hanzi,pinyin,english,tags\n水,shuǐ,water,drink\n山,shān,mountain,\n,,,x\n"


@pytest.fixture
def own_deck(user):
    return Deck.objects.create(user=user, name="Mine")


def file(text, name="words.csv"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def send(as_user):
    """Return a function that sends a file to a page and returns the answer."""
    return lambda path, text, **fields: as_user.post(path, {"file": file(text)} | fields)


@pytest.fixture
def begun(send, own_deck):
    """A file on its way into the learner's deck, and its address."""
    reply = send(reverse("deck-import", args=[own_deck.pk]), WORDS)
    assert reply.status_code == 302
    return Import.objects.get(), reply.url


def choices(begun, **changed):
    """Return what the preview's form sends."""
    columns = {f"column_{at}": target for at, target in enumerate(begun.columns)}
    flags = {name: "on" for name in ("header", "gaps", "progress") if getattr(begun, name)}
    sent = columns | flags | {"duplicates": begun.duplicates} | changed
    return {name: value for name, value in sent.items() if value is not None}


def test_a_file_is_looked_at_before_anything_is_saved(as_user, begun, own_deck, django_assert_num_queries):
    _, url = begun
    with django_assert_num_queries(4):
        text = page(as_user.get(url))
    assert text.startswith("2 cards from words.csv into Mine 2 of 3 lines can be taken; 1 left out .")
    assert "CSV, UTF-8, between commas." in text
    assert "2 水 shuǐ water" in text
    assert "4 Left out: Hanzi: Write the word in hanzi, or at least what it means in English." in text
    assert "Import 2 cards" in text
    assert own_deck.cards.count() == 0


def test_the_cards_are_taken_and_told_in_numbers(as_user, begun, own_deck):
    found, url = begun
    reply = as_user.post(url, choices(found, take="1"), follow=True)
    assert reply.redirect_chain == [(own_deck.get_absolute_url(), 302)]
    assert "2 cards added, 1 line left out." in page(reply)
    assert [(card.hanzi, card.tags) for card in own_deck.cards.all()] == [("水", ["drink"]), ("山", [])]
    assert as_user.post(url, choices(found, take="1")).status_code == 200
    assert own_deck.cards.count() == 2
    assert "Done. 2 cards added, 1 line left out." in page(as_user.get(url))


def test_what_the_columns_hold_may_be_changed(as_user, begun, own_deck):
    found, url = begun
    sent = choices(found, look="1", column_1="notes", column_3="", gaps=None)
    assert as_user.post(url, sent).status_code == 302
    found.refresh_from_db()
    assert (found.columns, found.gaps) == (["hanzi", "notes", "english", ""], False)
    as_user.post(url, choices(found, take="1"))
    assert [(card.hanzi, card.pinyin, card.notes) for card in own_deck.cards.all()] == [
        ("水", "", "shuǐ"),
        ("山", "", "shān"),
    ]


def test_a_first_line_may_be_said_to_be_none_of_names(as_user, begun):
    found, url = begun
    as_user.post(url, choices(found, look="1", header=None))
    found.refresh_from_db()
    assert (found.header, found.summary["lines"]) == (False, 4)


def test_columns_without_a_word_are_refused(as_user, begun):
    found, url = begun
    reply = as_user.post(url, choices(found, take="1", column_0="", column_2=""))
    assert "Say which column holds the hanzi, or at least the English." in page(reply, 400)
    found.refresh_from_db()
    assert found.state == ImportState.DRAFT


@pytest.mark.parametrize("changed", [{"duplicates": "burn"}, {"column_0": "nonsense"}, {"duplicates": None}])
def test_choices_that_are_none_are_refused(as_user, begun, own_deck, changed):
    found, url = begun
    assert as_user.post(url, choices(found, take="1", **changed)).status_code == 400
    assert own_deck.cards.count() == 0


def test_cards_that_are_there_are_told_and_may_be_updated(as_user, send, own_deck):
    own_deck.add([Note("水", "", "shuǐ", "tea")])
    url = send(reverse("deck-import", args=[own_deck.pk]), WORDS).url
    assert "1 is in the deck already." in page(as_user.get(url))
    reply = as_user.post(url, choices(Import.objects.get(), take="1", duplicates="update"), follow=True)
    assert "1 card added, 1 updated, 1 line left out." in page(reply)
    assert own_deck.cards.first().english == "water"


def test_a_new_deck_has_the_name_that_is_given_or_that_of_the_file(as_user, send, user):
    for name in ("Nature", ""):
        url = send(reverse("import"), WORDS, name=name, deck="").url
        assert "into the new deck" in page(as_user.get(url))
        as_user.post(url, choices(Import.objects.latest("created_at"), take="1"))
    assert sorted(user.decks.values_list("name", flat=True)) == ["Nature", "words"]


def test_a_chosen_deck_is_one_of_ones_own(as_user, send, own_deck, private_deck, deck):
    send(reverse("import"), WORDS, deck=own_deck.pk)
    assert Import.objects.get().deck == own_deck
    for other in (private_deck, deck):
        assert send(reverse("import"), WORDS, deck=other.pk).status_code == 400


@pytest.mark.parametrize(
    ("data", "said", "status"),
    [
        (b"", "The file is empty.", 400),
        (bytes(range(256)) * 40, "This is no text file.", 400),
        (b"PK\x03\x04" + bytes(5000), "This is no text file.", 400),
        (b"\0" * 5000, "This is no text file.", 400),
        (b"x" * 10_000_000, "A text is longer than 131,072 characters", 400),
        (b",".join([b"x"] * 10_000), "10,000 columns: at most 100 can be read.", 400),
        (b"hanzi,english\n" + b"x,y\n" * 100_001, "more than 100,000 lines", 400),
        (b"<plecoflash><!DOCTYPE x><cards>", "not XML as Pleco writes it", 400),
        (b"x" * (20 * 2**20 + 1), "The file is larger than 20 MB", 413),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_leaves_nothing(send, own_deck, data, said, status):
    reply = send(reverse("deck-import", args=[own_deck.pk]), data)
    assert said in page(reply, status)
    assert not Import.objects.exists()


def test_a_page_without_a_file_asks_for_one(as_user, own_deck):
    assert "Choose a file." in page(as_user.post(reverse("deck-import", args=[own_deck.pk])), 400)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\xd8,\x00\n\x00", "学\ud800生,x\n".encode("utf-8", "surrogatepass")])
def test_half_a_character_leaves_its_line_out(as_user, send, own_deck, data):
    reply = send(reverse("deck-import", args=[own_deck.pk]), data)
    assert "left out" in page(as_user.get(reply.url))
    as_user.post(reply.url, choices(Import.objects.get(), take="1"))
    assert own_deck.cards.count() == 0


PAGES = ["import", "export-all"]
OF_A_DECK = ["deck-import", "deck-export"]
OF_AN_IMPORT = ["import-file", "import-stop", "import-again"]


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_is_asked_to_log_in(client, name):
    assert client.get(reverse(name)).url == f"/accounts/login/?next={reverse(name)}"


@pytest.mark.parametrize("name", OF_A_DECK + OF_AN_IMPORT)
def test_a_visitor_sees_no_page_of_a_deck_or_a_file(client, name, begun, own_deck):
    client.logout()
    path = reverse(name, args=[begun[0].pk if name in OF_AN_IMPORT else own_deck.pk])
    for reply in (client.get(path), client.post(path)):
        assert reply.url == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("name", OF_AN_IMPORT)
def test_another_learners_file_is_not_there(client, stranger, begun, name):
    client.force_login(stranger)
    path = reverse(name, args=[begun[0].pk])
    assert client.post(path).status_code == 404
    assert client.get(path).status_code == (404 if name == "import-file" else 405)
    assert Import.objects.count() == 1


@pytest.mark.parametrize("visibility", Visibility)
def test_only_the_owner_takes_cards_in_and_whoever_sees_them_out(client, stranger, own_deck, visibility):
    Deck.objects.filter(pk=own_deck.pk).update(visibility=visibility)
    client.force_login(stranger)
    path = reverse("deck-import", args=[own_deck.pk])
    assert [client.get(path).status_code, client.post(path).status_code] == [404, 404]
    export = client.get(reverse("deck-export", args=[own_deck.pk]), {"download": 1})
    assert export.status_code == (404 if visibility == Visibility.PRIVATE else 200)


def test_a_deleted_deck_is_not_there(as_user, own_deck, now):
    Deck.objects.filter(pk=own_deck.pk).update(deleted_at=now)
    for name in OF_A_DECK:
        assert as_user.get(reverse(name, args=[own_deck.pk])).status_code == 404


def test_nobody_takes_cards_into_a_built_in_deck(as_user, deck):
    assert as_user.get(reverse("deck-import", args=[deck.pk])).status_code == 404
    assert as_user.get(reverse("deck-export", args=[deck.pk])).status_code == 200
    assert as_user.get(reverse("deck-import", args=[UUID])).status_code == 404


def downloaded(reply):
    assert reply.status_code == 200
    assert reply.streaming
    return b"".join(reply.streaming_content)


def test_a_download_is_streamed_names_its_licence_and_is_read_by_a_spreadsheet(as_user, deck, user, remember):
    remember(user, deck.cards.first())
    path = reverse("deck-export", args=[deck.pk])
    reply = as_user.get(path, {"download": 1})
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"] == 'attachment; filename="HSK 0.csv"'
    assert reply["Link"] == '<https://creativecommons.org/licenses/by-sa/4.0/>; rel="license"'
    lines = downloaded(reply).decode().split("\r\n")
    assert lines[0] == "\ufeffhanzi,traditional,pinyin,english,sentence,sentence_pinyin,sentence_translation,notes,tags"
    assert lines[1] == "学生,學生,xuésheng,student,,,,,"
    assert len(lines) == 7
    counted = downloaded(as_user.get(path, {"include_stats": 1})).decode().split("\r\n")
    assert counted[1].startswith(
        "学生,學生,xuésheng,student,,,,,,review,2026-03-02T12:00:00+00:00,10,10.0000,5.0000,3,0"
    )
    assert downloaded(as_user.get(path, {"include_stats": 0})).decode().split("\r\n") == lines


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("生词", "attachment; filename*=utf-8''%E7%94%9F%E8%AF%8D.csv"),
        ('a"b\r\n/../c', 'attachment; filename="a_b_.._c.csv"'),
        ("/", 'attachment; filename="_.csv"'),
    ],
)
def test_a_download_has_the_name_of_its_deck(as_user, own_deck, name, said):
    Deck.objects.filter(pk=own_deck.pk).update(name=name)
    reply = as_user.get(reverse("deck-export", args=[own_deck.pk]), {"download": 1})
    assert reply["Content-Disposition"] == said


def test_the_pages_of_an_export_say_what_it_holds(as_user, deck, own_deck, django_assert_num_queries):
    with django_assert_num_queries(4):
        text = page(as_user.get(reverse("deck-export", args=[deck.pk])))
    assert text.startswith("Export HSK 0 5 cards as a CSV file")
    assert "CC BY-SA 4.0" in text
    assert page(as_user.get(reverse("export-all"))).startswith("Export all of your decks The cards of 1 deck as a CSV")


@pytest.mark.parametrize("count", [2, 5])
def test_an_export_asks_as_much_for_many_cards_as_for_few(as_user, own_deck, count, django_assert_num_queries):
    own_deck.add([Note(f"字{at}", english="x") for at in range(count)])
    with django_assert_num_queries(5):
        downloaded(as_user.get(reverse("deck-export", args=[own_deck.pk]), {"include_stats": 1}))


def test_all_of_ones_own_decks_are_one_file(as_user, own_deck, user, private_deck, now):
    own_deck.add([Note("水", "", "shuǐ", "water")])
    Deck.objects.create(user=user, name="=Formula").add([Note("山", "", "shān", "mountain")])
    Deck.objects.create(user=user, name="Gone", deleted_at=now).add([Note("火")])
    lines = downloaded(as_user.get(reverse("export-all"), {"download": 1})).decode().split("\r\n")
    assert lines[0].startswith("\ufeffdeck,hanzi,traditional,")
    assert lines[1:] == ["'=Formula,山,,shān,mountain,,,,,", "Mine,水,,shuǐ,water,,,,,", ""]


def test_the_template_is_taken_as_it_is(client, send, as_user, own_deck):
    client.logout()
    data = downloaded(client.get(reverse("import-template")))
    as_user.force_login(own_deck.user)
    url = send(reverse("deck-import", args=[own_deck.pk]), data).url
    as_user.post(url, choices(Import.objects.get(), take="1"))
    assert [card.hanzi for card in own_deck.cards.all()] == ["学生", "老师"]


def test_a_download_sent_back_changes_nothing(as_user, send, own_deck, user):
    own_deck.add([Note("水", "", "shuǐ", ' =1+1 "x",\r\n ', tags=("a",)), Note("龘靐"), Note(english="only")])
    first = downloaded(as_user.get(reverse("deck-export", args=[own_deck.pk]), {"download": 1}))
    url = send(reverse("deck-import", args=[own_deck.pk]), first).url
    assert "exported from here: taken exactly as it is" in page(as_user.get(url))
    as_user.post(url, choices(Import.objects.get(), take="1"))
    assert own_deck.cards.count() == 3
    url = send(reverse("import"), first, name="Copy").url
    as_user.post(url, choices(Import.objects.latest("created_at"), take="1"))
    copy = user.decks.get(name="Copy")
    assert downloaded(as_user.get(reverse("deck-export", args=[copy.pk]), {"download": 1})) == first


def long_file(count=1001):
    return "hanzi,english\n" + "".join(f"字{at},x\n" for at in range(count))


@pytest.fixture
def waiting(as_user, send, own_deck):
    """A long file that waits for the worker, and its address."""
    url = send(reverse("deck-import", args=[own_deck.pk]), long_file()).url
    reply = as_user.post(url, choices(Import.objects.get(), take="1"))
    assert reply.url == url
    return Import.objects.get(), url


def test_a_long_file_is_the_workers_and_the_page_says_how_far_it_is(as_user, waiting, own_deck):
    found, url = waiting
    assert own_deck.cards.count() == 0
    reply = as_user.get(url)
    assert "Waiting to begin: 1,001 lines." in page(reply)
    assert b'<noscript><meta http-equiv="refresh" content="3"></noscript>' in reply.content
    Import.objects.filter(pk=found.pk).update(state="running", done=250)
    moving = as_user.get(url, headers={"HX-Request": "true"}).content.decode()
    assert moving.strip().startswith('<div id="moving" hx-get=')
    assert '<progress value="250" max="1001"' in moving
    assert "250 of 1,001 lines." in moving
    Import.objects.filter(pk=found.pk).update(state="ready")
    [queued] = DBTaskResult.objects.all()
    queued.task.call(*queued.args_kwargs["args"])
    assert own_deck.cards.count() == 1001
    over = main_of(as_user.get(url))
    assert "Done. 1,001 cards added." in over
    assert "hx-get" not in over


def test_a_stopped_import_leaves_nothing_and_is_never_begun(as_user, waiting, own_deck):
    found, url = waiting
    reply = as_user.post(reverse("import-stop", args=[found.pk]), follow=True)
    assert "The import is stopped. Nothing was imported." in page(reply)
    found.run()
    assert own_deck.cards.count() == 0
    found.refresh_from_db()
    assert (found.state, bytes(found.data)) == (ImportState.CANCELLED, b"")
    assert as_user.post(reverse("import-again", args=[found.pk])).url == url
    assert not found.queue()


def test_an_import_whose_worker_died_is_begun_anew(as_user, waiting, own_deck, now):
    found, url = waiting
    Import.objects.filter(pk=found.pk).update(state="running", heard_at=now - timedelta(days=300))
    assert "The import failed. Whoever worked on it is gone. Nothing was imported." in page(as_user.get(url))
    as_user.post(reverse("import-again", args=[found.pk]))
    found.refresh_from_db()
    assert found.state == ImportState.READY


def test_a_file_may_be_thrown_away(as_user, begun, own_deck):
    assert as_user.post(reverse("import-stop", args=[begun[0].pk])).url == own_deck.get_absolute_url()
    assert not Import.objects.exists()


def test_files_are_gone_after_a_day_and_only_the_latest_are_kept(user, own_deck, now):
    for hours in range(7):
        Import.objects.begin(user, f"{hours}.csv", WORDS.encode(), now, own_deck)
    kept = Import.objects.order_by("created_at").values_list("file_name", flat=True)
    assert list(kept) == ["2.csv", "3.csv", "4.csv", "5.csv", "6.csv"]
    Import.objects.filter(file_name="3.csv").update(created_at=now - timedelta(hours=25))
    Import.objects.filter(file_name="4.csv").update(created_at=now - timedelta(hours=23))
    with time_machine.travel(now, tick=False):
        call_command("purge_imports", stdout=StringIO())
    assert list(kept.all()) == ["4.csv", "2.csv", "5.csv", "6.csv"]
