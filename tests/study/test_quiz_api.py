"""The quiz over HTTP: what a question says and doesn't, what an answer is worth, and who may ask."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from uuid_utils.compat import uuid7

from accounts.models import Script
from decks.models import Card, Visibility
from study.choices import Direction, Rating
from study.models import CardInteraction, CardProgress, StudySession
from study.quiz import choices_for

ID = "01990000-0000-7000-8000-000000000001"
NOBODY = "01990000-0000-7000-8000-00000000dead"
READ, WRITE, HEAR = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE, Direction.LISTENING
QUESTION, ANSWER, INTERACTIONS = "/api/study/quiz/question", "/api/study/quiz/answer", "/api/study/interactions"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def post(as_user):
    """Return a function that posts JSON."""
    return lambda path, data: as_user.post(path, data, content_type="application/json")


def without(fields):
    return {name: value for name, value in fields.items() if value is not ...}


@pytest.fixture
def question(post, card):
    """Return a function that asks for the question of the first card; a field that is ... is left out."""
    return lambda **fields: post(QUESTION, without({"card_id": str(card.pk), "direction": READ} | fields))


@pytest.fixture
def answer(post, card):
    """Return a function that answers the first card."""
    start = {"card_id": str(card.pk), "direction": READ}
    return lambda **fields: post(ANSWER, without({"id": str(uuid7())} | start | fields))


@pytest.fixture
def pick(question, user):
    """Return a function that returns the id of the right choice of a card's question, or of a wrong one."""

    def pick(right, card, direction=READ):
        offered = question(card_id=str(card.pk), direction=direction).json()["choices"]
        said = {"chinese_to_english": card.english, "listening": card.english}.get(direction, card.hanzi)
        return next(choice["id"] for choice in offered if (choice["text"] == said) is right)

    return pick


def said(reply):
    """Return the status and the error's code, once it has the one shape that errors have."""
    body = reply.json()
    assert set(body) == {"detail", "error_code", "status_code"}
    assert body["status_code"] == reply.status_code
    return reply.status_code, body["error_code"]


