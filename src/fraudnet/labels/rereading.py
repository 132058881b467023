"""Whose clearings may teach: an institution's do only after the police read a random part of them again.

A bank that clears its own mules would else teach the next model to overlook them, and no measure on its own labels sees
it.
"""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.graph import Linked
from fraudnet.labels.verdicts import CLEARED, FRAUD, keyed, standing, verdicts

# These clear for an institution, about whose customers they have a stake.
INSTITUTIONS = ("bank", "operator")
LEAST_SHARE, FEWEST = 0.10, 5
# More than so many of the re-read turned out as fraud: the institution's clearings do not teach at all.
WRONG = 0.20


def rereadings(linked: Linked) -> pl.LazyFrame:
    """What the police's second reading of each institution's clearings came to, as known in this snapshot.

    Returns institution (the entity's own, else the source of the clearing), cleared, re_read (of these, read again by
    the police because a lot fell on them), overturned (found to be fraud then) and trusted: at least 10 % and at least
    five re-read, and at most a fifth of them overturned.
    """
    by = keyed(linked, "dispositions", "entity").select(
        "source", "row_id", by=pl.col("decided_by").cast(pl.String), lot=pl.col("selected_by").cast(pl.String),
        node="entity",
    )  # fmt: skip
    every = verdicts(linked).join(by, on=["node", "source", "row_id"])
    again = standing(every.filter((pl.col("by") == "police") & (pl.col("lot") == "random")))
    cleared = standing(every.filter((pl.col("verdict") == CLEARED) & pl.col("by").is_in(INSTITUTIONS)))
    homes = linked.nodes.select("node", "institution")
    both = cleared.select("node", "source").join(homes, on="node").join(
        again.select("node", second="verdict"), on="node", how="left"
    )  # fmt: skip
    told = both.group_by(institution=pl.coalesce("institution", "source")).agg(
        cleared=pl.len().cast(pl.Int64),
        re_read=pl.col("second").is_not_null().sum().cast(pl.Int64),
        overturned=(pl.col("second") == FRAUD).sum().cast(pl.Int64),
    )
    enough = (pl.col("re_read") >= FEWEST) & (pl.col("re_read") >= LEAST_SHARE * pl.col("cleared"))
    return told.with_columns(trusted=enough & (pl.col("overturned") <= WRONG * pl.col("re_read"))).sort("institution")


def teaching(linked: Linked) -> pl.LazyFrame:
    """Every decision as `verdicts` tells it; clearings by an institution not trusted yet are no inquiry of its own."""
    by = keyed(linked, "dispositions", "entity").select(
        "source", "row_id", by=pl.col("decided_by").cast(pl.String), node="entity"
    )
    trusted = rereadings(linked).filter("trusted").select("institution", trusted=pl.lit(value=True))
    known = verdicts(linked)
    placed = (
        known.join(by.unique(["node", "source", "row_id"], keep="any"), on=["node", "source", "row_id"], how="left")
        .join(linked.nodes.select("node", "institution"), on="node", how="left")
        .with_columns(institution=pl.coalesce("institution", "source"))
        .join(trusted, on="institution", how="left")
    )
    own_cause = (pl.col("verdict") == CLEARED) & pl.col("by").is_in(INSTITUTIONS).fill_null(value=False)
    held = pl.col("own_inquiry") & ~(own_cause & pl.col("trusted").is_null())
    return placed.with_columns(own_inquiry=held).select(known.collect_schema().names())
