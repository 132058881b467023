"""Exact tests on counts, and how many of them may be wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def population_stability(before: Sequence[int], now: Sequence[int]) -> float:
    """PSI of two counts over the same bins: sum of (q - p) ln(q / p); half a row is added to each bin."""
    p, q = (_shares(counts) for counts in (before, now))
    return float(np.sum((q - p) * np.log(q / p)))


def same_shares(before: Sequence[int], now: Sequence[int]) -> float:
    """p-value that two samples fall into the bins with the same chances.

    Each bin is tested against all others with both margins given (Fisher's exact test, twice the smaller tail); the
    smallest p-value counts, times the number of bins (Bonferroni). Exact for every size of sample.
    """
    from scipy.stats import hypergeom

    first, second = np.array(before, dtype=np.int64), np.array(now, dtype=np.int64)
    asked = (first + second) > 0
    if first.sum() == 0 or second.sum() == 0 or asked.sum() < 2:
        return 1.0
    total, drawn = first.sum() + second.sum(), second.sum()
    marked, seen = (first + second)[asked], second[asked]
    upper = hypergeom.sf(seen - 1, total, marked, drawn)
    lower = hypergeom.cdf(seen, total, marked, drawn)
    return float(min(1.0, 2 * np.minimum(upper, lower).min() * asked.sum()))


def unlikely_few(promised: Floats, observed: int) -> float:
    """Chance of at most `observed` hits when each of the rows hits with its promised probability, independently.

    The distribution of the sum (Poisson binomial), built up row by row.
    """
    chances = np.ones(1)
    for p in np.sort(promised):
        chances = np.append(chances * (1 - p), 0.0) + np.append(0.0, chances * p)
    return float(min(1.0, chances[: observed + 1].sum()))


def _shares(counts: Sequence[int]) -> Floats:
    filled = np.array(counts, dtype=np.float64) + 0.5
    shares: Floats = filled / filled.sum()
    return shares
