"""Transfers as each account saw them: those it received and those it made, each in order of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.features.history_kernels import by_moment, joined, window_sums
from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.ordering import grouped

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PART = 50_000_000  # movements that a family copies at a time, about
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

    def between(self, low: int, high: int) -> Side:
        """The movements of nodes low to high - 1, which are called 0 to high - low - 1; nothing is copied."""
        start = np.pad(self.start, (0, max(high + 1 - len(self.start), 0)), mode="edge")[low : high + 1]
        here = slice(start[0], start[-1])
        return Side(start - start[0], self.other[here], self.at[here], self.amount[here])

    def with_others(self, rows: pl.DataFrame) -> Side:
        """These movements and the given ones (node, at, amount) as well, whoever is at the far end of them."""
        narrow = _narrow(rows.lazy().with_columns(other=pl.lit(None, pl.Int32))).collect()
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

    def spans(self, n: int) -> list[tuple[int, int]]:
        """Nodes 0 to n - 1 in ranges that have about PART movements each; what many have is not divided."""
        both = np.pad(self.received.start + self.made.start, (0, n + 1 - len(self.made.start)), mode="edge")
        cuts = np.unique(np.searchsorted(both, np.arange(PART, both[-1], PART)))
        return list(pairwise([0, *(int(cut) for cut in cuts if 0 < cut < n), n]))


def history_of(records: Records) -> History:
    """The transfers of each account in order of time; sorted once for all families."""
    narrow = _narrow(records.table("transfers").rename({"payer": "node", "payee": "other"}))
    rows = narrow.collect(engine="streaming")
    n = nodes_of(rows["node"], rows["other"])
    made = side(rows, n)
    return History(side(rows.rename({"node": "other", "other": "node"}), n), made)


def nodes_of(*ends: pl.Series) -> int:
    """How many nodes there must be at least."""
    return 1 + max((int(end.max()) for end in ends if end.null_count() < len(end)), default=-1)  # type: ignore[arg-type]


def _narrow(rows: pl.LazyFrame) -> pl.LazyFrame:
    """`node` and `other` as 32-bit numbers, `at` as whole microseconds, and `amount`."""
    return rows.select(pl.col("node", "other").cast(pl.Int32), pl.col("at").dt.epoch("us"), "amount")


def side(rows: pl.DataFrame, n: int) -> Side:
    """Rows (node, other, at, amount) put together by node, each node's in order of time; without a node none counts."""
    node = rows["node"].fill_null(n).to_numpy()
    start, order = grouped(node, n)
    at, other = rows["at"].to_numpy(), rows["other"].fill_null(-1).to_numpy()
    by_moment(start, at, order)
    return Side(start, other[order], at[order], rows["amount"].to_numpy()[order])


def table(nodes: Ints, columns: Mapping[str, NDArray[Any]]) -> pl.LazyFrame:
    """Arrays per node as a table; MISSING and what is not a number become null."""
    made = pl.LazyFrame({"node": nodes, **{name: np.ascontiguousarray(values) for name, values in columns.items()}})
    known = [
        pl.col(name).fill_nan(None) if values.dtype.kind == "f" else pl.when(pl.col(name) != MISSING).then(name)
        for name, values in columns.items()
    ]
    return made.select("node", *known)


def moved(movements: Side, as_of: datetime, **windows: float | None) -> pl.LazyFrame:
    """Of who received or made transfers, one row a node: `n_<window>` and `sum_<window>`; windows in days."""
    nodes = np.flatnonzero(np.diff(movements.start))
    since = np.array([window_start(as_of, days) for days in windows.values()])
    n, total, _, _ = window_sums(movements.columns, nodes, since)
    found = {f"n_{name}": n[:, place] for place, name in enumerate(windows)}
    return table(nodes, found | {f"sum_{name}": total[:, place] for place, name in enumerate(windows)})


def window_start(as_of: datetime, days: float | None) -> int:
    """The first microsecond since 1970 of the window of so many days before a moment; without days, of all time."""
    return MISSING if days is None else microsecond(as_of - timedelta(days=days))


def microsecond(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)
