"""A card's texts changed: what was known of its word goes with it, or not, as the learner says."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.management import call_command

from decks.formats.notes import Note
from decks.models import Deck, Visibility
from study.acts import Act, record, undo
from study.choices import Direction, Rating
from study.models import CardInteraction, CardProgress, Enrolment, StudySession, UserStatistics, WordNote
from study.queue import Queue
from study.rewording import is_question, reword

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
DAY = timedelta(days=1)
MEMORY = [name for name in CardProgress.FOLDED if name != "updated_at"]


@pytest.fixture
def deck(user):
    deck = Deck.objects.create(name="Mine", user=user)
    Enrolment.objects.create(user=user, deck=deck)
    return deck


@pytest.fixture
def card(deck):
    return deck.cards.create(hanzi="学生", pinyin="xuéshēng", english="student")


@pytest.fixture
def answered(user, card, now):
    """A word that was answered twice in one direction and is suspended in another."""
    number = iter(range(1, 9))
    for direction, kind, rating, at in (
        (READ, "review", Rating.GOOD, now - 9 * DAY),
        (READ, "review", Rating.EASY, now - 5 * DAY),
        (WRITE, "suspend", None, now - 4 * DAY),
    ):
        act = Act(id=UUID(int=next(number)), card=card, direction=direction, type=kind, rating=rating, at=at)
        record(user, act, at)


def memories(learner, word):
    """Return what a learner remembers of a word, by direction, without when it was written."""
    return {row.direction: [getattr(row, name) for name in MEMORY] for row in learner.progress.filter(word_key=word)}


def is_borne_out():
    """Fail unless every row follows from the log."""
    call_command("rebuild_progress", "--check")
    return True


def edited(card, **texts):
    return Note(**{"hanzi": card.hanzi, "pinyin": card.pinyin, "english": card.english} | texts)


@pytest.mark.parametrize("texts", [{"pinyin": "xuésheng"}, {"hanzi": "学員"}, {"hanzi": "学員", "pinyin": "xuéyuán"}])
def test_the_same_word_is_known_as_before(user, card, answered, now, texts):
    before, log = memories(user, card.word_key), user.interactions.count()
    done = reword(card, edited(card, **texts), True, now)
    assert done.is_other_word
    assert memories(user, card.word_key) == before
    assert set(before) == {READ, WRITE}
    assert user.interactions.count() == log
    assert is_borne_out()


def test_what_changes_no_word_moves_nothing(user, card, answered, every_row, now):
    before = every_row()
    done = reword(card, edited(card, english="pupil", notes="n", tags=("a",)), True, now)
    assert (done.is_other_word, done.entry) == (False, None)
    after = every_row()
    assert {name for name in after if after[name] != before[name]} == {"cards"}
    card.refresh_from_db()
    assert (card.english, card.notes, card.tags) == ("pupil", "n", ["a"])


@pytest.fixture
def elsewhere(make_deck):
    """The same word in a built-in deck."""
    return make_deck([("学生", "學生", "xuéshēng", "student")]).cards.get()


def test_the_same_word_is_known_though_another_deck_keeps_it_by_its_old_spelling(user, card, elsewhere, answered, now):
    old = card.word_key
    before, totals = memories(user, old), UserStatistics.objects.get(user=user).total_views
    reword(card, edited(card, pinyin="xuésheng"), True, now)
    assert memories(user, card.word_key) == before
    assert memories(user, old) == before
    assert {row.card_id for row in user.progress.filter(word_key=old)} == {elsewhere.pk}
    assert {row.card_id for row in user.progress.filter(word_key=card.word_key)} == {card.pk}
    assert UserStatistics.objects.get(user=user).total_views == totals
    assert is_borne_out()


def test_a_memory_that_was_made_in_another_deck_comes_along(user, card, elsewhere, now):
    record(user, Act(id=UUID(int=1), card=elsewhere, direction=READ, type="review", rating=3, at=now), now)
    before = memories(user, card.word_key)
    reword(card, edited(card, pinyin="xuésheng"), True, now)
    assert memories(user, card.word_key) == before
    assert is_borne_out()


def test_the_copy_is_answered_on_from_where_it_was(user, card, elsewhere, answered, now):
    old = card.word_key
    reword(card, edited(card, pinyin="xuésheng"), True, now)
    for number, each in ((11, card), (12, elsewhere)):
        act = Act(id=UUID(int=number), card=each, direction=READ, type="review", rating=3, at=now + DAY)
        record(user, act, now + DAY)
    ours, theirs = (user.progress.get(word_key=word, direction=READ) for word in (card.word_key, old))
    assert (ours.stability, ours.reps, ours.difficulty) == (theirs.stability, 3, theirs.difficulty)
    assert is_borne_out()


def test_new_weights_are_fitted_to_the_copy_from_the_memory_it_began_with(user, card, elsewhere, answered, now):
    reword(card, edited(card, pinyin="xuésheng"), True, now)
    user.params_version = 1
    act = Act(id=UUID(int=11), card=card, direction=READ, type="review", rating=3, at=now + DAY)
    entry = record(user, act, now + DAY)
    assert entry.stability_after > entry.stability_before > 1
    assert is_borne_out()


def test_another_word_begins_anew_and_the_log_stays(user, card, answered, now):
    done = reword(card, edited(card, hanzi="老师", pinyin="lǎoshī", english="teacher"), False, now)
    rows = user.progress.filter(word_key=card.word_key)
    assert {row.direction: (row.stability, row.suspended) for row in rows} == {
        READ: (None, False),
        WRITE: (None, False),
    }
    assert CardInteraction.objects.filter(rating__isnull=False).count() == 2
    assert Queue(user, now + DAY, card.deck_id).counts.new == 1
    assert is_borne_out()
    undo(user, done.entry.pk, now)
    assert user.progress.get(word_key=card.word_key, direction=READ).reps == 2
    assert user.progress.get(word_key=card.word_key, direction=READ).stability > 1
    assert is_borne_out()


def test_another_word_that_is_known_already_is_known(user, card, answered, remember, deck, now):
    teacher = deck.cards.create(hanzi="老师", pinyin="lǎoshī", english="teacher")
    remember(user, teacher, interval=77)
    done = reword(card, edited(card, hanzi="老师", pinyin="lǎoshī"), False, now)
    assert done.entry is None or done.entry.direction == WRITE
    assert user.progress.get(word_key=card.word_key, direction=READ).interval == 77


def test_another_word_leaves_the_memory_to_the_decks_that_have_the_old_one(user, card, elsewhere, answered, now):
    old = card.word_key
    before = memories(user, old)
    done = reword(card, edited(card, hanzi="老师", pinyin="lǎoshī"), False, now)
    assert done.entry is None
    assert memories(user, old) == before
    assert memories(user, card.word_key) == {}
    assert is_borne_out()


def test_whoever_studies_a_shared_deck_keeps_what_they_know_too(user, stranger, deck, card, elsewhere, answered, now):
    Deck.objects.filter(pk=deck.pk).update(visibility=Visibility.PUBLIC)
    Enrolment.objects.create(user=stranger, deck=deck)
    StudySession.start(stranger, deck, None, now)
    record(stranger, Act(id=UUID(int=21), card=card, direction=READ, type="review", rating=3, at=now), now)
    before = memories(stranger, card.word_key)
    reword(card, edited(card, pinyin="xuésheng"), True, now)
    assert memories(stranger, card.word_key) == before
    assert is_borne_out()


def test_a_note_of_the_learners_own_comes_along(user, card, elsewhere, now):
    old = card.word_key
    WordNote.objects.write(user, old, "A child under a roof.")
    reword(card, edited(card, pinyin="xuésheng"), True, now)
    assert dict(user.word_notes.values_list("word_key", "text")) == {
        old: "A child under a roof.",
        card.word_key: "A child under a roof.",
    }


def test_it_is_asked_only_where_hanzi_change_and_something_is_known(user, stranger, card, remember):
    assert not is_question(card, edited(card, hanzi="学員"))
    remember(stranger, card)
    assert is_question(card, edited(card, hanzi="学員"))
    remember(user, card)
    assert is_question(card, edited(card, hanzi="学員"))
    assert is_question(card, edited(card, hanzi=""))
    assert not is_question(card, edited(card, pinyin="xuésheng", english="pupil"))
