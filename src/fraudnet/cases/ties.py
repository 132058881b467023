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
ENDS = ("source", "target")


def touching(links: pl.LazyFrame, nodes: pl.Series) -> pl.LazyFrame:
    """The links that have one of some nodes at an end."""
    some = nodes.drop_nulls().unique().implode()
    return links.filter(pl.any_horizontal(pl.col(ENDS).is_in(some)))


def candidates(links: pl.LazyFrame, core: pl.Series) -> pl.Series:
    """Some nodes, and those with two links to them or more: nobody else can join two of them."""
    beside = touching(links, core).select("source", "target").collect(engine="streaming")
    ends = pl.concat([beside["source"], beside["target"].rename("source")]).rename("node").to_frame()
    often = ends.group_by("node").len().filter(pl.col("len") > 1)
    return pl.concat([core, often["node"]]).unique()


def ties(links: pl.LazyFrame, as_of: datetime, among: pl.Series) -> pl.DataFrame:
    """Ties between two of some nodes: source, target, kind, weight (0 to 1].

    links: contract Link. Money and calls of the last 90 days weigh by their share in what either side moved, whoever
    deals with over 50 others tying nobody. A thing (device, holder, number) weighs 1 for up to three who share it, by
    the square less for more, nothing from 21 on; devices count when seen in the last 180 days.
    """
    since = as_of - timedelta(days=MONEY_DAYS)
    near, money = touching(links, among), pl.col("kind") == "transfer"
    some = near.filter(~money).select(*ENDS, "kind", "weight", "last_at").collect(engine="streaming").lazy()
    recent = pl.col("last_at") >= since
    # Sums of fractions in a fixed order: equal inputs give equal bytes.
    spoken = pl.col("weight").sort().implode().list.sum()
    parts = [
        shares(near.filter(money, recent), ("amount", pl.col("amount").sum()), LEAST, among),
        shares(some.filter(pl.col("kind") == "call", recent), ("weight", spoken), LEAST_CALLS, among),
        *(things(some.filter(pl.col("kind") == kind), as_of) for kind in THINGS),
    ]
    kinds = ("transfer", "call", *THINGS)
    told = [part.select(*ENDS, pl.lit(kind).alias("kind"), "weight") for kind, part in zip(kinds, parts, strict=True)]
    inside = pl.all_horizontal(pl.col(ENDS).is_in(among.implode()))
    return pl.concat(told).filter(inside).sort("source", "target", "kind")


def shares(links: pl.LazyFrame, measure: tuple[str, pl.Expr], least: float, among: pl.Series) -> pl.DataFrame:
    """Links between two of some nodes by their share in all that the source gave or the target got, the larger of both.

    links: of one kind, all that any of these nodes has. measure: a column and its sum.
    """
    name, whole = measure
    held = links.select(*ENDS, name).collect(engine="streaming")
    totals = [
        held.lazy().filter(pl.col(end).is_in(among.implode())).group_by(end).agg(whole.cast(pl.Float64), n=pl.len())
        for end in ENDS
    ]
    gave, got = pl.collect_all(totals, engine="streaming")
    inside = held.filter(pl.all_horizontal(pl.col(ENDS).is_in(among.implode())))
    joined = inside.join(gave, on="source", suffix="_given").join(got, on="target", suffix="_got")
    value = pl.col(name).cast(pl.Float64)
    weighed = joined.with_columns(
        weight=pl.max_horizontal(value / pl.col(f"{name}_given"), value / pl.col(f"{name}_got"))
    )
    strong = weighed.filter((pl.col("weight") >= least) & (pl.col("source") != pl.col("target")))
    busy = busy_nodes(held, gave, got)
    quiet = strong.join(busy, left_on="source", right_on="node", how="anti")
    return quiet.join(busy, left_on="target", right_on="node", how="anti")


def busy_nodes(links: pl.DataFrame, gave: pl.DataFrame, got: pl.DataFrame) -> pl.DataFrame:
    """node: whoever deals with more than 50 others. gave, got: with how many each deals (n) as source and as target."""
    sides = [side.select("n", node=end) for side, end in ((gave, "source"), (got, "target"))]
    counted = pl.concat(sides).group_by("node").agg(most=pl.col("n").max(), both=pl.col("n").sum())
    often = counted.filter(pl.col("most") > BUSY).select("node")
    # Only of these it matters that one who gives and gets is one.
    perhaps = counted.filter((pl.col("most") <= BUSY) & (pl.col("both") > BUSY)).select("node")
    ends = (links.select(node=end, other=other) for end, other in (ENDS, ENDS[::-1]))
    met = pl.concat(side.join(perhaps, on="node", how="semi") for side in ends)
    many = met.group_by("node").agg(n=pl.col("other").n_unique()).filter(pl.col("n") > BUSY)
    return pl.concat([often, many.select("node")])


def things(links: pl.LazyFrame, as_of: datetime) -> pl.DataFrame:
    """Who holds or uses a thing that few others share. links: of one kind."""
    edge = as_of - timedelta(days=DEVICE_DAYS)
    known = links.filter(pl.col("last_at").is_null() | (pl.col("last_at") >= edge)).select(*ENDS, "kind")
    thing = pl.when(pl.col("kind") == "owner").then("source").otherwise("target")
    shared = known.collect(engine="streaming").with_columns(thing=thing).with_columns(users=pl.len().over("thing"))
    few = shared.filter(pl.col("users") <= SHARED)
    return few.with_columns(weight=pl.min_horizontal(pl.lit(1.0), (FULL / pl.col("users").cast(pl.Float64))))
