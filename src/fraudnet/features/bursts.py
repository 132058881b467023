"""Feature family `bursts`: the busiest day and week an account ever had, not only the last one."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features.family import Family
from fraudnet.features.legs import busiest_day, incoming, outgoing
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


def bursts(records: Records, nodes: pl.DataFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    """The largest count, sum and number of partners over every past window of that length.

    Windows slide: each is (t - length, t] of one of the account's own transfers; partners are counted by local day.
    Without a transfers table every column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    transfers = records.table("transfers")
    inward = owned(incoming(transfers), keep).with_columns(one=pl.lit(1, dtype=pl.Int64)).group_by("node")
    outward = owned(outgoing(transfers), keep).with_columns(one=pl.lit(1, dtype=pl.Int64)).group_by("node")
    paid_in = inward.agg(
        peak_in_count_1d=peak("one", "1d"), peak_in_count_7d=peak("one", "7d"), peak_in_amount_1d=peak("amount", "1d")
    )
    paid_out = outward.agg(peak_out_count_1d=peak("one", "1d"), peak_out_amount_1d=peak("amount", "1d"))
    payers, payees = busiest_day(transfers, keep)
    most = (payers.rename({"most": "peak_in_payers_1d"}), payees.rename({"most": "peak_out_payees_1d"}))
    return complete(nodes, "account", SCHEMA, keep, paid_in, paid_out, *most)


def peak(column: str, length: str) -> pl.Expr:
    """Largest sum of whole numbers over any window (t - length, t] of a group's own moments `at`."""
    return pl.col(column).rolling_sum_by("at", length).max()


FAMILY = Family("bursts", "account", bursts, SCHEMA)
