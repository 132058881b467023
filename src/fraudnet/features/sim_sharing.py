"""Feature family `sim_sharing`: who else is on a SIM's phones, documents, point of sale and bank accounts."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features.devices import company, group_size
from fraudnet.features.family import Family
from fraudnet.features.lookups import Lookups
from fraudnet.features.shape import complete, owned, schema, whole

SCHEMA = schema(
    "SimSharing",
    {
        "sim_devices_count": whole("devices the SIM was seen in", growing=True),
        "device_sims_max": whole("most SIMs seen in one of its devices, itself included", growing=True, spread=True),
        "device_sim_holders_max": whole("most different holders among the SIMs in one of its devices", growing=True),
        "holder_sims_count": whole("SIMs of the same holder, itself included", growing=True, zero=False, spread=True),
        "dealer_same_hour_count": whole(
            "other SIMs activated at the same point of sale within 60 minutes", zero=False, spread=True
        ),
        "sim_accounts_count": whole("accounts registered on its number", growing=True, spread=True),
    },
)


def sim_sharing(
    records: Records, nodes: pl.DataFrame, lookups: Lookups, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Devices, holders, points of sale and accounts that a SIM has in common with others; peers are always all SIMs.

    Device columns need the uses table, the point of sale the sims table, accounts the accounts table; they count for
    the present holding of the number. Holder and dealer columns are null where not known. One row per SIM node.
    """
    sims = nodes.lazy().filter(pl.col("kind") == "sim")
    parts = [group_size(sims, "holder", "holder_sims_count")]
    if records.has("uses"):
        names = {"devices": "sim_devices_count", "peers": "device_sims_max", "holders": "device_sim_holders_max"}
        parts.append(company(lookups.sim_devices).rename(names))
    if records.has("sims"):
        parts.append(_same_hour(records.table("sims")))
    if records.has("accounts"):
        numbers = lookups.registrations.group_by("number").agg(sim_accounts_count=pl.col("node").n_unique())
        parts.append(numbers.join(lookups.current_sims, on="number", how="inner").rename({"sim": "node"}))
    named = [part.select("node", *_mine(part)) for part in parts]
    return complete(nodes, "sim", SCHEMA, keep, *(owned(part, keep) for part in named))


def _mine(part: pl.LazyFrame) -> list[str]:
    return [name for name in part.collect_schema().names() if name in SCHEMA.columns() and name != "node"]


def _same_hour(sims: pl.LazyFrame) -> pl.LazyFrame:
    """Other SIMs of the same point of sale activated within 60 minutes before or after."""
    dated = sims.filter(pl.col("dealer").is_not_null() & pl.col("valid_from").is_not_null())
    sold = dated.select("dealer", at="valid_from", node="entity").unique().sort("dealer", "at")
    around = sold.rolling("at", period="120m", offset="-60m", closed="both", group_by="dealer")
    others = around.agg(others=pl.col("node").n_unique() - 1).unique()
    near = sold.join(others, on=["dealer", "at"], how="inner")
    return near.group_by("node").agg(dealer_same_hour_count=pl.col("others").max())


FAMILY = Family("sim_sharing", "sim", sim_sharing, SCHEMA)
