"""Words that don't stick: leeches, forgotten far more often than the memory model expects of words as hard as they are.

Each review was to be recalled with a probability R. Over a word's reviews, 1 - R add up to the lapses that were to be
expected and R (1 - R) to their variance; how many standard deviations the real number lies above the expected one is
the word's score. A leech is shown with what may cure it; it is never put aside unasked.
"""

from math import sqrt

from django.db.models import F, Q
from django.db.models.functions import NullIf, Sqrt
from django.db.models.lookups import GreaterThan

from study.choices import Rating

FEWEST_LAPSES = 3
HIGHEST_SCORE = 3.1  # of a word that is no leech

_MORE_THAN_EXPECTED = F("lapses") - F("expected_lapses")
SCORE = _MORE_THAN_EXPECTED / NullIf(Sqrt("lapse_variance"), 0.0)
# A word that was started over is none until it is learnt again; where no recall was predicted, nothing can be said.
LEECH = Q(lapses__gte=FEWEST_LAPSES, stability__isnull=False, lapse_variance__gt=0) & Q(
    GreaterThan(_MORE_THAN_EXPECTED, HIGHEST_SCORE * Sqrt("lapse_variance"))
)


def score(progress):
    """Return how many standard deviations a word's lapses lie above what was to be expected; None if unknown."""
    if progress.lapse_variance <= 0:
        return None
    return (progress.lapses - progress.expected_lapses) / sqrt(progress.lapse_variance)


def is_leech(progress):
    """Return whether a word doesn't stick; the same as LEECH in a query."""
    known = progress.stability is not None and progress.lapses >= FEWEST_LAPSES
    return known and (score(progress) or 0) > HIGHEST_SCORE


def worst_first(progress):
    """Return the leeches among rows of a query, with their cards, the highest score first."""
    return progress.filter(LEECH).annotate(score=SCORE).select_related("card").order_by("-score", "pk")


def forgotten_in(session):
    """Return the leeches that were forgotten in a session."""
    forgotten = session.answers().filter(rating=Rating.AGAIN, cram=False).values("progress_id")
    return worst_first(session.user.progress.filter(pk__in=forgotten))
