"""Feature family `exits`: money that leaves to crypto exchange desks, and how soon after it came."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import day_number, ratio, within
from fraudnet.features.family import Family
from fraudnet.features.histories import History, moved
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


def exits(
    records: Records, nodes: pl.DataFrame, history: History, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Shares of money to and from exchange desks: accounts of that kind, or held at an institution of that kind.

    Amounts are whole minor units. Null without a transfers table, or where the drop says of no account what kind it
    is. One row per account node.
    """
    if not (records.has("transfers") and kinds_told(records)):
        return complete(nodes, "account", SCHEMA, keep, None)
    desks, transfers = (
        exchange_desks(records, nodes),
        records.table("transfers").select("payer", "payee", "at", "amount"),
    )
    to, back = (_with(transfers, desks, end).collect(engine="streaming").lazy() for end in ("payee", "payer"))
    out, got = (moved(side, as_of, lately=DAYS, all=None) for side in (history.made, history.received))
    shares_out = out.join(_dealt(to, "payer", as_of), on="node", how="left").select(
        "node",
        exchange_out_count_90d=pl.col("n").fill_null(0),
        exchange_out_share_90d=ratio(pl.col("desk_lately").fill_null(0), pl.col("sum_lately")),
        exchange_out_share_all=ratio(pl.col("desk").fill_null(0), pl.col("sum_all")),
    )
    shares_in = got.join(_dealt(back, "payee", as_of), on="node", how="left").select(
        "node", exchange_in_share_90d=ratio(pl.col("desk_lately").fill_null(0), pl.col("sum_lately"))
    )
    late_to, late_back = (rows.filter(within("at", as_of, DAYS)) for rows in (to, back))
    recent = transfers.filter(within("at", as_of, DAYS))
    parts = (shares_out, shares_in, _dates(late_to, late_back), _waits(recent, late_to))
    return complete(nodes, "account", SCHEMA, keep, *(owned(part, keep) for part in parts))


def exchange_desks(records: Records, nodes: pl.DataFrame) -> pl.LazyFrame:
    """The accounts of crypto exchanges: column `desk`."""
    named = records.table("accounts").filter(pl.col("kind").cast(pl.String) == "exchange").select(desk="entity")
    kinds = records.table("institutions").select("institution", kind=pl.col("kind").cast(pl.String))
    houses = kinds.filter(pl.col("kind") == "exchange").select("institution").unique()
    held = nodes.lazy().filter(pl.col("kind") == "account").join(houses, on="institution", how="semi")
    return pl.concat([named, held.select(desk="node")]).drop_nulls().unique()


def _with(transfers: pl.LazyFrame, desks: pl.LazyFrame, end: str) -> pl.LazyFrame:
    """Transfers with a desk at one end."""
    return transfers.join(desks, left_on=end, right_on="desk", how="semi")


def _dealt(dealt: pl.LazyFrame, end: str, as_of: datetime) -> pl.LazyFrame:
    """What each account at the other end paid to desks, or got from them."""
    lately = within("at", as_of, DAYS)
    return dealt.group_by(node=end).agg(
        desk=pl.col("amount").sum(), desk_lately=pl.col("amount").filter(lately).sum(), n=lately.sum()
    )


def _dates(to: pl.LazyFrame, back: pl.LazyFrame) -> pl.LazyFrame:
    """On how many dates an account paid a desk or was paid by one."""
    dealt = [rows.select(node=side, date=day_number("at")) for rows, side in ((to, "payer"), (back, "payee"))]
    return pl.concat(dealt).group_by("node").agg(exchange_dates_90d=pl.col("date").n_unique())


def _waits(recent: pl.LazyFrame, to_desks: pl.LazyFrame) -> pl.LazyFrame:
    credits = recent.join(to_desks.select("payer").unique(), left_on="payee", right_on="payer", how="semi")
    gone = after_credit(credits, to_desks)
    return gone.group_by("node").agg(exchange_wait_minutes_median_90d=pl.col("waited").median() / MINUTE_US)


FAMILY = Family("exits", "account", exits, SCHEMA)
