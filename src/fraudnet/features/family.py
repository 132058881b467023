"""The shape of a feature family and how it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import dataframely as dy
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.features import Column

if TYPE_CHECKING:
    from fraudnet.features.histories import History
    from fraudnet.features.lookups import Lookups
    from fraudnet.graph.flows import Flows

T = TypeVar("T")


@dataclass(frozen=True)
class Inputs:
    """Everything a family may ask for by the name of a parameter.

    records: linked tables (entity columns are node keys), all strictly before as_of. nodes, links: the graph; links are
    the largest part of it, and whoever needs some reads those.
    seeds: contract Seed. base: per kind, the joined plain features of every node of that kind (column `node` first).
    as_of: the snapshot. keep: an expression over `node` that restricts the output to a partition's own entities.
    shared: what one family leaves for another, which must be able to do without.
    """

    records: Records
    nodes: pl.DataFrame
    links: pl.LazyFrame
    seeds: pl.DataFrame
    base: Mapping[str, pl.DataFrame]
    as_of: datetime
    keep: pl.Expr | None = None
    shared: dict[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def history(self) -> History:
        """The transfers of each account in order of time, sorted when a family first asks for them."""
        from fraudnet.features.histories import history_of

        return history_of(self.records)

    @cached_property
    def lookups(self) -> Lookups:
        """Devices and registered numbers, each table put together when a family first asks for it."""
        from fraudnet.features.lookups import Lookups

        return Lookups(self.records, self.nodes, self.as_of)

    @cached_property
    def flows(self) -> Flows:
        """The graphs of money, calls and generic links, each read when a family first asks for it."""
        from fraudnet.graph.flows import Flows

        return Flows(self.links)


@dataclass(frozen=True)
class Family:
    """One feature family: its entity kind, its query and what its columns mean.

    `run` names among its parameters those of Inputs that it needs and returns `node` and its columns, at most one row
    a node; nodes without a row get nulls. A family with fixed columns has a `schema`; one whose columns depend on the
    drop has `columns`, called with the same parameters it names.
    """

    name: str
    kind: str
    run: Callable[..., pl.LazyFrame]
    schema: type[dy.Schema] | None = None
    columns: Callable[..., tuple[Column, ...]] | None = None
    graph: bool = False

    def wants(self, name: str) -> bool:
        """Whether the family names this input among its parameters."""
        return name in parameters_of(self.run)

    def compute(self, inputs: Inputs) -> pl.LazyFrame:
        """The family's table for these inputs."""
        return call_with(self.run, inputs)

    def describe(self, inputs: Inputs) -> tuple[Column, ...]:
        """The family's columns, in order."""
        if self.schema is not None:
            return schema_columns(self)
        assert self.columns is not None, f"family {self.name} has neither schema nor columns"  # noqa: S101
        return call_with(self.columns, inputs)


def call_with(function: Callable[..., T], inputs: Inputs) -> T:
    """Call a function with those inputs that it names as parameters."""
    return function(**{name: getattr(inputs, name) for name in parameters_of(function)})


@cache  # the same few functions are asked hundreds of times
def parameters_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters."""
    return tuple(inspect.signature(function).parameters)


def schema_columns(family: Family) -> tuple[Column, ...]:
    """Read the columns of a family from its schema: description, min, max, metadata growing and spread."""
    assert family.schema is not None  # noqa: S101
    found = []
    for name, column in family.schema.columns().items():
        if name == "node":
            continue
        meta = column.metadata or {}
        found.append(
            Column(
                name=name,
                description=column.description or "",
                family=family.name,
                low=getattr(column, "min", None),
                high=getattr(column, "max", None),
                growing=bool(meta.get("growing", False)),
                spread=bool(meta.get("spread", False)),
                seed_built=family.wants("seeds"),
                graph=family.graph,
            )
        )
    return tuple(found)
