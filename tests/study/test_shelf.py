"""What a learner does with decks of their own, and what stays of their memories."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.models import Deck, Visibility
from study import shelf
from study.choices import Direction, Order
from study.models import CardInteraction, CardProgress, Enrolment, StudyDay, StudySession, UserStatistics
from study.queue import Queue

READ = Direction.CHINESE_TO_ENGLISH


@pytest.fixture
def own(make_deck, user):
    """A deck of the learner's own, which they study."""
    deck = make_deck(name="Mine", user=user, visibility=Visibility.PRIVATE)
    Enrolment.objects.start(user, deck)
    return deck


def answer(user, deck, hanzi, at, rating=4):
    """Answer a word of a deck, and return the interaction."""
    session = StudySession.start(user, deck, READ, at)
    session.answer(uuid7(), deck.cards.get(hanzi=hanzi), READ, rating, at)
    return session


def clean():
    """Say whether each learner's rows follow from their log."""
    try:
        call_command("rebuild_progress", check=True, stdout=StringIO())
    except CommandError:
        return False
    return True


class TestCopy:
    def test_what_is_known_of_a_deck_is_known_of_its_copy(self, user, deck, now):
        Enrolment.objects.change(user, deck, new_per_day=3, order=Order.FREQUENCY, directions=[READ])
        answer(user, deck, "学生", now)
        made = shelf.copy(user, deck, uuid7())
        assert [card.hanzi for card in made.cards.all()] == [card.hanzi for card in deck.cards.all()]
        assert (made.user, made.visibility, made.copied_from) == (user, Visibility.PRIVATE, deck)
        [enrolment] = user.enrolments.all()
        assert (enrolment.deck, enrolment.new_per_day) == (made, 3)
        assert (enrolment.order, enrolment.directions) == (Order.FREQUENCY, [READ])
        assert Queue(user, now + timedelta(days=1)).counts.new == 3
        answer(user, made, "学生", now + timedelta(days=9))
        assert CardProgress.objects.get().reps == 2

    def test_the_memory_stays_when_the_deck_is_gone(self, user, stranger, make_deck, now):
        theirs = make_deck(name="Theirs", user=stranger)
        Enrolment.objects.start(user, theirs)
        answer(user, theirs, "学生", now)
        made = shelf.copy(user, theirs, uuid7())
        theirs.delete()
        made.refresh_from_db()
        assert made.copied_from is None
        assert CardProgress.objects.get().card.deck == made
        assert CardInteraction.objects.get().card.deck == made
        assert clean()

    def test_neither_changes_with_the_other(self, user, deck):
        made = shelf.copy(user, deck, uuid7())
        made.cards.filter(hanzi="水").update(english="mine")
        deck.cards.filter(hanzi="看").update(english="theirs")
        assert deck.cards.get(hanzi="水").english == "water"
        assert made.cards.get(hanzi="看").english == "to look; to read"

    def test_asked_for_twice_it_is_one(self, user, deck):
        pk = uuid7()
        assert shelf.copy(user, deck, pk) == shelf.copy(user, deck, pk)
        assert user.decks.count() == 1
        assert user.decks.get().cards.count() == 5

    def test_every_text_and_tag_is_copied(self, user, make_deck):
        deck = make_deck(name="One", words=[("水", "水", "shuǐ", "water")])
        texts = {"sentence": "喝水", "sentence_pinyin": "hē shuǐ", "sentence_translation": "drink", "notes": "wet"}
        deck.cards.update(tags=["drinks"], **texts)
        card = shelf.copy(user, deck, uuid7()).cards.get()
        assert {name: getattr(card, name) for name in texts} == texts
        assert card.tags == ["drinks"]


class TestMove:
    def test_decks_go_up_and_down_but_not_over_the_ends(self, user, make_deck):
        decks = [make_deck([], name=name) for name in "abc"]
        for each in decks:
            Enrolment.objects.start(user, each)

        def order():
            return "".join(each.deck.name for each in user.enrolments.select_related("deck"))

        shelf.move(user, decks[2], -1)
        assert order() == "acb"
        shelf.move(user, decks[2], -1)
        shelf.move(user, decks[2], -1)
        assert order() == "cab"
        shelf.move(user, decks[2], 1)
        assert order() == "acb"
        shelf.move(user, decks[1], 1)
        assert order() == "acb"
        assert [each.deck.name for each in Queue(user, timezone.now()).enrolments] == list("acb")

    def test_another_learner_s_order_stays(self, user, stranger, make_deck):
        decks = [make_deck([], name=name) for name in "ab"]
        for learner in (user, stranger):
            for each in decks:
                Enrolment.objects.start(learner, each)
        shelf.move(user, decks[1], -1)
        assert [each.deck.name for each in stranger.enrolments.select_related("deck")] == ["a", "b"]


