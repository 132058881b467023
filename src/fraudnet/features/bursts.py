"""Feature family `bursts`: the busiest day and week an account ever had, not only the last one."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US
from fraudnet.features import history_kernels as kernels
from fraudnet.features.family import Family
from fraudnet.features.histories import History, table
from fraudnet.features.shape import complete, owned, schema, whole

SCHEMA = schema(
    "Bursts",
    {
        "peak_in_count_1d": whole("most transfers that ever came in within one day", growing=True),
        "peak_in_count_7d": whole("most transfers that ever came in within 7 days", growing=True),
        "peak_out_count_1d": whole("most transfers that ever went out within one day", growing=True),
        "peak_in_payers_1d": whole("most different payers on one calendar day", growing=True, spread=True),
        "peak_out_payees_1d": whole("most different payees on one calendar day", growing=True),
        "peak_in_amount_1d": whole("most money that ever came in within one day", growing=True, spread=True),
        "peak_out_amount_1d": whole("most money that ever went out within one day", growing=True),
    },
)


def bursts(records: Records, nodes: pl.DataFrame, history: History, keep: pl.Expr | None) -> pl.LazyFrame:
    """The largest count, sum and number of partners over every past window of that length.

    Windows slide: each is (t - length, t] of one of the account's own transfers; partners are counted by local day.
    Without a transfers table every column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    accounts, got, paid = history.accounts, history.received.columns, history.made.columns
    (in_day, in_amount), (in_week, _) = kernels.peaks(got, accounts, DAY_US), kernels.peaks(got, accounts, 7 * DAY_US)
    out_day, out_amount = kernels.peaks(paid, accounts, DAY_US)
    found = {
        "peak_in_count_1d": in_day,
        "peak_in_count_7d": in_week,
        "peak_out_count_1d": out_day,
        "peak_in_payers_1d": kernels.met_in_a_day(got, accounts),
        "peak_out_payees_1d": kernels.met_in_a_day(paid, accounts),
        "peak_in_amount_1d": in_amount,
        "peak_out_amount_1d": out_amount,
    }
    return complete(nodes, "account", SCHEMA, keep, owned(table(accounts, found), keep))


FAMILY = Family("bursts", "account", bursts, SCHEMA)