class TestQuestion:
    def test_it_has_four_choices_and_does_not_say_which_is_right(self, question, card):
        reply = question()
        body = reply.json()
        choices = body.pop("choices")
        assert reply.status_code == 200
        assert body == {
            "card_id": str(card.pk),
            "direction": READ,
            "exercise": "quiz",
            "prompt": {"hanzi": "学生", "traditional": "學生"},
        }
        assert len(choices) == 4
        assert {frozenset(choice) for choice in choices} == {frozenset({"id", "text", "lang"})}
        assert [choice["lang"] for choice in choices if choice["text"] == "student"] == ["en"]

    @pytest.mark.parametrize(
        ("direction", "prompt", "text"),
        [
            (READ, {"hanzi": "学生", "traditional": "學生"}, "student"),
            (WRITE, {"english": "student"}, "学生"),
            (HEAR, {}, "student"),
        ],
    )
    def test_it_says_what_its_direction_asks_and_no_more(self, question, direction, prompt, text):
        body = question(direction=direction).json()
        assert body["prompt"] == prompt
        assert text in [choice["text"] for choice in body["choices"]]

    def test_it_is_in_the_learners_script(self, question, user):
        user.script = Script.TRADITIONAL
        user.save()
        assert {choice["lang"] for choice in question(direction=WRITE).json()["choices"]} == {"zh-Hant"}

    @pytest.mark.parametrize(
        ("direction", "exercise", "prompt"),
        [
            (READ, "pinyin", {"hanzi": "学生", "traditional": "學生"}),
            (WRITE, "hanzi", {"english": "student"}),
            (HEAR, "hanzi", {}),
        ],
    )
    def test_what_is_typed_has_no_choices(self, question, direction, exercise, prompt):
        body = question(direction=direction, exercise=exercise).json()
        assert (body["prompt"], body["choices"], body["exercise"]) == (prompt, [], exercise)

    def test_it_is_the_same_until_it_is_answered(self, question, answer, pick, card):
        first = question().json()
        assert question().json() == first
        answer(choice=pick(True, card))
        assert question().json()["choices"] != first["choices"]

    def test_it_changes_nothing(self, question, session, every_row):
        before = every_row()
        assert question(session_id=str(session.pk)).status_code == 200
        assert every_row() == before

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("card_id", value) for value in (..., None, "", "x")),
            *(("session_id", value) for value in ("", "x", 12.5)),
            *(("direction", value) for value in (..., None, "", "sideways", [READ])),
            *(("exercise", value) for value in (None, "", "sing", "strokes", "cards", "hanzi")),
        ],
    )
    def test_a_field_that_is_wrong_is_a_400_with_its_messages(self, question, field, value):
        reply = question(**{field: value})
        assert said(reply) == (400, "VALIDATION_ERROR")
        assert list(reply.json()["detail"]) == [field]

    def test_a_direction_that_is_not_asked_so_is_a_400(self, question):
        reply = question(direction=Direction.WRITING)
        assert (said(reply), reply.json()["detail"]) == (
            (400, "VALIDATION_ERROR"),
            {"exercise": ["“writing” has no “quiz”."]},
        )

    @pytest.mark.parametrize(
        ("fields", "exercise"), [({"english": ""}, "quiz"), ({"hanzi": ""}, "quiz"), ({"pinyin": ""}, "pinyin")]
    )
    def test_a_card_that_cannot_be_asked_so_is_a_400(self, question, card, fields, exercise):
        Card.objects.filter(pk=card.pk).update(**{"hanzi": "甲龘", "traditional": ""} | fields)
        reply = question(exercise=exercise)
        assert (said(reply), reply.json()["detail"]) == (
            (400, "VALIDATION_ERROR"),
            {"exercise": ["This card can't be asked so."]},
        )

    @pytest.mark.parametrize("body", ["{", "", "null", '"x"', "[]"])
    def test_what_is_no_question_is_a_400(self, as_user, body):
        for path in (QUESTION, ANSWER):
            assert said(as_user.post(path, body, content_type="application/json")) == (400, "VALIDATION_ERROR")

    @pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
    def test_another_method_is_a_405(self, as_user, method):
        for path in (QUESTION, ANSWER):
            assert said(getattr(as_user, method)(path)) == (405, "METHOD_NOT_ALLOWED")


