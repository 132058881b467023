"""Who was reviewed by lot: the only decisions that tell how good a list is without asking who was looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from fraudnet.contracts.graph import Linked
from fraudnet.labels.verdicts import keyed
from fraudnet.settings import Settings


def audited(linked: Linked, t: datetime, settings: Settings) -> pl.Series:
    """The entity ids whose random review became known within the maturity after snapshot t, in order."""
    until = t + timedelta(days=settings.maturity_days)
    by_lot = keyed(linked, "dispositions", "entity").filter(
        pl.col("selected_by").cast(pl.String) == "random", pl.col("known_at") >= t, pl.col("known_at") < until
    )
    named = linked.nodes.select(entity="node", entity_id="entity_id")
    found = by_lot.select("entity").unique().join(named, on="entity").select("entity_id").sort("entity_id")
    return found.collect(engine="streaming")["entity_id"]
