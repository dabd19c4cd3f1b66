from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from decks.models import Deck
from flashcards import demo
from study.queue import Queue


class Command(BaseCommand):
    help = "Make (or make anew) a user 'demo' who has studied for three months."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=demo.DAYS, help="how long the user has studied")

    def handle(self, *, days, **options):
        if settings.DEPLOYED:
            raise CommandError("Everybody knows the demo user's password: not on a deployed site.")
        if User.objects.filter(username__iexact=demo.USERNAME).exclude(email=demo.EMAIL).exists():
            raise CommandError(f"Somebody else has the name {demo.USERNAME!r}.")
        if not Deck.objects.built_in().exists():
            raise CommandError("There are no built-in decks: run `manage.py load_decks`.")
        now = timezone.now()
        user = demo.make(now, days)
        self.stdout.write(
            f"User {demo.USERNAME!r}, password {demo.PASSWORD!r}: {user.interactions.count():,} answers in "
            f"{user.sessions.count()} sessions, {user.progress.count()} words begun (each direction is one), "
            f"{Queue(user, now).counts.total} wait today."
        )