class TestChoosing:
    @pytest.mark.parametrize("direction", [READ, WRITE, HEAR])
    @pytest.mark.parametrize(
        ("right", "kind", "rating"), [(True, "quiz_correct", Rating.GOOD), (False, "quiz_incorrect", Rating.AGAIN)]
    )
    def test_it_is_recorded_as_graded(self, answer, pick, session, card, direction, right, kind, rating):
        choice = pick(right, card, direction)
        reply = answer(
            id=ID, direction=direction, choice=choice, session_id=str(session.pk), response_time=900, device="phone"
        )
        body = reply.json()
        assert (reply.status_code, set(body)) == (201, {"correct", "right", "interaction", "progress"})
        assert body["correct"] is right
        assert body["interaction"]["interaction_type"] == kind
        entry = CardInteraction.objects.get()
        assert (entry.pk, entry.interaction_type, entry.rating, entry.direction) == (UUID(ID), kind, rating, direction)
        assert (entry.session_id, entry.response_time, entry.device, entry.typed) == (session.pk, 900, "phone", "")
        progress = CardProgress.objects.get()
        assert (progress.quiz_attempts, progress.quiz_correct) == (1, int(right))
        assert body["progress"]["reps"] == 1

    def test_it_says_which_was_right(self, answer, pick, card):
        wrong, right = pick(False, card), pick(True, card)
        assert answer(choice=wrong).json()["right"] == {
            "id": right,
            "text": "student",
            "lang": "en",
            "hanzi": "学生",
            "traditional": "學生",
            "pinyin": "xuésheng",
            "english": "student",
        }

    def test_it_is_recorded_as_by_the_interactions(self, answer, post, pick, cards, session):
        told = {"response_time": 900, "answered_at": "2026-03-02T11:59:58Z", "session_id": str(session.pk)}
        first = answer(choice=pick(True, cards[0]), **told).json()
        other = {"id": str(uuid7()), "card_id": str(cards[1].pk), "direction": READ, "interaction_type": "quiz_correct"}
        second = post(INTERACTIONS, other | told).json()
        apart = {"id", "card_id", "created_at"}
        for name in ("interaction", "progress"):
            one, two = first[name], second[name]
            assert {key: one[key] for key in one if key not in apart} == {
                key: two[key] for key in two if key not in apart
            }

    def test_an_answer_given_earlier_keeps_its_time(self, answer, pick, card, now):
        answer(choice=pick(True, card), answered_at="2026-03-02T11:00:00Z")
        assert CardInteraction.objects.get().answered_at == now - HOUR

    def test_a_time_longer_than_a_minute_counts_as_a_minute(self, answer, pick, card):
        assert answer(choice=pick(True, card), response_time=10**9).json()["interaction"]["response_time"] == 60_000

    @pytest.mark.parametrize("choice", ["x", "0" * 16, "字", 3])
    def test_what_was_not_offered_is_a_400(self, answer, every_row, choice):
        before = every_row()
        reply = answer(choice=choice)
        assert (said(reply), reply.json()["detail"]) == (
            (400, "VALIDATION_ERROR"),
            {"choice": ["This was not offered."]},
        )
        assert every_row() == before

    def test_what_was_offered_for_another_card_or_direction_is_a_400(self, answer, pick, cards, every_row):
        before = every_row()
        for choice in (pick(True, cards[1]), pick(False, cards[1]), pick(True, cards[0], WRITE)):
            assert said(answer(choice=choice)) == (400, "VALIDATION_ERROR")
        assert every_row() == before

    def test_what_was_offered_before_another_answer_still_counts(self, answer, pick, card):
        wrong = pick(False, card)
        answer(choice=pick(True, card))
        answer(choice=pick(True, card))
        assert (answer(choice=wrong).status_code, CardProgress.objects.get().quiz_attempts) == (201, 3)

    def test_what_was_offered_before_the_card_changed_still_counts(self, answer, pick, card):
        right = pick(True, card)
        Card.objects.filter(pk=card.pk).update(english="pupil")
        body = answer(choice=right).json()
        assert (body["correct"], body["right"]["text"]) == (True, "pupil")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("id", value) for value in (..., None, "", "x")),
            *(("card_id", value) for value in (..., None, "x")),
            *(("session_id", value) for value in ("", "x")),
            *(("direction", value) for value in (..., None, "sideways")),
            *(("exercise", value) for value in (None, "sing", "strokes", "hanzi")),
            *(("choice", value) for value in (..., None, "", {}, "x" * 101, "nul\0")),
            *(("response_time", value) for value in (-1, "slow")),
            *(("answered_at", value) for value in ("", "yesterday")),
            *(("final", value) for value in (None, "maybe")),
        ],
    )
    def test_a_field_that_is_wrong_is_a_400_with_its_messages(self, answer, pick, card, every_row, field, value):
        before = every_row()
        reply = answer(**{"choice": pick(True, card), field: value})
        assert said(reply) == (400, "VALIDATION_ERROR")
        assert list(reply.json()["detail"]) == [field]
        assert every_row() == before

    def test_a_rating_of_ones_own_changes_nothing(self, answer, pick, card):
        answer(choice=pick(False, card), rating=4, interaction_type="review", days=3)
        entry = CardInteraction.objects.get()
        assert (entry.interaction_type, entry.rating) == ("quiz_incorrect", 1)

    def test_a_session_in_another_direction_is_a_400(self, answer, pick, user, deck, card, now, every_row):
        session = StudySession.start(user, deck, WRITE, now)
        choice, before = pick(True, card), every_row()
        assert said(answer(choice=choice, session_id=str(session.pk))) == (400, "VALIDATION_ERROR")
        assert every_row() == before


