"""Feature family `account_life`: how an account was opened, what was changed on it, and who complained about it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import within
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, flag, owned, schema, whole

SCHEMA = schema(
    "AccountLife",
    {
        "logins_30d": whole("logins during the last 30 days"),
        "devices_bound_30d": whole("devices bound to it during the last 30 days"),
        "limits_raised_30d": whole("times its limit was raised during the last 30 days"),
        "phone_changes_30d": whole("changes of its phone number during the last 30 days"),
        "phone_changes_all": whole("changes of its phone number since the first record", growing=True),
        "is_corporate": flag("account of a company"),
        "is_ekyc": flag("opened online, without going to a counter"),
        "own_reports_90d": whole("complaints about it during the last 90 days"),
    },
)


def account_life(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Account events of the last 30 days, how the account was opened, and complaints made about it in 90 days.

    Each column is null when its own table was not brought: account_events, accounts or reports. The state
    that an institution gives an account is an outcome and is not read. One row per account node.
    """
    parts: list[pl.LazyFrame] = []
    if records.has("account_events"):
        events = owned(records.table("account_events").rename({"entity": "node"}), keep)
        parts.append(events.group_by("node").agg(**_events(as_of)))
    if records.has("accounts"):
        accounts = owned(records.table("accounts").rename({"entity": "node"}), keep)
        parts.append(accounts.group_by("node").agg(**_opening()))
    if records.has("reports"):
        parts.append(complaints(records, as_of, keep).rename({"reports": "own_reports_90d"}))
    return complete(nodes, "account", SCHEMA, keep, *parts)


def complaints(records: Records, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """How many complaints each entity had in the last 90 days: node, reports."""
    reports = owned(records.table("reports").rename({"entity": "node"}), keep)
    return reports.group_by("node").agg(reports=within("at", as_of, 90).sum())


def _events(as_of: datetime) -> dict[str, pl.Expr]:
    month = within("at", as_of, 30)
    kind = pl.col("event").cast(pl.String)
    return {
        "logins_30d": (month & (kind == "login")).sum(),
        "devices_bound_30d": (month & (kind == "device_bound")).sum(),
        "limits_raised_30d": (month & (kind == "limit_raised")).sum(),
        "phone_changes_30d": (month & (kind == "phone_changed")).sum(),
        "phone_changes_all": (kind == "phone_changed").sum(),
    }


def _opening() -> dict[str, pl.Expr]:
    channel, kind = pl.col("channel").cast(pl.String), pl.col("kind").cast(pl.String)
    corporate = (kind == "corporate") | (channel == "corporate")
    known = kind.is_not_null() | channel.is_not_null()
    return {
        "is_corporate": pl.when(known).then(corporate.fill_null(False)).max().cast(pl.Int64),
        "is_ekyc": (channel == "ekyc").max().cast(pl.Int64),
    }


FAMILY = Family("account_life", "account", account_life, SCHEMA)
