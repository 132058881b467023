"""Feature family `exits`: money that leaves to crypto exchange desks, and how soon after it came."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import day_number, ratio, within
from fraudnet.features.family import Family
from fraudnet.features.legs import after_credit
from fraudnet.features.registered import kinds_told
from fraudnet.features.shape import complete, owned, real, schema, share, whole

MINUTE_US = 60_000_000
DAYS = 90

SCHEMA = schema(
    "Exits",
    {
        "exchange_out_count_90d": whole("transfers to crypto exchange desks during the last 90 days", zero=False),
        "exchange_out_share_90d": share("share of the last 90 days' money out that went to crypto exchange desks"),
        "exchange_out_share_all": share("share of all money out that went to crypto exchange desks"),
        "exchange_in_share_90d": share("share of the last 90 days' money in that came from crypto exchange desks"),
        "exchange_dates_90d": whole("days with a payment to or from a crypto exchange desk, last 90 days", zero=False),
        "exchange_wait_minutes_median_90d": real(
            "usual minutes from a credit to the payment to an exchange desk, last 90 days"
        ),
    },
)


def exits(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Shares of money to and from exchange desks: accounts of that kind, or held at an institution of that kind.

    Amounts are whole minor units. Null without a transfers table, or where the drop says of no account what kind it
    is. One row per account node.
    """
    if not (records.has("transfers") and kinds_told(records)):
        return complete(nodes, "account", SCHEMA, keep, None)
    desks = exchange_desks(records, nodes).cache()
    transfers = records.table("transfers")
    recent = transfers.filter(within("at", as_of, DAYS))
    out, got = (_amounts(transfers, side, as_of) for side in ("payer", "payee"))
    paid, back = (_dealt(transfers, desks, ends, as_of) for ends in (("payer", "payee"), ("payee", "payer")))
    shares_out = out.join(paid, on="node", how="left").select(
        "node",
        exchange_out_count_90d=pl.col("n").fill_null(0),
        exchange_out_share_90d=ratio(pl.col("desk_lately").fill_null(0), pl.col("lately")),
        exchange_out_share_all=ratio(pl.col("desk").fill_null(0), pl.col("all")),
    )
    shares_in = got.join(back, on="node", how="left").select(
        "node", exchange_in_share_90d=ratio(pl.col("desk_lately").fill_null(0), pl.col("lately"))
    )
    parts = (shares_out, shares_in, _dates(recent, desks), _waits(recent, desks))
    return complete(nodes, "account", SCHEMA, keep, *(owned(part, keep) for part in parts))


def exchange_desks(records: Records, nodes: pl.DataFrame) -> pl.LazyFrame:
    """The accounts of crypto exchanges: column `desk`."""
    named = records.table("accounts").filter(pl.col("kind").cast(pl.String) == "exchange").select(desk="entity")
    kinds = records.table("institutions").select("institution", kind=pl.col("kind").cast(pl.String))
    houses = kinds.filter(pl.col("kind") == "exchange").select("institution").unique()
    held = nodes.lazy().filter(pl.col("kind") == "account").join(houses, on="institution", how="semi")
    return pl.concat([named, held.select(desk="node")]).drop_nulls().unique()


def _amounts(transfers: pl.LazyFrame, side: str, as_of: datetime) -> pl.LazyFrame:
    lately = pl.col("amount").filter(within("at", as_of, DAYS)).sum()
    return transfers.group_by(node=side).agg(all=pl.col("amount").sum(), lately=lately)


def _dealt(transfers: pl.LazyFrame, desks: pl.LazyFrame, ends: tuple[str, str], as_of: datetime) -> pl.LazyFrame:
    """What each account paid to desks, or got from them."""
    lately = within("at", as_of, DAYS)
    return transfers.join(desks, left_on=ends[1], right_on="desk", how="semi").group_by(node=ends[0]).agg(
        desk=pl.col("amount").sum(), desk_lately=pl.col("amount").filter(lately).sum(), n=lately.sum()
    )  # fmt: skip


def _dates(recent: pl.LazyFrame, desks: pl.LazyFrame) -> pl.LazyFrame:
    """On how many dates an account paid a desk or was paid by one."""
    sides = (("payer", "payee"), ("payee", "payer"))
    dealt = [
        recent.join(desks, left_on=desk, right_on="desk", how="semi").select(node=side, date=day_number("at"))
        for side, desk in sides
    ]
    return pl.concat(dealt).group_by("node").agg(exchange_dates_90d=pl.col("date").n_unique())


def _waits(recent: pl.LazyFrame, desks: pl.LazyFrame) -> pl.LazyFrame:
    to_desks = recent.join(desks, left_on="payee", right_on="desk", how="semi")
    credits = recent.join(to_desks.select("payer").unique(), left_on="payee", right_on="payer", how="semi")
    gone = after_credit(credits, to_desks)
    return gone.group_by("node").agg(exchange_wait_minutes_median_90d=pl.col("waited").median() / MINUTE_US)


FAMILY = Family("exits", "account", exits, SCHEMA)
