"""The settings of the booster: a small stated grid, judged on validation rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fraudnet.model.booster import Booster
from fraudnet.model.metrics import average_precision, rank
from fraudnet.model.rows import Held, Ready

# What few positives can tell apart, and what becomes worth trying with many: finer bins gave .09 of average precision
# on card transactions at 0.8 % prevalence.
FEW: tuple[Mapping[str, Any], ...] = (
    {"num_leaves": 15, "min_data_in_leaf": 10, "learning_rate": 0.08, "max_bin": 255, "feature_fraction": 0.3},
    {"num_leaves": 7, "min_data_in_leaf": 5, "learning_rate": 0.08, "max_bin": 255, "feature_fraction": 0.3},
)
MANY: tuple[Mapping[str, Any], ...] = (
    {"num_leaves": 31, "min_data_in_leaf": 20, "learning_rate": 0.03, "max_bin": 255, "feature_fraction": 0.5},
    {"num_leaves": 31, "min_data_in_leaf": 20, "learning_rate": 0.03, "max_bin": 4095, "feature_fraction": 0.7},
)
MANY_FROM = 200
RIDGE = 1.0
ROUNDS = (50, 100, 200)
ROUNDS_MANY = (100, 200, 300, 500)


def grid(positives: int) -> tuple[Mapping[str, Any], ...]:
    """The settings to try with so many positives in training."""
    return (*FEW, *MANY) if positives >= MANY_FROM else FEW


def rounds(positives: int) -> tuple[int, ...]:
    """After how many trees training may stop, judged on the validation rows."""
    return ROUNDS_MANY if positives >= MANY_FROM else ROUNDS


def complete(params: Mapping[str, Any], seed: int, categorical: list[int]) -> dict[str, Any]:
    """Settings with the seed and what never varies."""
    return {"lambda_l2": RIDGE, **params, "seed": seed, "categorical": categorical}


def default(positives: int) -> dict[str, Any]:
    """What is used where nothing can be tried: the first settings of the grid."""
    return {**grid(positives)[0], "rounds": rounds(positives)[1]}


def choose(train: Ready, held: Held, seed: int) -> tuple[dict[str, Any], str]:
    """The settings and number of trees of best average precision on the held-out rows, and the booster's text.

    The earlier in the grid wins a tie, so noise never prefers the larger model.
    """
    best, chosen, text = -1.0, default(train.positives), ""
    stops = rounds(train.positives)
    for params in grid(train.positives):
        tried = complete({**params, "rounds": stops[-1]}, seed, train.categorical)
        booster = Booster(train.text(tried))
        for stop in stops:
            raw = booster.raw(held.values, rounds=stop, threads=train.threads)
            score = average_precision(rank(held.y, raw, raw))
            if score > best:
                best, chosen, text = score, {**tried, "rounds": stop}, booster.text(stop)
    return chosen, text
