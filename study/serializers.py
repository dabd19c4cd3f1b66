"""What the API takes and gives of studying; flat and few, since one of them is on the hot path."""

from rest_framework import serializers

from study.choices import EXERCISES, Direction, Exercise, Filter, InteractionType, Mode, Rating
from study.filtered import clean_value

IMPLIED = {InteractionType.QUIZ_CORRECT: Rating.GOOD, InteractionType.QUIZ_INCORRECT: Rating.AGAIN}
LONGEST_ANSWER = 60_000  # milliseconds; whoever takes longer is away


class SessionStartSerializer(serializers.Serializer):
    """How a session is begun; without a deck over all that the learner studies."""

    deck_id = serializers.UUIDField(allow_null=True, default=None)
    direction = serializers.ChoiceField(Direction.choices, allow_null=True, default=None)
    exercise = serializers.ChoiceField(Exercise.choices, allow_blank=True, default="")
    mode = serializers.ChoiceField(Mode.choices, default=Mode.REVIEW)
    filter = serializers.ChoiceField(Filter.choices, allow_blank=True, default="")
    filter_value = serializers.CharField(max_length=200, allow_blank=True, default="")

    def validate(self, start):
        """Refuse what a filter or a direction can't take; without a filter there is no value."""
        direction, exercise = start["direction"], start["exercise"]
        if start["mode"] == Mode.QUIZ and not exercise:
            start["exercise"] = Exercise.QUIZ
        elif direction and exercise and exercise not in EXERCISES[direction]:
            raise serializers.ValidationError({"exercise": [f"“{direction}” has {', '.join(EXERCISES[direction])}."]})
        try:
            return start | {"filter_value": clean_value(start["filter"], start["filter_value"])}
        except ValueError as error:
            raise serializers.ValidationError({"filter_value": [str(error)]}) from None


class SessionSerializer(serializers.Serializer):
    """A session as it stands."""

    id = serializers.UUIDField()
    deck_id = serializers.UUIDField(allow_null=True)
    direction = serializers.CharField(allow_null=True)
    exercise = serializers.CharField()
    mode = serializers.CharField()
    filter = serializers.CharField()
    filter_value = serializers.CharField()
    cards_studied = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    session_duration = serializers.FloatField()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ActSerializer(serializers.Serializer):
    """One act on a word as a client sends it; `answered_at` may be left out: now."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField(allow_null=True, default=None)
    card_id = serializers.UUIDField()
    interaction_type = serializers.ChoiceField(InteractionType.choices, default=InteractionType.REVIEW)
    direction = serializers.ChoiceField(Direction.choices)
    rating = serializers.ChoiceField(Rating.choices, allow_null=True, default=None)
    response_time = serializers.IntegerField(min_value=0, allow_null=True, default=None)
    answered_at = serializers.DateTimeField(allow_null=True, default=None)
    days = serializers.IntegerField(min_value=0, max_value=36500, allow_null=True, default=None)
    typed = serializers.CharField(max_length=1000, allow_blank=True, default="", trim_whitespace=False)
    device = serializers.CharField(max_length=100, allow_blank=True, default="")

    def validate_response_time(self, time):
        return None if time is None else min(time, LONGEST_ANSWER)

    def validate(self, act):
        """Fill in the rating of a quiz, and refuse one that doesn't fit."""
        kind, rating = act["interaction_type"], act["rating"]
        implied = IMPLIED.get(kind)
        if kind == InteractionType.REVIEW and rating is None:
            raise serializers.ValidationError({"rating": ["A review needs a rating from 1 to 4."]})
        if kind != InteractionType.REVIEW and rating not in (None, implied):
            raise serializers.ValidationError(
                {"rating": [f"“{kind}” has {f'the rating {implied}' if implied else 'no rating'}."]}
            )
        if kind == InteractionType.SET_DUE and act["days"] is None:
            raise serializers.ValidationError({"days": ["Say in how many days."]})
        return act | {"rating": rating if kind == InteractionType.REVIEW else implied}


def card_data(card):
    """Return a card as JSON takes it."""
    names = ["id", "deck_id", "position", "hanzi", "traditional", "pinyin", "english", "word_key"]
    names += ["sentence", "sentence_pinyin", "sentence_translation", "notes", "tags"]
    return {name: getattr(card, name) for name in names}


def progress_data(progress):
    """Return a progress row as JSON takes it; None where a word is not begun."""
    if progress is None:
        return None
    names = ["id", "card_id", "direction", "state", "step", "stability", "difficulty", "next_review_at"]
    names += ["last_reviewed_at", "mastery_level", "difficulty_score", "flip_count", "quiz_attempts", "quiz_correct"]
    names += ["consecutive_correct", "reps", "lapses", "total_study_time", "suspended", "buried_until"]
    return {name: getattr(progress, name) for name in names}


def entry_data(entry):
    """Return an entry of the log as JSON takes it."""
    names = ["id", "session_id", "card_id", "interaction_type", "direction", "rating", "response_time"]
    names += ["answered_at", "created_at", "undone_at"]
    return {name: getattr(entry, name) for name in names}
