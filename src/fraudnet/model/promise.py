"""Whether probabilities kept what they promised, by bounds that an empty promise does not meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from fraudnet.model.intervals import bootstrap
from fraudnet.model.metrics import Floats, Ranked, ece_top, observed_expected, rank

LOW, HIGH, ECE = 0.8, 1.25, 0.03
ERROR = "calibration error, top 5 %"
STEPS = 50


@dataclass(frozen=True)
class Promise:
    """One measure of calibration: its value, its 95 % interval, and whether the bound holds."""

    name: str
    value: float
    low: float
    high: float
    kept: bool


def promises(trial: pl.DataFrame, resamples: int, seed: int) -> list[Promise]:
    """Observed over expected overall, in the top 0.5 % and top 2 %, the slope, and the error of the top 5 %.

    A ratio or slope holds in [0.8, 1.25] or where its interval covers 1. The error in ten equal-count bins of the top
    5 % holds at .03 or where probabilities that are exactly right would show as much in one of 20 draws: on few rows
    they do. A measure that is not defined on these rows does not break a promise.
    """
    ordered = trial.sort("probability", "challenger", descending=True, maintain_order=True)
    p = ordered["probability"].to_numpy()
    rows = rank(ordered["y"].to_numpy().astype(np.float64), p, p)
    ratios: dict[str, Callable[[Ranked], float]] = {
        "observed / expected": observed_expected,
        "observed / expected, top 0.5 %": lambda part: observed_expected(part, 0.005),
        "observed / expected, top 2 %": lambda part: observed_expected(part, 0.02),
        "calibration slope": slope,
    }
    clusters = ordered["cluster"].to_numpy().astype(np.float64)
    ends = bootstrap(rows, clusters, ratios, resamples, seed)
    found = []
    for name, measure in ratios.items():
        value, (low, high) = measure(rows), ends[name]
        held = LOW <= value <= HIGH or low <= 1 <= high or bool(np.isnan([value, low, high]).any())
        found.append(Promise(name, value, low, high, held))
    return [*found, _error(rows, resamples, seed)]


def slope(rows: Ranked) -> float:
    """How the log-odds of the answers follow those of the probabilities: 1 is right, below 1 is over-confident.

    Logistic regression of the answers on the log-odds, by Newton's steps (Cox 1958).
    """
    if not rows.weight @ rows.y or not rows.weight @ (1 - rows.y):
        return float("nan")
    odds = np.log(rows.p / (1 - rows.p))
    if odds.max() - odds.min() < 1e-9:
        return float("nan")
    design = np.column_stack([odds, np.ones(len(odds))])
    theta = np.array([1.0, 0.0])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ theta, -30, 30)))
        bend = rows.weight * p * (1 - p)
        hessian = design.T @ (design * bend[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (rows.weight * (rows.y - p)))
        theta = theta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    return float(theta[0])


def _error(rows: Ranked, resamples: int, seed: int) -> Promise:
    value = ece_top(rows)
    rng = np.random.default_rng(seed)
    by_chance = [ece_top(_drawn(rows, rng)) for _ in range(resamples)]
    likely = float(np.quantile(by_chance, 0.95))
    return Promise(ERROR, value, 0.0, max(ECE, likely), value <= max(ECE, likely))


def _drawn(rows: Ranked, rng: np.random.Generator) -> Ranked:
    y: Floats = (rng.random(len(rows.p)) < rows.p).astype(np.float64)
    return Ranked(y, rows.raw, rows.p, rows.weight, rows.last)
