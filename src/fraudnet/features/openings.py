"""Feature family `openings`: who opened an account where, on which handset, and what was opened beside it."""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import njit

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, day_number
from fraudnet.features.desks import opened_by
from fraudnet.features.family import Family
from fraudnet.features.lookups import Lookups
from fraudnet.features.shape import complete, owned, real, schema, whole
from fraudnet.graph.csr import Ints

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


def openings(records: Records, nodes: pl.DataFrame, lookups: Lookups, keep: pl.Expr | None) -> pl.LazyFrame:
    """The accounts that came to be beside an account: by one member of staff, at one branch, on one handset.

    Staff and branch are keys inside one bank; an account opened without them has nulls there. Device columns need the
    uses table, the others the accounts table. One row per account node.
    """
    parts: list[pl.LazyFrame] = []
    if records.has("accounts"):
        opened = opened_by(records, nodes)
        parts += [_staff(opened), _branch(records, nodes)]
    if records.has("uses"):
        parts.append(_on_device(lookups.account_devices.filter(pl.col("valid_from").is_not_null())))
    return complete(nodes, "account", SCHEMA, keep, *(owned(part, keep) for part in parts))


def _staff(opened: pl.LazyFrame) -> pl.LazyFrame:
    sizes = opened.group_by("desk").agg(staff_opened_count=pl.len())
    counted = opened.join(sizes, on="desk", how="inner").select("node", "staff_opened_count")
    desk = pl.col("desk").cast(pl.Categorical(pl.Categories.random())).to_physical().cast(pl.Int64)
    dated = opened.drop_nulls("opened").select("node", group=desk, at=pl.col("opened").dt.epoch("us"))
    rows = dated.sort("group", "at").collect(engine="streaming")
    monthly = rows.select("node", staff_opened_month_count=_around(rows, MONTH)).lazy()
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
    """Openings of other accounts on each device: how many within a week, and how near the nearest."""
    opened = dated.select("node", group="device", at=pl.col("valid_from").dt.epoch("us"))
    rows = opened.sort("group", "at").collect(engine="streaming")
    gap = pl.when(pl.col("group") == pl.col("group").shift(1)).then(pl.col("at") - pl.col("at").shift(1))
    waits = rows.lazy().with_columns(before=gap, others=_around(rows, AROUND) - 1)
    next_one = pl.when(pl.col("group") == pl.col("group").shift(-1)).then(pl.col("before").shift(-1))
    nearest = waits.with_columns(nearest=pl.min_horizontal("before", next_one))
    return nearest.group_by("node").agg(
        device_opened_week_count=pl.col("others").max(),
        device_opened_minutes=pl.col("nearest").min() / MINUTE_US,
    )


def _around(rows: pl.DataFrame, days: int) -> pl.Series:
    """How many rows of its group lie at most so many days from each row; rows by group and moment (microseconds)."""
    return pl.Series(near_ones(rows["group"].to_numpy(), rows["at"].to_numpy(), days * DAY_US))


@njit(cache=True, nogil=True)
def near_ones(group: Ints, at: Ints, span: int) -> Ints:
    """Of rows by group and moment, how many of each one's group are at most `span` away from it, itself included."""
    found = np.empty(len(at), np.int64)
    first = last = 0
    for row in range(len(at)):
        while group[first] != group[row] or at[first] < at[row] - span:
            first += 1
        last = max(last, row)
        while last < len(at) and group[last] == group[row] and at[last] <= at[row] + span:
            last += 1
        found[row] = last - first
    return found


FAMILY = Family("openings", "account", openings, SCHEMA)
