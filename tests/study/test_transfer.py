"""Cards out into a file and in again: nothing changes on the way, and all of a file is taken or none of it."""

import csv
import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from decks.formats import csv as files
from decks.formats.notes import TEXTS, UNPRINTABLE, Note
from decks.formats.tables import STATISTICS_COLUMNS
from decks.models import Deck, Visibility
from study.imports import Import, ImportState
from study.transfer import exported

HARD = [
    Note("学生", "學生", "xuésheng", 'says "hello", again', notes="two\nlines", tags=("food", "a::b")),
    Note("𠮷野家", "", "Jíyějiā", "a 👩‍👩‍👧 restaurant", sentence="一\r\n二\r三"),
    Note("水", "", "shuǐ", "\u200fwater\u202e", sentence_pinyin="  led by spaces"),
    Note("看", "", "kàn", "=1+1", notes="-2+3", sentence="+1", sentence_translation="@SUM(A1)"),
    Note("看", "", "kàn", "'=1+1", notes="'tis so", sentence="''-x", sentence_translation="'"),
    Note("看", "", "kàn", "followed by spaces  ", notes="\ttab", sentence="\u3000wide\u3000", sentence_pinyin="' '"),
    Note("龘靐"),
    Note("学生"),
    Note("", "", "", "no hanzi; a semicolon\tand a tab"),
    Note("", "", "", "no hanzi; a semicolon\tand a tab"),
    Note("<b>字</b>", "", "zi4", "&amp; <br> [sound:x.mp3]", tags=("=cmd", "'x", "-")),
]


@pytest.fixture
def own_deck(user):
    return Deck.objects.create(user=user, name="Mine")


@pytest.fixture
def empty(user):
    return Deck.objects.create(user=user, name="Empty")


@pytest.fixture
def take(user, now):
    """Return a function that takes a file into a deck, or into a new one, and returns the import as it ended."""

    def take(data, deck=None, name="", **choices):
        data = data if isinstance(data, bytes) else data.encode()
        begun = Import.objects.begin(user, "words.csv", data, now, deck, name)
        for field, value in choices.items():
            setattr(begun, field, value)
        begun.save()
        assert begun.queue()
        begun.run()
        begun.refresh_from_db()
        return begun

    return take


def export(*decks, **options):
    return "".join(exported(decks, **options))


def texts(deck):
    """Return the texts of a deck's cards, in order."""
    return [Note(**{name: getattr(card, name) for name in TEXTS}, tags=tuple(card.tags)) for card in deck.cards.all()]


def test_an_export_taken_into_an_empty_deck_exports_the_same_bytes(own_deck, empty, take):
    own_deck.add(HARD)
    written = export(own_deck)
    taken = take(written, empty)
    assert taken.state == ImportState.SUCCESSFUL
    assert taken.result["imported_count"] == len(HARD)
    assert export(empty) == written
    assert texts(empty) == HARD


def test_an_export_taken_again_changes_nothing(own_deck, take):
    own_deck.add(HARD)
    before = list(own_deck.cards.values())
    for duplicates in ("skip", "update"):
        result = take(export(own_deck), own_deck, duplicates=duplicates).result
        assert (result["imported_count"], result["updated_count"], result["duplicates"]) == (0, 0, len(HARD))
    assert list(own_deck.cards.values()) == before


WHOLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
HAZARDS = st.text(st.sampled_from("'=+-@\t\r\n\", ;ａ学𠮷😀\u200f\ufeff\x85\u2028<&x"), max_size=6)
TEXT = WHOLE | HAZARDS
NOTE = st.builds(Note, hanzi=TEXT, **dict.fromkeys(TEXTS[1:], TEXT), tags=st.lists(TEXT, max_size=3).map(tuple))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notes=st.lists(NOTE.filter(lambda note: not note.cleaned().problems()), max_size=4))
@example(notes=HARD)
@example(notes=[Note("¡"), Note("ѧ")])
@example(notes=[Note("学", notes="<plecoflash"), Note("#separator:tab"), Note("//Food")])
def test_whatever_cards_hold_they_come_back_as_they_were(own_deck, empty, take, notes):
    for deck in (own_deck, empty):
        deck.cards.all().delete()
    own_deck.add(notes)
    written = export(own_deck)
    assert take(written, empty).result["left_out"] == 0
    assert export(empty) == written
    assert take(written, empty).result["imported_count"] == 0


@given(text=TEXT)
def test_a_guard_comes_off_as_it_was_put_on_and_no_field_is_a_formula(text):
    field = files.guarded(text)
    assert not field.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert files.unguarded(field) == UNPRINTABLE.sub("", text)


def test_lines_end_as_rfc_4180_says_and_columns_have_the_names_of_cards(own_deck):
    own_deck.add([Note("水", "", "shuǐ", "water", tags=("a", "b"))])
    assert export(own_deck) == (
        "hanzi,traditional,pinyin,english,sentence,sentence_pinyin,sentence_translation,notes,tags\r\n"
        "水,,shuǐ,water,,,,,a b\r\n"
    )