class TestTyping:
    @pytest.mark.parametrize(
        ("direction", "exercise", "typed", "outcome"),
        [
            (READ, "pinyin", "xue2sheng5", "right"),
            (READ, "pinyin", "xuésheng", "right"),
            (HEAR, "pinyin", "xue2 sheng2", "wrong"),
            (READ, "pinyin", "xuexiao", "wrong"),
            (WRITE, "hanzi", "学生", "right"),
            (WRITE, "hanzi", "學生", "right"),
            (WRITE, "hanzi", "学校", "wrong"),
            (HEAR, "hanzi", "先生", "wrong"),
        ],
    )
    def test_it_is_graded_and_recorded(self, answer, direction, exercise, typed, outcome):
        reply = answer(direction=direction, exercise=exercise, typed=typed)
        body = reply.json()
        assert (reply.status_code, set(body)) == (201, {"correct", "right", "verdict", "interaction", "progress"})
        assert (body["correct"], body["verdict"]["outcome"]) == (outcome == "right", outcome)
        assert body["right"] == {"hanzi": "学生", "traditional": "學生", "pinyin": "xuésheng", "english": "student"}
        entry = CardInteraction.objects.get()
        assert (entry.typed, entry.rating) == (typed, 3 if outcome == "right" else 1)

    def test_the_verdict_is_by_syllable(self, answer):
        body = answer(exercise="pinyin", typed="xue3 sheng5").json()
        assert [(each["typed"], each["typed_tone"], each["verdict"]) for each in body["verdict"]["syllables"]] == [
            ("xue", 3, "wrong_tone"),
            ("sheng", 5, "right"),
        ]
        assert [(each["expected"], each["tone"]) for each in body["verdict"]["syllables"]] == [("xue", 2), ("sheng", 5)]

    @pytest.mark.parametrize(
        ("words", "typed", "outcome"),
        [
            (("学生", "學生", "xuésheng", "student"), "xuesheng", "tones_missing"),
            (("长", "長", "cháng", "long"), "zhang3", "other_reading"),
            (("长", "長", "cháng", "long"), " ", "empty"),
        ],
    )
    def test_what_is_not_quite_right_may_be_tried_again(
        self, answer, make_deck, user, every_row, words, typed, outcome
    ):
        card = make_deck([words], name="Mine", user=user).cards.get()
        told = {"id": ID, "card_id": str(card.pk), "exercise": "pinyin"}
        before = every_row()
        for _ in range(2):
            reply = answer(typed=typed, **told)
            body = reply.json()
            assert (reply.status_code, body["correct"], body["retry"]) == (200, None, True)
            assert body["verdict"]["outcome"] == outcome
            assert set(body) == {"correct", "retry", "verdict"}
        assert every_row() == before
        assert answer(typed=card.pinyin, **told).json()["correct"] is True

    def test_what_was_expected_is_not_told_while_it_may_be_tried_again(self, answer):
        body = answer(exercise="pinyin", typed="xuesheng").json()
        assert body["verdict"] == {
            "outcome": "tones_missing",
            "syllables": [
                {"typed": "xue", "typed_tone": 0, "verdict": "tone_missing"},
                {"typed": "sheng", "typed_tone": 0, "verdict": "right"},
            ],
        }

    @pytest.mark.parametrize("typed", ["xuesheng", "", "!"])
    def test_a_final_answer_that_is_not_quite_right_is_wrong(self, answer, typed):
        reply = answer(exercise="pinyin", typed=typed, final=True)
        assert (reply.status_code, reply.json()["correct"]) == (201, False)
        assert CardInteraction.objects.get().rating == 1

    def test_a_late_repeat_of_what_was_tried_again_is_answered_by_what_was_recorded(self, answer):
        told = {"id": ID, "exercise": "pinyin"}
        answer(typed="xuesheng", **told)
        first = answer(typed="xue2sheng", **told)
        late = answer(typed="xuesheng", **told)
        assert (first.status_code, late.status_code) == (201, 200)
        assert late.json() == first.json()

    @pytest.mark.parametrize("typed", [..., None, {}, "x" * 1001, "nul\0"])
    def test_without_a_text_it_is_a_400(self, answer, every_row, typed):
        before = every_row()
        reply = answer(exercise="pinyin", typed=typed)
        assert (said(reply), list(reply.json()["detail"])) == ((400, "VALIDATION_ERROR"), ["typed"])
        assert every_row() == before

    def test_a_card_without_pinyin_has_none_to_type(self, answer, card, every_row):
        Card.objects.filter(pk=card.pk).update(pinyin="", hanzi="甲龘", traditional="")
        before = every_row()
        reply = answer(exercise="pinyin", typed="jia3")
        assert (said(reply), list(reply.json()["detail"])) == ((400, "VALIDATION_ERROR"), ["exercise"])
        assert every_row() == before


