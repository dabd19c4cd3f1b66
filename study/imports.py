"""A file on its way into a deck: kept between its preview and its end, and read by the web server or the worker."""

from datetime import timedelta
from functools import cached_property
from itertools import islice

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.formats.records import BadFile
from decks.formats.tables import open_table
from decks.models import Deck, NoRoom
from study.enrolment import Enrolment
from study.log import UserStatistics
from study.transfer import ADD, SKIP, UPDATE, Summary, Taking, lines_of, summarise

AT_ONCE = 1000  # lines; more of them are the worker's
KEPT = timedelta(days=1)
MOST_DRAFTS = 5  # of one learner
SILENT = timedelta(minutes=5)  # for so long no worker says nothing
DUPLICATES = {
    SKIP: "Leave them as they are",
    UPDATE: "Update their texts",
    ADD: "Add them once more",
}


class Cancelled(Exception):
    """Somebody stopped the import, or another worker was done first."""


class ImportState(models.TextChoices):
    DRAFT = "draft", "Being looked at"
    READY = "ready", "Waiting"
    RUNNING = "running", "Running"
    SUCCESSFUL = "successful", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Stopped"


class ImportQuerySet(models.QuerySet):
    def purge(self, at):
        """Delete what is older than a day, and return how many those were."""
        count, _ = self.filter(created_at__lt=at - KEPT).delete()
        return count

    def begin(self, user, file_name, data, at, deck=None, deck_name=""):
        """Keep a learner's file and return it with its summary; `BadFile` if it can't be read."""
        self.purge(at)
        open_table(data)
        drafts = user.imports.filter(state=ImportState.DRAFT).order_by("-created_at")
        user.imports.filter(pk__in=drafts.values("pk")[MOST_DRAFTS - 1 :]).delete()
        begun = Import(user=user, deck=deck, deck_name=deck_name, file_name=file_name[:255], data=data)
        begun.settle()
        begun.save(force_insert=True)
        return begun


