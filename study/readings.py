"""The texts that a learner reads, with where they cut the words otherwise than the dictionary."""

import re
import unicodedata

from django.conf import settings
from django.db import models, transaction
from uuid_utils.compat import uuid7

from study.pronunciation import is_hanzi
from study.reading import recut

LONGEST_TEXT = 50_000
LONGEST_TITLE = 100
_DERIVED = 30  # characters of a title that is taken from the text
# What PostgreSQL can't keep or no browser shows: control characters, halves of surrogate pairs.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean(text):
    """Return a text as it is kept: what can't be shown is left out, and each line ends alike."""
    lines = _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))
    return unicodedata.normalize("NFC", lines).strip()


def title_of(text):
    """Return a title for a text that has none: the beginning of its first line."""
    first = " ".join(text.split("\n", 1)[0].split())
    return first if len(first) <= _DERIVED else f"{first[: _DERIVED - 1]}…"


class Reading(models.Model):
    """A text that one learner reads, and nobody else sees."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="readings", db_index=False)
    title = models.CharField(max_length=LONGEST_TITLE)
    text = models.TextField()
    # Where a word begins though the dictionary cuts none there ("apart"), and the other way round ("together").
    cuts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "readings"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="idx_readings_user_id")]

    def __str__(self):
        return self.title

    @property
    def title_lang(self):
        return "zh" if is_hanzi(self.title) else "en"

    @transaction.atomic
    def recut(self, bounds, everywhere):
        """Make words of what lies between bounds, wherever these words stand if wanted; return in how many places.

        Raises `ValueError` with what is wrong with the bounds.
        """
        # The lock makes a second one wait, which then begins with what this one leaves behind.
        self.cuts = Reading.objects.select_for_update().values_list("cuts", flat=True).get(pk=self.pk)
        self.cuts, places = recut(self.text, self.cuts, bounds, everywhere)
        self.save(update_fields=["cuts", "updated_at"])
        return places
