"""Feature family `openings`: who opened an account where, on which handset, and what was opened beside it."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import day_number
from fraudnet.features.desks import opened_by
from fraudnet.features.devices import seen
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, owned, real, schema, whole

MINUTE_US = 60_000_000
AROUND = 7
MONTH = 30

SCHEMA = schema(
    "Openings",
    {
        "staff_opened_count": whole(
            "accounts opened by the same member of staff, itself included", growing=True, zero=False
        ),
        "staff_opened_month_count": whole(
            "accounts the same member of staff opened within 30 days before or after, itself included", zero=False
        ),
        "branch_opened_day_count": whole("accounts its branch opened on the same day, itself included", zero=False),
        "device_opened_week_count": whole("other accounts on one of its devices opened within 7 days before or after"),
        "device_opened_minutes": real("minutes to the nearest opening of another account on one of its devices"),
    },
)


def openings(records: Records, nodes: pl.DataFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    """The accounts that came to be beside an account: by one member of staff, at one branch, on one handset.

    Staff and branch are keys inside one bank; an account opened without them has nulls there. Device columns need the
    uses table, the others the accounts table. One row per account node.
    """
    parts: list[pl.LazyFrame] = []
    if records.has("accounts"):
        opened = opened_by(records, nodes)
        parts += [_staff(opened), _branch(records, nodes)]
    if records.has("uses"):
        dated = seen(records, nodes, "account").filter(pl.col("valid_from").is_not_null())
        parts += [_on_device(dated), _nearest(dated)]
    return complete(nodes, "account", SCHEMA, keep, *(owned(part, keep) for part in parts))


def _staff(opened: pl.LazyFrame) -> pl.LazyFrame:
    sizes = opened.group_by("desk").agg(staff_opened_count=pl.len())
    counted = opened.join(sizes, on="desk", how="inner").select("node", "staff_opened_count")
    dated = opened.drop_nulls("opened").sort("desk", "opened", "node")
    around = dated.rolling("opened", period=f"{2 * MONTH}d", offset=f"-{MONTH}d", closed="both", group_by="desk")
    near = around.agg(staff_opened_month_count=pl.len()).unique()
    monthly = dated.join(near, on=["desk", "opened"], how="inner").select("node", "staff_opened_month_count")
    return counted.join(monthly, on="node", how="left")


def _branch(records: Records, nodes: pl.DataFrame) -> pl.LazyFrame:
    place = pl.concat_str("institution", "branch", separator=":")
    told = (
        records.table("accounts").filter(pl.col("branch").is_not_null()).group_by(node="entity").agg(branch=place.min())
    )
    dated = nodes.lazy().filter(pl.col("valid_from").is_not_null()).select("node", day=day_number("valid_from"))
    opened = told.join(dated, on="node", how="inner")
    sizes = opened.group_by("branch", "day").agg(branch_opened_day_count=pl.len())
    return opened.join(sizes, on=["branch", "day"], how="inner").select("node", "branch_opened_day_count")


def _on_device(dated: pl.LazyFrame) -> pl.LazyFrame:
    rows = dated.select("device", "node", at="valid_from").sort("device", "at", "node")
    around = rows.rolling("at", period=f"{2 * AROUND}d", offset=f"-{AROUND}d", closed="both", group_by="device")
    near = around.agg(others=pl.len() - 1).unique()
    counts = rows.join(near, on=["device", "at"], how="inner")
    return counts.group_by("node").agg(device_opened_week_count=pl.col("others").max())


def _nearest(dated: pl.LazyFrame) -> pl.LazyFrame:
    rows = dated.select("device", "node", at=pl.col("valid_from").dt.epoch("us")).sort("device", "at", "node")
    same = pl.col("device") == pl.col("device").shift(1)
    gap = pl.when(same).then(pl.col("at") - pl.col("at").shift(1))
    waits = rows.with_columns(before=gap).with_columns(
        after=pl.when(pl.col("device") == pl.col("device").shift(-1)).then(pl.col("before").shift(-1))
    )
    least = pl.min_horizontal("before", "after").min() / MINUTE_US
    return waits.group_by("node").agg(device_opened_minutes=least)


FAMILY = Family("openings", "account", openings, SCHEMA)
