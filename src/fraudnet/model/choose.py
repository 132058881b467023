"""The settings of the booster: a small stated grid, judged on validation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fraudnet.model.booster import Booster
from fraudnet.model.rows import Held, Ready
from fraudnet.model.tune import BINS, searched

# What few positives can tell apart, and what becomes worth trying with many.
FEW: tuple[Mapping[str, Any], ...] = (
    {"num_leaves": 15, "min_data_in_leaf": 10, "learning_rate": 0.08, "max_bin": 255, "feature_fraction": 0.3},
    {"num_leaves": 7, "min_data_in_leaf": 5, "learning_rate": 0.08, "max_bin": 255, "feature_fraction": 0.3},
)
MANY: tuple[Mapping[str, Any], ...] = (
    {"num_leaves": 15, "min_data_in_leaf": 20, "learning_rate": 0.05, "max_bin": 127, "feature_fraction": 0.3},
    {"num_leaves": 7, "min_data_in_leaf": 5, "learning_rate": 0.08, "max_bin": 127, "feature_fraction": 0.3},
    {"num_leaves": 31, "min_data_in_leaf": 20, "learning_rate": 0.06, "max_bin": 63, "feature_fraction": 0.3},
)
# Finer bins gave .09 of average precision on card transactions at 0.8 % prevalence: many rows, few columns.
FINE: tuple[Mapping[str, Any], ...] = (
    {"num_leaves": 31, "min_data_in_leaf": 20, "learning_rate": 0.03, "max_bin": 4095, "feature_fraction": 0.7},
    {"num_leaves": 15, "min_data_in_leaf": 20, "learning_rate": 0.06, "max_bin": 4095, "feature_fraction": 1.0},
)
MANY_FROM = 200
FINE_FROM_ROWS, FINE_TO_COLUMNS = 20_000, 64
RIDGE = 1.0
ROUNDS = (50, 100, 200)
ROUNDS_MANY = (100, 200, 300)


def grid(train: Ready) -> tuple[Mapping[str, Any], ...]:
    """The settings to try on these training rows."""
    if train.positives < MANY_FROM:
        return FEW
    rows, columns = train.values.shape
    return (*MANY, *FINE) if rows >= FINE_FROM_ROWS and columns <= FINE_TO_COLUMNS else MANY


def rounds(positives: int) -> tuple[int, ...]:
    """After how many trees training may stop, judged on the validation rows."""
    return ROUNDS_MANY if positives >= MANY_FROM else ROUNDS


def complete(params: Mapping[str, Any], seed: int, categorical: list[int]) -> dict[str, Any]:
    """Settings with the seed and what never varies."""
    return {"lambda_l2": RIDGE, **params, "seed": seed, "categorical": categorical}


def default(train: Ready) -> dict[str, Any]:
    """What is used where nothing can be tried: the first settings of the grid."""
    return {**grid(train)[0], "rounds": rounds(train.positives)[1]}


def choose(cases: Sequence[tuple[Ready, Held]], seed: int, tune: int = 0) -> tuple[dict[str, Any], str]:
    """The settings and number of trees of best mean average precision on the held-out rows of each case.

    cases: training rows with the rows that judge them, one pair or one per window of time; the first pair says which
    settings are tried. The earlier in the grid wins a tie, so noise never prefers the larger model. tune: so many
    further settings are searched for (`model/tune.py`), and taken only when better than all of the grid. Returns the
    settings and the text of the booster trained with them on the first case.
    """
    first = cases[0][0]
    tried = grid(first)
    best = max((_tried(cases, params, seed) for params in tried), key=lambda found: found[0])
    if tune:
        known = [{"lambda_l2": RIDGE, **params} for params in tried if params["max_bin"] in BINS]
        more = searched(lambda params: _tried(cases, params, seed)[0], known, tune, seed)
        best = max((best, _tried(cases, more, seed)), key=lambda found: found[0])
    return best[1:]


def _tried(
    cases: Sequence[tuple[Ready, Held]], params: Mapping[str, Any], seed: int
) -> tuple[float, dict[str, Any], str]:
    """What some settings come to with their best number of trees: average precision, settings, booster."""
    first = cases[0][0]
    stops = rounds(first.positives)
    whole = complete({**params, "rounds": stops[-1]}, seed, first.categorical)
    boosters = [Booster(train.text(whole)) for train, _ in cases]
    scores = [float(np.mean([judge(b, case, stop) for b, case in zip(boosters, cases, strict=True)])) for stop in stops]
    best = int(np.argmax(scores))
    return scores[best], {**whole, "rounds": stops[best]}, boosters[0].text(stops[best])


def judge(booster: Booster, case: tuple[Ready, Held], stop: int) -> float:
    """Average precision of the first trees on the held-out rows of a case."""
    from fraudnet.model.estimator import precision_of  # it loads scikit-learn, which scoring does without

    train, held = case
    return precision_of(booster, held.values, held.y, stop, train.workers)
