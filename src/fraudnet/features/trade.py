"""Feature family `trade`: whether an account that takes money like a shop also pays and refunds like one."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import ratio, within
from fraudnet.features.family import Family
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


def trade(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
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
        recent = records.table("transfers").filter(within("at", as_of, DAYS))
        parts.append(_refunds(records.table("transfers"), recent))
        if kinds_told(records):
            firms = accounts.filter(pl.col("kind").is_in(BUSINESS)).select("entity").unique()
            parts.append(_to_business(recent, firms))
    return complete(nodes, "account", SCHEMA, keep, *(owned(p, keep) for p in parts))


def _refunds(transfers: pl.LazyFrame, recent: pl.LazyFrame) -> pl.LazyFrame:
    refund = pl.col("refund_of").is_not_null() | (pl.col("text_class").cast(pl.String) == REFUND).fill_null(False)
    told = transfers.select(told=refund.any())
    paid = recent.filter(refund).group_by(node="payer").agg(refunds=pl.len())
    got = recent.filter(~refund).group_by(node="payee").agg(credits=pl.len())
    both = got.join(paid, on="node", how="left").join(told, how="cross")
    refunded = ratio(pl.min_horizontal(pl.col("refunds").fill_null(0), "credits"), pl.col("credits"))
    return both.select("node", refund_share_90d=pl.when("told").then(refunded))


def _to_business(recent: pl.LazyFrame, firms: pl.LazyFrame) -> pl.LazyFrame:
    traded = recent.join(firms, left_on="payee", right_on="entity", how="semi")
    business = traded.group_by(node="payer").agg(business=pl.col("amount").sum())
    out = recent.group_by(node="payer").agg(out=pl.col("amount").sum()).join(business, on="node", how="left")
    return out.select("node", business_out_share_90d=ratio(pl.col("business").fill_null(0), pl.col("out")))


FAMILY = Family("trade", "account", trade, SCHEMA)
