"""The feature table of each kind: plain families over all nodes first, then the families that read the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.graph import SCORED_KINDS, Linked
from fraudnet.features import FAMILIES, families
from fraudnet.features.family import Family, Inputs
from fraudnet.features.shape import side_by_side

EVENT = "event"
# Gives a family's table: as it was kept, or as the function given makes it.
Shelf = Callable[[Family, Callable[[], pl.DataFrame]], pl.DataFrame]


def made_anew(family: Family, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """A shelf on which nothing is kept."""
    return make()


@dataclass(frozen=True)
class FeatureTable:
    """The features of one kind.

    frame: `node` and the columns, sorted by node, one row for each listed entity of the kind (for kind `event` one for
    each transfer). columns: what each means, in the same order.
    """

    frame: pl.DataFrame
    columns: tuple[Column, ...]


def feature_table(linked: Linked, kind: str, seeds: pl.DataFrame, names: tuple[str, ...] | None = None) -> FeatureTable:
    """The features of one kind; as `feature_tables` for several."""
    return feature_tables(linked, (kind,), seeds, names)[kind]


def feature_tables(
    linked: Linked,
    kinds: Iterable[str],
    seeds: pl.DataFrame,
    names: tuple[str, ...] | None = None,
    shelf: Shelf = made_anew,
) -> dict[str, FeatureTable]:
    """Everything that is known about the listed entities of these kinds strictly before the snapshot.

    seeds: contract Seed. names: the families to compute, all by default; what a family holds does not depend on which
    others are asked for. Each plain family is computed once, over all nodes of its kind, mere counterparties included,
    since graph families look at those too. shelf: where families' tables are kept, nowhere unless said.
    """
    return dict(each_table(linked, tuple(kinds), seeds, names, shelf))


def each_table(
    linked: Linked,
    kinds: tuple[str, ...],
    seeds: pl.DataFrame,
    names: tuple[str, ...] | None = None,
    shelf: Shelf = made_anew,
) -> Iterator[tuple[str, FeatureTable]]:
    """As `feature_tables`, one kind after the other: who lets go of each holds no two of them in memory."""
    chosen = [f for f in families(FAMILIES if names is None else names) if f.kind in kinds]
    inputs = _inputs(linked, seeds, chosen)
    plain, base = _base(inputs, chosen, shelf)
    inputs = Inputs(inputs.records, inputs.nodes, inputs.links, inputs.seeds, base, inputs.as_of)
    for kind in kinds:
        mine = [f for f in chosen if f.kind == kind]
        graph = _collected([f for f in mine if f.graph], inputs, shelf)
        made = [graph.pop(f.name) if f.graph else plain[f.name] for f in mine]
        columns = tuple(column for f in mine for column in f.describe(inputs))
        frame = side_by_side(_listed(inputs, kind)["node"], made)
        yield kind, FeatureTable(frame.select("node", *(c.name for c in columns)), columns)


def without_graph() -> tuple[str, ...]:
    """The names of the families that read no graph."""
    return tuple(f.name for f in families() if not f.graph)


def _inputs(linked: Linked, seeds: pl.DataFrame, chosen: list[Family]) -> Inputs:
    nodes = linked.nodes.collect(engine="streaming").sort("node")
    links = linked.links
    if not any(f.wants("links") or f.wants("flows") for f in chosen):
        links = links.clear()
    return Inputs(linked.records, nodes, links.collect(engine="streaming"), seeds, {}, linked.as_of)


def _base(
    inputs: Inputs, chosen: list[Family], shelf: Shelf
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """The plain families' tables by name, and joined by kind where a chosen family asks for neighbours' features."""
    needed = {f.name: f for f in chosen if not f.graph}
    if not any(f.wants("base") for f in chosen):
        return _collected(needed.values(), inputs, shelf), {}
    every = [f for f in families() if not f.graph and f.kind in SCORED_KINDS]
    plain = _collected((needed | {f.name: f for f in every}).values(), inputs, shelf)
    base = {}
    for kind in SCORED_KINDS:
        nodes = inputs.nodes.filter(pl.col("kind") == kind).select("node")
        mine = [f.name for f in every if f.kind == kind]
        base[kind] = side_by_side(nodes["node"].sort(), [plain[name] for name in mine])
        # The joined columns stand in for the tables that they came from, or both would be held.
        plain |= {name: base[kind].select("node", *plain[name].columns[1:]) for name in mine}
    return plain, base


def _collected(wanted: Iterable[Family], inputs: Inputs, shelf: Shelf) -> dict[str, pl.DataFrame]:
    """One table after the other: all of them at once took a fifth longer and held more in memory."""
    return {f.name: shelf(f, partial(_computed, f, inputs)) for f in wanted}


def _computed(family: Family, inputs: Inputs) -> pl.DataFrame:
    return family.compute(inputs).collect(engine="streaming")


def _listed(inputs: Inputs, kind: str) -> pl.DataFrame:
    if kind == EVENT:
        n = inputs.records.table("transfers").select(pl.len()).collect(engine="streaming").item()
        return pl.DataFrame({"node": pl.int_range(n, eager=True, dtype=pl.Int64)})
    return inputs.nodes.filter((pl.col("kind") == kind) & pl.col("listed")).select("node").sort("node")
