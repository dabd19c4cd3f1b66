"""Our settings as they are, with the floor's addresses added."""

from flashcards.settings import *  # noqa: F403 (it is our settings, not a copy)

ROOT_URLCONF = "tests.bench.floor"
