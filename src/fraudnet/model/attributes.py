"""The raw attributes a drop brings about the entities of a kind, before any feature is made of them."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.columns import EXTRA
from fraudnet.contracts.drop import OUTCOMES
from fraudnet.contracts.graph import Linked

TABLES = {"account": "accounts", "sim": "sims", "identity": "identities"}
BOOKKEEPING = ("source", "row_id", "known_at", "entity", "holder", "node", "entity_id")


def attributes(linked: Linked, kind: str) -> pl.DataFrame:
    """entity_id and every contract and extra attribute of a kind's own table, one row per entity.

    Columns that say an outcome are left out: they never become features. Where several records speak of an entity,
    the first by source and row counts.
    """
    table = TABLES[kind]
    if not linked.records.has(table):
        return pl.DataFrame(schema={"entity_id": pl.String})
    frame = linked.records.table(table).with_columns(pl.col("entity").cast(pl.Int64))
    outcomes = (*OUTCOMES.get(table, ()), *linked.records.outcome_extras.get(table, ()))
    names = frame.collect_schema().names()
    kept = [name for name in names if name not in BOOKKEEPING and name not in outcomes]
    if kind == "identity":  # who somebody is never becomes a feature, only what the drop adds about him
        kept = [name for name in kept if name.startswith(EXTRA)]
    return (
        frame.sort("entity", "source", "row_id")
        .unique("entity", keep="first", maintain_order=True)
        .join(linked.nodes.select("node", "entity_id"), left_on="entity", right_on="node")
        .select("entity_id", *kept)
        .sort("entity_id")
        .collect(engine="streaming")
    )
