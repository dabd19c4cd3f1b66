import json
import logging
from argparse import ArgumentTypeError
from math import isnan
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from accounts.models import User
from study.fitting import Readiness, ScheduleFit
from study.scheduling import fsrs
from study.scheduling.fit import evaluate, fit
from study.scheduling.logs import LogError, read
from study.tasks import fit_schedule

logger = logging.getLogger(__name__)
CHUNK = 500  # learners read at a time


def zone(name):
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # a name that is none, one that leaves the folder, a folder
        raise ArgumentTypeError(f"there is no time zone {name!r}") from error


def hour(text):
    if text not in map(str, range(24)):
        raise ArgumentTypeError(f"{text!r} is no hour from 0 to 23")
    return int(text)


def part(text):
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise ArgumentTypeError(f"{text!r} is no number between 0 and 1")
    return value


class Command(BaseCommand):
    help = "Fit FSRS-6's weights to the answers of every learner who is due for it, or to a log."
    requires_system_checks = []

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--user", metavar="NAME", help="only this learner")
        which.add_argument("--log", type=Path, metavar="FILE.csv", help="fit to this log and print JSON; no database")
        parser.add_argument(
            "--train", type=part, metavar="FRACTION", help="of --log, fit to the first part, score the rest"
        )
        parser.add_argument("--timezone", type=zone, default="UTC", help="the learner's, for --log (default: UTC)")
        parser.add_argument("--rollover", type=hour, default="4", help="hour the day begins, for --log (default: 4)")
        parser.add_argument("--enqueue", action="store_true", help="leave the work to db_worker")

    def handle(self, *, log, train, timezone, rollover, user, enqueue, **options):
        if log:
            if enqueue:
                raise CommandError("--enqueue doesn't go with --log.")
            self.fit_log(log, train, timezone, rollover)
        elif train:
            raise CommandError("--train goes with --log only.")
        else:
            self.fit_learners(user, enqueue)

    def fit_learners(self, name, enqueue):
        """Fit every learner who may be due, or one by name, each with a line of what came of it."""
        at = now()
        if name is None:
            users = ScheduleFit.objects.candidates(at)
        elif not (users := User.objects.filter(username__iexact=name)):
            raise CommandError(f"There is no learner {name!r}.")
        failed = 0
        for user in users.iterator(chunk_size=CHUNK):
            try:
                done = self.queue(user, at) if enqueue else ScheduleFit.make(user, at)
                if done or name:
                    self.stdout.write(f"{user}: {done or f'not due: {Readiness.of(user, at)}'}")
            except Exception:
                # Of one learner: the others shall not wait until that is mended.
                logger.exception("The schedule of learner %s could not be fitted.", user.pk)
                failed += 1
        if failed:
            raise CommandError(f"Learners who could not be fitted: {failed}. The log says why.")

    @staticmethod
    def queue(user, at):
        """Leave a learner who is due to the worker, and say so."""
        return Readiness.of(user, at).due and fit_schedule.enqueue(str(user.pk)) and "queued"

    def fit_log(self, path, train, timezone, rollover):
        """Fit to another program's log and print the weights, even those that would not be accepted."""
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                log = read(lines, timezone, rollover)
        except (OSError, LogError) as error:
            raise CommandError(f"{path}: {error}") from error
        histories = log.histories()
        known = log.known(train) if train else None
        fitted = fit([history[:count] for history, count in zip(histories, known, strict=True)] if known else histories)
        self.stderr.write(
            f"{len(log.answers):,} answers; left out: {log.unrated:,} without a rating, {log.repeated:,} repeated. "
            f"Next-day reviews to fit to: {fitted.reviews:,}; {fitted.reason}."
        )
        default = evaluate(histories, fsrs.DEFAULT_WEIGHTS, known)
        result = {
            "reviews": default.reviews,
            "weights": fitted.weights,
            "accepted": fitted.accepted,
            "default": self.score(default),
            "fitted": self.score(evaluate(histories, fitted.weights, known)),
        }
        self.stdout.write(json.dumps(result, allow_nan=False))

    @staticmethod
    def score(score):
        """Return log loss and RMSE (bins) for JSON: null where nothing was scored."""
        losses = {"log_loss": score.log_loss, "rmse_bins": score.rmse_bins}
        return {name: None if isnan(loss) else loss for name, loss in losses.items()}
