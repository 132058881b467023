"""Feature family `sim_life`: how old a SIM is, what was changed on it, how it is used, who complained about it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, within
from fraudnet.features.family import Family
from fraudnet.features.legs import per_day
from fraudnet.features.shape import complete, flag, owned, real, schema, whole

PART = 20_000_000  # calls for each part of the SIMs that are looked at by themselves

SCHEMA = schema(
    "SimLife",
    {
        "sim_age_days": real("days since this holder's SIM was activated", growing=True, spread=True),
        "swaps_90d": whole("exchanges of the card during the last 90 days", spread=True),
        "device_changes_90d": whole("changes of the phone it sits in during the last 90 days"),
        "suspends_90d": whole("suspensions during the last 90 days"),
        "ports_all": whole("moves between operators since the first record", growing=True),
        "sim_active_days_30d": whole("days with a call or message during the last 30 days"),
        "sim_active_days_all": whole("days with a call or message since the first record", growing=True),
        "days_since_call": real("days since its last call or message", growing=True),
        "own_sim_reports_90d": whole("complaints about it during the last 90 days"),
        "is_postpaid": flag("on a contract, not a prepaid card"),
    },
)


def sim_life(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Age, card and device changes of 90 days, days of use, complaints and plan of a SIM holding.

    Each column is null when its own table was not brought: sim_events, calls, reports or sims. Days are local; the
    age is exact. One row per SIM node.
    """
    sims = nodes.lazy().filter(pl.col("kind") == "sim")
    parts = [sims.select("node", sim_age_days=_days(pl.lit(as_of) - pl.col("valid_from")))]
    if records.has("sim_events"):
        parts.append(_entity_rows(records, "sim_events", keep).group_by("node").agg(**_events(as_of)))
    if records.has("calls"):
        parts.append(_use(records.table("calls"), as_of, keep))
    if records.has("reports"):
        made = within("at", as_of, 90).sum()
        parts.append(_entity_rows(records, "reports", keep).group_by("node").agg(own_sim_reports_90d=made))
    if records.has("sims"):
        postpaid = (pl.col("plan").cast(pl.String) == "postpaid").max().cast(pl.Int64)
        parts.append(_entity_rows(records, "sims", keep).group_by("node").agg(is_postpaid=postpaid))
    return complete(nodes, "sim", SCHEMA, keep, *parts)


def _entity_rows(records: Records, name: str, keep: pl.Expr | None) -> pl.LazyFrame:
    return owned(records.table(name).rename({"entity": "node"}), keep)


def _events(as_of: datetime) -> dict[str, pl.Expr]:
    kind, recent = pl.col("event").cast(pl.String), within("at", as_of, 90)
    return {
        "swaps_90d": (recent & (kind == "swap")).sum(),
        "device_changes_90d": (recent & (kind == "device_change")).sum(),
        "suspends_90d": (recent & (kind == "suspend")).sum(),
        "ports_all": kind.is_in(["port_in", "port_out"]).sum(),
    }


def _use(calls: pl.LazyFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Days of use, and since the last call; of many calls those of some SIMs at a time."""
    ends = [owned(calls.select("at", node=end), keep) for end in ("caller", "callee")]
    parts = 1 + calls.select(pl.len()).collect(engine="streaming").item() // PART
    used = [_used([end.filter(pl.col("node") % parts == part) for end in ends], as_of) for part in range(parts)]
    every = pl.concat([one.collect(engine="streaming") for one in used]).lazy()
    return every.select(pl.exclude("last"), days_since_call=_days(pl.lit(as_of) - pl.col("last")))


def _used(ends: list[pl.LazyFrame], as_of: datetime) -> pl.LazyFrame:
    """Of each SIM the local days with a call from or to it, and the last call."""
    halves = [per_day(end, at=pl.col("at").max()) for end in ends]
    days = per_day(pl.concat(halves), at=pl.col("at").max())
    return days.group_by("node").agg(
        sim_active_days_30d=within("at", as_of, 30).sum(), sim_active_days_all=pl.len(), last=pl.col("at").max()
    )


def _days(span: pl.Expr) -> pl.Expr:
    days = span.dt.total_microseconds() / DAY_US
    return pl.when(days >= 0).then(days)


FAMILY = Family("sim_life", "sim", sim_life, SCHEMA)
