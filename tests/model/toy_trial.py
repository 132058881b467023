"""Generated trials: a champion and a challenger with a known difference."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.trial import Trial

BANKS = ("970403", "970405", "970415", "970436", "970418")


def toy_trial(positives: int, gain: float = 0.0, seed: int = 1, rows_each: int = 60) -> pl.DataFrame:
    """`positives` among 60 times as many rows; the challenger sees the signal better by `gain`, noise mostly shared."""
    rng = np.random.default_rng([seed, positives])
    n = positives * rows_each
    y = (np.arange(n) < positives).astype(np.int8)
    shared, own = rng.normal(size=n), rng.normal(size=(2, n)) * 0.15
    champion, challenger = 2.2 * y + shared + own[0], (2.2 + gain) * y + shared + own[1]
    odds = 2.2 * challenger - 2.42 + np.log(positives / (n - positives))
    truth = rng.random(n) < 0.5
    return Trial.validate(
        pl.DataFrame(
            {
                "y": y,
                "reviewed": (y == 1) | (truth & (champion > 1.5)),
                "spared": [False] * n,
                "cluster": np.arange(n) // 2,
                "institution": [BANKS[i] for i in rng.integers(0, len(BANKS), n)],
                "province": [str(i) for i in rng.integers(10, 13, n)],
                "traits": [["ring"] if one else [] for one in rng.random(n) < 0.1],
                "probability": np.clip(1 / (1 + np.exp(-odds)), 1e-4, 1 - 1e-4),
                "challenger": challenger,
                "champion": champion,
            }
        )
        .with_columns(whose=pl.when("reviewed").then("institution"))
        .select(Trial.column_names()),
        cast=True,
    )
