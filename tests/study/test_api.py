"""Studying over HTTP as JSON: shapes, codes, who may what, and how many queries it takes."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from uuid_utils.compat import uuid7

from decks.models import Visibility
from study.choices import EXERCISES, Direction, Exercise, Mode, Rating
from study.log import CardInteraction
from study.models import CardProgress, Enrolment, StudySession
from study.scheduling import fsrs

ID = UUID("01990000-0000-7000-8000-000000000001")
NOBODY = UUID("01990000-0000-7000-8000-00000000dead")
READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
INTERACTIONS = "/api/study/interactions"
INTERACTION = {
    *("id", "session_id", "card_id", "interaction_type", "direction", "rating", "response_time"),
    *("answered_at", "created_at", "undone_at"),
}
PROGRESS = {
    *("id", "card_id", "direction", "state", "step", "stability", "difficulty", "next_review_at", "last_reviewed_at"),
    *("mastery_level", "difficulty_score", "flip_count", "quiz_attempts", "quiz_correct", "consecutive_correct"),
    *("reps", "lapses", "total_study_time", "suspended", "buried_until"),
}
CARD = {
    *("id", "deck_id", "position", "hanzi", "traditional", "pinyin", "english", "word_key", "sentence"),
    *("sentence_pinyin", "sentence_translation", "notes", "tags"),
}
SESSION = {
    *(
        "id",
        "deck_id",
        "direction",
        "exercise",
        "mode",
        "filter",
        "filter_value",
        "cards_studied",
        "correct_answers",
        "session_duration",
        "created_at",
    ),
    "ended_at",
}


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def post(as_user):
    """Return a function that posts JSON."""
    return lambda path, data: as_user.post(path, data, content_type="application/json")


@pytest.fixture
def act(card):
    """Return a function that returns an answer as a client sends it; a field that is ... is left out."""

    def act(**fields):
        fields = {"id": str(uuid7()), "card_id": str(card.pk), "direction": READ, "rating": 3} | fields
        return {name: value for name, value in fields.items() if value is not ...}

    return act


def said(reply):
    """Return the status and the error's code, once it has the one shape that errors have."""
    body = reply.json()
    assert set(body) == {"detail", "error_code", "status_code"}
    assert body["status_code"] == reply.status_code
    return reply.status_code, body["error_code"]


