"""Feature family `trade`: whether an account that takes money like a shop also pays and refunds like one."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import ratio, within
from fraudnet.features.family import Family
from fraudnet.features.histories import History, moved, nodes_of, table, window_start
from fraudnet.features.history_kernels import sums_with
from fraudnet.features.registered import kinds_told
from fraudnet.features.shape import complete, flag, owned, schema, share

DAYS = 90
BUSINESS = ("merchant", "corporate")
REFUND = "refund"

SCHEMA = schema(
    "Trade",
    {
        "is_merchant": flag("account of a shop"),
        "refund_share_90d": share("refunds it paid for each credit of the last 90 days"),
        "business_out_share_90d": share("share of the last 90 days' money out that went to shops and firms"),
    },
)


def trade(
    records: Records, nodes: pl.DataFrame, history: History, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """The kind of the account, its refunds per credit, and how much of its money goes to shops and firms.

    A refund names the transfer it refunds or is called one; null where no transfer of the drop is. Business shares
    need the accounts table, which says whose account is a shop's or a firm's. One row per account node.
    """
    parts: list[pl.LazyFrame] = []
    accounts = records.table("accounts").select("entity", kind=pl.col("kind").cast(pl.String))
    if records.has("accounts"):
        merchant = (pl.col("kind") == "merchant").max().cast(pl.Int64)
        parts.append(accounts.group_by(node="entity").agg(is_merchant=merchant))
    if records.has("transfers"):
        parts.append(_refunds(records.table("transfers"), history, as_of))
        if kinds_told(records):
            firms = accounts.filter(pl.col("kind").is_in(BUSINESS)).select("entity").drop_nulls()
            parts.append(_to_business(history, firms.collect(engine="streaming")["entity"], as_of))
    return complete(nodes, "account", SCHEMA, keep, *(owned(p, keep) for p in parts))


def _refunds(transfers: pl.LazyFrame, history: History, as_of: datetime) -> pl.LazyFrame:
    refund = pl.col("refund_of").is_not_null() | (pl.col("text_class").cast(pl.String) == REFUND).fill_null(False)
    refunds = transfers.filter(refund).select("payer", "payee", "at").collect(engine="streaming")
    recent = refunds.lazy().filter(within("at", as_of, DAYS))
    paid, got = (
        recent.group_by(node=end).agg(pl.len().alias(name)) for end, name in (("payer", "paid"), ("payee", "got"))
    )
    every = (
        moved(history.received, as_of, lately=DAYS).join(paid, on="node", how="left").join(got, on="node", how="left")
    )
    both = every.with_columns(credits=pl.col("n_lately") - pl.col("got").fill_null(0)).filter(pl.col("credits") > 0)
    refunded = ratio(pl.min_horizontal(pl.col("paid").fill_null(0), "credits"), pl.col("credits"))
    return both.select("node", refund_share_90d=pl.when(pl.lit(not refunds.is_empty())).then(refunded))


def _to_business(history: History, firms: pl.Series, as_of: datetime) -> pl.LazyFrame:
    marked = np.zeros(max(nodes_of(firms), len(history.made.start)), np.bool_)
    marked[firms.to_numpy()] = True
    payers = np.flatnonzero(np.diff(history.made.start))
    business = sums_with(history.made.columns, payers, window_start(as_of, DAYS), marked)
    out = moved(history.made, as_of, lately=DAYS).join(table(payers, {"business": business}), on="node", how="left")
    return out.select("node", business_out_share_90d=ratio(pl.col("business"), pl.col("sum_lately")))


FAMILY = Family("trade", "account", trade, SCHEMA)
