from django.core.management.base import BaseCommand, CommandError

from decks import builtin
from decks.dictionary import DictionaryMissing


class Command(BaseCommand):
    help = "Make the built-in HSK decks, or bring their texts up to date; ids and progress stay."

    def handle(self, **options):
        try:
            loaded = builtin.load()
        except DictionaryMissing as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Built-in decks: {loaded.made} cards made, {loaded.changed} changed.")
        if loaded.left:
            self.stdout.write(f"{loaded.left} cards are in no list any more; they are kept at the end of their decks.")
