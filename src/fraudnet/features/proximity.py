"""How close an entity is to known fraud, by money, calls, links, holders, devices and numbers; never to itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.contracts.features import Column
from fraudnet.features.dust import LEFT_OUT, floor_of
from fraudnet.features.family import Family
from fraudnet.features.position import frame
from fraudnet.features.views import CALLED, HUB
from fraudnet.graph import centrality
from fraudnet.graph.csr import Csr, Floats, Ints
from fraudnet.graph.flows import Flow, FlowName, Flows, flow_names

MONEY = "transfer"
GROUPS = "groups known"
FLOW_HUB = 1_000  # nobody is two steps from fraud because both deal with the same large shop
BOTH: Mapping[str, tuple[str, float | None]] = {
    "seeds_1": ("known fraud entities among its partners", None),
    "seeds_2": ("known fraud entities among its partners' other partners", None),
    "seed_partner_share": ("share of its partners that are known fraud", 1.0),
}
DIRECTED: Mapping[str, tuple[str, float | None]] = {
    "seed_downstream": ("how much of what known fraud sends reaches it within four steps", None),
    "seed_upstream": ("how much of what known fraud receives stems from it within four steps", None),
    "seed_in_share": ("share of what it receives that known fraud sends, by weight", None),
    "seed_out_share": ("share of what it sends that known fraud receives, by weight", None),
}
UNDIRECTED: Mapping[str, tuple[str, float | None]] = {
    "seed_closeness": ("closeness to known fraud within four steps", None),
    "seed_share": ("share of its weight that known fraud has", None),
}
SHARED = {
    "holder_seeds": "other known fraud entities of the same holder, the holder included",
    "device_seeds": "other known fraud entities on its devices",
    "phone_seeds": "other known fraud entities on the same registered number",
}


def proximity_family(kind: str) -> Family:
    """The family of accounts or SIMs: known fraud around each, its own seed taken out."""
    name = f"proximity_{kind}"

    def run(
        flows: Flows,
        nodes: pl.DataFrame,
        records: Records,
        seeds: pl.DataFrame,
        keep: pl.Expr | None,
        shared: dict[str, Any],
    ) -> pl.LazyFrame:
        table = closeness_table(flows, nodes, records, seeds, kind, shared)
        return table if keep is None else table.filter(keep)

    def columns(flows: Flows, records: Records, seeds: pl.DataFrame) -> tuple[Column, ...]:
        return closeness_columns(flows, records, kind, name)

    return Family(name, kind, run, columns=columns, graph=True)


def closeness_table(
    flows: Flows, nodes: pl.DataFrame, records: Records, seeds: pl.DataFrame, kind: str, shared: dict[str, Any]
) -> pl.LazyFrame:
    """One row per node of the kind; flipping whether a node is a seed changes nothing in its own row.

    shared: where what was computed for the same seeds is kept and looked up, flow by flow; under GROUPS what
    `groups_known` gives for them, where somebody has it.
    """
    table = nodes.filter(pl.col("kind") == kind).select("node").lazy()
    known = strongest(seeds)
    for named in flow_names(flows, records, kind):
        floor = floor_of(records) if named.kind == MONEY else 0
        table = table.join(_near(flows, named, known, floor, shared).lazy(), on="node", how="left")
    for others in shared.get(GROUPS) or groups_known(flows, nodes, known):
        table = table.join(others, on="node", how="left")
    return table


def groups_known(flows: Flows, nodes: pl.DataFrame, known: pl.DataFrame) -> list[pl.LazyFrame]:
    """Per way to share something a table of the seeds beside each node, the column named as in SHARED."""
    groups = shared_groups(flows.links, nodes).items()
    return [others_known(group, known).rename({"known": name}) for name, group in groups]


def _near(flows: Flows, named: FlowName, known: pl.DataFrame, floor: int, shared: dict[str, Any]) -> pl.DataFrame:
    """Every column of a flow for the nodes of the flow, computed once for the same seeds among these."""
    kept: tuple[pl.DataFrame, pl.DataFrame] | None = shared.get(f"near {named.kind}")
    if kept is not None and kept[0].equals(_among(known, kept[1]["node"])):
        return kept[1]
    flow = flows.read(named)
    here = _among(known, pl.Series(flow.nodes))
    found = frame(flow.nodes, _around(flow, here, floor)).collect()
    shared[f"near {named.kind}"] = here, found
    return found


def _among(known: pl.DataFrame, nodes: pl.Series) -> pl.DataFrame:
    return known.filter(pl.col("node").is_in(nodes.implode()))


def closeness_columns(flows: Flows, records: Records, kind: str, family: str) -> tuple[Column, ...]:
    """What the columns of `closeness_table` mean, in order."""
    said = [
        (f"{flow.name}_{suffix}", f"{text}, by {flow.words}{_but(flow, suffix)}", high, suffix, flow.kind)
        for flow in flow_names(flows, records, kind)
        for suffix, (text, high) in {**BOTH, **(DIRECTED if flow.directed else UNDIRECTED)}.items()
    ]
    said += [(name, text, None, name, "") for name, text in SHARED.items()]
    # Known fraud only becomes more: whatever is not a share grows with it.
    return tuple(
        Column(n, t, family, 0.0, h, growing=h is None, seed_built=True, graph=True, base=base, link=link)
        for n, t, h, base, link in said
    )


def _but(flow: FlowName, measure: str) -> str:
    return f", {LEFT_OUT}" if flow.kind == MONEY and measure != "seed_out_share" else ""


def strongest(seeds: pl.DataFrame) -> pl.DataFrame:
    """One row per seed, sorted by node, with its strongest evidence."""
    return seeds.filter(pl.col("weight") > 0).group_by("node").agg(pl.col("weight").max()).sort("node")


def _around(flow: Flow, here: pl.DataFrame, floor: int) -> dict[str, NDArray[np.float64]]:
    """Every column of a flow, one value per node of the flow; links of up to `floor` lead to nobody.

    They are left out whoever is known, so that whether a node is a seed itself still changes nothing in its own row.
    """
    seeds = np.searchsorted(flow.nodes, here["node"].to_numpy()).astype(np.int64)
    weights = here["weight"].to_numpy()
    met = flow.graph.above(floor).both_ways() if floor else flow.mutual
    one, two = centrality.seeds_within(met, seeds, FLOW_HUB)
    degree = flow.mutual.degree
    share = np.divide(one, degree, out=np.full(len(degree), np.nan), where=degree > 0)
    found = {"seeds_1": one, "seeds_2": two, "seed_partner_share": share}
    if flow.directed:
        found["seed_downstream"] = centrality.closeness(flow.graph, seeds, weights, floor=floor)
        found["seed_upstream"] = centrality.closeness(flow.backward, seeds, weights, floor=floor)
        found["seed_in_share"] = _share_with(flow.backward, seeds, weights, floor)
        found["seed_out_share"] = _share_with(flow.graph, seeds, weights)
    else:
        found["seed_closeness"] = centrality.closeness(flow.graph, seeds, weights)
        found["seed_share"] = _share_with(flow.graph, seeds, weights)
    return {f"{flow.name}_{suffix}": values for suffix, values in found.items()}


def _share_with(graph: Csr, seeds: Ints, weights: Floats, floor: float = 0.0) -> Floats:
    """The part of a node's weight that goes to seeds, each counted by its strength; NaN without targets."""
    mark = np.zeros(graph.n)
    mark[seeds] = weights
    part = graph.matrix(centrality.shares(graph, floor)) @ mark
    return np.where(graph.degree > 0, part, np.nan)


