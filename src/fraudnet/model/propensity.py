"""Reviewed rows weighed by one over their chance of a review: those found where nobody pointed stand for many."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.model.booster import Floats

REPORTED, SHOWS = "own_reports_90d", 0.5
MOST = 20.0  # one lucky find must not outweigh everything else


def review_weights(rows: pl.DataFrame) -> Floats:
    """A factor for each training row: 1 where nobody reviewed it, else one over the chance of a review among its likes.

    Its likes have as many patterns that show (none, one, more) and were reported or not: this is where reviewers look.
    Factors are capped at twenty times the least and then scaled to a mean of 1, so that the reviewed keep their part
    of the whole (Horvitz and Thompson 1952; Bekker and Davis 2020). rows: reviewed, rate (the share of its likes that
    a row stands for), and features.
    """
    strengths = [name for name in rows.columns if name.endswith("_strength")]
    shown = pl.sum_horizontal([pl.col(name) >= SHOWS for name in strengths]) if strengths else pl.lit(0)
    told = (pl.col(REPORTED) > 0).fill_null(value=False) if REPORTED in rows.columns else pl.lit(value=False)
    place = shown.clip(upper_bound=2).cast(pl.Int64) * 2 + told.cast(pl.Int64)
    like = rows.with_columns(like=place)["like"].to_numpy()
    seen = rows["reviewed"].to_numpy()
    if not seen.any():
        return np.ones(rows.height)
    stands_for = 1.0 / rows["rate"].to_numpy()
    chance = np.bincount(like, seen, minlength=6)[like] / np.bincount(like, stands_for, minlength=6)[like]
    factor = np.ones(rows.height)
    factor[seen] = 1.0 / chance[seen]
    factor[seen] = np.minimum(factor[seen], MOST * factor[seen].min())
    factor[seen] /= factor[seen].mean()
    return factor
