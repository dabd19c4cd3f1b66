from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from study.rebuild import Rebuild


class Command(BaseCommand):
    help = "Compare each learner's memories, sessions and totals with their log, and make again what differs."

    def add_arguments(self, parser):
        parser.add_argument("--user", metavar="USERNAME", help="only this learner")
        parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if anything differs")

    def handle(self, *, user, check, **options):
        learners = User.objects.order_by("username")
        if user is not None:
            learners = learners.filter(username__iexact=user)
            if not learners:
                raise CommandError(f"There is no learner “{user}”.")
        differing, broken, unlogged = self.rebuild(learners, write=not check)
        notes = f"{broken} broken chains, {unlogged} rows without a log"
        if check and (differing or broken):
            raise CommandError(f"{differing} rows differ from the log, {notes}.")
        self.stdout.write(f"{differing} rows {'differ' if check else 'were made anew'}, {notes}.")

    def rebuild(self, learners, write):
        """Return how many rows differ, entries break the chain and rows have no log, over all these learners."""
        found = [0, 0, 0]
        for learner in learners.iterator(chunk_size=500):
            rebuild = Rebuild(learner, lambda line, name=learner.username: self.stdout.write(f"{name}, {line}"))
            rebuild.run(write)
            found = [
                sum(pair) for pair in zip(found, (rebuild.differing, rebuild.broken, rebuild.unlogged), strict=True)
            ]
        return found
