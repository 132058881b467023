"""Which flagged entities belong together: strong ties, and whoever joins two of them."""

from __future__ import annotations

from typing import Any

import polars as pl

MOST = 60  # members of one case
SMALL = 5  # nodes up to which a group is left as it is
SEAM = 0.6  # what must hold two communities together for them to be one case
CONNECTS = 0.3  # how strongly a connector must be tied, all in all
SEED = 20261001


def grouped(anchors: pl.DataFrame, known: pl.DataFrame, tied: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """The groups that flagged and known entities form: group (from 0), node, part (flagged, known, connector).

    anchors: node of the flagged. known: node of those whom others called fraudulent. tied: as `ties.ties` gives them.
    kinds: node, kind. A connector is tied to two of them, or to one in two ways; money ties a connector only where it
    receives. A group has at most 60 members beside devices, and at least one flagged and two members.
    """
    core = pl.concat([anchors.select("node"), known.select("node")]).unique()
    among = joined(tied, core, kinds)
    parts = split(among, core["node"].to_list(), set(kinds.filter(pl.col("kind") == "device")["node"]))
    rows = [(place, node) for place, members in enumerate(parts) for node in sorted(members)]
    found = pl.DataFrame(rows, schema={"group": pl.Int64, "node": pl.Int64}, orient="row")
    flagged, told = anchors["node"].implode(), known["node"].implode()
    part = (
        pl.when(pl.col("node").is_in(flagged))
        .then(pl.lit("flagged"))
        .when(pl.col("node").is_in(told))
        .then(pl.lit("known"))
        .otherwise(pl.lit("connector"))
    )
    return whole(found.with_columns(part=part), kinds)


def joined(tied: pl.DataFrame, core: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """The ties among core entities and connectors: a, b, weight (summed over kinds, 1 at most), ways."""
    directed = tied.with_columns(receives=True)
    turned = tied.select(source="target", target="source", kind="kind", weight="weight").with_columns(receives=False)
    both = pl.concat([directed, turned.select(directed.columns)])
    near = both.join(core, left_on="source", right_on="node", how="semi").join(
        core, left_on="target", right_on="node", how="anti"
    )
    useful = near.filter(pl.col("receives") | ~pl.col("kind").is_in(["transfer", "call"]))
    counted = useful.group_by("target").agg(
        n=pl.col("source").n_unique(), ways=pl.len(), tied=pl.col("weight").sort().implode().list.sum()
    )
    several = (pl.col("n") >= 2) | (pl.col("ways") > pl.col("n"))
    connectors = counted.filter(several & (pl.col("tied") >= CONNECTS)).select(node="target")
    inside = pl.concat([core, connectors]).unique()
    kept = tied.join(inside, left_on="source", right_on="node", how="semi").join(
        inside, left_on="target", right_on="node", how="semi"
    )
    pair = kept.select(
        "kind", "weight", a=pl.min_horizontal("source", "target"), b=pl.max_horizontal("source", "target")
    )
    summed = pair.group_by("a", "b").agg(weight=pl.col("weight").sort().implode().list.sum(), ways=pl.len())
    return summed.with_columns(pl.col("weight").clip(0.0, 1.0)).sort("a", "b")


def split(among: pl.DataFrame, core: list[int], devices: set[int]) -> list[set[int]]:
    """Groups of the ties, the smallest node first: communities, of which those that hold together are put together."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(sorted(core))
    graph.add_weighted_edges_from(among.select("a", "b", "weight").iter_rows())
    found: list[set[int]] = []
    for component in nx.connected_components(graph):
        found += [component] if len(component) <= SMALL else bounded(sorted_graph(graph, component), devices)
    return sorted(found, key=min)


def sorted_graph(graph: Any, nodes: set[int]) -> Any:
    """The part of a graph on some nodes, in an order that depends on nothing but their numbers."""
    import networkx as nx

    part = nx.Graph()
    part.add_nodes_from(sorted(nodes))
    edges = ((min(a, b), max(a, b), weight) for a, b, weight in graph.subgraph(nodes).edges(data="weight"))
    part.add_weighted_edges_from(sorted(edges))
    return part


def bounded(graph: Any, devices: set[int]) -> list[set[int]]:
    """Communities (Louvain) joined again where enough holds them together, never over 60 members.

    Source: Blondel and others, Fast unfolding of communities in large networks, 2008.
    """
    import networkx as nx

    parts = [set(part) for part in nx.community.louvain_communities(graph, seed=SEED)]
    parts = [piece for part in parts for piece in pieces(graph, part, devices)]
    while best := tightest(graph, parts, devices):
        one, other = best
        parts[one] |= parts[other]
        del parts[other]
    return parts


def pieces(graph: Any, part: set[int], devices: set[int]) -> list[set[int]]:
    """A community of over 60 members cut where it is thinnest, until no piece has more."""
    import networkx as nx

    if len(part - devices) <= MOST:
        return [part]
    inside = sorted_graph(graph, part)
    finer = nx.community.louvain_communities(inside, seed=SEED, resolution=2.0)
    if len(finer) == 1:
        ordered = sorted(part)
        return [set(ordered[at : at + MOST]) for at in range(0, len(ordered), MOST)]
    return [piece for one in sorted(finer, key=min) for piece in pieces(graph, set(one), devices)]


def tightest(graph: Any, parts: list[set[int]], devices: set[int]) -> tuple[int, int] | None:
    """The two parts that the most holds together, when that is enough and both fit into one case."""
    home = {node: place for place, part in enumerate(parts) for node in part}
    between: dict[tuple[int, int], float] = {}
    for a, b, weight in sorted(graph.edges(data="weight")):
        one, other = sorted((home[a], home[b]))
        if one != other:
            between[one, other] = between.get((one, other), 0.0) + weight
    fits = {pair: held for pair, held in between.items() if len((parts[pair[0]] | parts[pair[1]]) - devices) <= MOST}
    if not fits:
        return None
    best = max(fits, key=lambda pair: (fits[pair], -min(parts[pair[0]]), -min(parts[pair[1]])))
    return best if fits[best] >= SEAM else None


def whole(found: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Groups with a flagged entity and at least two members beside devices, numbered anew."""
    told = found.join(kinds.select("node", "kind"), on="node", how="left", maintain_order="left")
    member = pl.col("kind") != "device"
    flagged, enough = (pl.col("part") == "flagged").any().over("group"), member.sum().over("group") >= 2
    kept = told.filter(flagged & enough)
    return kept.with_columns(group=pl.col("group").rank("dense").cast(pl.Int64) - 1).select("group", "node", "part")
