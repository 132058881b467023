"""Feature family `opened_beside`: what is known of the other accounts that the same member of staff opened."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import ratio
from fraudnet.features.desks import opened_by
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, owned, schema, share, whole

SCHEMA = schema(
    "OpenedBeside",
    {
        "staff_known_count": whole(
            "other accounts that the same member of staff opened and that are known as fraud", growing=True, zero=False
        ),
        "staff_known_share": share("share of the other accounts of the same member of staff that are known as fraud"),
        "desk_known_share": share("share of its branch's accounts by other staff that are known as fraud"),
    },
)


def opened_beside(records: Records, nodes: pl.DataFrame, seeds: pl.DataFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    """How many of the accounts opened by the same person, or beside them in the branch, were known as fraud by then.

    The account itself never counts, so what is known of it changes nothing in its own row. Null where the member of
    staff is not known, shares also where there is no other account. One row per account node.
    """
    if not records.has("accounts"):
        return complete(nodes, "account", SCHEMA, keep, None)
    known = seeds.lazy().filter(pl.col("weight") > 0).select("node").unique().with_columns(known=pl.lit(1, pl.Int64))
    opened = opened_by(records, nodes).join(known, on="node", how="left").with_columns(pl.col("known").fill_null(0))
    sums = {"all": pl.len().cast(pl.Int64), "bad": pl.col("known").sum()}
    desks = opened.group_by("desk").agg(**sums)
    places = opened.drop_nulls("branch")
    branches = places.group_by("branch").agg(branch_all=sums["all"], branch_bad=sums["bad"])
    own = places.group_by("branch", "desk").agg(own_all=sums["all"], own_bad=sums["bad"])
    both = opened.join(desks, on="desk", how="inner").join(branches, on="branch", how="left")
    both = both.join(own, on=["branch", "desk"], how="left")
    bad = pl.col("bad") - pl.col("known")
    shares = both.select(
        "node",
        staff_known_count=bad,
        staff_known_share=ratio(bad, pl.col("all") - 1),
        desk_known_share=ratio(pl.col("branch_bad") - pl.col("own_bad"), pl.col("branch_all") - pl.col("own_all")),
    )
    return complete(nodes, "account", SCHEMA, keep, owned(shares, keep))


FAMILY = Family("opened_beside", "account", opened_beside, SCHEMA, graph=True)
