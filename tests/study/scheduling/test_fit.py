from math import isnan, log, sqrt
from statistics import fmean

import numpy as np
import pytest

from study.scheduling import fsrs
from study.scheduling.fit import (
    DEFAULTS,
    HIGHEST,
    LOWEST,
    SPREAD,
    Score,
    _Answers,
    _Loss,
    calibration,
    due_for_fit,
    evaluate,
    fit,
)
from tests.study.scheduling.learners import study

LEARNERS, REVIEWS, TRAINED = 20, 1600, 0.75


def random_histories(seed, cards=150):
    random = np.random.default_rng(seed)
    histories = []
    for _ in range(cards):
        size = random.integers(0, 14)
        days = random.integers(0, 100) + np.cumsum(random.choice([0, 1, 2, 5, 30, 400], size))
        histories.append(list(zip(days.tolist(), random.choice([1, 2, 3, 4], size).tolist(), strict=True)))
    return histories


def predictions(histories, weights):
    """Yield (recall predicted, recalled, day, days elapsed, answers before, reviews before, lapses before), slowly."""
    for history in histories:
        memory, last, reviews, lapses = None, None, 0, 0
        for place, (day, rating) in enumerate(history):
            if memory is None:
                memory, last = fsrs.first(weights, rating), day
                continue
            if day > last:
                recall = fsrs.retrievability(weights, memory.stability, day - last)
                yield recall, rating > 1, day, day - last, place, reviews, lapses
                reviews, lapses = reviews + 1, lapses + (rating == 1)
            memory, last = fsrs.next_memory(weights, memory, day - last, rating), day


def log_loss(rows):
    return fmean(-log(recall if recalled else 1 - recall) for recall, recalled, *_ in rows)


def rmse_bins(rows):
    """As in fsrs-optimizer, with the numbers that it names its bins by."""
    bins = {}
    for recall, recalled, _, elapsed, _, reviews, lapses in rows:
        key = (
            round(2.48 * 3.62 ** np.floor(np.log(elapsed) / np.log(3.62)), 2),
            round(1.99 * 1.89 ** np.floor(np.log(reviews + 2) / np.log(1.89)), 0),
            round(1.65 * 1.73 ** np.floor(np.log(lapses) / np.log(1.73)), 0) if lapses else 0,
        )
        bins.setdefault(key, []).append((recall, recalled))
    squares = sum(len(rows) * (fmean(p for p, _ in rows) - fmean(y for _, y in rows)) ** 2 for rows in bins.values())
    return sqrt(squares / len(rows))


def moved(seed, spreads):
    change = np.random.default_rng(seed).normal(size=len(DEFAULTS))
    return np.clip(DEFAULTS + spreads * SPREAD * change, LOWEST + 1e-3, HIGHEST - 1e-3)


@pytest.mark.parametrize(("seed", "spreads"), [(0, 0.0), (1, 0.3), (2, 1.0), (3, 2.0)])
def test_scores_are_those_of_the_slow_computation(seed, spreads):
    histories, weights = random_histories(seed), moved(seed, spreads).tolist()
    rows = list(predictions(histories, weights))
    expected = Score(pytest.approx(log_loss(rows), rel=1e-9), pytest.approx(rmse_bins(rows), rel=1e-9), len(rows))
    assert evaluate(histories, weights) == expected


def test_two_reviews_by_hand():
    """S₀ of "good" is 2.3065: recall is 0.9 after as many days, and 0.94… after one."""
    histories = [[(10, 3), (11, 3)], [(10, 3), (10, 3)], [(10, 4)]]
    recall = fsrs.retrievability(fsrs.DEFAULT_WEIGHTS, 2.3065, 1)
    assert evaluate(histories, fsrs.DEFAULT_WEIGHTS) == Score(pytest.approx(-log(recall)), pytest.approx(1 - recall), 1)


