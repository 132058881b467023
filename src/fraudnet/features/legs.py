"""Movements seen from each entity's own side: the tables that several families count over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import day_number, within
from fraudnet.features.shape import WINDOWS, owned

KEYS = 1 << 32
DAYS = 1 << 20
PASSED_WITHIN = "2d"


def legs(records: Records, keep: pl.Expr | None) -> pl.LazyFrame:
    """Every transfer twice, once from each end: node, other, at, amount, inward."""
    transfers = records.table("transfers")
    return pl.concat([owned(incoming(transfers), keep), owned(outgoing(transfers), keep)])


def incoming(transfers: pl.LazyFrame) -> pl.LazyFrame:
    """Transfers from the payee's side: node, other, at, amount, inward = true."""
    return transfers.select(node="payee", other="payer", at="at", amount="amount", inward=pl.lit(True))


def outgoing(transfers: pl.LazyFrame) -> pl.LazyFrame:
    """Transfers from the payer's side: node, other, at, amount, inward = false."""
    return transfers.select(node="payer", other="payee", at="at", amount="amount", inward=pl.lit(False))


def pairs(transfers: pl.LazyFrame) -> pl.LazyFrame:
    """Every payer with every payee it paid: payer, payee, first_at, last_at, n, amount."""
    met = transfers.group_by(pair=packed("payer", "payee")).agg(
        first_at=pl.col("at").min(), last_at=pl.col("at").max(), n=pl.len(), amount=pl.col("amount").sum()
    )
    return met.with_columns(**unpacked("pair", "payer", "payee")).drop("pair")


def packed(first: str, second: str) -> pl.Expr:
    """Two node keys as one number: grouping by one number takes a third of the time of grouping by two columns.

    Keys are dense, so 2^31 of them, far beyond one machine, still fit.
    """
    return pl.col(first) * KEYS + pl.col(second)


def unpacked(pair: str, first: str, second: str) -> dict[str, pl.Expr]:
    """The two node keys of a packed pair."""
    return {first: pl.col(pair) // KEYS, second: pl.col(pair) % KEYS}


def per_day(rows: pl.LazyFrame, **aggregates: pl.Expr) -> pl.LazyFrame:
    """Rows with `node` and `at`, aggregated for each node and local day: node, day and the aggregates."""
    key = pl.col("node") * DAYS + day_number("at") + DAYS // 2
    found = rows.group_by(node_day=key).agg(**aggregates)
    node, day = pl.col("node_day") // DAYS, pl.col("node_day") % DAYS - DAYS // 2
    return found.with_columns(node=node, day=day).drop("node_day")


def busiest_day(transfers: pl.LazyFrame, keep: pl.Expr | None) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Most different payers, and most different payees, of a node on one local day: node, most; for each side."""
    key = packed("payer", "payee").cast(pl.Int128) * DAYS + day_number("at") + DAYS // 2
    met = transfers.select(met=key).unique()
    pair, day = (pl.col("met") // DAYS).cast(pl.Int64), (pl.col("met") % DAYS).cast(pl.Int64)
    once = met.select(day, payer=pair // KEYS, payee=pair % KEYS)
    sides = [owned(once.select("met", node=side), keep) for side in ("payee", "payer")]
    counts = [side.group_by(node_day=pl.col("node") * DAYS + pl.col("met")).agg(n=pl.len()) for side in sides]
    payers, payees = (c.group_by(node=pl.col("node_day") // DAYS).agg(most=pl.col("n").max()) for c in counts)
    return payers, payees


def movements(records: Records, keep: pl.Expr | None) -> pl.LazyFrame:
    """Everything that moves an account's balance, transfers and cash: node, at, amount, inward.

    The drop must bring one of the two tables.
    """
    parts = [legs(records, keep).drop("other")] if records.has("transfers") else []
    if records.has("cash"):
        amount = pl.col("amount")
        parts.append(owned(records.table("cash").select("at", amount.abs(), node="entity", inward=amount > 0), keep))
    return pl.concat([part.select("node", "at", "amount", "inward") for part in parts])


def after_credit(transfers: pl.LazyFrame, debits: pl.LazyFrame) -> pl.LazyFrame:
    """Each of some transfers whose payer was paid within two days before: source, node, target, at, came, went, waited.

    `node` paid `target` the sum `went`, `waited` microseconds after `source` had paid it `came`. Of credits at one
    moment the sum counts, and where they came from several the source is unknown.
    """
    one = pl.when(pl.col("payer").min() == pl.col("payer").max()).then(pl.col("payer").min())
    credits = transfers.group_by(node="payee", at="at").agg(source=one, came=pl.col("amount").sum())
    paid = debits.select("at", node="payer", target="payee", went="amount")
    met = paid.sort("at").join_asof(
        credits.with_columns(since="at").sort("at"), on="at", by="node", strategy="backward", tolerance=PASSED_WITHIN,
        check_sortedness=False,
    )  # fmt: skip
    waited = (pl.col("at") - pl.col("since")).dt.total_microseconds()
    return met.filter(pl.col("since").is_not_null()).select(
        "source", "node", "target", "at", "came", "went", waited=waited
    )


def per_window(
    stem: str, column: str, as_of: datetime, windows: Mapping[str, float | None] = WINDOWS
) -> dict[str, pl.Expr]:
    """`<stem>_<window>`: how many rows of the group have that moment inside each window."""
    return {f"{stem}_{w}": within(column, as_of, d).sum() for w, d in windows.items()}