class TestOneAnswer:
    def test_is_a_201_with_the_interaction_and_the_progress(self, post, act, session, card):
        reply = post(INTERACTIONS, act(id=str(ID), session_id=str(session.pk), response_time=900))
        body = reply.json()
        assert (reply.status_code, set(body)) == (201, {"interaction", "progress"})
        assert (set(body["interaction"]), set(body["progress"])) == (INTERACTION, PROGRESS)
        assert body["interaction"] == {
            "id": str(ID),
            "session_id": str(session.pk),
            "card_id": str(card.pk),
            "interaction_type": "review",
            "direction": READ,
            "rating": 3,
            "response_time": 900,
            "answered_at": "2026-03-02T12:00:00Z",
            "created_at": "2026-03-02T12:00:00Z",
            "undone_at": None,
        }

    def test_has_the_progress_that_it_made(self, post, act, card):
        found = post(INTERACTIONS, act(response_time=1_500)).json()["progress"]
        memory = fsrs.first(fsrs.DEFAULT_WEIGHTS, Rating.GOOD)
        assert found == {
            "id": str(CardProgress.objects.get().pk),
            "card_id": str(card.pk),
            "direction": READ,
            "state": "learning",
            "step": 1,
            "stability": memory.stability,
            "difficulty": memory.difficulty,
            "next_review_at": "2026-03-02T12:10:00Z",
            "last_reviewed_at": "2026-03-02T12:00:00Z",
            "mastery_level": 1,
            "difficulty_score": pytest.approx(0.1 + (memory.difficulty - 1) * 4.9 / 9),
            "flip_count": 0,
            "quiz_attempts": 0,
            "quiz_correct": 0,
            "consecutive_correct": 1,
            "reps": 1,
            "lapses": 0,
            "total_study_time": 1.5,
            "suspended": False,
            "buried_until": None,
        }

    def test_again_is_a_200_with_the_same_content_and_changes_nothing(self, post, act, session, every_row, clock):
        told = act(session_id=str(session.pk), response_time=1_000, answered_at="2026-03-02T11:59:58.123456Z")
        first = post(INTERACTIONS, told)
        before = every_row()
        clock.shift(HOUR)
        again = post(INTERACTIONS, told)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert every_row() == before

    def test_with_an_id_that_is_taken_is_a_409(self, post, act, cards, every_row):
        post(INTERACTIONS, act(id=str(ID)))
        before = every_row()
        reply = post(INTERACTIONS, act(id=str(ID), card_id=str(cards[1].pk)))
        assert said(reply) == (409, "CONFLICT")
        assert every_row() == before

    @pytest.mark.parametrize(("type", "rating"), [("quiz_correct", 3), ("quiz_incorrect", 1), ("flip", None)])
    @pytest.mark.parametrize("told", [..., None])
    def test_a_type_implies_its_rating(self, post, act, type, rating, told):
        reply = post(INTERACTIONS, act(interaction_type=type, rating=told))
        assert (reply.status_code, reply.json()["interaction"]["rating"]) == (201, rating)

    @pytest.mark.parametrize(("type", "rating"), [("quiz_correct", 3), ("quiz_incorrect", 1)])
    def test_the_rating_of_a_quiz_may_be_said(self, post, act, type, rating):
        assert post(INTERACTIONS, act(interaction_type=type, rating=rating)).status_code == 201

    @pytest.mark.parametrize(
        ("type", "rating"), [("quiz_correct", 4), ("quiz_correct", 1), ("quiz_incorrect", 3), ("flip", 3)]
    )
    def test_another_rating_than_its_type_s_is_a_400(self, post, act, every_row, type, rating):
        before = every_row()
        reply = post(INTERACTIONS, act(interaction_type=type, rating=rating))
        assert (said(reply), list(reply.json()["detail"])) == ((400, "VALIDATION_ERROR"), ["rating"])
        assert every_row() == before

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("id", value) for value in (..., None, "", "x", 7.5, "0199")),
            *(("card_id", value) for value in (..., None, "", "x")),
            *(("session_id", value) for value in ("", "x", 12.5)),
            *(("direction", value) for value in (..., None, "", "sideways")),
            *(("rating", value) for value in (..., None, 0, 5, -1, "good", 2.5, [3])),
            *(("response_time", value) for value in (-1, "slow", 1.5)),
            *(("answered_at", value) for value in ("", "yesterday", 12, "2026-02-30T00:00:00Z")),
            *(("typed", value) for value in (None, 1001 * "x", "nul\0", {})),
            *(("device", value) for value in (None, 101 * "x", "nul\0")),
        ],
    )
    def test_a_field_that_is_wrong_is_a_400_with_its_messages(self, post, act, every_row, field, value):
        before = every_row()
        reply = post(INTERACTIONS, act(**{field: value}))
        assert said(reply) == (400, "VALIDATION_ERROR")
        detail = reply.json()["detail"]
        assert list(detail) == [field]
        assert detail[field]
        assert all(isinstance(message, str) for message in detail[field])
        assert every_row() == before

    def test_every_wrong_field_has_its_messages(self, post, act):
        reply = post(INTERACTIONS, act(id="x", direction="sideways", rating=9))
        assert set(reply.json()["detail"]) == {"id", "direction", "rating"}

    @pytest.mark.parametrize("body", ["{", "", "null", '"x"', "3"])
    def test_what_is_no_answer_is_a_400(self, as_user, user, body):
        assert said(as_user.post(INTERACTIONS, body, content_type="application/json")) == (400, "VALIDATION_ERROR")

    def test_a_form_is_a_415(self, as_user, act):
        assert said(as_user.post(INTERACTIONS, act())) == (415, "UNSUPPORTED_MEDIA_TYPE")

    @pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
    def test_another_method_is_a_405(self, as_user, method):
        assert said(getattr(as_user, method)(INTERACTIONS)) == (405, "METHOD_NOT_ALLOWED")

    def test_a_time_longer_than_a_minute_counts_as_a_minute(self, post, act):
        assert post(INTERACTIONS, act(response_time=10**9)).json()["interaction"]["response_time"] == 60_000


