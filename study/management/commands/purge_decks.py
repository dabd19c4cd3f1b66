from django.core.management.base import BaseCommand
from django.utils import timezone

from study import shelf


class Command(BaseCommand):
    help = "Delete for good the decks that learners deleted 30 days ago or earlier."

    def handle(self, **options):
        purged = shelf.purge(timezone.now() - shelf.KEPT_FOR)
        self.stdout.write(f"{purged} deck{'' if purged == 1 else 's'} deleted for good.")