def test_statistics_stand_beside_each_card_and_are_those_of_whoever_asks(user, stranger, own_deck, remember, now):
    card, other = own_deck.add([Note("水", "", "shuǐ", "water"), Note("看", "", "kàn", "to look")])
    remember(user, card, stability=12.5, difficulty=4.25, reps=7, lapses=2)
    remember(stranger, other)
    rows = list(csv.DictReader(io.StringIO(export(own_deck, user=user))))
    assert [name for name in rows[0] if rows[0][name] and name not in files.COLUMNS] == [
        f"chinese_to_english_{name}"
        for name in ("state", "due", "interval", "stability", "difficulty", "reps", "lapses")
    ]
    assert list(rows[0].values())[9:16] == ["review", "2026-03-02T12:00:00+00:00", "10", "12.5000", "4.2500", "7", "2"]
    assert not any(rows[1][name] for name in STATISTICS_COLUMNS)


def test_an_export_with_statistics_is_read_like_one_without(user, own_deck, empty, remember, take):
    for card in own_deck.add(HARD[:3]):
        remember(user, card)
    take(export(own_deck, user=user), empty)
    assert export(empty) == export(own_deck)
    assert export(empty, user=user) == export(own_deck, user=user)


def test_hanzi_alone_are_filled_from_the_dictionary(empty, take):
    assert take("hanzi\n学生\n老师\n龘靐\n", empty).result["imported_count"] == 3
    found = texts(empty)
    assert [(note.hanzi, note.traditional, note.pinyin) for note in found] == [
        ("学生", "學生", "xuésheng"),
        ("老师", "老師", "lǎoshī"),
        ("龘靐", "", ""),
    ]
    assert found[0].english.startswith("student")
    assert found[0].sentence


def test_what_is_left_out_is_told_by_its_line_and_the_rest_is_taken(empty, take):
    data = 'hanzi,pinyin,english\n水,shuǐ,"wa\nter"\n,,\n' + "字" * 101 + ",zì,x\n看,kàn,a,b\n山,shān,mountain\n"
    result = take(data, empty).result
    assert result["imported_count"] == 2
    assert (result["lines"], result["left_out"]) == (4, 2)
    assert result["errors"] == [
        {"line": 5, "message": "Hanzi: At most 100 characters: these are 101."},
        {"line": 6, "message": "4 columns, where there should be 3: is a text without its quotes?"},
    ]
    assert [card.hanzi for card in empty.cards.all()] == ["水", "山"]


@pytest.mark.parametrize(
    ("duplicates", "counts", "english"),
    [
        ("skip", (1, 0), ["water", "mountain"]),
        ("update", (1, 1), ["WATER", "mountain"]),
        ("add", (3, 0), ["water", "WATER", "again", "mountain"]),
    ],
)
def test_a_card_that_is_there_is_left_updated_or_added_once_more(empty, take, duplicates, counts, english):
    empty.add([Note("水", "", "shuǐ", "water", notes="mine", tags=("a",))])
    file = "word,pinyin,meaning,tags\n水,shui3,WATER,b\n水,shuǐ,again,\n山,shān,mountain,\n"
    result = take(file, empty, duplicates=duplicates).result
    assert (result["imported_count"], result["updated_count"]) == counts
    assert (result["duplicates"], result["repeats"]) == (1, 1)
    assert [card.english for card in empty.cards.all()] == english
    first = empty.cards.first()
    assert (first.notes, first.tags) == ("mine", ["a", "b"] if duplicates == "update" else ["a"])


def test_a_new_deck_is_made_and_studied(user, take):
    taken = take("水,shuǐ,water\n", name="Water")
    deck = Deck.objects.get(user=user)
    assert (deck.name, deck.visibility, deck.cards.count()) == ("Water", Visibility.PRIVATE, 1)
    assert taken.deck == deck
    assert user.enrolments.get().deck == deck


def test_an_import_that_runs_twice_takes_its_cards_once(empty, take):
    taken = take("水,shuǐ,water\n", empty)
    taken.run()
    assert not taken.queue()
    assert empty.cards.count() == 1
    assert bytes(taken.data) == b""


def test_a_deck_that_would_be_too_full_stays_as_it_is(empty, take, monkeypatch):
    monkeypatch.setattr("decks.models.MOST_CARDS", 1500)
    taken = take("hanzi,english\n" + "".join(f"词{at},x\n" for at in range(1501)), empty)
    assert taken.state == ImportState.FAILED
    assert taken.error == "A deck holds at most 1,500 cards, and this one has 1,000."
    assert empty.cards.count() == 0
    monkeypatch.setattr("decks.models.MOST_CARDS", 1501)
    assert taken.queue()
    taken.run()
    assert empty.cards.count() == 1501


def test_a_deck_deleted_meanwhile_takes_nothing(empty, take, now):
    Deck.objects.filter(pk=empty.pk).update(deleted_at=now)
    taken = take("水,shuǐ,water\n", empty)
    assert (taken.state, taken.error) == (ImportState.FAILED, "The deck is no longer there.")
    assert empty.cards.count() == 0
