"""Transfers as each account saw them: those it received and those it made, each in order of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.features.history_kernels import joined
from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.ordering import counted

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MISSING = np.iinfo(np.int64).min  # what is not known, in columns of whole numbers


@dataclass(frozen=True)
class Side:
    """The movements of one direction: those of node a lie at the places start[a] to start[a + 1], earliest first.

    other: the node at the far end, -1 where there is none. at: microseconds since 1970. amount: minor units. Movements
    of one node and moment are in no order.
    """

    start: Ints
    other: Nodes
    at: Ints
    amount: Ints

    @property
    def columns(self) -> tuple[Ints, Nodes, Ints, Ints]:
        """All four, as kernels take them."""
        return self.start, self.other, self.at, self.amount

    def listed(self, n: int) -> tuple[Ints, Ints, Ints]:
        """Start, moments and sums over nodes 0 to n - 1, of which the last ones may have no movements."""
        return np.pad(self.start, (0, n + 1 - len(self.start)), mode="edge"), self.at, self.amount

    def with_others(self, rows: pl.DataFrame) -> Side:
        """These movements and the given ones (node, at, amount) as well, whoever is at the far end of them."""
        narrow = by_moment(rows.select("node", "at", "amount", other=pl.lit(None, pl.Int32)))
        n = max(len(self.start) - 1, nodes_of(rows["node"]))
        start, at, amount = joined(self.listed(n), side(narrow, n).listed(n))
        return Side(start, np.full(len(at), -1, np.int32), at, amount)


@dataclass(frozen=True)
class History:
    """Every transfer from the side of who received it and of who made it; both over nodes 0 to n - 1."""

    received: Side
    made: Side

    @property
    def accounts(self) -> Ints:
        """The nodes that received or made a transfer."""
        return np.flatnonzero(np.diff(self.received.start) + np.diff(self.made.start))


def history_of(records: Records) -> History:
    """The transfers of each account in order of time; sorted once for all families."""
    ends = records.table("transfers").select("payer", "payee", "amount", "at").collect(engine="streaming")
    n = nodes_of(ends["payer"], ends["payee"])
    rows = by_moment(ends.rename({"payer": "node", "payee": "other"}))
    made = side(rows, n)
    return History(side(rows.rename({"node": "other", "other": "node"}), n), made)


def nodes_of(*ends: pl.Series) -> int:
    """How many nodes there must be at least."""
    return 1 + max((int(end.max()) for end in ends if end.null_count() < len(end)), default=-1)  # type: ignore[arg-type]


def by_moment(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in order of `at`, which becomes whole microseconds, with `node` and `other` as 32-bit numbers."""
    narrow = rows.with_columns(pl.col("at").dt.epoch("us"), pl.col("node", "other").cast(pl.Int32))
    return narrow if narrow["at"].is_sorted() else narrow.sort("at")


def side(rows: pl.DataFrame, n: int) -> Side:
    """Rows in order of time (node, other, at, amount) put together by node; rows without a node are left out."""
    node = rows["node"].fill_null(n).to_numpy()
    start = np.r_[0, np.cumsum(np.bincount(node, minlength=n + 1))].astype(np.int64)
    order = counted(node, np.arange(len(node), dtype=np.int32), n + 1)[: start[n]]
    other = rows["other"].fill_null(-1).to_numpy()[order]
    return Side(start[: n + 1], other, rows["at"].to_numpy()[order], rows["amount"].to_numpy()[order])


def table(nodes: Ints, columns: Mapping[str, NDArray[Any]]) -> pl.LazyFrame:
    """Arrays per node as a table; MISSING and what is not a number become null."""
    made = pl.LazyFrame({"node": nodes, **{name: np.ascontiguousarray(values) for name, values in columns.items()}})
    known = [
        pl.col(name).fill_nan(None) if values.dtype.kind == "f" else pl.when(pl.col(name) != MISSING).then(name)
        for name, values in columns.items()
    ]
    return made.select("node", *known)


def window_start(as_of: datetime, days: float | None) -> int:
    """The first microsecond since 1970 of the window of so many days before a moment; without days, of all time."""
    return MISSING if days is None else microsecond(as_of - timedelta(days=days))


def microsecond(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)
