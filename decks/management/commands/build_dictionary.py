import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from decks.dictionary.sources import SourceMissing, is_current


class Command(BaseCommand):
    help = "Build the dictionary's file from the installed packages."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--output", type=Path, default=settings.DICTIONARY_PATH)
        parser.add_argument("--node-modules", type=Path, default=settings.BASE_DIR / "node_modules")
        parser.add_argument("--if-missing", action="store_true", help="do nothing if the file is up to date")

    def handle(self, *, output, node_modules, if_missing, **options):
        if if_missing and is_current(output, node_modules):
            self.stdout.write(f"{output} is up to date.")
            return
        start = time.monotonic()
        try:
            from decks.dictionary.build import build  # noqa: PLC0415 (loads what only a build needs)

            counts = build(output, node_modules)
        except (ModuleNotFoundError, SourceMissing) as error:
            raise CommandError(f"{error} Install the packages that requirements.txt and package.json name.") from error
        held = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        self.stdout.write(f"{output}: {held}, in {time.monotonic() - start:.1f} s.")
