from django.core.management.base import BaseCommand
from django.utils import timezone

from study.imports import Import


class Command(BaseCommand):
    help = "Delete the files that learners sent more than a day ago; each new one does so, too."

    def handle(self, **options):
        self.stdout.write(f"Deleted {Import.objects.purge(timezone.now())} imports.")
