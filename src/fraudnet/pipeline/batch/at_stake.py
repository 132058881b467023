"""Money that a review in time could have stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from fraudnet.pipeline.reading.source import Source
from fraudnet.settings import Settings

DELAYS = (0, 1, 3, 7, 14)  # days from the snapshot until something is done about an entry


def at_stake(source: Source, moment: datetime, settings: Settings) -> pl.DataFrame:
    """entity_id and, for each delay, what came in from that day after a snapshot until its labels are mature.

    Money in minor units (Int64); accounts to which nothing came are left out.
    """
    names = {f"after_{days}": pl.Int64 for days in DELAYS}
    if not source.records.has("transfers"):
        return pl.DataFrame(schema={"entity_id": pl.String, **names})
    until = moment + timedelta(days=settings.maturity_days)
    later = source.records.table("transfers").filter(pl.col("at") >= moment, pl.col("at") < until)
    sums = [
        pl.col("amount")
        .filter(pl.col("at") >= moment + timedelta(days=days))
        .sum()
        .cast(pl.Int64)
        .alias(f"after_{days}")
        for days in DELAYS
    ]
    found = later.group_by(entity_id=pl.col("payee").cast(pl.String)).agg(sums)
    return found.sort("entity_id").collect(engine="streaming")
