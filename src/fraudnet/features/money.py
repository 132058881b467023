"""Feature family `money`: how much an account was paid and paid out by transfer, how often, and by how many."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import HOUR_US, LOCAL_OFFSET_US, is_night, ratio, within
from fraudnet.features.family import Family
from fraudnet.features.legs import legs, pairs, per_day, per_window
from fraudnet.features.shape import WINDOWS, complete, owned, schema, share, whole, windowed
from fraudnet.features.shape import real as number

ROUND = 100_000
JUST_UNDER_10M = (9_000_000, 10_000_000)
JUST_UNDER_20M = (18_000_000, 20_000_000)
SMALL = 10_000
EVENING = (18, 23)

SCHEMA = schema(
    "Money",
    {
        **windowed("in_count", "transfers that came in", whole, spread="all"),
        **windowed("out_count", "transfers that went out", whole, spread="all"),
        **windowed("in_amount", "money that came in", whole, spread="30d,all"),
        **windowed("out_amount", "money that went out", whole, spread="all"),
        **windowed("in_payers", "different accounts that paid in", whole, spread="7d,all"),
        **windowed("out_payees", "different accounts that were paid", whole, spread="all"),
        **windowed("in_max_amount", "largest single transfer that came in", whole, spread="all"),
        **windowed("out_max_amount", "largest single transfer that went out", whole),
        **windowed("out_in_ratio", "money out for each unit of money in", number, ("7d", "30d", "all"), spread="all"),
        "in_night_share_30d": share("share of incoming transfers between 23:00 and 05:00 during the last 30 days"),
        "in_night_share_all": share("share of incoming transfers between 23:00 and 05:00 since the first record"),
        "in_evening_share_90d": share("share of incoming transfers between 18:00 and 23:00 during the last 90 days"),
        "round_share_all": share("share of all its transfers that are whole multiples of 100,000 đồng"),
        **windowed("under_10m_out_count", "outgoing transfers of 9 to just under 10 million", whole, ("30d", "all")),
        **windowed("under_20m_days", "days on which 18 to just under 20 million went out", whole, ("30d", "all")),
        "small_in_count_30d": whole("incoming transfers of at most 10,000 đồng during the last 30 days"),
    },
)


def money(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Counts, sums, maxima and partners of an account's transfers, over 1, 7, 30, 90 days and all time.

    Amounts are whole minor units. Without a transfers table every column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    moved = legs(records, keep)
    totals = moved.group_by("node").agg(**_sums(as_of), **_shares(as_of)).with_columns(**_ratios())
    days = per_day(moved.filter(~pl.col("inward")), amount=pl.col("amount").sum(), at=pl.col("at").max())
    near = days.filter(_between("amount", JUST_UNDER_20M)).group_by("node")
    met = pairs(records.table("transfers"))
    payers = (
        owned(met.rename({"payee": "node"}), keep).group_by("node").agg(**per_window("in_payers", "last_at", as_of))
    )
    payees = (
        owned(met.rename({"payer": "node"}), keep).group_by("node").agg(**per_window("out_payees", "last_at", as_of))
    )
    windows = {"30d": 30.0, "all": None}
    under = near.agg(**per_window("under_20m_days", "at", as_of, windows))
    return complete(nodes, "account", SCHEMA, keep, totals, payers, payees, under)


def _sums(as_of: datetime) -> dict[str, pl.Expr]:
    found = {}
    for side, mine in (("in", pl.col("inward")), ("out", ~pl.col("inward"))):
        for name, days in WINDOWS.items():
            rows = mine & within("at", as_of, days)
            found[f"{side}_count_{name}"] = rows.sum()
            found[f"{side}_amount_{name}"] = pl.col("amount").filter(rows).sum()
            found[f"{side}_max_amount_{name}"] = pl.col("amount").filter(rows).max()
    return found


def _shares(as_of: datetime) -> dict[str, pl.Expr]:
    inward, month, quarter = pl.col("inward"), within("at", as_of, 30), within("at", as_of, 90)
    night, evening = inward & is_night("at"), inward & is_evening("at")
    under = ~inward & _between("amount", JUST_UNDER_10M)
    return {
        "in_night_share_30d": ratio((night & month).sum(), (inward & month).sum()),
        "in_night_share_all": ratio(night.sum(), inward.sum()),
        "in_evening_share_90d": ratio((evening & quarter).sum(), (inward & quarter).sum()),
        "round_share_all": ratio(((pl.col("amount") > 0) & (pl.col("amount") % ROUND == 0)).sum(), pl.len()),
        "under_10m_out_count_30d": (under & month).sum(),
        "under_10m_out_count_all": under.sum(),
        "small_in_count_30d": (inward & month & (pl.col("amount") <= SMALL)).sum(),
    }


def is_evening(column: str) -> pl.Expr:
    """Whether a moment falls between 18:00 and 23:00 in Vietnam."""
    hour = (pl.col(column).dt.epoch("us") + LOCAL_OFFSET_US) // HOUR_US % 24
    return (hour >= EVENING[0]) & (hour < EVENING[1])


def _ratios() -> dict[str, pl.Expr]:
    names = ("7d", "30d", "all")
    return {f"out_in_ratio_{w}": ratio(pl.col(f"out_amount_{w}"), pl.col(f"in_amount_{w}")) for w in names}


def _between(column: str, bounds: tuple[int, int]) -> pl.Expr:
    return (pl.col(column) >= bounds[0]) & (pl.col(column) < bounds[1])


FAMILY = Family("money", "account", money, SCHEMA)
