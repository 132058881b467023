"""How strongly two entities hang together before a cut-off: money, devices, holders, numbers, calls."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

MONEY_DAYS, DEVICE_DAYS = 90, 180
BUSY = 50  # counterparties from which an account deals with strangers: a shop, an employer, an exchange desk
SHARED = 20  # whatever is shared by more than this many ties nobody to anybody
FULL = 3  # whatever is shared by at most this many ties them fully
LEAST = 0.05  # share of an account's money below which a payment ties nobody
LEAST_CALLS = 0.2
THINGS = ("owner", "registered_phone", "uses")
NAMES = ("source", "target", "kind", "weight")


def ties(links: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Ties between two nodes: source, target, kind, weight (0 to 1].

    links: contract Link. Money and calls of the last 90 days weigh by their share in what either side moved, whoever
    deals with over 50 others tying nobody. A thing (device, holder, number) weighs 1 for up to three who share it, by
    the square less for more, nothing from 21 on; devices count when seen in the last 180 days.
    """
    since = as_of - timedelta(days=MONEY_DAYS)
    recent = links.filter(pl.col("last_at") >= since)
    # Sums of fractions in a fixed order: equal inputs give equal bytes.
    spoken = pl.col("weight").sort().implode().list.sum()
    parts = [
        shares(recent.filter(pl.col("kind") == "transfer"), ("amount", pl.col("amount").sum()), LEAST),
        shares(recent.filter(pl.col("kind") == "call"), ("weight", spoken), LEAST_CALLS),
        *(things(links.filter(pl.col("kind") == kind), as_of) for kind in THINGS),
    ]
    return pl.concat([part.select(NAMES) for part in parts]).sort("source", "target", "kind")


def shares(links: pl.DataFrame, measure: tuple[str, pl.Expr], least: float) -> pl.DataFrame:
    """Links by their share in all that the source gave or all that the target got, the larger of both.

    measure: a column and its sum.
    """
    name, whole = measure
    busy = busy_nodes(links)
    value = pl.col(name).cast(pl.Float64)
    gave = links.group_by("source").agg(gave=whole.cast(pl.Float64))
    got = links.group_by("target").agg(got=whole.cast(pl.Float64))
    joined = links.join(gave, on="source").join(got, on="target")
    weighed = joined.with_columns(weight=pl.max_horizontal(value / pl.col("gave"), value / pl.col("got")))
    strong = weighed.filter((pl.col("weight") >= least) & (pl.col("source") != pl.col("target")))
    quiet = strong.join(busy, left_on="source", right_on="node", how="anti")
    return quiet.join(busy, left_on="target", right_on="node", how="anti").with_columns(pl.col("kind").cast(pl.String))


def busy_nodes(links: pl.DataFrame) -> pl.DataFrame:
    """node: whoever deals with more than 50 others in these links."""
    both = pl.concat([links.select(node="source", other="target"), links.select(node="target", other="source")])
    often = both.group_by("node").agg(n=pl.len()).filter(pl.col("n") > BUSY)
    met = both.join(often, on="node", how="semi").group_by("node").agg(n=pl.col("other").n_unique())
    return met.filter(pl.col("n") > BUSY).select("node")


def things(links: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Who holds or uses a thing that few others share."""
    edge = as_of - timedelta(days=DEVICE_DAYS)
    known = links.filter(pl.col("last_at").is_null() | (pl.col("last_at") >= edge))
    thing = pl.when(pl.col("kind") == "owner").then("source").otherwise("target")
    shared = known.with_columns(thing=thing).with_columns(users=pl.len().over("thing"))
    few = shared.filter(pl.col("users") <= SHARED)
    return few.with_columns(
        pl.col("kind").cast(pl.String),
        weight=pl.min_horizontal(pl.lit(1.0), (FULL / pl.col("users").cast(pl.Float64))),
    )
