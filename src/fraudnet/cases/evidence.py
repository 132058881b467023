"""What a case knows about each of its nodes: money, devices, age, dealings outside, and its place in the graph."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from fraudnet.cases.members import Known
from fraudnet.cases.roles import Evidence
from fraudnet.cases.ties import MONEY_DAYS

Row = dict[str, Any]


def evidence_of(known: Known, nodes: pl.DataFrame, links: pl.DataFrame, said: pl.DataFrame) -> list[Evidence]:
    """What the case knows about each of its nodes (case, node, part, entity_id, kind, others)."""
    part = dict(nodes.select("entity_id", "part").iter_rows())
    about = {
        row["entity_id"]: row
        for row in known.nodes.join(nodes.select("entity_id"), on="entity_id").iter_rows(named=True)
    }
    sellers = known.book.sellers & set(part)
    found = {
        row["entity_id"]: Evidence(row["entity_id"], row["kind"], row["part"], seller=row["entity_id"] in sellers,
                                   opened_at=about.get(row["entity_id"], {}).get("valid_from"))
        for row in nodes.iter_rows(named=True)
    }  # fmt: skip
    devices: dict[str, set[str]] = {}
    for link in links.iter_rows(named=True):
        add_link(found, link, devices)
    holder = {entity: row["holder"] for entity, row in about.items()}
    for users in devices.values():
        if len({holder.get(user) for user in users}) >= 2:
            for user in users:
                found[user].shared_devices += 1
                found[user].device_mates = max(found[user].device_mates, len(users))
    for row in known.hits.filter(pl.col("entity_id").is_in(list(part))).iter_rows(named=True):
        found[row["entity_id"]].shows[row["typology"]] = row["strength"]
    for (payer,), rows in said.drop_nulls("payer").group_by("payer"):
        if payer in found:
            found[str(payer)].reported = rows.height
    for node, others in nodes.select("entity_id", "others").drop_nulls().iter_rows():
        found[node].others = others
    return [found[entity] for entity in sorted(found)]


def add_link(found: dict[str, Evidence], link: Row, devices: dict[str, set[str]]) -> None:
    """One link's share in the evidence about both its ends."""
    source, target = found[link["source"]], found[link["target"]]
    for one in (source, target):
        if link["first_at"] and link["kind"] in ("transfer", "exit"):
            one.first_at = min(one.first_at or link["first_at"], link["first_at"])
    if link["kind"] == "transfer":
        source.to_members += link["amount"]
        if source.part == "victim":
            target.from_victims += link["amount"]
            target.victims += 1
        else:
            target.from_members += link["amount"]
            target.payers += 1
    elif link["kind"] == "exit":
        source.to_exits += link["amount"]
    elif link["kind"] == "uses":
        devices.setdefault(link["target"], set()).add(link["source"])
    elif link["kind"] == "owner":
        source.things_held += target.part in ("flagged", "known")


def outside(known: Known, nodes: pl.DataFrame) -> pl.DataFrame:
    """case, entity_id, others: with how many accounts outside its case each node dealt in the last 90 days."""
    since = known.as_of - timedelta(days=MONEY_DAYS)
    recent = known.links.filter((pl.col("kind") == "transfer") & (pl.col("last_at") >= since))
    mine = nodes.drop_nulls("node").select("case", "node", "entity_id")
    both = pl.concat([recent.select(node="source", other="target"), recent.select(node="target", other="source")])
    met = both.join(mine, on="node").join(mine, left_on=["case", "other"], right_on=["case", "node"], how="anti")
    counted = met.group_by("case", "entity_id").agg(others=pl.col("other").n_unique().cast(pl.Int64))
    return counted.sort("case", "entity_id")


def member(one: Evidence, role: tuple[str | None, list[str]], links: pl.DataFrame) -> Row:
    """A row of contract CaseMember without key, place and betweenness."""
    mine = links.filter((pl.col("source") == one.entity) | (pl.col("target") == one.entity))
    return {
        "entity_id": one.entity, "kind": one.kind, "part": one.part, "role": role[0], "grounds": role[1],
        "received": one.from_members + one.from_victims, "passed_on": one.to_members + one.to_exits,
        "first_at": mine["first_at"].min(), "last_at": mine["last_at"].max(),
    }  # fmt: skip


def add_graph(rows: list[Row], links: pl.DataFrame) -> None:
    """How many shortest ways between members pass each of them, and what is left of the case without it.

    Source: Freeman, A set of measures of centrality based on betweenness, 1977.
    """
    import networkx as nx

    inside = [row["entity_id"] for row in rows if row["part"] not in ("victim", "exit")]
    graph = nx.Graph()
    graph.add_nodes_from(inside)
    pairs = links.filter(pl.col("source").is_in(inside) & pl.col("target").is_in(inside)).select("source", "target")
    graph.add_edges_from(pairs.unique().sort("source", "target").iter_rows())
    between = nx.betweenness_centrality(graph)
    for row in rows:
        row["betweenness"] = round(float(between.get(row["entity_id"], 0.0)), 6)
        rest = graph.subgraph([node for node in inside if node != row["entity_id"]])
        parts = [part for part in nx.connected_components(rest) if len(part) >= 2]
        row["pieces"] = len(parts) if row["entity_id"] in graph else 1
