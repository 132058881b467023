"""How much people pay: a lognormal body with heaps at round and lucky amounts."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.facts import BIG_SHARE, SIGMA

__all__ = ["BIG", "BIG_SHARE", "drawn", "location", "near"]

BIG = 10_000_000
LARGEST = 499_000_000  # an instant transfer stays under 500 M
ROUND, LUCKY = 0.62, 0.04
STEPS, STEP_SHARES = (1, 100, 1_000), (0.12, 0.18, 0.7)  # what is left of an amount nobody rounded


def location(share_above: float, sigma: float = SIGMA) -> float:
    """The log-median of a lognormal of which this share exceeds 10 M đồng."""
    share = min(max(share_above, 0.002), 0.4)
    return float(np.log(BIG) - sigma * NormalDist().inv_cdf(1 - share))


def drawn(n: int, mu: float, rng: np.random.Generator, sigma: float = SIGMA) -> Ints:
    """Amounts from the lognormal, most of them rounded as people round; never across 10 M, which is a legal line."""
    raw = np.clip(np.exp(mu + sigma * rng.standard_normal(n)), 1_000, LARGEST)
    exact = raw.astype(np.int64)
    exact -= exact % rng.choice(STEPS, n, p=STEP_SHARES)
    magnitude = 10 ** np.floor(np.log10(raw)).astype(np.int64)
    step = np.maximum(magnitude // np.where(rng.random(n) < 0.5, 2, 10), 1_000)
    rounded = np.maximum(np.round(raw / step).astype(np.int64) * step, 1_000)
    lucky = np.maximum(magnitude * rng.choice([68, 86, 88, 66, 89], n) // 10 // 1_000 * 1_000, 1_000)
    style = rng.random(n)
    chosen = np.where(style < ROUND, rounded, np.where(style < ROUND + LUCKY, lucky, exact))
    kept = (chosen > BIG) == (raw > BIG)
    return np.where(kept, chosen, exact)


def near(value: Ints, rng: np.random.Generator, spread: float = 0.05, step: int = 1_000) -> Ints:
    """Amounts close to a usual one, on a round step."""
    moved = value * (1 + spread * rng.standard_normal(len(value)))
    return np.maximum(np.round(moved / step).astype(np.int64) * step, step)
