"""Feature family `account_sharing`: who else is on an account's phones, number and documents."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, day_number, within
from fraudnet.features.devices import company, group_size
from fraudnet.features.family import Family
from fraudnet.features.lookups import Lookups
from fraudnet.features.shape import complete, flag, owned, real, schema, whole

SCHEMA = schema(
    "AccountSharing",
    {
        "devices_count": whole("devices the account was seen on", growing=True),
        "device_accounts_max": whole(
            "most accounts seen on one of its devices, itself included", growing=True, spread=True
        ),
        "device_holders_max": whole("most different holders among the accounts on one of its devices", growing=True),
        "device_new_days": real("days since its newest device was first seen", growing=True),
        "phone_accounts_count": whole(
            "accounts registered on the same phone number, itself included", growing=True, zero=False
        ),
        "phone_holder_differs": flag("the phone number it is registered on belongs to somebody else"),
        "holder_accounts_count": whole("accounts of the same holder, itself included", growing=True, zero=False),
        "holder_opened_30d_count": whole("accounts its holder opened during the last 30 days", zero=False),
        "opened_same_day_same_device_count": whole(
            "other accounts on one of its devices opened on the same day", growing=True
        ),
    },
)


def account_sharing(
    records: Records, nodes: pl.DataFrame, lookups: Lookups, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Devices, phone numbers and holders that an account has in common with others; peers are always all accounts.

    Device columns need the uses table, phone columns the accounts table; whose number it is needs the sims
    table; holder columns are null where the holder is not known. One row per account node.
    """
    accounts = nodes.lazy().filter(pl.col("kind") == "account")
    parts = [group_size(accounts, "holder", "holder_accounts_count"), _opened_lately(accounts, as_of)]
    if records.has("uses"):
        used = lookups.account_devices
        parts += [_devices(used, as_of), _opened_together(used)]
    if records.has("accounts"):
        phones = lookups.registrations
        parts.append(group_size(phones, "number", "phone_accounts_count"))
        if records.has("sims"):
            parts.append(_phone_of_another(phones, lookups.current_sims))
    return complete(nodes, "account", SCHEMA, keep, *(owned(part, keep) for part in parts))


def _devices(used: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    age = (pl.lit(as_of) - pl.col("newest_at")).dt.total_microseconds() / DAY_US
    return company(used).select(
        "node",
        devices_count="devices",
        device_accounts_max="peers",
        device_holders_max="holders",
        device_new_days=pl.when(age >= 0).then(age),
    )


def _opened_together(used: pl.LazyFrame) -> pl.LazyFrame:
    dated = used.filter(pl.col("valid_from").is_not_null()).with_columns(day=day_number("valid_from"))
    crowd = dated.group_by("device", "day").agg(others=pl.col("node").n_unique() - 1)
    together = dated.join(crowd, on=["device", "day"], how="inner")
    return together.group_by("node").agg(opened_same_day_same_device_count=pl.col("others").max())


def _opened_lately(accounts: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    held = accounts.filter(pl.col("holder").is_not_null()).select("node", "holder", "valid_from")
    lately = held.group_by("holder").agg(holder_opened_30d_count=within("valid_from", as_of, 30).sum())
    return held.join(lately, on="holder", how="inner").select("node", "holder_opened_30d_count")


def _phone_of_another(phones: pl.LazyFrame, sims: pl.LazyFrame) -> pl.LazyFrame:
    return phones.join(sims, on="number", how="inner").select(
        "node", phone_holder_differs=(pl.col("holder") != pl.col("sim_holder")).cast(pl.Int64)
    )


FAMILY = Family("account_sharing", "account", account_sharing, SCHEMA)
