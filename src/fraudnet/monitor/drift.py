"""Which columns and scores lie elsewhere than they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from fraudnet.model.fallen import false_discoveries
from fraudnet.model.reference import Bins
from fraudnet.monitor.exact import population_stability, same_shares
from fraudnet.monitor.regimes import Regime

QUIET, EXPECTED, WATCH, ALARM = "quiet", "expected", "watch", "alarm"
LEVELS = (ALARM, WATCH, EXPECTED, QUIET)
CHANCE = 0.01
# The usual reading of PSI (Siddiqi 2006): below .1 no change, from .25 on a large one.
SOME, LARGE = 0.1, 0.25
READ = 0.005


def drift(
    before: Mapping[str, Bins],
    now: Mapping[str, tuple[int, ...]],
    growing: Sequence[str],
    known: Sequence[Regime],
    leans: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """One row per column, by level and worst first: name, psi, p, level, gain, unknown before and now, expected_by.

    before: the reference's bins; now: the rows of today in them. p: of Fisher's exact test per bin, adjusted over all
    columns (Benjamini and Hochberg 1995). leans: the share of the model's gain by column. level: alarm from a PSI of
    0.25, watch from 0.1, both only where p is at most 0.01; a column with under 0.5 % of the gain is hardly read and no
    alarm; expected where the column grows by itself or a change of rules moves it; else quiet.
    """
    names = sorted(set(before) & set(now))
    p = false_discoveries(np.array([same_shares(before[name].counts, now[name]) for name in names]))
    rows = [
        {
            "name": name,
            "psi": population_stability(before[name].counts, now[name]),
            "p": float(chance),
            "gain": None if leans is None else leans.get(name),
            "unknown_before": _unknown(before[name].counts),
            "unknown_now": _unknown(now[name]),
            "expected_by": _expected(name, growing, known),
        }
        for name, chance in zip(names, p, strict=True)
    ]
    table = pl.DataFrame(rows, schema=SCHEMA)
    order = pl.col("level").replace_strict(list(LEVELS), range(len(LEVELS)), return_dtype=pl.Int8)
    return table.with_columns(level=_level()).sort(order, "psi", "name", descending=[False, True, False])


SCHEMA = {
    "name": pl.String,
    "psi": pl.Float64,
    "p": pl.Float64,
    "gain": pl.Float64,
    "unknown_before": pl.Float64,
    "unknown_now": pl.Float64,
    "expected_by": pl.String,
}


def _level() -> pl.Expr:
    moved = (pl.col("p") <= CHANCE) & (pl.col("psi") >= SOME)
    return (
        pl.when(~moved)
        .then(pl.lit(QUIET))
        .when(pl.col("expected_by").is_not_null())
        .then(pl.lit(EXPECTED))
        .when((pl.col("psi") >= LARGE) & (pl.col("gain").is_null() | (pl.col("gain") >= READ)))
        .then(pl.lit(ALARM))
        .otherwise(pl.lit(WATCH))
    )


def _unknown(counts: tuple[int, ...]) -> float:
    return counts[0] / max(sum(counts), 1)


def _expected(name: str, growing: Sequence[str], known: Sequence[Regime]) -> str | None:
    if name in growing:
        return "grows by itself"
    return next((f"{one.on}: {one.what}" for one in known if one.moves(name)), None)
