"""Feature family `money`: how much an account was paid and paid out by transfer, how often, and by how many."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import NIGHT_FROM, NIGHT_TO, ratio
from fraudnet.features import history_kernels as kernels
from fraudnet.features.family import Family
from fraudnet.features.histories import History, table, window_start
from fraudnet.features.shape import WINDOWS, complete, owned, schema, share, whole, windowed
from fraudnet.features.shape import real as number
from fraudnet.graph.csr import Ints

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


def money(
    records: Records, nodes: pl.DataFrame, history: History, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Counts, sums, maxima and partners of an account's transfers, over 1, 7, 30, 90 days and all time.

    Amounts are whole minor units. Without a transfers table every column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    sums = table(history.accounts, {**_sums(history, as_of), **_special(history, as_of)})
    return complete(nodes, "account", SCHEMA, keep, owned(sums.with_columns(**_ratios(), **_shares()), keep))


def _sums(history: History, as_of: datetime) -> dict[str, Ints]:
    """Counts, sums, largest transfers and partners of both sides by window."""
    since = np.array([window_start(as_of, days) for days in WINDOWS.values()])
    found: dict[str, Ints] = {}
    for side, partners, rows in (("in", "in_payers", history.received), ("out", "out_payees", history.made)):
        stems = (f"{side}_count", f"{side}_amount", f"{side}_max_amount", partners)
        for stem, values in zip(stems, kernels.window_sums(rows.columns, history.accounts, since), strict=True):
            found |= {f"{stem}_{window}": values[:, w] for w, window in enumerate(WINDOWS)}
    return found


def _special(history: History, as_of: datetime) -> dict[str, Ints]:
    """Transfers at certain hours and of certain sums."""
    accounts, got, paid = history.accounts, history.received.columns, history.made.columns
    month, quarter, ever = (window_start(as_of, days) for days in (30, 90, None))
    return {
        "night_30d": kernels.hours_between(got, accounts, month, (NIGHT_FROM, NIGHT_TO)),
        "night_all": kernels.hours_between(got, accounts, ever, (NIGHT_FROM, NIGHT_TO)),
        "evening_90d": kernels.hours_between(got, accounts, quarter, EVENING),
        "round": kernels.whole_sums(got, accounts, ROUND) + kernels.whole_sums(paid, accounts, ROUND),
        "under_10m_out_count_30d": kernels.sums_between(paid, accounts, month, JUST_UNDER_10M),
        "under_10m_out_count_all": kernels.sums_between(paid, accounts, ever, JUST_UNDER_10M),
        "under_20m_days_30d": kernels.days_between(paid, accounts, month, JUST_UNDER_20M),
        "under_20m_days_all": kernels.days_between(paid, accounts, ever, JUST_UNDER_20M),
        "small_in_count_30d": kernels.sums_between(got, accounts, month, (0, SMALL + 1)),
    }


def _shares() -> dict[str, pl.Expr]:
    whole_life = pl.col("in_count_all") + pl.col("out_count_all")
    return {
        "in_night_share_30d": ratio(pl.col("night_30d"), pl.col("in_count_30d")),
        "in_night_share_all": ratio(pl.col("night_all"), pl.col("in_count_all")),
        "in_evening_share_90d": ratio(pl.col("evening_90d"), pl.col("in_count_90d")),
        "round_share_all": ratio(pl.col("round"), whole_life),
    }


def _ratios() -> dict[str, pl.Expr]:
    names = ("7d", "30d", "all")
    return {f"out_in_ratio_{w}": ratio(pl.col(f"out_amount_{w}"), pl.col(f"in_amount_{w}")) for w in names}


FAMILY = Family("money", "account", money, SCHEMA)
