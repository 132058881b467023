"""Feature family `cash_use`: how much of an account's money leaves as cash, when, and with whom at the machine."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import day_number, is_night, ratio, within
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, owned, schema, share, whole, windowed

COUNTED = {"7d": 7, "30d": 30, "all": None}
TOGETHER = "10m"
CROWD, CROWD_DAYS = 2, 90

SCHEMA = schema(
    "CashUse",
    {
        **windowed("cash_out_count", "cash withdrawals", whole, tuple(COUNTED)),
        **windowed("cash_out_amount", "cash taken out", whole, ("30d", "all")),
        "cash_out_share_all": share("share of all money out that left as cash", spread=True),
        "cash_night_share_all": share("share of cash withdrawals made between 23:00 and 05:00"),
        "machine_cards_max": whole("most other accounts at the same machine within 10 minutes of it", growing=True),
        "machine_crowd_days_90d": whole(
            "days of the last 90 with at least two other accounts at its machine within 10 minutes"
        ),
    },
)


def cash_use(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Withdrawals over 7, 30 days and all time, their share of everything out, and company at the machine.

    Amounts are whole minor units. Without a cash table every column is null; without a transfers table the share of
    all money out is. One row per account node.
    """
    if not records.has("cash"):
        return complete(nodes, "account", SCHEMA, keep, None)
    cash = records.table("cash").rename({"entity": "node"})
    taken = owned(cash.filter(pl.col("amount") < 0), keep).with_columns(amount=-pl.col("amount"))
    used = taken.group_by("node").agg(
        **{f"cash_out_count_{w}": within("at", as_of, d).sum() for w, d in COUNTED.items()},
        cash_out_amount_30d=pl.col("amount").filter(within("at", as_of, 30)).sum(),
        cash_out_amount_all=pl.col("amount").sum(),
        cash_night_share_all=ratio(is_night("at").sum(), pl.len()),
    )
    parts = [used, owned(_company(cash, as_of), keep)]
    if records.has("transfers"):
        parts.append(_share_of_cash(used, records.table("transfers"), keep))
    return complete(nodes, "account", SCHEMA, keep, *parts)


def _share_of_cash(used: pl.LazyFrame, transfers: pl.LazyFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    sent = owned(transfers.select("amount", node="payer"), keep).group_by("node").agg(sent=pl.col("amount").sum())
    both = sent.join(used.select("node", "cash_out_amount_all"), on="node", how="full", coalesce=True).fill_null(0)
    return both.select("node", cash_out_share_all=ratio(pl.col("cash_out_amount_all"), _everything_out()))


def _everything_out() -> pl.Expr:
    return pl.col("cash_out_amount_all") + pl.col("sent")


def _company(cash: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    """Per account, the most other accounts that used one of its machines within 10 minutes before or after it.

    And on how many of the last 90 days they were at least two.
    """
    machine = pl.col("place").is_not_null() & pl.col("place_kind").ne_missing(pl.lit("counter"))
    at_machine = cash.filter(machine).select("place", "at", "node").sort("place", "at")
    around = at_machine.rolling("at", period="20m", offset=f"-{TOGETHER}", closed="both", group_by="place")
    met = around.agg(others=pl.col("node").n_unique() - 1)
    return (
        at_machine.unique().join(met.unique(), on=["place", "at"], how="inner")
        .group_by("node").agg(
            machine_cards_max=pl.col("others").max(),
            machine_crowd_days_90d=day_number("at")
            .filter((pl.col("others") >= CROWD) & within("at", as_of, CROWD_DAYS)).n_unique(),
        )
    )  # fmt: skip


FAMILY = Family("cash_use", "account", cash_use, SCHEMA)
