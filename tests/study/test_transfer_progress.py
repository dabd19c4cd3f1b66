"""How well words are known elsewhere, as entries of the log; and what becomes of an import that is crossed."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from decks.models import Deck
from study import acts
from study.choices import Direction, InteractionType, State
from study.imports import Cancelled, Import, ImportState, Reporter

REVIEWED = datetime(2026, 2, 20, 8, tzinfo=UTC)
CARD = """<card><entry><headword charset="sc">{hanzi}</headword><pron>{pinyin}</pron><defn>x</defn></entry>
<scoreinfo score="{score}" reviewed="{reviewed}" lastreviewedtime="{at}"/></card>"""


def pleco(*cards):
    """Return an XML export of (hanzi, pinyin, score, reviewed) cards, last reviewed at the same time."""
    names = ("hanzi", "pinyin", "score", "reviewed")
    at = int(REVIEWED.timestamp())
    written = (CARD.format(**dict(zip(names, card, strict=True)), at=at) for card in cards)
    return f"<plecoflash><cards>{''.join(written)}</cards></plecoflash>"


@pytest.fixture
def empty(user):
    return Deck.objects.create(user=user, name="Empty")


@pytest.fixture
def take(user, empty, now):
    """Return a function that takes a file into the empty deck."""

    def take(text, **choices):
        begun = Import.objects.begin(user, "pleco.xml", text.encode(), now, empty)
        for field, value in choices.items():
            setattr(begun, field, value)
        begun.save()
        begun.queue()
        begun.run()
        begun.refresh_from_db()
        return begun

    return take


def check():
    """Assert that all that follows from the log is as it should be."""
    out = StringIO()
    call_command("rebuild_progress", "--check", stdout=out)
    assert out.getvalue() == "0 rows differ, 0 broken chains, 0 rows without a log.\n"


def test_a_score_becomes_a_memory_with_an_entry_in_the_log(user, empty, take):
    taken = take(pleco(("水", "shui3", 600, 3), ("山", "shan1", 50, 2), ("火", "huo3", 600, 0)))
    assert (taken.summary["scored"], taken.summary["scores"]) == (3, 1)
    assert (taken.result["imported_count"], taken.result["remembered_count"]) == (3, 1)
    row = user.progress.get()
    assert (row.card, row.direction, row.state) == (empty.cards.first(), Direction.CHINESE_TO_ENGLISH, State.REVIEW)
    assert (row.interval, row.next_review_at) == (6, datetime(2026, 2, 26, 4, tzinfo=UTC))
    entry = user.interactions.get()
    assert (entry.interaction_type, entry.session, entry.answered_at) == (InteractionType.MARK_KNOWN, None, REVIEWED)
    assert entry.progress_id == row.pk
    check()


def test_a_taken_memory_outlives_an_answer_that_is_taken_back(user, empty, take, now):
    take(pleco(("水", "shui3", 600, 3)))
    before = user.progress.values("stability", "state", "next_review_at", "interval").get()
    card = empty.cards.get()
    later = max(now, user.interactions.get().received_at) + timedelta(days=1)
    act = acts.Act(id=uuid4(), card=card, direction="chinese_to_english", type="review", rating=1, at=later)
    entry = acts.record(user, act, later)
    assert user.progress.get().stability != before["stability"]
    acts.undo(user, entry.pk, later)
    assert user.progress.values("stability", "state", "next_review_at", "interval").get() == before
    check()


def test_a_word_that_is_begun_here_stays_as_it_is(user, cards, take, remember):
    remember(user, cards[3], interval=40)
    before = user.progress.values().get()
    assert take(pleco(("水", "shui3", 600, 3))).result["remembered_count"] == 0
    assert user.progress.values().get() == before


def test_scores_are_left_alone_if_they_are_not_wanted(user, take):
    assert take(pleco(("水", "shui3", 600, 3)), progress=False).result["remembered_count"] == 0
    assert not user.progress.exists()
    assert not user.interactions.exists()


def test_one_word_twice_in_a_file_has_one_memory(user, take):
    result = take(pleco(("水", "shui3", 600, 3), ("水", "shui3", 900, 3)), duplicates="add").result
    assert (result["imported_count"], result["remembered_count"]) == (2, 1)
    check()


def test_the_preview_says_which_scores_are_taken(as_user, user, empty, now):
    begun = Import.objects.begin(
        user, "pleco.xml", pleco(("水", "shui3", 600, 3), ("山", "shan1", 1, 1)).encode(), now, empty
    )
    text = as_user.get(f"/import/{begun.pk}/").content.decode()
    assert "<b>1</b> of 2 scored cards say how well you know them" in text
    assert "100 points of Pleco are taken for one day" in text
    assert "known for 6 days" in text


LONG = "hanzi,english\n" + "".join(f"字{at},x\n" for at in range(2500))


@pytest.mark.django_db(transaction=True)
class TestCrossed:
    """Imports over several connections, as a worker and a web server have them."""

    def waiting(self, user, empty, now):
        begun = Import.objects.begin(user, "long.csv", LONG.encode(), now, empty)
        begun.queue()
        return begun

    def test_how_far_it_is_is_seen_from_outside_while_nothing_is_saved(self, user, empty, now):
        begun = self.waiting(user, empty, now)
        other = connection.copy()
        seen = []

        class Watching(Reporter):
            def __call__(self, done):
                super().__call__(done)
                with other.cursor() as cursor:
                    cursor.execute("SELECT done, (SELECT count(*) FROM cards) FROM imports WHERE id = %s", [begun.pk])
                    seen.append(cursor.fetchone())

        Import.objects.filter(pk=begun.pk).update(state="running")
        with Watching(begun) as report, transaction.atomic():
            begun._take(report)
        other.close()
        assert seen == [(0, 0), (1000, 0), (2000, 0), (2500, 0)]
        assert empty.cards.count() == 2500

    def test_stopped_in_the_middle_it_leaves_nothing(self, user, empty, now):
        begun = self.waiting(user, empty, now)

        reached = []

        class Stopping(Reporter):
            def __call__(self, done):
                reached.append(done)
                if done == 1000:
                    other = connection.copy()
                    with other.cursor() as cursor:
                        cursor.execute("UPDATE imports SET state = 'cancelled', data = '' WHERE id = %s", [begun.pk])
                    other.close()
                super().__call__(done)

        Import.objects.filter(pk=begun.pk).update(state="running")
        with pytest.raises(Cancelled), Stopping(begun) as report, transaction.atomic():
            begun._take(report)
        assert reached == [0, 1000]
        assert empty.cards.count() == 0
        begun.refresh_from_db()
        assert begun.state == ImportState.CANCELLED

    def test_of_two_workers_one_takes_the_cards(self, user, empty, now):
        begun = self.waiting(user, empty, now)

        class Overtaken(Reporter):
            def __call__(self, done):
                super().__call__(done)
                if done == 1000:
                    other = connection.copy()
                    with other.cursor() as cursor:
                        cursor.execute("UPDATE imports SET state = 'successful' WHERE id = %s", [begun.pk])
                    other.close()

        Import.objects.filter(pk=begun.pk).update(state="running")
        with pytest.raises(Cancelled), Overtaken(begun) as report, transaction.atomic():
            begun._take(report)
        assert empty.cards.count() == 0
