"""Nodes that everybody is linked to: call centres, payrolls, tablets at a counter. They tell strangers nothing."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.graph import Hub, Linked
from fraudnet.expressions import within

DAYS, COUNTERPARTIES = 30, 1000
STRONG = ("owner", "registered_phone", "uses")
STRONG_DEGREE = 50  # as the default of `hub_degree`


def hubs(linked: Linked, degree: int = STRONG_DEGREE) -> pl.DataFrame:
    """Who met over 1,000 different counterparties in 30 days, or is strongly linked to over `degree` others.

    Contract Hub, sorted by node and reason. Transfers and calls make counterparties; holdings, registered numbers and
    devices make strong links.
    """
    met = pl.concat([_met(linked, "transfers", ("payer", "payee")), _met(linked, "calls", ("caller", "callee"))])
    strong = linked.links.filter(pl.col("kind").is_in(STRONG)).select(a="source", b="target")
    busy = _many(met, COUNTERPARTIES, "counterparties_30d")
    shared = _many(pl.concat([strong, strong.select(a="b", b="a")]), degree, "strong_links")
    return Hub.cast(pl.concat([busy, shared]).sort("node", "reason").collect(engine="streaming"))


def _met(linked: Linked, table: str, ends: tuple[str, str]) -> pl.LazyFrame:
    """Both directions of a table's movements in the last days."""
    recent = linked.records.table(table).filter(within("at", linked.as_of, DAYS)).drop_nulls(list(ends))
    pair = recent.select(a=pl.col(ends[0]).cast(pl.Int64), b=pl.col(ends[1]).cast(pl.Int64))
    return pl.concat([pair, pair.select(a="b", b="a")])


def _many(pairs: pl.LazyFrame, most: int, reason: str) -> pl.LazyFrame:
    often = pairs.group_by("a").agg(n=pl.len()).filter(pl.col("n") > most)  # few: only these are counted by partner
    met = pairs.join(often, on="a", how="semi").unique().filter(pl.col("a") != pl.col("b"))
    counted = met.group_by(node="a").agg(n=pl.len().cast(pl.Int64))
    return counted.filter(pl.col("n") > most).select("node", pl.lit(reason).alias("reason"), "n")
