"""The harm ledger: wrong flags, days until somebody was cleared, money and days held, with intervals."""

from __future__ import annotations

from typing import Any

import polars as pl

from fraudnet.expressions import LOCAL_ZONE

GROUPS = ("age_band", "province", "holder_kind", "source")
CONFIDENCE = 0.95
UNKNOWN = "unknown"


def wrong_share(listed: pl.DataFrame) -> dict[str, Any]:
    """How many of the judged entries were wrong, with the exact 95 % interval (Clopper and Pearson 1934)."""
    judged = listed.filter(pl.col("verdict").is_not_null())
    wrong = judged.filter(pl.col("verdict") == "wrong").height
    low, high = interval(wrong, judged.height)
    return {"listed": listed.height, "judged": judged.height, "wrong": wrong, "low": low, "high": high}


def interval(hits: int, trials: int) -> tuple[float, float]:
    """The exact 95 % interval of a share; 0 to 1 where nothing was seen."""
    from scipy.stats import beta

    tail = (1 - CONFIDENCE) / 2
    low = float(beta.ppf(tail, hits, trials - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, trials - hits)) if hits < trials else 1.0
    return low, high


def ledger(listed: pl.DataFrame) -> tuple[dict[str, Any], pl.DataFrame]:
    """The whole and its groups: wrong flags with interval, days to clear, money and days held of the wrongly flagged.

    listed: source, holder_kind, province, age_band, listed_on, verdict, judged_at, amount, held_from, held_until.
    Returns the whole, and one row per group (column, value) in order; money in đồng, days as medians.
    """
    rows = [{"column": name, "value": value, **_told(part)} for name in GROUPS for value, part in _parts(listed, name)]
    schema = {"column": pl.String, "value": pl.String, **TOLD}
    return _told(listed), pl.DataFrame(rows, schema=schema, orient="row")


TOLD = {
    "listed": pl.Int64, "judged": pl.Int64, "wrong": pl.Int64, "low": pl.Float64, "high": pl.Float64,
    "days_to_clear": pl.Float64, "held_people": pl.Int64, "held_amount": pl.Int64, "days_held": pl.Float64,
}  # fmt: skip


def _parts(listed: pl.DataFrame, name: str) -> list[tuple[str, pl.DataFrame]]:
    named = listed.with_columns(pl.col(name).cast(pl.String).fill_null(UNKNOWN))
    values = named[name].unique().sort()
    return [(value, named.filter(pl.col(name) == value)) for value in values]


def _told(part: pl.DataFrame) -> dict[str, Any]:
    wrong = part.filter(pl.col("verdict") == "wrong")
    held = wrong.drop_nulls("amount")
    end = pl.min_horizontal("held_until", "judged_at")
    days = held.select(((end - pl.col("held_from")).dt.total_hours() / 24).clip(0)).to_series()
    cleared = wrong.select(
        (pl.col("judged_at").dt.convert_time_zone(LOCAL_ZONE).dt.date() - pl.col("listed_on")).dt.total_days()
    ).to_series()
    return {
        **wrong_share(part),
        "days_to_clear": cleared.median() if cleared.len() else None,
        "held_people": held.height,
        "held_amount": int(held["amount"].sum()),
        "days_held": days.median() if days.len() else None,
    }