def shared_groups(links: pl.LazyFrame, nodes: pl.DataFrame) -> dict[str, pl.LazyFrame]:
    """Who shares what: tables of (node, group) by holder, device and registered number; hubs share nothing."""
    held = nodes.lazy().filter(pl.col("holder").is_not_null()).select("node", group="holder")
    used = _ends(links, "uses").select(node="source", group="target")
    registered = _ends(links, "registered_phone").select(node="source", group="target")
    small = used.filter(pl.col("node").n_unique().over("group") <= HUB)
    return {
        "holder_seeds": pl.concat([held, held.select(node="group", group="group")]).unique(),
        "device_seeds": small.unique(),
        "phone_seeds": pl.concat([registered, registered.select(node="group", group="group")]).unique(),
    }


def _ends(links: pl.LazyFrame, kind: str) -> pl.LazyFrame:
    return links.filter(pl.col("kind") == kind).select("source", "target")


def others_known(groups: pl.LazyFrame, known: pl.DataFrame) -> pl.LazyFrame:
    """Per node the seeds in its groups other than itself, counted once per group: node, known."""
    mine = known.lazy().select("node", own=pl.lit(1))
    marked = groups.join(mine, on="node", how="left").with_columns(pl.col("own").fill_null(0))
    others = pl.col("own").sum().over("group") - pl.col("own")
    return marked.with_columns(others.alias("known")).group_by("node").agg(pl.col("known").sum())


def held_columns(kind: str, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of the largest closeness among the entities of a kind that somebody holds."""
    words, view = f"largest among the {CALLED[kind]} it holds", f"{kind}s_{kind}_max"
    return tuple(
        replace(c, name=f"{kind}s_max_{c.name}", description=f"{c.description}, {words}", view=view) for c in columns
    )
