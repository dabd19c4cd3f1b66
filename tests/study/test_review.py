"""What a reviewer broke once."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.models import Visibility
from study.choices import Direction, Rating
from study.models import Enrolment, StudySession
from study.queue import Queue
from tests.study.pages import hidden_fields, shown

READ = Direction.CHINESE_TO_ENGLISH


def test_a_word_found_under_its_former_spelling_can_be_answered_from_its_page(client, user, make_deck):
    now = timezone.now()
    words = [("长", "長", "cháng", "long"), ("长", "長", "zhǎng", "to grow")]
    deck = make_deck(words, user=user, visibility=Visibility.PRIVATE)
    kept, gone = deck.cards.all()
    session = StudySession.start(user, deck, READ, now)
    for card in (kept, gone):
        session.answer(uuid7(), card, READ, Rating.GOOD, now)
    kept.pinyin = "zhǎng"
    kept.save()
    gone.delete()
    client.force_login(user)
    response = client.get(reverse("session", args=[session.pk]))
    assert shown(response) == kept
    client.post(reverse("answer", args=[session.pk]), hidden_fields(response) | {"rating": 3})
    progress = user.progress.get()
    assert (progress.word_key, progress.reps) == ("长|zhǎng", 2)


def test_a_deck_closed_to_others_leaves_their_other_decks_alone(client, user, stranger, make_deck, now):
    theirs = make_deck([("猫", "貓", "māo", "cat")], name="Theirs", user=stranger)
    mine = make_deck([("狗", "狗", "gǒu", "dog")], name="Mine", user=user)
    at = timezone.now()
    learnt = StudySession.start(user, theirs, READ, at - timedelta(days=60))
    learnt.answer(uuid7(), theirs.cards.get(), READ, Rating.EASY, at - timedelta(days=60))
    Enrolment.objects.start(user, mine)
    theirs.visibility = Visibility.PRIVATE
    theirs.save()
    client.force_login(user)
    session = StudySession.start(user, None, None, at)
    response = client.get(reverse("session", args=[session.pk]))
    assert shown(response).hanzi == "狗"
    assert "Theirs" not in client.get(reverse("decks")).content.decode()
    assert Queue(user, at).counts.total == 1


def test_a_second_grade_for_an_answer_whose_reply_was_lost_says_which_one_counts(client, user, deck):
    client.force_login(user)
    session = StudySession.start(user, deck, READ, timezone.now())
    form = hidden_fields(client.get(reverse("session", args=[session.pk])))
    client.post(reverse("answer", args=[session.pk]), form | {"rating": 1})
    text = client.post(reverse("answer", args=[session.pk]), form | {"rating": 4}, follow=True).content.decode()
    assert "学生: your first answer, “Again”, counts." in text
    assert user.interactions.get().rating == Rating.AGAIN


def test_a_time_zone_that_the_machine_no_longer_knows_is_read_as_utc(client, user):
    type(user).objects.filter(pk=user.pk).update(time_zone="Atlantis/Capital")
    client.force_login(user)
    assert client.get(reverse("settings")).status_code == 200


def test_staff_log_in_where_the_limits_hold(client, db):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
