"""The words that our tables and the API use; they are part of the contract."""

from django.db import models
from django.db.models import Q


class Direction(models.TextChoices):
    CHINESE_TO_ENGLISH = "chinese_to_english", "Chinese → English"
    ENGLISH_TO_CHINESE = "english_to_chinese", "English → Chinese"
    LISTENING = "listening", "Listening"
    WRITING = "writing", "Writing"


class Exercise(models.TextChoices):
    """How a direction is asked; the memory is the direction's, whichever of its exercises is done."""

    CARDS = "cards", "Say it to yourself"
    PINYIN = "pinyin", "Type the pinyin"
    HANZI = "hanzi", "Type the characters"
    CLOZE = "cloze", "Fill the gap in a sentence"
    QUIZ = "quiz", "Choose one of four"
    STROKES = "strokes", "Draw it, stroke by stroke"


# The exercises of each direction; the first one is what a learner gets who has chosen none.
EXERCISES = {
    Direction.CHINESE_TO_ENGLISH: [Exercise.CARDS, Exercise.PINYIN, Exercise.QUIZ],
    Direction.ENGLISH_TO_CHINESE: [Exercise.CARDS, Exercise.HANZI, Exercise.PINYIN, Exercise.CLOZE, Exercise.QUIZ],
    Direction.LISTENING: [Exercise.CARDS, Exercise.PINYIN, Exercise.HANZI, Exercise.QUIZ],
    Direction.WRITING: [Exercise.STROKES, Exercise.CARDS],
}


class State(models.TextChoices):
    LEARNING = "learning", "Learning"
    REVIEW = "review", "Review"
    RELEARNING = "relearning", "Relearning"


class Mastery(models.IntegerChoices):
    NEW = 0, "New"
    LEARNING = 1, "Learning"
    REVIEW = 2, "Review"
    MASTERED = 3, "Mastered"


class Order(models.TextChoices):
    POSITION = "position", "As in the deck"
    FREQUENCY = "frequency", "Most frequent first"


class Mode(models.TextChoices):
    REVIEW = "review", "Flashcards"
    QUIZ = "quiz", "Quiz"
    CRAM = "cram", "Cram: the schedule stays as it is"


class Filter(models.TextChoices):
    """What a session asks instead of what is due."""

    FAILED = "failed", "Forgotten today"
    TAG = "tag", "With a tag"
    SEARCH = "search", "Found by a search"
    AHEAD = "ahead", "Due in the next days"


class InteractionType(models.TextChoices):
    FLIP = "flip", "Seen"
    REVIEW = "review", "Graded by the learner"
    QUIZ_CORRECT = "quiz_correct", "Quiz: right"
    QUIZ_INCORRECT = "quiz_incorrect", "Quiz: wrong"
    # The acts on a word that are no answers.
    SUSPEND = "suspend", "Suspended"
    UNSUSPEND = "unsuspend", "Taken up again"
    BURY = "bury", "Buried until tomorrow"
    UNBURY = "unbury", "Dug out"
    RESET = "reset", "Forgotten on purpose"
    SET_DUE = "set_due", "Put on a day"
    MARK_KNOWN = "mark_known", "Known already"


class Rating(models.IntegerChoices):
    AGAIN = 1, "Again"
    HARD = 2, "Hard"
    GOOD = 3, "Good"
    EASY = 4, "Easy"


GRADED = [InteractionType.REVIEW, InteractionType.QUIZ_CORRECT, InteractionType.QUIZ_INCORRECT]


def graded_by(rating, suggested):
    """Return the type of a graded answer: the program's where the learner left it at that, else the learner's own.

    The program says right (3) or wrong (1) alone; a drawing's grades between are the learner's to confirm.
    """
    if rating != suggested:
        return InteractionType.REVIEW
    by_program = {Rating.GOOD: InteractionType.QUIZ_CORRECT, Rating.AGAIN: InteractionType.QUIZ_INCORRECT}
    return by_program.get(rating, InteractionType.REVIEW)


def one_of(field, choices):
    """Return a condition: the column holds one of the choices."""
    return Q(**{f"{field}__in": choices.values})
