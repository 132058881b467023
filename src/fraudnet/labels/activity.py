"""When the fraud of a confirmed entity took place."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from fraudnet.settings import Settings


def with_activity(decisions: pl.LazyFrame, reports: pl.LazyFrame, days: int) -> pl.LazyFrame:
    """Fill the missing ends of the fraud's span.

    It begins with the first event that a report tells of, else `days` before the decision, and ends with the decision.
    decisions: node, decided_at, known_at, activity_from, activity_to; reports: entity, event_at.
    """
    first = (
        reports.filter(pl.col("event_at").is_not_null())
        .group_by(pl.col("entity").alias("node"))
        .agg(_first=pl.col("event_at").min())
    )
    decided = pl.coalesce("decided_at", "known_at")
    told = pl.when(pl.col("_first") < decided).then(pl.col("_first"))
    return (
        decisions.join(first, on="node", how="left")
        .with_columns(
            activity_from=pl.coalesce("activity_from", told, decided - timedelta(days=days)),
            activity_to=pl.coalesce("activity_to", decided),
        )
        .drop("_first")
    )


def overlaps(t: datetime, settings: Settings) -> pl.Expr:
    """Whether [activity_from, activity_to) meets [t - activity_days, t + ahead_days)."""
    begins = t - timedelta(days=settings.activity_days)
    ends = t + timedelta(days=settings.ahead_days)
    # A span of one moment still is a moment.
    to = pl.max_horizontal("activity_to", pl.col("activity_from") + timedelta(microseconds=1))
    return (pl.col("activity_from") < ends) & (to > begins)
