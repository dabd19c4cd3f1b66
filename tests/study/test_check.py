"""A typed or chosen answer, looked at before it is graded: what the page says of it, and what the grade records."""

import re
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse
from uuid_utils.compat import uuid7

from decks.models import Visibility
from study.choices import Direction, Exercise, InteractionType
from study.log import CardInteraction
from study.models import StudySession
from study.quiz import choices_for
from tests.study.pages import fields_of, hidden_fields, main_of, page, shown

ID = UUID("01990000-0000-7000-8000-000000000001")
READ, WRITE, HEAR, DRAW = Direction
TONES = "The letters are right. Which tones? Add them, or check again to see the answer."
READING = "That is another reading of this word. Try the one that is asked here, or check again."
EMPTY = "Type what you know, or show the answer."


@pytest.fixture(autouse=True)
def clock(now):
    """Noon on a Monday, until a test moves on."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def begin(user, deck, now):
    """Return a function that makes a session by an exercise."""

    def begin(exercise, direction=READ, of=deck):
        return StudySession.start(user, of, direction, now, exercise=exercise)

    return begin


@pytest.fixture
def check(as_user):
    """Return a function that types or chooses an answer to the card that a session asks, and returns the page."""

    def check(session, of=None, **fields):
        before = as_user.get(reverse("session", args=[session.pk]))
        form = "choices" if session.exercise == Exercise.QUIZ else "typed"
        sent = hidden_fields(before, form) | ({"card": of.pk} if of else {}) | fields
        return as_user.post(reverse("check", args=[session.pk]), sent)

    return check


def verdicts(response):
    """Return what is said of each syllable or character, as the page shows it."""
    listed = main_of(response).split('<ol class="verdict">')[1].split("</ol>")[0]
    items = re.findall(r'<li class="(\w+)">(.*?)</li>', listed, re.DOTALL)
    return [(kind, " ".join(re.sub(r"<[^>]*>", " ", inside).split())) for kind, inside in items]


def suggested(response):
    """Return the grade that the page suggests, the one that the form says was, and the one in focus."""
    form = main_of(response).split('<form class="grades"')[1].split("</form>")[0]
    buttons = re.findall(r'value="(\d)" class="[^"]* suggested"[^>]*?(autofocus)?>', form)
    return buttons, hidden_fields(response).get("suggested")


def is_open(response):
    return '<details class="reveal" open>' in main_of(response)


def told(response):
    """Return what is said to whoever may look again, once the field has what they typed; None if nothing is."""
    found = re.search(r'<p id="verdict-note"[^>]*?( hidden)?>(.*?)</p>', main_of(response))
    return found and not found[1] and found[2]


def grade(client, response, session, rating):
    """Grade a card that was checked, and return the entry of the log."""
    sent = hidden_fields(response) | {"rating": rating}
    assert client.post(reverse("answer", args=[session.pk]), sent).status_code == 302
    return CardInteraction.objects.get()


class TestPinyin:
    @pytest.mark.parametrize("typed", ["xue2sheng5", "xuésheng", " XUE2 sheng ", "ㄒㄩㄝˊ ㄕㄥ˙", "xué·sheng"])
    def test_what_is_right_is_graded_good(self, begin, check, typed):
        response = check(begin(Exercise.PINYIN), typed=typed)
        assert verdicts(response) == [("right", "xué right"), ("right", "sheng right")]
        assert suggested(response) == ([("3", "autofocus")], "3")
        assert is_open(response)
        assert "Show answer" in page(response)

    def test_a_wrong_tone_and_a_wrong_syllable_are_told_apart(self, begin, check):
        response = check(begin(Exercise.PINYIN), typed="xue4 shang5")
        assert verdicts(response) == [
            ("wrong_tone", "xué wrong tone xuè"),
            ("wrong_syllable", "sheng wrong syllable shang"),
        ]
        assert suggested(response) == ([("1", "autofocus")], "1")

    def test_what_is_missing_and_what_is_too_much_is_told(self, begin, check):
        session = begin(Exercise.PINYIN)
        assert verdicts(check(session, typed="xue2")) == [("right", "xué right"), ("missing", "sheng missing")]
        assert verdicts(check(session, typed="xue2 sheng5 ma3"))[2] == ("extra", "mǎ too much")

    def test_without_tones_one_may_look_again_and_then_it_counts(self, begin, check):
        session = begin(Exercise.PINYIN)
        first = check(session, typed="xuesheng")
        assert told(first) == TONES
        assert not is_open(first)
        assert suggested(first) == ([], None)
        assert fields_of(main_of(first), "typed")["warned"] == "xuesheng"
        assert 'name="typed" type="text"' in main_of(first)
        assert ' value="xuesheng" autofocus aria-describedby="verdict-note"' in main_of(first)
        second = check(session, typed="xuesheng", warned="xuesheng")
        assert told(second) is None
        assert verdicts(second) == [("tone_missing", "xué tone missing xue"), ("right", "sheng right")]
        assert suggested(second) == ([("1", "autofocus")], "1")

    def test_whoever_writes_the_tones_then_is_right(self, begin, check):
        response = check(begin(Exercise.PINYIN), typed="xue2sheng", warned="xuesheng")
        assert suggested(response) == ([("3", "autofocus")], "3")

    def test_whoever_types_something_else_that_lacks_them_may_look_again(self, begin, check):
        assert told(check(begin(Exercise.PINYIN), typed="xue sheng", warned="xuesheng")) == TONES

    def test_another_reading_may_be_looked_at_again(self, begin, check, user, make_deck):
        session = begin(Exercise.PINYIN, of=make_deck([("长", "長", "cháng", "long")], name="One", user=user))
        assert told(check(session, typed="zhang3")) == READING
        final = check(session, typed="zhang3", warned="zhang3")
        assert verdicts(final) == [("wrong_syllable", "cháng wrong syllable zhǎng")]
        assert suggested(final) == ([("1", "autofocus")], "1")

    @pytest.mark.parametrize("typed", ["", "  ", "学生", "😀", "7"])
    def test_where_there_is_nothing_to_read_one_is_asked_to_type(self, begin, check, typed):
        assert told(check(begin(Exercise.PINYIN), typed=typed)) == EMPTY

    def test_nothing_typed_never_counts(self, begin, check):
        assert told(check(begin(Exercise.PINYIN), typed="", warned="")) == EMPTY

    def test_html_that_was_typed_is_text(self, begin, check):
        evil = '"><script>alert(1)</script>'
        response = check(begin(Exercise.PINYIN), typed=evil, warned=evil)
        assert "<script" not in main_of(response)
        waiting = check(begin(Exercise.PINYIN), typed=f"7{chr(34)}>", warned="")
        assert 'value="7&quot;&gt;"' in main_of(waiting)


class TestCharacters:
    @pytest.mark.parametrize("typed", ["学生", "學生", " 学 生。"])
    def test_either_script_is_right(self, begin, check, typed):
        response = check(begin(Exercise.HANZI, WRITE), typed=typed)
        assert [kind for kind, _ in verdicts(response)] == ["right", "right"]
        assert suggested(response)[1] == "3"

    def test_a_wrong_character_is_told(self, begin, check):
        response = check(begin(Exercise.HANZI, WRITE), typed="学先")
        assert verdicts(response) == [("right", "学 right"), ("wrong", "生 wrong 先")]
        assert suggested(response)[1] == "1"

    def test_what_is_heard_may_be_typed_either_way(self, begin, check):
        assert suggested(check(begin(Exercise.HANZI, HEAR), typed="学生"))[1] == "3"
        assert suggested(check(begin(Exercise.PINYIN, HEAR), typed="xue2sheng"))[1] == "3"

    def test_a_gap_in_a_sentence_is_filled(self, begin, check, deck, card):
        deck.cards.filter(pk=card.pk).update(sentence="我是学生。", sentence_translation="I am a student.")
        session = begin(Exercise.CLOZE, WRITE)
        before = check(session, typed="")
        assert "我是 ＿＿ 。" in page(before)
        assert 'aria-label="gap"' in main_of(before)
        assert "学生" not in page(before).split("Show answer")[0]
        assert suggested(check(session, typed="学生"))[1] == "3"
        assert suggested(check(session, typed="老师"))[1] == "1"


class TestQuiz:
    @pytest.fixture
    def choices(self, as_user, begin, user):
        """Return the session and the four choices of the card that it asks."""
        session = begin(Exercise.QUIZ)
        [entry] = session.queue(session.created_at).entries(1)
        [choices] = choices_for(user, [entry])
        return session, sorted(choices, key=lambda each: not each["right"])

    def test_the_right_choice_is_graded_good(self, check, choices):
        session, (right, *_) = choices
        response = check(session, choice=right["id"])
        assert suggested(response) == ([("3", "autofocus")], "3")
        assert f"{right['text']} ✓ right" in page(response)
        assert "✗" not in page(response)
        assert hidden_fields(response)["typed"] == right["text"]

    def test_of_a_wrong_choice_both_are_marked(self, check, choices):
        session, (right, wrong, *_) = choices
        response = check(session, choice=wrong["id"])
        assert suggested(response) == ([("1", "autofocus")], "1")
        assert f"{right['text']} ✓ right" in page(response)
        assert f"{wrong['text']} ✗ your choice" in page(response)
        assert hidden_fields(response)["typed"] == wrong["text"]

    @pytest.mark.parametrize("choice", ["", "nonsense", "0" * 16])
    def test_a_choice_that_was_not_offered_is_wrong(self, check, choices, choice):
        response = check(choices[0], choice=choice)
        assert suggested(response)[1] == "1"
        assert ("✓ right" in page(response), "✗" in page(response)) == (True, False)
        assert hidden_fields(response)["typed"] == ""


class TestWhatIsRecorded:
    def test_looking_at_an_answer_records_nothing(self, begin, check, every_row):
        session = begin(Exercise.PINYIN)
        before = every_row()
        for typed, warned in [("xue2sheng", ""), ("xuesheng", ""), ("xuesheng", "xuesheng"), ("x", "")]:
            check(session, typed=typed, warned=warned)
        assert every_row() == before

    def test_the_card_stays_the_same_with_its_id_and_the_time_at_which_it_was_shown(self, as_user, begin, check, clock):
        session = begin(Exercise.PINYIN)
        fields = hidden_fields(as_user.get(reverse("session", args=[session.pk])), "typed")
        clock.shift(4)
        response = check(session, typed="xuesheng", **{name: fields[name] for name in ("id", "shown_at")})
        assert fields_of(main_of(response), "typed") == fields | {"warned": "xuesheng"}
        clock.shift(4)
        response = check(session, **fields, typed="xue2sheng5", warned="xuesheng")
        assert hidden_fields(response) == fields | {"typed": "xue2sheng5", "suggested": "3"}
        entry = grade(as_user, response, session, 3)
        assert (str(entry.pk), entry.response_time) == (fields["id"], 8000)

    @pytest.mark.parametrize(
        ("typed", "rating", "kind"),
        [
            ("xue2sheng5", 3, InteractionType.QUIZ_CORRECT),
            ("xue2sheng5", 4, InteractionType.REVIEW),
            ("xue2sheng5", 1, InteractionType.REVIEW),
            ("xue4sheng5", 1, InteractionType.QUIZ_INCORRECT),
            ("xue4sheng5", 3, InteractionType.REVIEW),
            ("xue4sheng5", 2, InteractionType.REVIEW),
        ],
    )
    def test_who_gave_the_grade_is_recorded_with_what_was_typed(self, as_user, begin, check, typed, rating, kind):
        session = begin(Exercise.PINYIN)
        entry = grade(as_user, check(session, typed=typed), session, rating)
        assert (entry.interaction_type, entry.rating, entry.typed) == (kind, rating, typed)

    def test_without_a_check_the_learner_grades(self, as_user, begin):
        session = begin(Exercise.PINYIN)
        entry = grade(as_user, as_user.get(reverse("session", args=[session.pk])), session, 3)
        assert (entry.interaction_type, entry.typed) == (InteractionType.REVIEW, "")

    def test_spaces_that_were_typed_are_kept(self, as_user, begin, check):
        session = begin(Exercise.PINYIN)
        assert grade(as_user, check(session, typed=" xue2  sheng5 "), session, 3).typed == " xue2  sheng5 "


class TestAccess:
    @pytest.mark.parametrize("which", ["a stranger's", "nobody's"])
    def test_a_card_that_is_not_theirs_to_see_is_not_found(self, begin, check, private_deck, which):
        card = private_deck.cards.first()
        if which == "nobody's":
            card.pk = uuid7()
        response = check(begin(Exercise.PINYIN), card, typed="xue2sheng5")
        assert response.status_code == 404
        assert "student" not in response.content.decode()

    def test_a_card_of_a_stranger_s_public_deck_is_found(self, begin, check, make_deck, stranger):
        deck = make_deck([("水", "水", "shuǐ", "water")], user=stranger, visibility=Visibility.PUBLIC)
        response = check(begin(Exercise.PINYIN), deck.cards.get(), typed="shui3")
        assert shown(response).hanzi == "水"

    def test_a_card_that_is_not_typed_leads_to_the_session(self, as_user, session, card):
        fields = {"id": ID, "card": card.pk, "direction": READ, "typed": "xue2"}
        response = as_user.post(reverse("check", args=[session.pk]), fields)
        assert (response.status_code, response["Location"]) == (302, reverse("session", args=[session.pk]))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("id", "x"),
            ("id", ""),
            ("card", "1"),
            ("card", ""),
            ("direction", "sideways"),
            ("direction", ""),
            ("shown_at", "noon"),
            ("typed", "x" * 201),
            ("typed", "a\0b"),
            ("warned", "x" * 201),
            ("choice", "x" * 101),
        ],
    )
    def test_a_bad_field_is_refused_by_its_name(self, begin, check, every_row, field, value):
        session = begin(Exercise.PINYIN)
        before = every_row()
        response = check(session, **{field: value})
        assert (response.status_code, response["Content-Type"]) == (400, "text/plain")
        assert response.content.decode().startswith(f"* {field}\n")
        assert every_row() == before

    def test_another_learner_s_note_is_not_shown(self, begin, check, stranger, card):
        stranger.word_notes.create(word_key=card.word_key, text="Wang's picture")
        assert "Wang's picture" not in page(check(begin(Exercise.PINYIN), typed="xue2sheng5"))


@pytest.mark.parametrize("decks", [1, 3])
def test_a_check_takes_the_same_queries_for_any_number_of_decks(
    as_user, user, many_decks, decks, now, django_assert_num_queries
):
    many_decks(decks)
    session = StudySession.start(user, None, READ, now, exercise=Exercise.PINYIN)
    fields = hidden_fields(as_user.get(reverse("session", args=[session.pk])), "typed")
    # The log-in (2), the session, the card, how the log stands, its last act.
    with django_assert_num_queries(6):
        as_user.post(reverse("check", args=[session.pk]), fields | {"typed": "zi4"})


def test_a_choice_of_many_letters_can_be_graded(as_user, begin, check, user, make_deck):
    own = make_deck([("学生", "學生", "xuésheng", "long " * 300)], name="Own", user=user)
    session = begin(Exercise.QUIZ, of=own)
    [choices] = choices_for(user, session.queue(session.created_at).entries(1))
    [right] = [each["id"] for each in choices if each["right"]]
    entry = grade(as_user, check(session, choice=right), session, 3)
    assert entry.interaction_type == InteractionType.QUIZ_CORRECT
    assert entry.typed.startswith("long long")
