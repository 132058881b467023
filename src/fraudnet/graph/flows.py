"""The graphs in which entities of one kind meet: money, calls, and whatever relations a drop brings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.graph.csr import Csr, Ints, build, compact

MAX_RELATIONS = 4  # kinds of generic links that become features, in order of their names
GENERIC = "link:"
# What entities of a kind do with each other: the table, the kind of link, and how an analyst says it.
MAIN = {
    "account": ("transfers", "transfer", "money", "transfers"),
    "sim": ("calls", "call", "calls", "calls and messages"),
}


@dataclass(frozen=True)
class Flow:
    """One graph over the nodes that have such a link: `nodes[i]` is the node that the graph calls i.

    name: prefix of feature names. words: what links are called in a sentence.
    """

    name: str
    words: str
    directed: bool
    nodes: Ints
    graph: Csr

    @cached_property
    def mutual(self) -> Csr:
        """The graph without directions."""
        return self.graph.both_ways() if self.directed else self.graph

    @cached_property
    def backward(self) -> Csr:
        """The graph with every link turned around."""
        return self.graph.reverse() if self.directed else self.graph


@dataclass(frozen=True)
class FlowName:
    """A flow before its links are read: what its features are called depends on this alone."""

    kind: str
    name: str
    words: str
    directed: bool


def flow_names(flows: Flows, records: Records, kind: str) -> tuple[FlowName, ...]:
    """The flows of a kind of entity: money or calls when the drop has such a table, then its generic links by name."""
    found = []
    if kind in MAIN and records.has(MAIN[kind][0]):
        _, link, name, words = MAIN[kind]
        found.append(FlowName(link, name, words, True))
    for place, (link, directed) in enumerate(flows.generic.iter_rows()):
        said = link.removeprefix(GENERIC)
        name = "tie_" + re.sub(r"\W+", "_", said.lower()).strip("_")
        if any(other.name == name for other in found):
            name = f"{name}_{place}"
        found.append(FlowName(link, name, f"'{said}' links", bool(directed)))
    return tuple(found)


class Flows:
    """The flows of a snapshot's links, each read once; money is not asked for again once calls are, and let go."""

    def __init__(self, links: pl.LazyFrame) -> None:
        self.links = links
        self._held: dict[FlowName, Flow] = {}
        self._reading = Lock()  # whoever asks for the same graph waits for it

    @cached_property
    def generic(self) -> pl.DataFrame:
        """The first kinds of generic links by name, and whether their direction means something: kind, directed."""
        found = self.links.filter(pl.col("kind").str.starts_with(GENERIC)).group_by("kind")
        return found.agg(pl.col("directed").any()).collect(engine="streaming").sort("kind").head(MAX_RELATIONS)

    def read(self, name: FlowName) -> Flow:
        """The graph of one flow over the nodes that it links."""
        with self._reading:
            if name not in self._held:
                generic = name.kind.startswith(GENERIC)
                self._held = {n: f for n, f in self._held.items() if generic or n.kind.startswith(GENERIC)}
                self._held[name] = read_flow(self.links, name)
            return self._held[name]


def read_flow(links: pl.LazyFrame, name: FlowName) -> Flow:
    """The graph of one flow over the nodes that it links."""
    mine = links.filter((pl.col("kind") == name.kind) & (pl.col("source") != pl.col("target")))
    chosen = mine.select("source", "target", "directed", "weight").collect(engine="streaming")
    nodes, start, end = compact(chosen["source"].to_numpy(), chosen["target"].to_numpy())
    mutual, weight = ~chosen["directed"].to_numpy(), chosen["weight"].to_numpy()
    graph = build(
        np.concatenate([start, end[mutual]]),
        np.concatenate([end, start[mutual]]),
        np.concatenate([weight, weight[mutual]]),
        len(nodes),
    )
    return Flow(name.name, name.words, name.directed, nodes, graph)
