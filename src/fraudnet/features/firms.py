"""Feature family `firms`: the firm behind an account: how old, how well endowed, and what else its head runs."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, owned, real, schema, whole

SCHEMA = schema(
    "Firms",
    {
        "firm_age_days": real("days since the firm that holds it was founded", growing=True),
        "firm_capital_amount": whole("registered funds of the firm that holds it", zero=False),
        "head_firms_count": whole("firms with the same representative, its own included", growing=True, zero=False),
    },
)


def firms(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Age, capital and head of the organisation that holds an account; null for accounts of people.

    An organisation's founding day and capital are the earliest and smallest that any source gives; its representative
    is a customer of the same source. Everything is null without an identities table. One row per account node.
    """
    if not records.has("identities"):
        return complete(nodes, "account", SCHEMA, keep, None)
    known = records.table("identities").filter(pl.col("entity").is_not_null())
    firm = pl.col("kind").cast(pl.String) == "organisation"
    days = pl.lit(as_of).dt.epoch("us") / DAY_US - pl.col("birth_date").cast(pl.Int32).min()
    told = known.filter(firm).group_by(holder="entity").agg(
        firm_age_days=pl.when(days >= 0).then(days), firm_capital_amount=pl.col("capital").min()
    )  # fmt: skip
    held = nodes.lazy().filter((pl.col("kind") == "account") & pl.col("holder").is_not_null()).select("node", "holder")
    of_account = held.join(told, on="holder", how="inner").join(_heads(known, firm), on="holder", how="left")
    return complete(nodes, "account", SCHEMA, keep, owned(of_account.drop("holder"), keep))


def _heads(known: pl.LazyFrame, firm: pl.Expr) -> pl.LazyFrame:
    """Per organisation, how many organisations its representatives head at most: holder, head_firms_count."""
    people = known.select("source", representative_id="source_id", head="entity")
    led = known.filter(firm & pl.col("representative_id").is_not_null()).select("source", "representative_id", "entity")
    pairs = led.join(people, on=["source", "representative_id"], how="inner").select("entity", "head").unique()
    size = pairs.with_columns(head_firms_count=pl.len().over("head"))
    return size.group_by(holder="entity").agg(pl.col("head_firms_count").max())


FAMILY = Family("firms", "account", firms, SCHEMA)
