"""Is one model better than another on the same rows, beyond what chance among clusters explains?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.model.metrics import Floats, Ranked, rank

BETTER, NOT_WORSE, WORSE, CANNOT_TELL = "better", "not worse", "worse", "cannot tell"
FEWEST = 20


@dataclass(frozen=True)
class Difference:
    """Challenger minus champion in one measure, with its 95 % interval over resamples of whole clusters."""

    champion: float
    challenger: float
    low: float
    high: float

    @property
    def value(self) -> float:
        """Challenger minus champion."""
        return self.challenger - self.champion

    def answer(self, margin: float) -> str:
        """better: the interval is above 0; not worse: above minus the margin; worse: below 0; else cannot tell."""
        if np.isnan([self.low, self.high]).any():
            return CANNOT_TELL
        if self.low > 0:
            return BETTER
        if self.low > -margin:
            return NOT_WORSE
        return WORSE if self.high < 0 else CANNOT_TELL


def paired(
    trial: pl.DataFrame, measure: Callable[[Ranked], float], resamples: int, seed: int, fewest: int = FEWEST
) -> Difference:
    """Compare both models of a trial (contract Trial) in one measure on the same resamples of its clusters.

    With fewer than `fewest` positives the interval is not defined, so that the answer is that nobody can tell.
    """
    y = trial["y"].to_numpy().astype(np.float64)
    clusters = trial["cluster"].to_numpy()
    orders, ranks = zip(*(_ranked(trial[name].to_numpy(), y) for name in ("champion", "challenger")), strict=True)
    found = [measure(one) for one in ranks]
    if y.sum() < fewest:
        return Difference(found[0], found[1], float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    size = int(clusters.max()) + 1
    gains = np.empty(resamples)
    for turn in range(resamples):
        weight = np.bincount(rng.integers(0, size, size), minlength=size).astype(np.float64)[clusters]
        mine, theirs = (measure(one.weighing(weight[order])) for one, order in zip(ranks, orders, strict=True))
        gains[turn] = theirs - mine
    defined = gains[~np.isnan(gains)]
    low, high = np.quantile(defined, (0.025, 0.975)) if len(defined) else (float("nan"), float("nan"))
    return Difference(found[0], found[1], float(low), float(high))


def _ranked(raw: Floats, y: Floats) -> tuple[NDArray[np.intp], Ranked]:
    return np.argsort(-raw, kind="stable"), rank(y, raw, raw)
