import json
import os
from argparse import ArgumentTypeError
from math import isnan
from pathlib import Path
from zoneinfo import ZoneInfo

# Before numpy is loaded: scipy's minimiser multiplies small matrices, and the threads for that cost more than it does.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from django.core.management.base import BaseCommand, CommandError

from study.scheduling import fsrs
from study.scheduling.fit import evaluate, fit
from study.scheduling.logs import LogError, read


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
    help = "Fit FSRS-6's weights to a learner's answers."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--log", type=Path, metavar="FILE.csv", help="fit to this log and print JSON; no database")
        parser.add_argument("--train", type=part, metavar="FRACTION", help="fit to the first part, score the rest")
        parser.add_argument("--timezone", type=zone, default="UTC", help="the learner's, for --log (default: UTC)")
        parser.add_argument("--rollover", type=hour, default="4", help="hour the day begins, for --log (default: 4)")

    def handle(self, *, log, train, timezone, rollover, **options):
        if log is None:
            raise CommandError("Say which log to fit to: --log FILE.csv.")
        self.fit_log(log, train, timezone, rollover)

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
