"""The WSGI application that gunicorn serves."""

import os
from contextlib import suppress

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from decks.dictionary import DictionaryMissing, open_dictionary

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flashcards.settings")

application = get_wsgi_application()

# What is read once in a process is read now: no learner waits for it, and the workers that are forked share it.
get_resolver().url_patterns  # noqa: B018 (the views with all that they import)
with suppress(DictionaryMissing):
    open_dictionary(settings.DICTIONARY_PATH).preload()
