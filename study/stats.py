"""Figures about a learner's study."""

from collections import defaultdict

from django.db import connection

from study.choices import Mastery

SECONDS_AN_ANSWER = 10  # until the learner's own are known
ANSWERS_TO_TRUST = 50


def minutes_for(user, counts):
    """Return about how many minutes the words of a queue will take this learner, at least 1 if there are any."""
    totals = getattr(user, "totals", None)
    seconds = SECONDS_AN_ANSWER
    if totals and totals.total_views >= ANSWERS_TO_TRUST and totals.study_time_minutes:
        seconds = 60 * totals.study_time_minutes / totals.total_views
    # A new word is asked twice at least before it is left for the day.
    answers = counts.review + counts.learning + 2 * counts.new
    return max(1, round(answers * seconds / 60)) if answers else 0


def mastery_by_deck(user):
    """Return for each deck that the learner studies how many words have reached each level of mastery.

    A word counts at the best level that it has in any direction.
    """
    with connection.cursor() as cursor:
        cursor.execute(MASTERY, [user.pk])
        found = defaultdict(lambda: {level.name.lower(): 0 for level in Mastery})
        for deck, mastery, words in cursor.fetchall():
            found[deck][Mastery(mastery).name.lower()] = words
    return found


MASTERY = """
SELECT deck_id, mastery, count(*)
FROM (
    SELECT cards.deck_id, cards.id, max(mastery_level) AS mastery
    FROM enrolments
    JOIN cards USING (deck_id)
    JOIN user_card_progress AS progress ON progress.user_id = enrolments.user_id
        AND progress.word_key = cards.word_key
    WHERE enrolments.user_id = %s
    GROUP BY cards.deck_id, cards.id
) AS words
GROUP BY deck_id, mastery
"""