class TestDelete:
    def test_it_says_what_goes(self, user, stranger, own, now):
        own.visibility = Visibility.PUBLIC
        own.save()
        Enrolment.objects.start(stranger, own)
        answer(user, own, "学生", now)
        answer(stranger, own, "水", now)
        assert shelf.lost_with(own) == {"cards": 5, "words": 1, "answers": 1, "others": 1}

    def test_it_is_gone_and_comes_back_as_it_was(self, user, stranger, own, now):
        own.visibility = Visibility.PUBLIC
        own.save()
        Enrolment.objects.change(stranger, own, new_per_day=2, directions=[READ])
        answer(user, own, "学生", now)
        added = dict(Enrolment.objects.values_list("user", "added_at"))
        shelf.delete(own)
        for learner in (user, stranger):
            assert own not in Deck.objects.visible_to(learner)
            assert Queue(learner, now).counts.total == 0
        assert own not in Deck.objects.in_library()
        assert clean()
        shelf.restore(own)
        own.refresh_from_db()
        assert (own.deleted_at, own.studied_by) == (None, [])
        assert dict(Enrolment.objects.values_list("user", "added_at")) == added
        assert (stranger.enrolments.get().new_per_day, stranger.enrolments.get().directions) == (2, [READ])
        assert Queue(user, now).counts.new == 4
        assert user.progress.get().reps == 1

    def test_deleted_or_brought_back_twice_it_is_so_once(self, user, own):
        shelf.delete(own)
        shelf.delete(own)
        shelf.restore(own)
        shelf.restore(own)
        assert user.enrolments.get().deck == own

    def test_a_learner_who_has_left_meanwhile_does_not_stop_it(self, user, stranger, own):
        Enrolment.objects.start(stranger, own)
        shelf.delete(own)
        stranger.delete()
        shelf.restore(own)
        assert list(Enrolment.objects.values_list("user__username", flat=True)) == ["li"]

    def test_its_answers_that_arrive_late_are_kept(self, user, own, now):
        session = StudySession.start(user, own, READ, now)
        card = own.cards.get(hanzi="水")
        shelf.delete(own)
        session.answer(uuid7(), card, READ, 3, now)
        assert CardInteraction.objects.count() == 1
        assert clean()


class TestPurge:
    def test_what_was_deleted_30_days_ago_goes_for_good(self, user, stranger, make_deck, own, deck, now):
        for learner in (user, stranger):
            Enrolment.objects.start(learner, deck)
            answer(learner, own if learner == user else deck, "学生", now)
        rare = make_deck(name="Rare", words=[("龘", "龘", "dá", "a dragon flying")], user=user)
        answer(user, rare, "龘", now)
        UserStatistics.objects.update()
        for each in (own, rare):
            shelf.delete(each)
        young = make_deck(name="Young", user=user)
        shelf.delete(young)
        Deck.objects.filter(pk__in=[own.pk, rare.pk]).update(deleted_at=timezone.now() - timedelta(days=31))
        out = StringIO()
        call_command("purge_decks", stdout=out)
        assert out.getvalue() == "2 decks deleted for good.\n"
        assert set(Deck.objects.all()) == {deck, young}
        # The word that is in another deck of theirs is kept, the other one is gone, and the totals say so.
        assert list(user.progress.values_list("word_key", flat=True)) == ["学生|xuésheng"]
        assert StudyDay.objects.get(user=user).answers == 1
        assert UserStatistics.objects.get(user=user).total_views == 1
        assert UserStatistics.objects.get(user=stranger).total_views == 1
        assert clean()

    def test_what_was_brought_back_stays(self, own):
        shelf.delete(own)
        shelf.restore(own)
        assert shelf.purge(timezone.now()) == 0
        assert Deck.objects.filter(pk=own.pk).exists()
