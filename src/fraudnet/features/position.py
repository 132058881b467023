"""Where an entity stands in a flow: how many it meets, how central it is, how tightly knit its surroundings are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.contracts.features import Column
from fraudnet.features.family import Family
from fraudnet.features.histories import table
from fraudnet.graph import centrality
from fraudnet.graph.flows import Flow, Flows, flow_names

Values = Mapping[str, NDArray[Any]]

# suffix: (what it says, upper bound, whether it grows with time by itself)
MUTUAL: Mapping[str, tuple[str, float | None, bool]] = {
    "degree": ("different partners", None, True),
    "strength": ("total weight", None, True),
    "pagerank": ("centrality by number (PageRank, 1 is the mean)", None, False),
    "pagerank_weighted": ("centrality by weight (PageRank, 1 is the mean)", None, False),
    "core": ("depth in the densest part around it (k-core)", None, True),
    "triangles": ("pairs of its partners that are linked to each other", None, True),
    "clustering": ("share of the pairs of its partners that are linked to each other", 1.0, False),
    "component_size": ("entities that can be reached from it, directions left aside", None, True),
    "partner_degree_mean": ("mean number of partners that its partners have", None, True),
    "top_share": ("largest share of its weight that one partner has", 1.0, False),
}
DIRECTED: Mapping[str, tuple[str, float | None, bool]] = {
    "in_degree": ("different sources", None, True),
    "out_degree": ("different targets", None, True),
    "in_strength": ("weight that comes in", None, True),
    "out_strength": ("weight that goes out", None, True),
    "reverse_pagerank": ("centrality as a source by number (reverse PageRank, 1 is the mean)", None, False),
    "reverse_pagerank_weighted": ("centrality as a source by weight (reverse PageRank, 1 is the mean)", None, False),
    "circle_size": ("entities from which there is a way to it and back", None, True),
    "reciprocity": ("share of its targets that are also its sources", 1.0, False),
    "top_in_share": ("largest share of what comes in that one source has", 1.0, False),
    "top_out_share": ("largest share of what goes out that one target has", 1.0, False),
}


def position_family(kind: str) -> Family:
    """The family of a kind: its position in money or calls, and in every kind of generic link of the drop."""
    name = f"position_{kind}"

    def run(flows: Flows, nodes: pl.DataFrame, records: Records, keep: pl.Expr | None) -> pl.LazyFrame:
        found = nodes.filter(pl.col("kind") == kind).select("node").lazy()
        for named in flow_names(flows, records, kind):
            flow = flows.read(named)
            found = found.join(frame(flow.nodes, positions(flow)), on="node", how="left")
        return found if keep is None else found.filter(keep)

    def columns(flows: Flows, records: Records) -> tuple[Column, ...]:
        return tuple(
            Column(
                f"{flow.name}_{suffix}",
                f"{text}, by {flow.words}",
                name,
                0.0,
                high,
                growing=grows,
                graph=True,
                base=suffix,
                link=flow.kind,
            )
            for flow in flow_names(flows, records, kind)
            for suffix, (text, high, grows) in ({**MUTUAL, **DIRECTED} if flow.directed else MUTUAL).items()
        )

    return Family(name, kind, run, columns=columns, graph=True)


def frame(nodes: NDArray[np.int64], values: Values) -> pl.LazyFrame:
    """Arrays per node as a table; what is not a number is unknown."""
    return table(nodes, {name: np.asarray(column, np.float64) for name, column in values.items()})


def positions(flow: Flow) -> dict[str, NDArray[Any]]:
    """Every column of a flow, in the order of MUTUAL and DIRECTED, one value per node of the flow."""
    found = _mutual(flow) | (_directed(flow) if flow.directed else {})
    return {f"{flow.name}_{suffix}": values for suffix, values in found.items()}


def _mutual(flow: Flow) -> dict[str, NDArray[Any]]:
    mutual, forth, back, n = flow.mutual, flow.graph, flow.backward, len(flow.nodes)
    triangles = centrality.triangles(mutual)
    return {
        "degree": mutual.degree,
        "strength": centrality.strength(mutual),
        "pagerank": n * centrality.pagerank(forth.ones(), back.ones()),
        "pagerank_weighted": n * centrality.pagerank(forth, back),
        "core": centrality.k_core(mutual),
        "triangles": triangles,
        "clustering": centrality.clustering(triangles, mutual.degree),
        "component_size": centrality.sizes(centrality.components(forth)),
        "partner_degree_mean": centrality.mean_degree_around(mutual),
        "top_share": centrality.top_share(mutual),
    }


def _directed(flow: Flow) -> dict[str, NDArray[Any]]:
    forth, back, n = flow.graph, flow.backward, len(flow.nodes)
    return {
        "in_degree": back.degree,
        "out_degree": forth.degree,
        "in_strength": centrality.strength(back),
        "out_strength": centrality.strength(forth),
        "reverse_pagerank": n * centrality.pagerank(back.ones(), forth.ones()),
        "reverse_pagerank_weighted": n * centrality.pagerank(back, forth),
        "circle_size": centrality.sizes(centrality.components(forth, strong=True)),
        "reciprocity": centrality.reciprocity(forth),
        "top_in_share": centrality.top_share(back),
        "top_out_share": centrality.top_share(forth),
    }
