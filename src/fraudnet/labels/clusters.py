"""Strong clusters: entities so close that they must not stand on both sides of a split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from fraudnet.contracts.graph import SCORED_KINDS, Linked
from fraudnet.contracts.parties import HOLDING_ROLES
from fraudnet.settings import Settings

STRONG = (*HOLDING_ROLES, "uses")
SHARE = 0.01
# Where 1 % of a kind is fewer than this, a family of ten is still one cluster.
FEWEST = 10


@dataclass(frozen=True)
class Clusters:
    """Who belongs together, and which clusters were too large to keep.

    frame: node, entity_id, cluster (the first entity_id among its members). cut: kind, members, share of the kind, one
    row per kind of every cluster that was cut to its identities.
    """

    frame: pl.DataFrame
    cut: pl.DataFrame


def clusters(linked: Linked, settings: Settings) -> Clusters:
    """Group entities by same identity, holding and device, after removing hubs.

    A hub is anything with more than `settings.hub_degree` strong neighbours; transfers, calls and generic links never
    count. A cluster that holds over 1 % of a kind says nothing and is cut to identities.
    """
    nodes = (
        linked.nodes.select("node", "entity_id", "holder", "listed", pl.col("kind").cast(pl.String))
        .sort("node")
        .collect(engine="streaming")
    )
    pairs = _pairs(linked, nodes, settings.hub_degree)
    named = nodes.with_columns(group=pl.Series(_components(pairs, nodes), dtype=pl.Int64)).with_columns(
        cluster=pl.col("entity_id").min().over("group")
    )
    cut = _too_large(named)
    holders = nodes.select(holder="node", identity="entity_id")
    frame = (
        named.join(holders, on="holder", how="left", maintain_order="left")
        .with_columns(
            cluster=pl.when(pl.col("group").is_in(cut["group"].unique().to_list()))
            .then(pl.coalesce("identity", "entity_id"))
            .otherwise("cluster")
        )
        .select("node", "entity_id", "cluster")
    )
    return Clusters(frame, cut.drop("group"))


def _pairs(linked: Linked, nodes: pl.DataFrame, hub_degree: int) -> pl.DataFrame:
    held = nodes.filter(pl.col("holder").is_not_null()).select(a="node", b="holder")
    linked_pairs = linked.links.filter(pl.col("kind").is_in(STRONG)).select(a="source", b="target")
    strong = (
        pl.concat([held.lazy(), linked_pairs])
        .filter(pl.col("a") != pl.col("b"))
        .select(a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b"))
        .unique()
        .collect(engine="streaming")
    )
    degree = pl.concat([strong["a"], strong["b"]]).value_counts().filter(pl.col("count") > hub_degree)
    hubs = degree.get_column(strong["a"].name).to_list()
    return strong.filter(~pl.col("a").is_in(hubs) & ~pl.col("b").is_in(hubs))


def _components(pairs: pl.DataFrame, nodes: pl.DataFrame) -> np.ndarray:
    size = nodes.height
    position = np.searchsorted(nodes["node"].to_numpy(), pairs.to_numpy().T) if pairs.height else np.zeros((2, 0), int)
    ones = np.ones(pairs.height, dtype=np.int8)
    graph = coo_matrix((ones, (position[0], position[1])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _too_large(named: pl.DataFrame) -> pl.DataFrame:
    scored = named.filter(pl.col("listed") & pl.col("kind").is_in(SCORED_KINDS))
    total = scored.group_by("kind").agg(total=pl.len())
    return (
        scored.group_by("group", "kind")
        .agg(members=pl.len().cast(pl.Int64))
        .join(total, on="kind")
        .with_columns(share=pl.col("members") / pl.col("total"))
        .filter((pl.col("share") > SHARE) & (pl.col("members") > FEWEST))
        .sort("kind", "members", "group", descending=[False, True, False])
        .select("group", "kind", "members", "share")
    )
