"""Where Django looks for our tables; each lives in a module named for its subject."""

from study.acts import StaleAnswer
from study.enrolment import Enrolment, default_directions
from study.fitting import ScheduleFit
from study.imports import Import
from study.log import CardInteraction, StudyDay, UserStatistics
from study.notes import WordNote
from study.progress import CardProgress, policy_of
from study.readings import Reading
from study.sessions import StudySession

__all__ = [
    "CardInteraction",
    "CardProgress",
    "Enrolment",
    "Import",
    "Reading",
    "ScheduleFit",
    "StaleAnswer",
    "StudyDay",
    "StudySession",
    "UserStatistics",
    "WordNote",
    "default_directions",
    "policy_of",
]
