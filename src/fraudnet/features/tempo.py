"""Feature family `tempo`: how old an account is, how it rests and wakes, and how long money stays in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, ratio
from fraudnet.features import tempo_kernels as kernels
from fraudnet.features.family import Family
from fraudnet.features.histories import History, microsecond, nodes_of, table, window_start
from fraudnet.features.shape import complete, owned, real, schema, share, whole
from fraudnet.graph.csr import Floats, Ints

MINUTE_US = 60_000_000
PASSED = {"30d": 30, "all": None}

SCHEMA = schema(
    "Tempo",
    {
        "age_days": real("days since the account was opened", growing=True, spread=True),
        "days_since_in": real("days since money last came in", growing=True),
        "days_since_out": real("days since money last went out", growing=True),
        "active_days_30d": whole("days with any movement during the last 30 days"),
        "active_days_90d": whole("days with any movement during the last 90 days"),
        "active_days_all": whole("days with any movement since the first record", growing=True, spread=True),
        "dwell_minutes_median_30d": real("usual minutes from a credit to the next debit during the last 30 days"),
        "dwell_minutes_median_all": real("usual minutes from a credit to the next debit, over all time", spread=True),
        "passed_1h_share_30d": share("share of the last 30 days' credits that left again within 60 minutes"),
        "passed_1h_share_all": share("share of all credits that left again within 60 minutes", spread=True),
        "gap_days_max_all": real("days of the longest silence between two movements, opening included", growing=True),
        "gap_before_burst_days": real("days of silence before the busiest day", growing=True),
        "first_in_after_open_days": real("days from opening to the first credit"),
    },
)


def tempo(
    records: Records, nodes: pl.DataFrame, history: History, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Ages, silences and how fast an account passes on what it receives; movements are transfers and cash.

    Dwell is the time from each credit to the account's next debit, a debit at the same moment included. Passed within
    60 minutes: sum over credits of min(credit, debits of the hour after it), or sum over debits of min(debit, credits
    of the hour before it), whichever is less, over the sum of credits: no debit counts for more than its amount.
    Days are local, ages are exact. The age is known from the account alone; all else is null when the drop brought
    neither transfers nor cash. One row per account node.
    """
    mine = owned(nodes.lazy().filter(pl.col("kind") == "account"), keep)
    opened = mine.select("node", opened=pl.col("valid_from").dt.epoch("us"))
    ages = opened.select("node", age_days=_days(microsecond(as_of) - pl.col("opened")))
    if not (records.has("transfers") or records.has("cash")):
        return complete(nodes, "account", SCHEMA, keep, ages)
    told = opened.join(_lives(records, history, as_of), on="node", how="inner")
    rhythm = told.with_columns(**_since(as_of), **_silences(), **_passed_shares())
    return complete(nodes, "account", SCHEMA, keep, ages, rhythm)


def _lives(records: Records, history: History, as_of: datetime) -> pl.LazyFrame:
    """What the loop over all movements tells of each account: node, the columns of `tempo_kernels`, usual waits."""
    cash = records.table("cash").select(
        "at", pl.col("amount").abs(), node=pl.col("entity").cast(pl.Int64), inward=pl.col("amount") > 0
    )
    moved = cash.drop_nulls("node").collect(engine="streaming")
    since = np.array([window_start(as_of, days) for days in (30, 90)])
    n = max(len(history.made.start) - 1, nodes_of(moved["node"]))
    found = [_of_some(history, moved, span, since) for span in history.spans(n)]
    accounts, sums, rhythm, usual = (np.concatenate(parts) for parts in zip(*found, strict=True))
    columns: dict[str, NDArray[Any]] = {name: sums[:, i] for i, name in enumerate(kernels.SUMS)}
    columns |= {name: rhythm[:, i] for i, name in enumerate(kernels.RHYTHM)}
    columns |= {f"dwell_minutes_median_{w}": usual[:, i] for i, w in enumerate(PASSED)}
    return table(accounts, columns).with_columns(pl.col("^dwell_.*$") / MINUTE_US)


def _of_some(
    history: History, cash: pl.DataFrame, span: tuple[int, int], since: Ints
) -> tuple[Ints, Ints, Ints, Floats]:
    """The accounts among a range of nodes that moved money, and of each what `kernels.lives` tells."""
    low, n = span[0], span[1] - span[0]
    near = cash.filter(pl.col("node").is_between(low, low + n - 1)).with_columns(pl.col("node") - low)
    mine = history.received.between(*span).with_others(near.filter("inward")).listed(n)
    theirs = history.made.between(*span).with_others(near.filter(~pl.col("inward"))).listed(n)
    accounts = np.flatnonzero(np.diff(mine[0]) + np.diff(theirs[0]))
    return (accounts + low, *kernels.lives(mine, theirs, accounts, since))


def _since(as_of: datetime) -> dict[str, pl.Expr]:
    return {f"days_since_{side}": _days(microsecond(as_of) - pl.col(f"last_{side}")) for side in ("in", "out")}


def _passed_shares() -> dict[str, pl.Expr]:
    return {
        f"passed_1h_share_{w}": ratio(pl.min_horizontal(f"left_{w}", f"came_{w}"), pl.col(f"credit_{w}"))
        for w in PASSED
    }


def _silences() -> dict[str, pl.Expr]:
    """Silences per account; the opening stands in for the movement before the first one."""
    opened = pl.col("opened")
    return {
        "gap_days_max_all": pl.max_horizontal(_days(pl.col("gap")), _days(pl.col("first") - opened)),
        "gap_before_burst_days": _days(pl.col("burst") - pl.coalesce("before_burst", opened)),
        "first_in_after_open_days": _days(pl.col("first_in") - opened),
    }


def _days(span: pl.Expr) -> pl.Expr:
    """Microseconds in days; unknown where they would be negative, since then one of the two moments is wrong."""
    days = span / DAY_US
    return pl.when(days >= 0).then(days)


FAMILY = Family("tempo", "account", tempo, SCHEMA)
