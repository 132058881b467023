"""What an entity's surroundings are like: means and maxima of the plain features of those it is linked to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.contracts.features import Column
from fraudnet.features import families
from fraudnet.features.family import Family, Inputs
from fraudnet.features.views import View, views
from fraudnet.graph.csr import Csr, Ints, build, compact
from fraudnet.graph.flows import Flows
from fraudnet.graph.neighbour_kernels import columns_of, rows_of
from fraudnet.graph.neighbours import TILE, max_around, mean_around, mean_two_steps, sum_around

Matrix = NDArray[np.float64]
HANDS = 2  # tiles of columns that are made at a time
# Families that say something about nearly every account or SIM.
EVERYDAY = frozenset((
    "money", "tempo", "bursts", "partners", "cash_use", "account_sharing", "account_life", "calling", "sim_life",
    "sim_sharing", "holdings_of",
))  # fmt: skip
STATS: Mapping[str, tuple[str, Callable[[Csr, Matrix], Matrix]]] = {
    "mean": ("mean over", mean_around),
    "mean2": ("mean two steps away over", mean_two_steps),
    "max": ("largest among", max_around),
    "sum": ("sum over", sum_around),
}


def neighbours_family(kind: str) -> Family:
    """The family of a kind: its neighbours' plain features, no row at or after the snapshot and no known fraud."""
    name = f"neighbours_{kind}"

    def run(
        flows: Flows,
        nodes: pl.DataFrame,
        records: Records,
        base: Mapping[str, pl.DataFrame],
        as_of: datetime,
        keep: pl.Expr | None,
    ) -> pl.LazyFrame:
        mine = nodes.filter(pl.col("kind") == kind)["node"].sort()
        inputs = Inputs(records, nodes, flows.links, pl.DataFrame(), base, as_of)
        looks = [_look(view, inputs, flows, mine.to_numpy()) for view in views(flows, records, kind)]
        table = pl.concat([mine.to_frame(), *(part for look in looks for part in look)], how="horizontal").lazy()
        return table if keep is None else table.filter(keep)

    def columns(
        flows: Flows,
        nodes: pl.DataFrame,
        records: Records,
        base: Mapping[str, pl.DataFrame],
        as_of: datetime,
    ) -> tuple[Column, ...]:
        inputs = Inputs(records, nodes, flows.links, pl.DataFrame(), base, as_of)
        return tuple(c for view in views(flows, records, kind) for c in _described(view, inputs, name))

    return Family(name, kind, run, columns=columns, graph=True)


def plain_columns(inputs: Inputs, kind: str) -> tuple[Column, ...]:
    """The plain features of a kind that are numbers, as the registered families describe them."""
    plain = [f for f in families() if not f.graph and f.kind == kind]
    there = set(inputs.base[kind].columns) if kind in inputs.base else set()
    return tuple(c for f in plain for c in f.describe(inputs) if c.name in there and not c.categories)


def _taken(view: View, inputs: Inputs) -> Iterator[tuple[str, tuple[Column, ...]]]:
    """Each statistic of a view with the columns it is taken over."""
    offered = plain_columns(inputs, view.of)
    # The drop's own attributes may be many: only the closest view looks at them.
    worth = tuple(c for c in offered if c.spread and (view.every or not c.family.startswith("extras")))
    yield from ((stat, tuple(c for c in offered if _everyday(c))) for stat in view.every)
    yield from ((stat, worth) for stat in view.spread)


def _everyday(column: Column) -> bool:
    """Whether the mean over neighbours says something for most entities."""
    # 30 days and all time say what 90 days would; what few accounts have at all is a mean over one or two of them.
    ordinary = column.family in EVERYDAY or column.family.startswith("extras")
    return column.spread or (ordinary and not column.name.endswith("_90d"))


def _described(view: View, inputs: Inputs, family: str) -> Iterator[Column]:
    for stat, taken in _taken(view, inputs):
        for column in taken:
            text = f"{column.description}, {STATS[stat][0]} {view.words}"
            high = None if stat == "sum" else column.high
            yield Column(
                f"{view.name}_{stat}_{column.name}",
                text,
                family,
                column.low,
                high,
                growing=column.growing,
                graph=True,
                base=column.name,
                view=f"{view.called}_{stat}",
                link=view.link,
            )


def _look(view: View, inputs: Inputs, flows: Flows, mine: Ints) -> list[pl.DataFrame]:
    """The columns of one view for these entities, in their order; some at a time, to bound memory."""
    statistics = [(stat, taken) for stat, taken in _taken(view, inputs) if taken]
    if not statistics:
        return []
    ids, graph = _around(view, inputs, flows)
    values, rows = _values(inputs.base[view.of], ids), _rows(ids, mine)
    tiles = [(stat, taken[first : first + TILE]) for stat, taken in statistics for first in range(0, len(taken), TILE)]

    def made(tile: tuple[str, tuple[Column, ...]]) -> pl.DataFrame:
        stat, names = tile[0], [c.name for c in tile[1]]
        return _columns(STATS[stat][1](graph, values(names)), rows, f"{view.name}_{stat}_", names)

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(made, tiles))


def _columns(values: Matrix, rows: tuple[Ints, Ints], prefix: str, names: list[str]) -> pl.DataFrame:
    """Some rows of a matrix as columns, single precision as the model reads them; null where there is no number."""
    place, strangers = rows
    found = columns_of(values, place) if len(values) else np.full((len(names), len(place)), np.nan, np.float32)
    found[:, strangers] = np.nan
    return pl.DataFrame(
        {f"{prefix}{name}": pl.Series(column).fill_nan(None) for name, column in zip(names, found, strict=True)}
    )


def _rows(there: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Where each node is among others, which are sorted, and which of them are not among them."""
    place = np.minimum(np.searchsorted(there, wanted), max(len(there) - 1, 0))
    known = there[place] == wanted if len(there) else np.zeros(len(wanted), np.bool_)
    return place, np.flatnonzero(~known)


def _around(view: View, inputs: Inputs, flows: Flows) -> tuple[Ints, Csr]:
    """Who takes part in a view, and the graph of who looks at whom."""
    if view.flow is not None:
        flow = flows.read(view.flow)
        graph: Csr = getattr(flow, view.along)
        return flow.nodes, graph
    ids, looks, at = compact(*(s.to_numpy() for s in view.ends(inputs.links, inputs.nodes)))
    return ids, build(looks, at, np.ones(len(looks)), len(ids))


def _values(base: pl.DataFrame, ids: Ints) -> Callable[[list[str]], Matrix]:
    """Gives some features of these nodes as one matrix; NaN for nodes of another kind and where they are unknown."""
    if not base["node"].is_sorted():
        base = base.sort("node")
    place, strangers = _rows(base["node"].to_numpy(), ids)

    def matrix(names: list[str]) -> Matrix:
        if base.is_empty():
            return np.full((len(ids), len(names)), np.nan)
        wanted = (base[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in names)
        found = rows_of(np.stack(list(wanted)), place)
        found[strangers] = np.nan
        return found

    return matrix
