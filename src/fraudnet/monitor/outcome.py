"""What became of those whom an earlier run flagged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from fraudnet.expressions import LOCAL_ZONE
from fraudnet.monitor.drift import ALARM, CHANCE, QUIET
from fraudnet.monitor.exact import unlikely_few

LOW = 0.8
EARLY = "too early"


@dataclass(frozen=True)
class Span:
    """When the earlier run speaks, until when something is known, and how long labels take to mature."""

    since: datetime
    until: datetime
    maturity_days: int

    @property
    def mature(self) -> bool:
        """Whether the labels of the earlier run have had their time."""
        return self.until >= self.since + timedelta(days=self.maturity_days)


def outcome(flagged: pl.DataFrame, known: pl.DataFrame, span: Span, card_precision: float | None) -> dict[str, Any]:
    """How many of the flagged were confirmed since, by month, beside what their probabilities and the card promised.

    flagged: entity_id, probability of one kind in the earlier run; known: entity_id, known_at of confirmations in the
    later one. Only what became known within the maturity counts, since that is what a probability speaks of; nobody
    who was not reviewed is confirmed, so the share is a lower bound. level: alarm where so few would come up in one of
    100 cases if the probabilities were right (exact) and they are under four fifths of the promise.
    """
    until = min(span.until, span.since + timedelta(days=span.maturity_days))
    theirs = known.join(flagged.select("entity_id"), on="entity_id", how="semi")
    counted = theirs.filter((pl.col("known_at") >= span.since) & (pl.col("known_at") < until))
    observed, expected = (
        counted["entity_id"].n_unique(),
        float(flagged["probability"].sort().implode().list.sum().item()),
    )
    p = unlikely_few(flagged["probability"].to_numpy(), observed)
    level = (ALARM if p <= CHANCE and observed < LOW * expected else QUIET) if span.mature else EARLY
    month = pl.col("known_at").dt.convert_time_zone(LOCAL_ZONE).dt.truncate("1mo").dt.date().alias("month")
    months = counted.group_by(month).agg(confirmed=pl.col("entity_id").n_unique()).sort("month")
    return {
        "flagged": flagged.height,
        "confirmed": observed,
        "expected": expected,
        "p": p,
        "card_precision": card_precision,
        "precision_at_least": observed / flagged.height if flagged.height else None,
        "by_month": [{"month": str(row["month"]), "confirmed": row["confirmed"]} for row in months.to_dicts()],
        "level": level,
    }
