"""Feature family `holder_sims`: how many SIMs stand in one name, how fast they came, whether they know each other."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features.family import Family
from fraudnet.features.lookups import Lookups
from fraudnet.features.shape import complete, flag, owned, schema, whole

MONTH = "30d"

SCHEMA = schema(
    "HolderSims",
    {
        "holder_sims_now_count": whole("SIMs that its holder has in force, itself included", growing=True, zero=False),
        "holder_sims_peak_30d_count": whole(
            "most SIMs that its holder activated within any 30 days", growing=True, zero=False
        ),
        "holder_sims_operators_count": whole("operators that its holder's SIMs in force are with", zero=False),
        "holder_sims_devices_count": whole(
            "different devices in which the SIMs of its holder were seen", growing=True, zero=False
        ),
        "holder_is_firm": flag("its holder is an organisation"),
        "holder_sims_calls_all": whole("calls and messages between SIMs of its holder", growing=True, zero=False),
    },
)


def holder_sims(
    records: Records, nodes: pl.DataFrame, lookups: Lookups, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """All SIMs of one resolved holder, seen from each of them.

    Everything is null for a SIM whose holder is not known. Devices need the uses table, calls the calls table, what
    the holder is the identities table. One row
    per SIM node.
    """
    sims = nodes.lazy().filter((pl.col("kind") == "sim") & pl.col("holder").is_not_null())
    held = sims.select("node", "holder", "institution", "valid_from", "valid_to")
    running = held.filter(pl.col("valid_to").is_null() | (pl.col("valid_to") >= as_of))
    holders = [
        running.group_by("holder").agg(
            holder_sims_now_count=pl.len(), holder_sims_operators_count=pl.col("institution").drop_nulls().n_unique()
        ),
        _fastest_month(held),
    ]
    if records.has("uses"):
        used = lookups.sim_devices.filter(pl.col("holder").is_not_null())
        holders.append(used.group_by("holder").agg(holder_sims_devices_count=pl.col("device").n_unique()))
    if records.has("identities"):
        kinds = records.table("identities").filter(pl.col("kind").is_not_null()).group_by(holder="entity")
        firm = (pl.col("kind").cast(pl.String) == "organisation").max().cast(pl.Int64)
        holders.append(kinds.agg(holder_is_firm=firm))
    if records.has("calls"):
        holders.append(_among_themselves(records.table("calls"), held))
    parts = [held.select("node", "holder").join(part, on="holder", how="left").drop("holder") for part in holders]
    return complete(nodes, "sim", SCHEMA, keep, *(owned(part, keep) for part in parts))


def _fastest_month(held: pl.LazyFrame) -> pl.LazyFrame:
    dated = held.drop_nulls("valid_from").sort("holder", "valid_from", "node").with_columns(one=pl.lit(1, pl.Int64))
    most = pl.col("one").rolling_sum_by("valid_from", MONTH).max()
    return dated.group_by("holder").agg(holder_sims_peak_30d_count=most)


def _among_themselves(calls: pl.LazyFrame, held: pl.LazyFrame) -> pl.LazyFrame:
    """Calls and messages from one SIM of a holder to another; 0 for a holder who never made one."""
    several = held.filter(pl.len().over("holder") > 1).select("node", "holder")
    out = calls.select("caller", "callee").join(several.rename({"node": "caller"}), on="caller", how="inner")
    both = out.join(several.rename({"node": "callee", "holder": "other"}), on="callee", how="inner")
    inside = both.filter((pl.col("holder") == pl.col("other")) & (pl.col("caller") != pl.col("callee")))
    n = inside.group_by("holder").agg(n=pl.len())
    everybody = held.select("holder").unique()
    return everybody.join(n, on="holder", how="left").select("holder", holder_sims_calls_all=pl.col("n").fill_null(0))


FAMILY = Family("holder_sims", "sim", holder_sims, SCHEMA)
