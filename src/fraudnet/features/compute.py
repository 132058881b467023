"""The feature table of each kind: plain families over all nodes first, then the families that read the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.graph import SCORED_KINDS, Linked
from fraudnet.features import FAMILIES, families
from fraudnet.features.family import Family, Inputs

EVENT = "event"


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
    linked: Linked, kinds: Iterable[str], seeds: pl.DataFrame, names: tuple[str, ...] | None = None
) -> dict[str, FeatureTable]:
    """Everything that is known about the listed entities of these kinds strictly before the snapshot.

    seeds: contract Seed. names: the families to compute, all by default; what a family holds does not depend on which
    others are asked for. Each plain family is computed once, over all nodes of its kind, mere counterparties included,
    since graph families look at those too.
    """
    wanted = tuple(kinds)
    chosen = [f for f in families(FAMILIES if names is None else names) if f.kind in wanted]
    inputs = _inputs(linked, seeds, chosen)
    plain, base = _base(inputs, chosen)
    inputs = Inputs(inputs.records, inputs.nodes, inputs.links, inputs.seeds, base, inputs.as_of)
    made = plain | _collected([f for f in chosen if f.graph], inputs)
    return {kind: _table(inputs, kind, [f for f in chosen if f.kind == kind], made) for kind in wanted}


def without_graph() -> tuple[str, ...]:
    """The names of the families that read no graph."""
    return tuple(f.name for f in families() if not f.graph)


def _inputs(linked: Linked, seeds: pl.DataFrame, chosen: list[Family]) -> Inputs:
    nodes = linked.nodes.collect(engine="streaming").sort("node")
    links = linked.links
    if not any(f.wants("links") for f in chosen):
        links = links.clear()
    return Inputs(linked.records, nodes, links.collect(engine="streaming"), seeds, {}, linked.as_of)


def _base(inputs: Inputs, chosen: list[Family]) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """The plain families' tables by name, and joined by kind where a chosen family asks for neighbours' features."""
    needed = {f.name: f for f in chosen if not f.graph}
    if not any(f.wants("base") for f in chosen):
        return _collected(needed.values(), inputs), {}
    every = [f for f in families() if not f.graph and f.kind in SCORED_KINDS]
    plain = _collected((needed | {f.name: f for f in every}).values(), inputs)
    base = {}
    for kind in SCORED_KINDS:
        nodes = inputs.nodes.filter(pl.col("kind") == kind).select("node")
        base[kind] = _joined(nodes, [plain[f.name] for f in every if f.kind == kind])
    return plain, base


def _collected(wanted: Iterable[Family], inputs: Inputs) -> dict[str, pl.DataFrame]:
    """One table after the other: all of them at once took a fifth longer and held more in memory."""
    return {f.name: f.compute(inputs).collect(engine="streaming") for f in wanted}


def _table(inputs: Inputs, kind: str, chosen: list[Family], made: Mapping[str, pl.DataFrame]) -> FeatureTable:
    columns = tuple(column for f in chosen for column in f.describe(inputs))
    frame = _joined(_listed(inputs, kind), [made[f.name] for f in chosen])
    return FeatureTable(frame.select("node", *(c.name for c in columns)), columns)


def _listed(inputs: Inputs, kind: str) -> pl.DataFrame:
    if kind == EVENT:
        n = inputs.records.table("transfers").select(pl.len()).collect(engine="streaming").item()
        return pl.DataFrame({"node": pl.int_range(n, eager=True, dtype=pl.Int64)})
    return inputs.nodes.filter((pl.col("kind") == kind) & pl.col("listed")).select("node")


def _joined(nodes: pl.DataFrame, frames: list[pl.DataFrame]) -> pl.DataFrame:
    table = nodes.sort("node")
    for frame in frames:
        table = table.join(frame, on="node", how="left", maintain_order="left")
    return table
