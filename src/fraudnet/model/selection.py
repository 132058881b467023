"""What reviewed rows say about all rows: reviewers look where somebody pointed, and not at random."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from fraudnet.model.metrics import Floats

STRATA = 10
LEAST = 0.001  # nobody's chance to be reviewed counts as less than this: one row would weigh for a thousand
SURE = 0.05  # both ends together leave out so much


@dataclass(frozen=True)
class Share:
    """A share among `n` rows that were looked at, with its exact 95 % interval (Clopper and Pearson 1934)."""

    n: int
    hits: int
    value: float | None
    low: float
    high: float


@dataclass(frozen=True)
class ByLot:
    """What the random audit says: fraud among the flagged, among the others, and how many that are missed.

    missed, missed_low, missed_high: fraudulent entities that nobody flagged, of `others` in all; missed is None without
    audited rows.
    """

    flagged: Share
    unflagged: Share
    others: int
    missed: float | None
    missed_low: float
    missed_high: float


def by_lot(rows: pl.DataFrame) -> ByLot:
    """The unbiased figures: rows need y, flagged, by_lot (reviewed because a lot fell on them)."""
    drawn = rows.filter("by_lot")
    on, off = (share(drawn.filter(pl.col("flagged") == side)["y"].to_numpy()) for side in (True, False))
    others = rows.filter(~pl.col("flagged")).height
    missed = None if off.value is None else others * off.value
    return ByLot(on, off, others, missed, others * off.low, others * off.high)


def share(y: Floats) -> Share:
    """How many of some rows are fraud, with the exact interval; nothing is known about no rows."""
    from scipy.stats import beta

    n, hits = len(y), int(np.sum(y))
    low = float(beta.ppf(SURE / 2, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - SURE / 2, hits + 1, n - hits)) if hits < n else 1.0
    return Share(n, hits, hits / n if n else None, low, high)


def propensity(rows: pl.DataFrame) -> Floats:
    """Chance that somebody looks at a row, by ten equal parts of the list and whether it was reported.

    rows: best first; reviewed, and reported where it is known. Each row's part is its place on the list: people look
    where the score, or somebody else, pointed.
    """
    place = (np.arange(rows.height) * STRATA) // max(rows.height, 1)
    told = rows["reported"].fill_null(value=False).to_numpy() if "reported" in rows.columns else np.zeros(rows.height)
    stratum = place * 2 + told.astype(np.int64)
    seen = np.bincount(stratum, rows["reviewed"].to_numpy().astype(np.float64), minlength=2 * STRATA)
    size = np.bincount(stratum, minlength=2 * STRATA)
    found: Floats = np.maximum(seen[stratum] / np.maximum(size[stratum], 1), LEAST)
    return found


def weighted_precision(rows: pl.DataFrame) -> float | None:
    """Share of fraud among the flagged if all of them were reviewed: reviewed rows, weighted by one over their chance.

    Unbiased only if nothing but list and report decided who was looked at; the random audit needs no such belief.
    (Horvitz and Thompson 1952, as a ratio.) rows: best first; y, reviewed, flagged. None where no flagged row was
    reviewed.
    """
    weight = rows["reviewed"].to_numpy() / propensity(rows)
    on = rows["flagged"].to_numpy().astype(bool)
    whole = float(weight[on].sum())
    return float(weight[on] @ rows["y"].to_numpy()[on]) / whole if whole else None


def selection(rows: pl.DataFrame) -> dict[str, Any]:
    """Reviewed and unreviewed kept apart, and what each can be believed for, as a plain value.

    rows: best first; y, reviewed, by_lot, flagged, and reported where it is known.
    """
    group = pl.when("by_lot").then(pl.lit("by lot")).when("reviewed").then(pl.lit("pointed at"))
    told = (
        rows.with_columns(how=group.otherwise(pl.lit("never reviewed")))
        .group_by("how")
        .agg(
            entities=pl.len().cast(pl.Int64),
            confirmed=pl.col("y").cast(pl.Int64).sum(),
            flagged=pl.col("flagged").cast(pl.Int64).sum(),
            flagged_confirmed=(pl.col("y") * pl.col("flagged")).cast(pl.Int64).sum(),
        )
        .sort("how")
    )
    return {"groups": told.to_dicts(), "by_lot": asdict(by_lot(rows)), "weighted_precision": weighted_precision(rows)}
