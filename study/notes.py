"""What a learner wrote about a word, for themselves alone."""

from django.conf import settings
from django.db import models
from uuid_utils.compat import uuid7

LONGEST_NOTE = 2000


class WordNoteQuerySet(models.QuerySet):
    def write(self, user, word_key, text):
        """Keep a learner's note on a word, or delete it if the text is empty; return the note or None."""
        if text:
            return self.update_or_create(user=user, word_key=word_key, defaults={"text": text})[0]
        self.filter(user=user, word_key=word_key).delete()
        return None


class WordNote(models.Model):
    """A learner's note on a word, whichever deck it is met in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="word_notes", db_index=False)
    word_key = models.TextField(editable=False)
    text = models.TextField(max_length=LONGEST_NOTE)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WordNoteQuerySet.as_manager()

    class Meta:
        db_table = "word_notes"
        constraints = [models.UniqueConstraint(fields=["user", "word_key"], name="word_notes_one_for_each_word")]

    def __str__(self):
        return f"{self.word_key}: {self.text[:40]}"
