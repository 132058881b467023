"""Counts of what was left out, by reason."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from fraudnet.contracts.labels import Excluded


def tally(kind: str, reasons: pl.Series) -> dy.DataFrame[Excluded]:
    """One row per reason in the order of its text (contract Excluded); null reasons are not counted."""
    counted = (
        reasons.drop_nulls()
        .cast(pl.String)
        .alias("reason")
        .to_frame()
        .group_by("reason")
        .agg(n=pl.len().cast(pl.Int64))
        .sort("reason")
    )
    return Excluded.validate(counted.select(kind=pl.lit(kind), reason="reason", n="n"), cast=True)
