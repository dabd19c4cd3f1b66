"""The quiz over HTTP, as JSON: a question with its choices, and what an answer to it is worth."""

from dataclasses import asdict

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from decks.dictionary import open_dictionary
from study import acts
from study.api import REFUSED, Conflict, act_of, error_of, recorded
from study.choices import EXERCISES, Direction, Exercise, InteractionType
from study.places import find
from study.queue import Entry
from study.quiz import TEXTS, choices_for, is_right, right_choice
from study.serializers import IMPLIED, ActSerializer
from study.typed import RETRIED, expected, verdict

ASKED = [Exercise.QUIZ, Exercise.PINYIN, Exercise.HANZI]
SAID = {Direction.CHINESE_TO_ENGLISH: ["hanzi", "traditional"], Direction.ENGLISH_TO_CHINESE: ["english"]}
NOT_ASKED = "This card can't be asked so."
OFFERED = ["id", "text", "lang"]
OF_SYLLABLE = ["typed", "typed_tone", "verdict"]  # and not what was expected, while it can be tried again


def exercise_field():
    return serializers.ChoiceField([(each.value, each.label) for each in ASKED], default=Exercise.QUIZ)


def refuse_unless_asked(direction, exercise):
    """Refuse an exercise that its direction doesn't have."""
    if exercise not in EXERCISES[direction]:
        raise ValidationError({"exercise": [f"“{direction}” has no “{exercise}”."]})


class QuestionSerializer(serializers.Serializer):
    """Which card is asked, and how."""

    card_id = serializers.UUIDField()
    direction = serializers.ChoiceField(Direction.choices)
    exercise = exercise_field()
    session_id = serializers.UUIDField(allow_null=True, default=None)

    def validate(self, question):
        refuse_unless_asked(question["direction"], question["exercise"])
        return question


class AnswerSerializer(ActSerializer):
    """An answer as a client sends it: a choice, or what was typed."""

    interaction_type = rating = days = None  # they follow from the answer
    exercise = exercise_field()
    choice = serializers.CharField(max_length=100, allow_blank=True, default="")
    typed = serializers.CharField(
        max_length=1000, allow_blank=True, allow_null=True, default=None, trim_whitespace=False
    )
    final = serializers.BooleanField(default=False)

    def validate(self, answer):
        """Refuse an answer to another exercise than the one that was asked."""
        refuse_unless_asked(answer["direction"], answer["exercise"])
        if answer["exercise"] == Exercise.QUIZ and not answer["choice"]:
            raise ValidationError({"choice": ["Say which one."]})
        if answer["exercise"] != Exercise.QUIZ and answer["typed"] is None:
            raise ValidationError({"typed": ["Say what was typed."]})
        return answer


class QuestionView(APIView):
    def post(self, request):
        """Return what a card asks and, of a quiz, its four choices; not which of them is right."""
        question = QuestionSerializer(data=request.data)
        question.is_valid(raise_exception=True)
        asked = question.validated_data
        place = place_of(request.user, None, asked)
        card, direction, exercise = place.card, asked["direction"], asked["exercise"]
        if exercise == Exercise.QUIZ:
            [choices] = choices_for(request.user, [Entry(card, direction, place.progress)])
        else:
            choices = [] if accepted(request.user, card)[exercise] else None
        if choices is None:
            raise ValidationError({"exercise": [NOT_ASKED]})
        return Response(
            {
                "card_id": card.pk,
                "direction": direction,
                "exercise": exercise,
                "prompt": {name: getattr(card, name) for name in SAID.get(direction, [])},
                "choices": [{name: choice[name] for name in OFFERED} for choice in choices],
            }
        )


class AnswerView(APIView):
    def post(self, request):
        """Grade an answer, record it and say what is right; one that may be tried again is not recorded."""
        answer = AnswerSerializer(data=request.data)
        answer.is_valid(raise_exception=True)
        wanted = answer.validated_data
        place = place_of(request.user, wanted["id"], wanted)
        correct, found = graded(request.user, place.card, wanted)
        # What is recorded already is answered as it was, however the card has changed.
        if correct is None and not place.taken_by:
            if found is None:
                raise ValidationError({"choice": ["This was not offered."]})
            return Response({"correct": None, "retry": True, "verdict": hidden(found)})
        try:
            entry = acts.record(request.user, act_of(as_act(wanted, bool(correct))), timezone.now())
        except REFUSED as refused:
            raise error_of(refused) from None
        if entry.interaction_type not in IMPLIED:
            raise Conflict("This id belongs to another interaction.")
        code = status.HTTP_200_OK if entry.repeated else status.HTTP_201_CREATED
        return Response(told(request.user, place.card, wanted["exercise"], entry), status=code)


def place_of(user, id, wanted):
    """Return the place of a card in the learner's study, else answer 404."""
    [place] = find(user, [(id, wanted["card_id"], wanted["direction"], wanted["session_id"])])
    if not place.readable:
        raise NotFound("No such card.")
    if wanted["session_id"] and not place.session:
        raise NotFound("No such session.")
    return place


def graded(user, card, answer):
    """Return whether an answer is right, None if it can't be said, and of a typed one the verdict."""
    if answer["exercise"] == Exercise.QUIZ:
        return is_right(card, answer["direction"], answer["choice"]), None
    found = verdict(answer["exercise"], answer["typed"], accepted(user, card))
    if found is None:
        raise ValidationError({"exercise": [NOT_ASKED]})
    if found.outcome in RETRIED and not answer["final"]:
        return None, found
    return found.outcome == "right", found


def accepted(user, card):
    """Return what a learner may type for a card."""
    return expected(card, open_dictionary(settings.DICTIONARY_PATH), spoken=user.tone_change)


def hidden(found):
    """Return a verdict as JSON takes it, without what was expected."""
    syllables = [{name: getattr(each, name) for name in OF_SYLLABLE} for each in found.syllables]
    return {"outcome": found.outcome, "syllables": syllables}


def as_act(answer, correct):
    """Return an answer as an act of the log."""
    kind = InteractionType.QUIZ_CORRECT if correct else InteractionType.QUIZ_INCORRECT
    return answer | {
        "interaction_type": kind,
        "rating": IMPLIED[kind],
        "days": None,
        "typed": answer["typed"] or "",
    }


def told(user, card, exercise, entry):
    """Return what the entry of an answer says to the learner; the same entry always says the same."""
    found = {"correct": entry.interaction_type == InteractionType.QUIZ_CORRECT}
    if exercise == Exercise.QUIZ:
        choice = right_choice(user, card, entry.direction)
        found["right"] = {name: choice[name] for name in (*OFFERED, *TEXTS)}
    else:
        found["right"] = {name: getattr(card, name) for name in TEXTS}
        on_typed = verdict(exercise, entry.typed, accepted(user, card))
        found["verdict"] = on_typed and asdict(on_typed)
    return found | recorded(entry)