def test_answers_already_known_are_remembered_but_not_scored():
    histories = random_histories(4)
    known = [len(history) // 2 for history in histories]
    rows = [
        row
        for history, count in zip(histories, known, strict=True)
        for row in predictions([history], fsrs.DEFAULT_WEIGHTS)
        if row[4] >= count
    ]
    score = evaluate(histories, fsrs.DEFAULT_WEIGHTS, known)
    assert score == Score(pytest.approx(log_loss(rows)), pytest.approx(rmse_bins(rows)), len(rows))


def test_the_order_of_the_cards_does_not_matter():
    histories = random_histories(5)
    score = evaluate(histories, fsrs.DEFAULT_WEIGHTS)
    again = evaluate(histories[::-1], fsrs.DEFAULT_WEIGHTS)
    assert (again.log_loss, again.rmse_bins) == pytest.approx((score.log_loss, score.rmse_bins), rel=1e-12)


@pytest.mark.parametrize("histories", [[], [[]], [[(5, 3)]], [[(5, 3), (5, 1), (5, 4)], []]])
def test_nothing_to_score(histories):
    score = evaluate(histories, fsrs.DEFAULT_WEIGHTS)
    assert (isnan(score.log_loss), isnan(score.rmse_bins), score.reviews) == (True, True, 0)
    assert calibration(histories, fsrs.DEFAULT_WEIGHTS) == []
    assert fit(histories).weights == fsrs.DEFAULT_WEIGHTS


@pytest.mark.parametrize("history", [[(1, 3), (0, 3)], [(1, 0)], [(1, 5)]])
def test_a_history_that_cannot_be_is_refused(history):
    with pytest.raises(ValueError, match="rating other than 1 to 4, or days that go back"):
        fit([history])


@pytest.mark.parametrize(("seed", "spreads"), [(0, 0.0), (1, 0.3), (2, 1.0), (3, 2.0)])
def test_the_gradient_is_that_of_finite_differences(seed, spreads):
    answers = _Answers.of(random_histories(seed))
    loss, weights, step = _Loss(answers, answers.scored), moved(seed, spreads), 1e-6
    differences = [
        (loss(weights + moved)[0] - loss(weights - moved)[0]) / (2 * step) for moved in np.eye(len(weights)) * step
    ]
    assert loss(weights)[1] == pytest.approx(np.array(differences), rel=1e-5, abs=1e-4)


def test_the_newest_review_counts_four_times_the_oldest():
    answers = _Answers.of([[(1, 3), (2, 3), (30, 3)], [(0, 3), (90, 1)]])
    loss = _Loss(answers, answers.scored)
    assert answers.day[answers.scored].tolist() == [2, 30, 90]
    assert loss.importance == pytest.approx([0.25 + 0.75 / 27, 0.25 + 0.75 * 8 / 27, 1.0])


def test_calibration_counts_each_review_in_its_band():
    histories = random_histories(6)
    rows = list(predictions(histories, fsrs.DEFAULT_WEIGHTS))
    bands = calibration(histories, fsrs.DEFAULT_WEIGHTS, bins=5)
    expected = []
    for band in range(5):
        inside = [(recall, recalled) for recall, recalled, *_ in rows if min(int(recall * 5), 4) == band]
        if inside:
            predicted, observed = fmean(p for p, _ in inside), fmean(y for _, y in inside)
            expected.append((pytest.approx(predicted), pytest.approx(observed), len(inside)))
    assert bands == expected


@pytest.mark.parametrize(
    ("reviews", "days", "last_reviews", "days_since", "due"),
    [
        (999, 400, None, None, False),
        (1000, 29, None, None, False),
        (1000, 30, None, None, True),
        (1249, 90, 1000, 60, False),
        (1250, 59, 1000, 29, False),
        (1250, 60, 1000, 30, True),
    ],
)
def test_when_a_fit_is_due(reviews, days, last_reviews, days_since, due):
    assert due_for_fit(reviews, days, last_reviews, days_since) is due


@pytest.fixture(scope="module")
def learners():
    return [study(seed, REVIEWS, new_a_day=6) for seed in range(LEARNERS)]


def test_a_fit_closes_most_of_the_gap_to_the_true_weights(learners):
    """Fitted to the first three quarters by time, scored on the rest."""
    losses = []
    for learner in learners:
        days = sorted(row[2] for row in predictions(learner.histories, fsrs.DEFAULT_WEIGHTS))
        first_unseen = days[round(TRAINED * len(days))]
        known = [sum(day < first_unseen for day, _ in history) for history in learner.histories]
        seen = [history[:count] for history, count in zip(learner.histories, known, strict=True)]
        rivals = (fsrs.DEFAULT_WEIGHTS, fit(seen).weights, learner.weights)
        losses.append([evaluate(learner.histories, weights, known).log_loss for weights in rivals])
    default, fitted, true = np.mean(losses, axis=0)
    assert (default - fitted) / (default - true) >= 0.80


def test_fitted_weights_are_valid_and_score_better(learners):
    result = fit(learners[0].histories)
    fsrs.check_weights(result.weights)
    assert result.reviews == result.default.reviews == REVIEWS
    assert result.default == evaluate(learners[0].histories, fsrs.DEFAULT_WEIGHTS)
    assert result.fitted == evaluate(learners[0].histories, result.weights)
    assert result.fitted.log_loss < result.default.log_loss


def test_weights_that_help_are_accepted(learners):
    assert [fit(learner.histories).accepted for learner in learners[1:3]] == [True, True]


def test_a_learner_like_the_default_moves_little():
    learner = study(7, REVIEWS, new_a_day=6, weights=fsrs.DEFAULT_WEIGHTS)
    result = fit(learner.histories)
    assert result.fitted.log_loss == pytest.approx(result.default.log_loss, abs=0.01)


def test_weights_no_better_than_those_in_force_are_refused(learners):
    in_force = fit(learners[1].histories)
    again = fit(learners[1].histories, current=in_force.weights)
    assert (in_force.accepted, again.accepted, again.weights) == (True, False, in_force.weights)
    assert again.reason.endswith("mean interval times 1.00")


def test_weights_that_double_the_intervals_are_refused(learners):
    """A learner who forgets nothing."""
    histories = [[(day, max(rating, 2)) for day, rating in history] for history in learners[0].histories]
    result = fit(histories)
    assert result.fitted.log_loss < result.default.log_loss
    assert not result.accepted


def test_too_few_reviews_leave_the_defaults():
    result = fit([[(0, 3), (3, 1)]] * 99)
    assert (result.weights, result.reviews, result.accepted) == (fsrs.DEFAULT_WEIGHTS, 99, False)
    assert result.fitted == result.default == evaluate([[(0, 3), (3, 1)]] * 99, fsrs.DEFAULT_WEIGHTS)
    assert result.reason == "too few to fit: the defaults"
    assert fit([[(0, 3), (3, 1)]] * 100).weights != fsrs.DEFAULT_WEIGHTS