class TestAgain:
    @pytest.mark.parametrize("right", [True, False])
    def test_the_same_id_is_a_200_with_the_same_content_and_changes_nothing(
        self, answer, pick, session, card, every_row, clock, right
    ):
        told = {"id": ID, "choice": pick(right, card), "session_id": str(session.pk)}
        first = answer(**told)
        before = every_row()
        clock.shift(HOUR)
        again = answer(**told)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert every_row() == before

    @pytest.mark.parametrize(
        ("exercise", "typed"), [("pinyin", "xue2sheng2"), ("pinyin", "xue2sheng"), ("hanzi", "学校")]
    )
    def test_so_is_a_typed_one(self, answer, every_row, exercise, typed):
        told = {"id": ID, "exercise": exercise, "typed": typed, "direction": HEAR}
        first = answer(**told)
        before = every_row()
        again = answer(**told)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert every_row() == before

    def test_another_choice_under_the_same_id_does_not_mend_the_first(self, answer, pick, card):
        wrong, right = pick(False, card), pick(True, card)
        answer(id=ID, choice=wrong)
        again = answer(id=ID, choice=right)
        assert (again.status_code, again.json()["correct"]) == (200, False)
        assert CardInteraction.objects.count() == 1

    def test_from_another_session_it_is_still_the_first(self, answer, pick, user, session, card, now, every_row):
        choice = pick(True, card)
        first = answer(id=ID, choice=choice, session_id=str(session.pk))
        other = StudySession.start(user, None, None, now)
        before = every_row()
        again = answer(id=ID, choice=choice, session_id=str(other.pk))
        assert again.status_code == 200
        assert (again.json()["correct"], again.json()["right"]) == (True, first.json()["right"])
        assert again.json()["progress"] == first.json()["progress"]
        assert every_row() == before

    def test_an_id_that_another_card_has_is_a_409(self, answer, pick, cards, every_row):
        answer(id=ID, choice=pick(True, cards[0]))
        before = every_row()
        reply = answer(id=ID, card_id=str(cards[1].pk), choice=pick(True, cards[1]))
        assert said(reply) == (409, "CONFLICT")
        assert every_row() == before

    def test_an_id_that_a_review_has_is_a_409(self, answer, pick, session, card, now, every_row):
        session.answer(UUID(ID), card, READ, Rating.GOOD, at=now)
        before = every_row()
        assert said(answer(id=ID, choice=pick(True, card))) == (409, "CONFLICT")
        assert every_row() == before

    def test_an_answer_can_be_taken_back(self, answer, pick, post, card, every_row):
        choice, before = pick(True, card), every_row()
        answer(id=ID, choice=choice)
        assert post(f"{INTERACTIONS}/{ID}/undo", {}).status_code == 200
        after = every_row()
        assert after["user_card_progress"] == before["user_card_progress"] == []

    def test_of_a_card_that_is_gone_it_is_a_404(self, answer, question, pick, card):
        choice = pick(True, card)
        answer(id=ID, choice=choice)
        Card.objects.filter(pk=card.pk).delete()
        assert said(answer(id=ID, choice=choice)) == (404, "NOT_FOUND")
        assert said(question()) == (404, "NOT_FOUND")