class Import(models.Model):
    """A learner's file and what is to become of it. Nobody else ever sees it; it is deleted after a day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="imports")
    # None until it is made, for a new one.
    deck = models.ForeignKey(Deck, models.DB_CASCADE, related_name="imports", null=True, blank=True, db_index=False)
    deck_name = models.CharField(max_length=100, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    data = models.BinaryField()
    columns = models.JSONField(null=True, blank=True, help_text="What each holds; null: as the file says.")
    header = models.BooleanField(null=True, blank=True, help_text="The first line names columns; null: as it seems.")
    duplicates = models.CharField(max_length=6, choices=DUPLICATES, default=SKIP)
    gaps = models.BooleanField(null=True, blank=True, help_text="The dictionary fills what is missing.")
    progress = models.BooleanField(default=True, help_text="Scores become memories.")
    summary = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.DRAFT)
    done = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(default=timezone.now)

    objects = ImportQuerySet.as_manager()

    class Meta:
        db_table = "imports"
        indexes = [models.Index(fields=["created_at"], name="imports_by_age")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ImportState.values) & Q(duplicates__in=list(DUPLICATES)),
                name="imports_are_as_they_can_be",
            )
        ]

    def __str__(self):
        return self.file_name or str(self.pk)

    @cached_property
    def table(self):
        """Return the file, opened, its columns as the learner took them."""
        return open_table(bytes(self.data)).mapped(self.columns, self.header)

    def settle(self):
        """Take what wasn't said as the file says it, and count what the file would bring. Not saved."""
        self.__dict__.pop("table", None)
        table = self.table
        self.columns, self.header = list(table.columns), table.header
        if self.gaps is None:
            self.gaps = not table.own
        self.summary = vars(summarise(table, self.deck, self.gaps))

    @property
    def told(self):
        """Return the summary as it was counted."""
        return Summary(**self.summary)

    @property
    def takes(self):
        """Return how many of the file's cards would be added or change others."""
        told = self.told
        return {SKIP: told.new, UPDATE: told.new + told.duplicates, ADD: told.good}[self.duplicates]

    def first_lines(self, count):
        """Return the first lines of the file as they would be taken."""
        return list(islice(lines_of(self.table, self.gaps), count))

    @property
    def deck_title(self):
        """Return the name of the deck that the cards go into."""
        return self.deck.name if self.deck else self.deck_name

    @property
    def ended(self):
        return self.state in (ImportState.SUCCESSFUL, ImportState.FAILED, ImportState.CANCELLED)

    def stuck(self, at):
        """Return whether its worker has died: it would have been heard of."""
        return self.state == ImportState.RUNNING and self.heard_at < at - SILENT

    @property
    def share(self):
        """Return which part of the lines is done, from 0 to 1."""
        if self.state == ImportState.SUCCESSFUL:
            return 1.0
        return min(1.0, self.done / max(1, self.summary.get("lines", 0)))

    def queue(self):
        """Have it run; return whether it waits for that, and isn't under way or over."""
        waits = [ImportState.DRAFT, ImportState.READY, ImportState.FAILED]
        if self.stuck(timezone.now()):
            waits.append(ImportState.RUNNING)
        changed = Import.objects.filter(pk=self.pk, state__in=waits)
        return bool(changed.update(state=ImportState.READY, done=0, error="", heard_at=timezone.now()))

    def cancel(self):
        """Stop it; nothing of it stays. Return whether there was something to stop."""
        running = Import.objects.filter(pk=self.pk, state__in=[ImportState.READY, ImportState.RUNNING])
        return bool(running.update(state=ImportState.CANCELLED, data=b""))

    def run(self):
        """Take the cards, all of them or none, and keep what came of it; once, however often it is run."""
        claimed = Import.objects.filter(pk=self.pk, state__in=[ImportState.READY, ImportState.RUNNING])
        if not claimed.update(state=ImportState.RUNNING, done=0, heard_at=timezone.now()):
            return
        try:
            with Reporter(self) as report, transaction.atomic():
                self._take(report)
        except Cancelled:
            pass
        except (BadFile, NoRoom) as error:
            self._fail(str(error))
        except Deck.DoesNotExist:
            self._fail("The deck is no longer there.")
        except Exception:
            self._fail("Something went wrong on our side. Nothing was imported; please try again.")
            raise

    def _take(self, report):
        progress = self.progress and self.told.scores > 0
        if progress:
            UserStatistics.objects.lock(self.user)  # before the deck, as whoever studies does
        deck = self._locked_deck()
        report(0)  # whoever held the deck may have been this import, run twice
        taking = Taking(self.user, deck, self.table, duplicates=self.duplicates, gaps=self.gaps, progress=progress)
        taking.run(report)
        if not self.deck_id:
            Enrolment.objects.start(self.user, deck)
        result = {
            "deck_id": str(deck.pk),
            "imported_count": taking.added,
            "updated_count": taking.updated,
            "remembered_count": taking.remembered,
            **vars(taking.summary),
        }
        left = {"done": taking.summary.lines, "result": result, "data": b"", "deck": deck}
        running = Import.objects.filter(pk=self.pk, state=ImportState.RUNNING)
        if not running.update(state=ImportState.SUCCESSFUL, heard_at=timezone.now(), **left):
            raise Cancelled

    def _locked_deck(self):
        if not self.deck_id:
            return Deck.objects.make(self.user, name=self.deck_name)
        return Deck.objects.existing().select_for_update().get(pk=self.deck_id, user=self.user)

    def _fail(self, why):
        running = Import.objects.filter(pk=self.pk, state=ImportState.RUNNING)
        running.update(state=ImportState.FAILED, error=why)


class Reporter:
    """Says how far an import is while its transaction is open, by a connection of its own, and hears if it is stopped.

    An import that is over in a moment says nothing.
    """

    def __init__(self, of):
        self.of = of
        self.connection = None

    def __enter__(self):
        if self.of.summary["lines"] > AT_ONCE:
            self.connection = connection.copy()
        return self

    def __exit__(self, *raised):
        if self.connection:
            self.connection.close()

    def __call__(self, done):
        if not Import.objects.filter(pk=self.of.pk, state=ImportState.RUNNING).exists():
            raise Cancelled
        if self.connection:
            with self.connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE imports SET done = %s, heard_at = %s WHERE id = %s AND state = %s",
                    [done, timezone.now(), self.of.pk, ImportState.RUNNING.value],
                )
