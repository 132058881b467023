"""The feature table of each kind: plain families over all nodes first, then the families that read the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.graph import SCORED_KINDS, Linked
from fraudnet.features import FAMILIES, families
from fraudnet.features.family import Family, Inputs
from fraudnet.features.shape import side_by_side

EVENT = "event"
HANDS = 2  # families that are computed at a time: half of the work of one is done by one thread
Tables = dict[str, pl.DataFrame]
Columns = tuple[Column, ...]


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
) -> dict[str, FeatureTable]:
    """Everything that is known about the listed entities of these kinds strictly before the snapshot.

    seeds: contract Seed. names: the families to compute, all by default; what a family holds does not depend on which
    others are asked for. Each plain family is computed once, over all nodes of its kind, mere counterparties included,
    since graph families look at those too.
    """
    return dict(each_table(linked, tuple(kinds), seeds, names))


def each_table(
    linked: Linked,
    kinds: tuple[str, ...],
    seeds: pl.DataFrame,
    names: tuple[str, ...] | None = None,
) -> Iterator[tuple[str, FeatureTable]]:
    """As `feature_tables`, one kind after the other: who lets go of each holds no two of them in memory."""
    chosen = [f for f in families(FAMILIES if names is None else names) if f.kind in kinds]
    inputs = _inputs(linked, seeds)
    # Inputs of their own for plain families and for each kind: what is made for them, such as graphs, goes with these.
    plain, base = _plain(replace(inputs), chosen)
    for kind in kinds:
        mine = [f for f in chosen if f.kind == kind]
        tables, columns = _tables(replace(inputs, base=base), mine, plain.pop(kind, {}))
        if kind in base:  # what other kinds look at; at all of it only the kind itself does
            base[kind] = base[kind].select("node", *_spread(inputs, kind))
        frame = _in_order(_listed(inputs, kind)["node"], tables, columns)
        del tables  # or it would be held, with all columns of this kind, while the next one is made
        yield kind, FeatureTable(frame, columns)
        del frame


def _tables(inputs: Inputs, mine: list[Family], plain: Tables) -> tuple[list[pl.DataFrame], Columns]:
    """The tables of a kind's families, of which the plain ones are given, and what their columns mean."""
    graph = _collected([f for f in mine if f.graph], inputs)
    tables = [(graph if f.graph else plain)[f.name] for f in mine]
    return tables, tuple(column for f in mine for column in f.describe(inputs))


def _in_order(node: pl.Series, tables: list[pl.DataFrame], columns: Columns) -> pl.DataFrame:
    return side_by_side(node, tables).select("node", *(c.name for c in columns))


def _spread(inputs: Inputs, kind: str) -> list[str]:
    """The plain features of a kind that are taken over neighbours of other kinds."""
    return [c.name for f in families() if not f.graph and f.kind == kind for c in f.describe(inputs) if c.spread]


def without_graph() -> tuple[str, ...]:
    """The names of the families that read no graph."""
    return tuple(f.name for f in families() if not f.graph)


def _inputs(linked: Linked, seeds: pl.DataFrame) -> Inputs:
    nodes = linked.nodes.collect(engine="streaming").sort("node")
    return Inputs(linked.records, nodes, linked.links, seeds, {}, linked.as_of)


def _plain(inputs: Inputs, chosen: list[Family]) -> tuple[dict[str, Tables], Tables]:
    """The plain families' tables by kind and name; joined by kind as well if a family looks at neighbours' features."""
    wanted, around = {f.name: f for f in chosen if not f.graph}, any(f.wants("base") for f in chosen)
    if around:
        wanted |= {f.name: f for f in families() if not f.graph and f.kind in SCORED_KINDS}
    found = _collected(wanted.values(), inputs)
    plain: dict[str, Tables] = {kind: {} for kind in SCORED_KINDS}
    for name, family in wanted.items():
        plain.setdefault(family.kind, {})[name] = found.pop(name)
    base = {kind: _joined(inputs, kind, plain[kind]) for kind in SCORED_KINDS} if around else {}
    return plain, base


def _joined(inputs: Inputs, kind: str, plain: Tables) -> pl.DataFrame:
    """All plain features of a kind; its columns stand in for the tables they came from, or both would be held."""
    nodes = inputs.nodes.filter(pl.col("kind") == kind)["node"].sort()
    columns = {name: table.columns for name, table in plain.items()}
    joined = side_by_side(nodes, [plain.pop(name) for name in columns])
    plain |= {name: joined.select(own) for name, own in columns.items()}
    return joined


def _collected(wanted: Iterable[Family], inputs: Inputs) -> Tables:
    """Two tables at a time: all of them at once took a fifth longer and held more in memory."""
    chosen = list(wanted)
    with ThreadPoolExecutor(HANDS) as pool:
        made = pool.map(lambda family: _computed(family, inputs), chosen)
        return {family.name: table for family, table in zip(chosen, made, strict=True)}


def _computed(family: Family, inputs: Inputs) -> pl.DataFrame:
    return family.compute(inputs).collect(engine="streaming")


def _listed(inputs: Inputs, kind: str) -> pl.DataFrame:
    if kind == EVENT:
        n = inputs.records.table("transfers").select(pl.len()).collect(engine="streaming").item()
        return pl.DataFrame({"node": pl.int_range(n, eager=True, dtype=pl.Int64)})
    return inputs.nodes.filter((pl.col("kind") == kind) & pl.col("listed")).select("node").sort("node")