class TestAnsweredAt:
    @pytest.mark.parametrize("told", [..., None])
    def test_left_out_it_is_now(self, post, act, told, now):
        post(INTERACTIONS, act(answered_at=told))
        entry = CardInteraction.objects.get()
        assert (entry.answered_at, entry.received_at) == (now, now)

    @pytest.mark.parametrize(
        "told", ["2026-03-02T11:00:00Z", "2026-03-02T16:45:00+05:45", "2026-03-02T11:00:00", "2026-03-02T06:00-05:00"]
    )
    def test_it_is_taken_in_any_zone_and_without_one_in_utc(self, post, act, told, now):
        reply = post(INTERACTIONS, act(answered_at=told))
        assert reply.json()["interaction"]["answered_at"] == "2026-03-02T11:00:00Z"
        assert CardInteraction.objects.get().answered_at == now - HOUR

    def test_it_keeps_microseconds(self, post, act):
        reply = post(INTERACTIONS, act(answered_at="2026-03-02T11:00:00.123456Z"))
        assert reply.json()["interaction"]["answered_at"] == "2026-03-02T11:00:00.123456Z"

    @pytest.mark.parametrize("told", ["2026-03-03T12:00:01Z", "2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
    def test_more_than_a_day_ahead_is_a_400(self, post, act, every_row, told):
        before = every_row()
        reply = post(INTERACTIONS, act(answered_at=told))
        assert said(reply) == (400, "VALIDATION_ERROR")
        assert "clock" in str(reply.json()["detail"])
        assert every_row() == before

    def test_a_day_ahead_is_taken_for_now_and_flagged(self, post, act, now):
        assert post(INTERACTIONS, act(answered_at="2026-03-03T12:00:00Z")).status_code == 201
        entry = CardInteraction.objects.get()
        assert (entry.answered_at, entry.clock_ahead) == (now, True)

    @pytest.mark.parametrize("told", ["0001-01-01T00:00:00Z", "1066-10-14T09:00:00Z", "1969-12-31T23:59:59Z"])
    @pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
    def test_the_distant_past_is_no_server_error(self, post, act, user, told, zone):
        user.time_zone = zone
        user.save()
        assert post(INTERACTIONS, act(answered_at=told)).status_code in (201, 400)


class TestLists:
    def test_each_is_answered_in_its_place(self, post, act, cards):
        told = [act(card_id=str(card.pk)) for card in cards]
        told[0]["answered_at"], told[1]["answered_at"] = "2026-03-02T11:59:00Z", "2026-03-02T11:58:00Z"
        reply = post(INTERACTIONS, told)
        assert reply.status_code == 201
        assert [each["interaction"]["id"] for each in reply.json()] == [each["id"] for each in told]
        assert {frozenset(each) for each in reply.json()} == {frozenset({"interaction", "progress"})}
        assert CardProgress.objects.count() == 5

    def test_an_empty_one_is_answered_by_an_empty_one(self, post, user):
        reply = post(INTERACTIONS, [])
        assert (reply.status_code, reply.json()) == (200, [])

    def test_five_hundred_are_taken_and_the_same_again_change_nothing(self, post, act, session, every_row):
        told = [
            act(
                session_id=str(session.pk), answered_at=f"2026-03-02T{8 + at // 200:02}:{at % 200 // 4:02}:{at % 4:02}Z"
            )
            for at in range(500)
        ]
        first = post(INTERACTIONS, told)
        assert (first.status_code, len(first.json()), CardProgress.objects.get().reps) == (201, 500, 500)
        before = every_row()
        again = post(INTERACTIONS, told)
        assert (again.status_code, len(again.json())) == (200, 500)
        assert [each["interaction"] for each in again.json()] == [each["interaction"] for each in first.json()]
        assert every_row() == before

    def test_five_hundred_and_one_are_a_400(self, post, act, every_row):
        before = every_row()
        reply = post(INTERACTIONS, [act() for _ in range(501)])
        assert (said(reply), reply.json()["detail"]) == (
            (400, "VALIDATION_ERROR"),
            {"non_field_errors": ["At most 500 at a time."]},
        )
        assert every_row() == before

    def test_one_of_a_card_that_is_nobody_s_says_so_in_its_place_and_stops_no_other(self, post, act, cards):
        told = [act(), act(card_id=str(NOBODY)), act(card_id=str(cards[1].pk))]
        reply = post(INTERACTIONS, told)
        assert reply.status_code == 201
        first, bad, last = reply.json()
        assert (set(first), set(last)) == ({"interaction", "progress"}, {"interaction", "progress"})
        assert bad == {
            "id": told[1]["id"],
            "error": {"detail": "No such card.", "error_code": "NOT_FOUND", "status_code": 404},
        }

    @pytest.mark.parametrize(
        ("fields", "code", "status"),
        [
            ({"session_id": str(NOBODY)}, "NOT_FOUND", 404),
            ({"interaction_type": "set_due", "rating": None, "days": 3, "direction": WRITE}, "VALIDATION_ERROR", 400),
            ({"answered_at": "2026-03-09T12:00:00Z"}, "VALIDATION_ERROR", 400),
            ({"id": str(ID)}, "CONFLICT", 409),
        ],
    )
    def test_one_that_is_refused_has_the_error_that_it_has_alone(self, post, act, cards, fields, code, status):
        post(INTERACTIONS, act(id=str(ID), card_id=str(cards[3].pk)))
        bad = act(**fields)
        alone = post(INTERACTIONS, bad)
        among = post(INTERACTIONS, [act(), bad, act(card_id=str(cards[1].pk))])
        assert said(alone) == (status, code)
        assert among.json()[1] == {"id": bad["id"], "error": alone.json()}
        assert (among.status_code, CardProgress.objects.count()) == (201, 3)

    def test_one_that_is_no_act_at_all_is_a_400_that_says_which_and_nothing_is_recorded(self, post, act, every_row):
        before = every_row()
        reply = post(INTERACTIONS, [act(), act(rating=9), act()])
        assert said(reply) == (400, "VALIDATION_ERROR")
        assert reply.json()["detail"] == {"1": {"rating": ['"9" is not a valid choice.']}}
        assert every_row() == before

    def test_answers_of_several_sessions_count_in_each(self, post, act, user, deck, cards, session):
        quiz = StudySession.start(user, deck, None, session.created_at, Mode.QUIZ)
        sessions = [session, quiz, session]
        post(
            INTERACTIONS, [act(card_id=str(c.pk), session_id=str(s.pk)) for c, s in zip(cards, sessions, strict=False)]
        )
        session.refresh_from_db(), quiz.refresh_from_db()
        assert (session.cards_studied, quiz.cards_studied) == (2, 1)


class TestOthers:
    @pytest.fixture
    def theirs(self, stranger, make_deck, now):
        """A stranger's private deck and their session."""
        deck = make_deck(name="Wang's", user=stranger, visibility=Visibility.PRIVATE)
        return StudySession.start(stranger, deck, None, now)

    def test_a_stranger_s_session_is_a_404_everywhere(self, as_user, post, act, theirs, every_row):
        before = every_row()
        paths = f"/api/study/session/{theirs.pk}"
        replies = [
            post(INTERACTIONS, act(session_id=str(theirs.pk))),
            as_user.get(f"{paths}/cards"),
            as_user.put(f"{paths}/end"),
        ]
        assert [said(reply) for reply in replies] == 3 * [(404, "NOT_FOUND")]
        assert every_row() == before

    def test_a_card_of_a_stranger_s_private_deck_is_a_404(self, post, act, theirs, every_row):
        before = every_row()
        assert said(post(INTERACTIONS, act(card_id=str(theirs.deck.cards.first().pk)))) == (404, "NOT_FOUND")
        assert every_row() == before

    @pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
    def test_a_card_of_a_shared_deck_may_be_answered(self, post, act, stranger, make_deck, visibility):
        shared = make_deck(name="Shared", user=stranger, visibility=visibility)
        assert post(INTERACTIONS, act(card_id=str(shared.cards.first().pk))).status_code == 201

    def test_a_stranger_s_private_deck_cannot_be_studied(self, post, theirs):
        assert said(post("/api/study/session", {"deck_id": str(theirs.deck_id)})) == (404, "NOT_FOUND")

    def test_a_stranger_s_interaction_cannot_be_taken_back(self, as_user, theirs, now, every_row):
        theirs.answer(ID, theirs.deck.cards.first(), READ, Rating.GOOD, at=now)
        before = every_row()
        assert said(as_user.post(f"{INTERACTIONS}/{ID}/undo")) == (404, "NOT_FOUND")
        assert every_row() == before

    def test_a_stranger_s_id_is_a_409_that_tells_nothing(self, post, act, theirs, now, every_row):
        theirs.answer(ID, theirs.deck.cards.first(), READ, Rating.GOOD, at=now)
        before = every_row()
        reply = post(INTERACTIONS, act(id=str(ID)))
        assert said(reply) == (409, "CONFLICT")
        assert "wang" not in reply.text
        assert every_row() == before

    def test_what_exists_and_what_does_not_have_the_same_404(self, as_user, theirs):
        replies = [as_user.get(f"/api/study/session/{pk}/cards") for pk in (theirs.pk, NOBODY)]
        assert replies[0].json() == replies[1].json()


class TestWhoMay:
    @pytest.fixture
    def requests(self, session, now):
        """Every request of the API, as (method, path, data)."""
        session.answer(ID, session.deck.cards.first(), READ, Rating.GOOD, at=now)
        return [
            ("post", "/api/study/session", {}),
            ("get", f"/api/study/session/{session.pk}/cards", None),
            ("put", f"/api/study/session/{session.pk}/end", None),
            ("post", INTERACTIONS, {}),
            ("post", f"{INTERACTIONS}/{ID}/undo", None),
        ]

    def test_a_visitor_is_refused_in_the_one_shape(self, client, requests, every_row):
        before = every_row()
        for method, path, data in requests:
            reply = getattr(client, method)(path, data, content_type="application/json")
            assert said(reply) in [(401, "UNAUTHORIZED"), (403, "FORBIDDEN")]
        assert every_row() == before

    def test_a_browser_s_session_without_its_csrf_token_is_refused(self, user, requests, every_row):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        before = every_row()
        for method, path, data in requests:
            if method != "get":
                reply = getattr(client, method)(path, data, content_type="application/json")
                assert said(reply) == (403, "FORBIDDEN")
        assert every_row() == before

    def test_with_its_token_it_may(self, user, act):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        client.cookies["csrftoken"] = token = 32 * "a"
        headers = {"X-CSRFToken": token}
        reply = client.post(INTERACTIONS, act(), content_type="application/json", headers=headers)
        assert reply.status_code == 201

    def test_a_learner_who_is_no_longer_active_may_not(self, as_user, user, requests):
        user.is_active = False
        user.save()
        assert as_user.get(requests[1][1]).status_code in (401, 403)


class TestSessions:
    def test_a_session_is_begun(self, post, deck, now):
        reply = post("/api/study/session", {"deck_id": str(deck.pk), "direction": WRITE, "mode": "quiz"})
        session = StudySession.objects.get()
        assert reply.status_code == 201
        assert reply.json() == {
            "id": str(session.pk),
            "deck_id": str(deck.pk),
            "direction": WRITE,
            "exercise": "quiz",
            "mode": "quiz",
            "filter": "",
            "filter_value": "",
            "cards_studied": 0,
            "correct_answers": 0,
            "session_duration": 0.0,
            "created_at": "2026-03-02T12:00:00Z",
            "ended_at": None,
        }

    @pytest.mark.parametrize("told", [{}, {"deck_id": None, "direction": None}])
    def test_without_a_deck_it_is_over_all(self, post, told):
        body = post("/api/study/session", told).json()
        assert (set(body), body["deck_id"], body["direction"], body["mode"]) == (SESSION, None, None, "review")

    @pytest.mark.parametrize("direction", Direction)
    def test_an_exercise_is_one_of_the_direction_s(self, post, deck, direction):
        for exercise in Exercise:
            wanted = {"deck_id": str(deck.pk), "direction": direction, "exercise": exercise}
            reply = post("/api/study/session", wanted)
            if exercise in EXERCISES[direction]:
                assert (reply.status_code, reply.json()["exercise"]) == (201, exercise)
                assert StudySession.objects.get(pk=reply.json()["id"]).exercise == exercise
            else:
                told = {"exercise": [f"“{direction}” has {', '.join(EXERCISES[direction])}."]}
                assert (reply.status_code, reply.json()["detail"]) == (400, told)

    def test_any_exercise_goes_with_every_direction(self, post):
        replies = [post("/api/study/session", {"exercise": exercise}).json() for exercise in ["", *Exercise]]
        assert [reply["exercise"] for reply in replies] == ["", *Exercise]
        assert len({reply["id"] for reply in replies}) == 7
        assert post("/api/study/session", {}).json()["exercise"] == ""

    @pytest.mark.parametrize(
        ("field", "value"),
        [("deck_id", "x"), ("direction", "sideways"), ("exercise", "dance"), ("mode", "sprint"), ("mode", None)],
    )
    def test_a_wrong_field_is_a_400(self, post, field, value):
        reply = post("/api/study/session", {field: value})
        assert (said(reply), list(reply.json()["detail"])) == ((400, "VALIDATION_ERROR"), [field])

    def test_a_deck_that_does_not_exist_is_a_404(self, post):
        assert said(post("/api/study/session", {"deck_id": str(NOBODY)})) == (404, "NOT_FOUND")

    def test_the_duration_is_measured_and_not_believed(self, as_user, post, act, session, clock):
        clock.shift(3 * MINUTE)
        post(INTERACTIONS, act(session_id=str(session.pk)))
        clock.shift(20 * MINUTE)
        told = {"session_duration": 999, "cards_studied": 99, "ended_at": "2020-01-01T00:00:00Z"}
        reply = as_user.put(f"/api/study/session/{session.pk}/end", told, content_type="application/json")
        assert (reply.status_code, set(reply.json())) == (200, SESSION)
        assert (reply.json()["session_duration"], reply.json()["cards_studied"]) == (3.0, 1)
        assert reply.json()["ended_at"] == "2026-03-02T12:23:00Z"

    def test_ended_twice_the_first_end_counts(self, as_user, session, clock):
        path = f"/api/study/session/{session.pk}/end"
        first = as_user.put(path)
        clock.shift(HOUR)
        assert as_user.put(path).json() == first.json()


class TestCards:
    @pytest.fixture
    def next_cards(self, as_user, session):
        """Return a function that gets the next cards of the session."""
        Enrolment.objects.update(directions=[READ])
        return lambda query="": as_user.get(f"/api/study/session/{session.pk}/cards{query}")

    def test_each_has_its_card_progress_and_what_each_grade_would_do(self, next_cards, user, cards, remember):
        remember(user, cards[1])
        reply = next_cards("?count=2")
        assert reply.status_code == 200
        first, second = reply.json()
        assert set(first) == set(second) == {"card", "direction", "progress", "next"}
        assert (set(first["card"]), set(first["progress"])) == (CARD, PROGRESS)
        assert (first["card"]["hanzi"], second["card"]["hanzi"], second["progress"]) == ("老师", "学生", None)
        assert list(first["next"]) == ["1", "2", "3", "4"]
        assert {frozenset(each) for each in first["next"].values()} == {frozenset({"interval_days", "due_at"})}
        assert second["next"]["1"] == {"interval_days": 60 / 86_400, "due_at": "2026-03-02T12:01:00Z"}

    @pytest.mark.parametrize("count", ["0", "101", "-1", "x", "1.5", "", "9" * 99, "٣", " 3"])
    def test_a_wrong_count_is_a_400(self, next_cards, count):
        reply = next_cards(f"?count={count}")
        assert (said(reply), list(reply.json()["detail"])) == ((400, "VALIDATION_ERROR"), ["count"])

    @pytest.mark.parametrize(("query", "found"), [("", 5), ("?count=3", 3), ("?count=100", 5)])
    def test_as_many_as_asked_for_come(self, next_cards, query, found):
        assert len(next_cards(query).json()) == found


class TestQueries:
    @pytest.fixture
    def words(self, make_deck):
        return make_deck([(f"字{at}", "", f"zi{at}", "x") for at in range(200)], name="Many")

    @pytest.mark.parametrize(("word", "queries"), [("new", 7), ("begun", 7), ("late", 9), ("again", 7)])
    def test_one_answer_takes_a_fixed_number(
        self, post, act, session, card, now, django_assert_num_queries, word, queries
    ):
        told = act(session_id=str(session.pk), id=str(ID))
        if word != "new":
            session.answer(uuid7(), card, READ, Rating.GOOD, at=now - HOUR)
        if word == "late":
            told["answered_at"] = "2026-03-02T10:00:00Z"
        if word == "again":
            post(INTERACTIONS, told)
        with django_assert_num_queries(queries):
            post(INTERACTIONS, told)

    @pytest.mark.parametrize("count", [1, 100, 200])
    def test_a_list_takes_the_same_few_for_any_number_of_words(
        self, post, act, session, words, django_assert_num_queries, count
    ):
        told = [act(session_id=str(session.pk), card_id=str(card.pk)) for card in words.cards.all()[:count]]
        with django_assert_num_queries(6):
            post(INTERACTIONS, told)

    @pytest.mark.parametrize("count", [1, 100])
    def test_a_list_sent_again_takes_the_same_few_for_any_number_of_words(
        self, post, act, session, words, django_assert_num_queries, count
    ):
        told = [act(session_id=str(session.pk), card_id=str(card.pk)) for card in words.cards.all()[:count]]
        post(INTERACTIONS, told)
        with django_assert_num_queries(6):
            post(INTERACTIONS, told)

    @pytest.mark.parametrize("count", [10, 100])
    def test_the_next_cards_take_as_many_for_ten_as_for_a_hundred(
        self, as_user, post, user, words, now, django_assert_num_queries, count
    ):
        user.new_per_day = 100
        user.save()
        session = StudySession.start(user, words, None, now)
        with django_assert_num_queries(18):
            assert len(as_user.get(f"/api/study/session/{session.pk}/cards?count={count}").json()) == count
        with django_assert_num_queries(6):  # the plan knows
            assert len(as_user.get(f"/api/study/session/{session.pk}/cards?count={count}").json()) == count
