"""Reviewed rows weighed by one over their chance of a review."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from toy import SETTINGS, joined, part

from fraudnet.model.propensity import MOST, review_weights
from fraudnet.model.rows import ready


def rows(seed: int = 1, n: int = 40_000) -> tuple[pl.DataFrame, np.ndarray]:
    """Half of the fraud shows a pattern; reviewers look at 60 % of what shows one, and at 5 % of all else."""
    rng = np.random.default_rng(seed)
    guilty = rng.random(n) < 0.02
    shows = rng.random(n) < np.where(guilty, 0.5, 0.02)
    reviewed = rng.random(n) < np.where(shows, 0.6, 0.05)
    frame = pl.DataFrame({"ring_strength": np.where(shows, 0.9, 0.0), "reviewed": reviewed, "rate": 1.0})
    return frame.with_columns(y=pl.Series((guilty & reviewed).astype(float))), guilty


def test_the_hidden_half_gets_its_weight_back() -> None:
    frame, guilty = rows()
    found = (frame["y"] == 1).to_numpy()
    quiet = (frame["ring_strength"] == 0.0).to_numpy()
    weight = review_weights(frame)
    share = weight[found & quiet].sum() / weight[found].sum()
    assert (found & quiet).sum() / found.sum() < 0.15
    assert share == pytest.approx((guilty & quiet).sum() / guilty.sum(), abs=0.08)
    assert (weight[~frame["reviewed"].to_numpy()] == 1).all()
    assert weight[frame["reviewed"].to_numpy()].mean() == pytest.approx(1)


def test_a_row_that_stands_for_many_counts_for_many() -> None:
    frame, _ = rows()
    thinned = frame.filter(pl.col("reviewed") | (pl.int_range(pl.len()) % 10 == 0))
    thinned = thinned.with_columns(rate=pl.when("reviewed").then(1.0).otherwise(0.1))
    mine, theirs = (review_weights(one)[one["reviewed"].to_numpy()] for one in (thinned, frame))
    assert np.allclose(mine, theirs, rtol=0.05)


def test_no_row_weighs_for_more_than_twenty_of_the_least_and_without_reviews_all_are_alike() -> None:
    frame, _ = rows()
    rare = frame.with_columns(
        reviewed=pl.col("reviewed") & ((pl.col("ring_strength") > 0) | (pl.int_range(pl.len()) < 40))
    )
    weight = review_weights(rare)[rare["reviewed"].to_numpy()]
    assert weight.max() / weight.min() <= MOST + 1e-9
    assert (review_weights(frame.with_columns(reviewed=pl.lit(value=False))) == 1).all()


def test_training_weighs_so_only_when_told() -> None:
    learned = joined([part(n, n=800, share=0.05) for n in (0, 1)])
    plain, told = (
        ready(learned.matrix, learned.answers, SETTINGS.model_copy(update={"weigh_reviews": on}))
        for on in (False, True)
    )
    assert np.allclose(told.weight, plain.weight * review_weights(plain.rows))
