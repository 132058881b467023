"""What reviewed rows say about all rows: reviewers look where somebody pointed, and not at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from fraudnet.model.metrics import Floats

SURE = 0.05  # both ends together leave out so much
NOBODY = {"flagged": 0, "flagged_confirmed": 0}


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
    return interval(len(y), int(np.sum(y)))


def interval(n: int, hits: int) -> Share:
    """A share of so many hits, with the exact interval."""
    from scipy.stats import beta

    low = float(beta.ppf(SURE / 2, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - SURE / 2, hits + 1, n - hits)) if hits < n else 1.0
    return Share(n, hits, hits / n if n else None, low, high)


def among_flagged(groups: Sequence[Mapping[str, Any]]) -> Share:
    """The share of fraud among the flagged if all of them were reviewed, with a 95 % interval.

    Each reviewed row weighs one over its chance of a review (Horvitz and Thompson 1952): a row that somebody pointed at
    stands for itself, since what pointed there points nowhere else; one that a lot fell on stands for all that nobody
    pointed at. groups: as `selection` tells them. n: the flagged; hits: the confirmed that were seen. value is None
    where no lot fell on a flagged row though some were never reviewed.
    """
    told = {row["how"]: row for row in groups}
    pointed, lot, never = (told.get(how, NOBODY) for how in ("pointed at", "by lot", "never reviewed"))
    drawn = interval(lot["flagged"], lot["flagged_confirmed"])
    seen, rest = pointed["flagged_confirmed"], lot["flagged"] + never["flagged"]
    n = pointed["flagged"] + rest
    if not n:
        return interval(0, 0)
    low, high = ((seen + rest * end) / n for end in (drawn.low, drawn.high))
    value = seen / n if not rest else None if drawn.value is None else (seen + rest * drawn.value) / n
    return Share(n, seen + lot["flagged_confirmed"], value, low, high)


def selection(rows: pl.DataFrame) -> dict[str, Any]:
    """Reviewed and unreviewed kept apart, and what each can be believed for, as a plain value.

    rows: y, reviewed, by_lot, flagged.
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
        .to_dicts()
    )
    return {"groups": told, "by_lot": asdict(by_lot(rows)), "among_flagged": asdict(among_flagged(told))}
