"""Measures of a ranked list, one function each; every one takes rows in order and their weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 10


@dataclass(frozen=True)
class Ranked:
    """Answers, scores, probabilities and weights, best score first; `last` marks the last row of each tied score."""

    y: Floats
    raw: Floats
    p: Floats
    weight: Floats
    last: NDArray[np.bool_]

    @cached_property
    def cumulated(self) -> tuple[Floats, Floats]:
        """Positives and negatives from the top to the end of each step of equal scores; asked for by many measures."""
        above = np.cumsum(self.weight * self.y)[self.last]
        return above, np.cumsum(self.weight * (1 - self.y))[self.last]

    @cached_property
    def before(self) -> Floats:
        """The weight above each row."""
        return np.asarray(np.cumsum(self.weight) - self.weight, np.float64)

    def weighing(self, weight: Floats) -> Ranked:
        """The same rows with other weights (a resample), given in ranked order."""
        return replace(self, weight=weight)


def rank(y: Floats, raw: Floats, p: Floats, weight: Floats | None = None) -> Ranked:
    """Sort rows by raw score, best first; tied rows keep the order they came in."""
    order = np.argsort(-raw, kind="stable")
    given = np.ones(len(y)) if weight is None else weight
    sorted_raw = raw[order]
    last = np.append(sorted_raw[1:] != sorted_raw[:-1], True)[: len(order)]
    return Ranked(y[order].astype(np.float64), sorted_raw, p[order], given[order], last)


def auc(rows: Ranked) -> float:
    """Chance that a positive stands above a negative; ties count half."""
    above, false = rows.cumulated
    if not len(above) or above[-1] == 0 or false[-1] == 0:
        return math.nan
    area = np.diff(false, prepend=0.0) @ (above + np.append(0.0, above[:-1])) / 2
    return float(area / (above[-1] * false[-1]))


def average_precision(rows: Ranked) -> float:
    """Mean precision over the positives, read from the top; tied rows count as one step."""
    above, false = rows.cumulated
    if not len(above) or above[-1] == 0:
        return math.nan
    seen = above + false
    precision = np.divide(above, seen, out=np.zeros_like(above), where=seen > 0)
    return float(np.diff(above, prepend=0.0) @ precision / above[-1])


def places(capacity: float, rows: float) -> int:
    """How many of so many rows a capacity lets reviewers look at, rounded up."""
    return math.ceil(Fraction(str(capacity)) * Fraction(rows).limit_denominator())


def recall_at(rows: Ranked, k: float) -> float:
    """Share of the positives among the first k rows."""
    total = float(rows.weight @ rows.y)
    return float(_taken(rows, k) @ rows.y) / total if total else math.nan


def precision_at(rows: Ranked, k: float) -> float:
    """Share of positives among the first k rows."""
    taken = _taken(rows, k)
    return float(taken @ rows.y) / float(taken.sum()) if taken.sum() else math.nan


def recall_at_false_positives(rows: Ranked, share: float) -> float:
    """Share of the positives above the lowest score at which at most this share of the negatives is called fraud."""
    above, false = rows.cumulated
    if not len(above) or above[-1] == 0 or false[-1] == 0:
        return math.nan
    inside = int(np.searchsorted(false, share * false[-1], side="right"))
    return float(above[inside - 1] / above[-1]) if inside else 0.0


def macro_f1(rows: Ranked, threshold: float) -> float:
    """Mean of the F1 of both answers when everything with probability >= threshold is called fraud."""
    called = rows.p >= threshold
    hit, miss = float(rows.weight @ (rows.y * called)), float(rows.weight @ (rows.y * ~called))
    false, right = float(rows.weight @ ((1 - rows.y) * called)), float(rows.weight @ ((1 - rows.y) * ~called))
    return (_f1(hit, false, miss) + _f1(right, miss, false)) / 2


def best_threshold(rows: Ranked) -> float:
    """The probability whose macro F1 is best on these rows; the highest one wins a tie."""
    above, false = rows.cumulated
    at = rows.p[rows.last]
    positives, negatives = above[-1], false[-1]
    fraud = 2 * above / np.maximum(above + false + positives, 1e-12)
    honest = 2 * (negatives - false) / np.maximum((negatives - false) + (positives - above) + negatives, 1e-12)
    return float(at[int(np.argmax(fraud + honest))])


def brier(rows: Ranked) -> float:
    """Mean squared distance between probability and answer."""
    return float(rows.weight @ (rows.p - rows.y) ** 2 / rows.weight.sum())


def observed_expected(rows: Ranked, share: float = 1.0) -> float:
    """Positives that were seen over positives that the probabilities promised, in the top share of the rows."""
    taken = _taken(rows, places(share, rows.weight.sum()))
    promised = float(taken @ rows.p)
    return float(taken @ rows.y) / promised if promised else math.nan


def ece_top(rows: Ranked, share: float = 0.05) -> float:
    """Mean distance between promised and seen share of fraud over ten equal bins of the top share of the rows."""
    k = places(share, rows.weight.sum())
    taken = _taken(rows, k)
    middle = np.cumsum(rows.weight) - rows.weight / 2
    bins = np.minimum((middle / k * BINS).astype(int), BINS - 1)
    off = np.bincount(bins, taken * (rows.y - rows.p), minlength=BINS)
    return float(np.abs(off).sum() / taken.sum())


def all_metrics(capacity: float, threshold: float) -> Mapping[str, Callable[[Ranked], float]]:
    """Every measure of the evaluation by name."""
    return {
        "auc": auc,
        "average_precision": average_precision,
        "recall_at_capacity": lambda rows: recall_at(rows, places(capacity, rows.weight.sum())),
        "precision_at_capacity": lambda rows: precision_at(rows, places(capacity, rows.weight.sum())),
        "recall_at_1_percent_false": lambda rows: recall_at_false_positives(rows, 0.01),
        "recall_at_100": lambda rows: recall_at(rows, 100),
        "macro_f1": lambda rows: macro_f1(rows, threshold),
        "brier": brier,
        "observed_expected": observed_expected,
        "observed_expected_top_0_5": lambda rows: observed_expected(rows, 0.005),
        "observed_expected_top_2": lambda rows: observed_expected(rows, 0.02),
        "ece_top_5": ece_top,
    }


def _taken(rows: Ranked, k: float) -> Floats:
    # How much of each row lies within the first k.
    return np.clip(k - rows.before, 0.0, rows.weight)


def _f1(hit: float, false: float, miss: float) -> float:
    return 2 * hit / (2 * hit + false + miss) if hit else 0.0
