"""Feature family `holdings_of`: what one person or organisation holds, across banks and operators."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import within
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, owned, schema, whole

SCHEMA = schema(
    "HoldingsOf",
    {
        "accounts_count": whole("accounts it holds", growing=True, spread=True),
        "sims_count": whole("SIMs it holds or held", growing=True, spread=True),
        "banks_count": whole("different institutions it has accounts with", growing=True, spread=True),
        "operators_count": whole("different operators it has SIMs with", growing=True),
        "opened_30d": whole("accounts opened during the last 30 days", spread=True),
        "opened_90d": whole("accounts opened during the last 90 days"),
        "activated_30d": whole("SIMs activated during the last 30 days", spread=True),
        "devices_held_count": whole("different devices its accounts and SIMs were seen on", growing=True, spread=True),
    },
)


def holdings_of(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """How many accounts, SIMs, institutions and devices a resolved identity has, and how many of them are new.

    Account columns need the accounts table, SIM columns the sims table, devices the uses table. One row per
    identity node.
    """
    held = nodes.lazy().filter(pl.col("holder").is_not_null())
    parts: list[pl.LazyFrame] = []
    if records.has("accounts"):
        parts.append(_of_kind(held, "account").agg(**_accounts(as_of)))
    if records.has("sims"):
        parts.append(_of_kind(held, "sim").agg(**_sims(as_of)))
    if records.has("uses"):
        used = records.table("uses").filter(pl.col("device").is_not_null() & ~pl.col("randomised").fill_null(False))
        owners = used.select("device", node="entity").join(held.select("node", "holder"), on="node", how="inner")
        parts.append(owners.group_by(node="holder").agg(devices_held_count=pl.col("device").n_unique()))
    return complete(nodes, "identity", SCHEMA, keep, *(owned(part, keep) for part in parts))


def _of_kind(held: pl.LazyFrame, kind: str) -> pl.lazyframe.group_by.LazyGroupBy:
    return held.filter(pl.col("kind") == kind).drop("node").group_by(node="holder")


def _accounts(as_of: datetime) -> dict[str, pl.Expr]:
    return {
        "accounts_count": pl.len(),
        "banks_count": pl.col("institution").drop_nulls().n_unique(),
        "opened_30d": within("valid_from", as_of, 30).sum(),
        "opened_90d": within("valid_from", as_of, 90).sum(),
    }


def _sims(as_of: datetime) -> dict[str, pl.Expr]:
    return {
        "sims_count": pl.len(),
        "operators_count": pl.col("institution").drop_nulls().n_unique(),
        "activated_30d": within("valid_from", as_of, 30).sum(),
    }


FAMILY = Family("holdings_of", "identity", holdings_of, SCHEMA)
