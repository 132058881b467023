"""Feature family `proximity_identity`: known fraud among and around what a person or organisation holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.features import Column
from fraudnet.features.family import Family
from fraudnet.features.proximity import (
    GROUPS,
    closeness_columns,
    closeness_table,
    groups_known,
    held_columns,
    others_known,
    shared_groups,
    strongest,
)
from fraudnet.graph.flows import Flows

NAME = "proximity_identity"
HELD = "held_seeds"
KINDS = ("account", "sim")


def proximity_identity(
    flows: Flows,
    nodes: pl.DataFrame,
    records: Records,
    seeds: pl.DataFrame,
    keep: pl.Expr | None,
    shared: dict[str, Any],
) -> pl.LazyFrame:
    """The largest closeness among the accounts and SIMs that an identity holds, and how many of them are seeds.

    The identity's own seed is never counted. One row per identity node.
    """
    table = nodes.filter(pl.col("kind") == "identity").select("node").lazy()
    if keep is not None:
        table = table.filter(keep)
    held = others_known(shared_groups(flows.links, nodes)["holder_seeds"], strongest(seeds)).rename({"known": HELD})
    table = table.join(held, on="node", how="left")
    # A seed of the holder itself would come back through its accounts: it is left out for all of them.
    own = nodes.filter(pl.col("kind") == "identity")["node"]
    others = seeds.filter(~pl.col("node").is_in(own.to_list()))
    beside = pl.collect_all(groups_known(flows, nodes, strongest(others)), engine="streaming")
    shared = shared | {GROUPS: [groups.lazy() for groups in beside]}
    for kind in KINDS:
        names = [c.name for c in closeness_columns(flows, records, kind, NAME)]
        holders = (
            nodes.lazy().filter((pl.col("kind") == kind) & pl.col("holder").is_not_null()).select("node", "holder")
        )
        near = closeness_table(flows, nodes, records, others, kind, shared).join(holders, on="node")
        largest = near.group_by(node="holder").agg(pl.col(names).max().name.prefix(f"{kind}s_max_"))
        table = table.join(largest, on="node", how="left")
    return table


def columns(flows: Flows, records: Records, seeds: pl.DataFrame) -> tuple[Column, ...]:
    """What the columns mean, in order."""
    found = [Column(HELD, "known fraud entities among the accounts and SIMs it holds", NAME, 0.0)]
    for kind in KINDS:
        found += held_columns(kind, closeness_columns(flows, records, kind, NAME))
    return tuple(replace(c, high=None, growing=True, seed_built=True, graph=True) for c in found)


FAMILY = Family(NAME, "identity", proximity_identity, columns=columns, graph=True)