class TestOthers:
    @pytest.fixture
    def theirs(self, stranger, make_deck, now):
        """A stranger's private deck and their session."""
        deck = make_deck(name="Wang's", user=stranger, visibility=Visibility.PRIVATE)
        return StudySession.start(stranger, deck, None, now)

    def test_a_card_of_a_stranger_s_private_deck_is_a_404(self, question, answer, theirs, stranger, every_row):
        card = theirs.deck.cards.first()
        [choices] = choices_for(stranger, [type("Entry", (), {"card": card, "direction": READ, "progress": None})])
        before = every_row()
        replies = [
            question(card_id=str(card.pk)),
            question(card_id=str(card.pk), exercise="pinyin"),
            *(answer(card_id=str(card.pk), choice=choice["id"]) for choice in choices),
            answer(card_id=str(card.pk), exercise="pinyin", typed="xue2sheng"),
            answer(card_id=str(card.pk), exercise="pinyin", typed="xuesheng"),
        ]
        assert [said(reply) for reply in replies] == len(replies) * [(404, "NOT_FOUND")]
        assert replies[0].json() == question(card_id=NOBODY).json()
        assert every_row() == before

    def test_a_card_of_a_shared_deck_may_be_asked(self, question, answer, pick, stranger, make_deck):
        for visibility in (Visibility.PUBLIC, Visibility.UNLISTED):
            card = make_deck(name=visibility, user=stranger, visibility=visibility).cards.first()
            assert question(card_id=str(card.pk)).status_code == 200
            assert answer(card_id=str(card.pk), choice=pick(True, card)).status_code == 201

    def test_a_stranger_s_session_is_a_404(self, question, answer, pick, theirs, card, every_row):
        choice, before = pick(True, card), every_row()
        for session in (str(theirs.pk), NOBODY):
            assert said(question(session_id=session)) == (404, "NOT_FOUND")
            assert said(answer(session_id=session, choice=choice)) == (404, "NOT_FOUND")
        assert every_row() == before

    def test_a_stranger_s_id_is_a_409_that_tells_nothing(self, answer, pick, theirs, card, now, every_row):
        theirs.answer(UUID(ID), theirs.deck.cards.first(), READ, Rating.GOOD, at=now)
        choice, before = pick(True, card), every_row()
        reply = answer(id=ID, choice=choice)
        assert said(reply) == (409, "CONFLICT")
        assert "wang" not in reply.text
        assert every_row() == before

    def test_each_learner_is_asked_by_their_own_answers(self, question, answer, pick, stranger, card):
        first = question().json()
        answer(choice=pick(True, card))
        client = Client()
        client.force_login(stranger)
        asked = {"card_id": str(card.pk), "direction": READ}
        assert client.post(QUESTION, asked, content_type="application/json").json() == first

    def test_a_visitor_is_refused(self, client, card, every_row):
        before = every_row()
        for path in (QUESTION, ANSWER):
            reply = client.post(path, {"card_id": str(card.pk)}, content_type="application/json")
            assert said(reply) == (403, "FORBIDDEN")
        assert every_row() == before

    def test_a_browser_s_session_without_its_csrf_token_is_refused(self, user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        for path in (QUESTION, ANSWER):
            assert said(client.post(path, {}, content_type="application/json")) == (403, "FORBIDDEN")


class TestQueries:
    def test_a_question_takes_a_fixed_number(self, question, session, django_assert_num_queries):
        with django_assert_num_queries(4):
            question(session_id=str(session.pk))

    def test_an_answer_takes_one_more_than_an_interaction(self, answer, pick, session, card, django_assert_num_queries):
        choice = pick(True, card)
        with django_assert_num_queries(8):
            answer(choice=choice, session_id=str(session.pk))
