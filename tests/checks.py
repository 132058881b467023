"""What has to hold for every registered feature family, whatever it computes.

Each check takes a family and worlds of records before linking; entities are compared by their ids, since node keys
are dense and move when entities come or go.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import polars as pl
from polars.testing import assert_frame_equal

from fraudnet.contracts.drop import EVENT_TIME, Records
from fraudnet.contracts.graph import SCORED_KINDS, Linked, Seed
from fraudnet.features import families
from fraudnet.features.compute import FeatureTable, feature_table, feature_tables
from fraudnet.features.event_windows import events
from fraudnet.features.family import Family, Inputs
from fraudnet.graph.link import link

KINDS = (*SCORED_KINDS, "event")
PLAIN = tuple(f.name for f in families() if not f.graph)


def seeds_of(linked: Linked) -> pl.DataFrame:
    """Every account or SIM that somebody complained about, as seeds."""
    reports = linked.records.table("reports").filter(pl.col("entity").is_not_null())
    seeds = reports.group_by(node="entity").agg(
        pl.lit(1.0).alias("weight"), pl.lit("victim_report").alias("basis"), pl.col("known_at").min()
    )
    return Seed.cast(seeds.collect().sort("node"))


class Known:
    """A linked world and its feature tables, each kind computed once."""

    def __init__(self, linked: Linked) -> None:
        self.linked = linked
        self.seeds = seeds_of(linked)

    @functools.cached_property
    def tables(self) -> dict[str, FeatureTable]:
        return feature_tables(self.linked, KINDS, self.seeds)

    @functools.cached_property
    def inputs(self) -> Inputs:
        """What families are called with; the plain features of all nodes, mere counterparties included."""
        everybody = replace(self.linked, nodes=self.linked.nodes.with_columns(listed=True))
        base = {k: t.frame for k, t in feature_tables(everybody, SCORED_KINDS, self.seeds, PLAIN).items()}
        nodes = self.linked.nodes.collect()
        return Inputs(self.linked.records, nodes, self.linked.links, self.seeds, base, self.linked.as_of)


def table_of(world: Known, family: Family) -> FeatureTable:
    """The columns of one family out of the table of its kind."""
    table = world.tables[family.kind]
    columns = tuple(c for c in table.columns if c.family == family.name)
    return FeatureTable(table.frame.select("node", *(c.name for c in columns)), columns)


def named(world: Known, family: Family, naming: Mapping[str, str] | None = None) -> pl.DataFrame:
    """A family's table by entity id in place of node, sorted by it; `naming` translates the numbers in the ids."""
    linked = world.linked
    if family.kind == "event":
        ids = events(linked.records).select("node", id="transfer_id").collect()
    else:
        ids = linked.nodes.select("node", id="entity_id").collect()
    if naming is not None:
        ids = ids.with_columns(pl.col("id").str.replace_many(list(naming), list(naming.values())))
    frame = table_of(world, family).frame
    joined = frame.join(ids, on="node", how="left")
    assert joined["id"].null_count() == 0
    return joined.drop("node").select("id", pl.all().exclude("id")).sort("id")


def shuffled(records: Records, seed: int) -> Records:
    """The same rows in another order."""
    frames = {n: t.collect().sample(fraction=1.0, shuffle=True, seed=seed).lazy() for n, t in records.tables.items()}
    return records.with_tables(**frames)


def emptied(records: Records) -> Records:
    return records.with_tables(**{name: table.clear() for name, table in records.tables.items()})


def before(records: Records, as_of: datetime) -> Records:
    """Only the rows that had happened and were known before the snapshot, picked here without the product's help."""
    tables = {}
    for name, table in records.tables.items():
        moments = [pl.col("known_at"), *([pl.col(EVENT_TIME[name])] if name in EVENT_TIME else [])]
        tables[name] = table.filter(pl.all_horizontal(m.is_null() | (m < as_of) for m in moments))
    return records.with_tables(**tables)


def check_row_order(family: Family, world: Known, other: Known) -> None:
    assert_frame_equal(named(world, family), named(other, family), check_exact=True)


def check_later_rows(family: Family, with_later: Known, without: Known) -> None:
    assert_frame_equal(named(with_later, family), named(without, family), check_exact=True)


def check_renaming(family: Family, world: Known, renamed: Known, naming: Mapping[str, str]) -> None:
    ours = named(world, family, naming)
    assert_frame_equal(ours, named(renamed, family), rel_tol=1e-9, abs_tol=1e-9)


def check_empty(family: Family, nothing: Known) -> None:
    assert feature_table(nothing.linked, family.kind, nothing.seeds, (family.name,)).frame.height == 0


def check_one_row_per_node(family: Family, world: Known) -> None:
    frame = family.compute(world.inputs).collect()
    assert frame["node"].is_unique().all()
    table = table_of(world, family).frame
    assert table["node"].is_sorted()
    assert table.height > 0
    if family.kind != "event":
        listed = world.linked.nodes.filter((pl.col("kind") == family.kind) & pl.col("listed")).select("node").collect()
        assert table["node"].to_list() == listed["node"].sort().to_list()


def check_bounds(family: Family, world: Known) -> None:
    table = table_of(world, family)
    assert table.frame.columns == ["node", *(c.name for c in table.columns)]
    for column in table.columns:
        values = table.frame[column.name]
        assert values.dtype.is_numeric(), column.name
        assert not values.cast(pl.Float64).is_nan().any(), column.name
        assert not values.cast(pl.Float64).is_infinite().any(), column.name
        if values.null_count() == len(values):
            continue
        if column.low is not None:
            assert values.min() >= column.low, column.name  # type: ignore[operator]
        if column.high is not None:
            assert values.max() <= column.high + 1e-9, column.name  # type: ignore[operator]


def check_descriptions(world: Known, kind: str) -> None:
    """Every column of a kind has its own name and its own sentence."""
    columns = world.tables[kind].columns
    assert len({c.name for c in columns}) == len(columns)
    texts = [c.description for c in columns]
    assert all(texts)
    twice = sorted({t for t in texts if texts.count(t) > 1})
    assert twice == []


def owner(p: int, parts: int) -> pl.Expr:
    return ((pl.col("node") % 65537) * 40503 % 65537) % parts == p


def check_partitions(family: Family, world: Known, parts: int) -> None:
    whole = family.compute(world.inputs).collect().sort("node")
    cut = [family.compute(replace(world.inputs, keep=owner(p, parts))).collect() for p in range(parts)]
    assert_frame_equal(pl.concat(cut).sort("node"), whole, check_exact=True)


def known(records: Records, as_of: datetime) -> Known:
    return Known(link(records, as_of))
