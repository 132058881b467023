"""What a case knows about each of its nodes: money, devices, age, dealings outside, and its place in the graph."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import polars as pl

from fraudnet.cases.members import Known
from fraudnet.cases.roles import Evidence
from fraudnet.cases.ties import MONEY_DAYS

Row = dict[str, Any]


def evidence_of(facts: dict[str, Row], nodes: list[Row], links: list[Row], reported: Counter[str]) -> list[Evidence]:
    """What a case knows about each of its nodes (node, part, entity_id, kind, others, seller).

    facts: what is known of each entity beside the case. reported: how many complaints name each payer.
    """
    found = {row["entity_id"]: evidence_on(row, facts.get(row["entity_id"], {})) for row in nodes}
    devices: dict[str, set[str]] = {}
    for link in links:
        add_link(found, link, devices)
    for users in devices.values():
        if len({facts.get(user, {}).get("holder") for user in users}) >= 2:
            for user in users:
                found[user].shared_devices += 1
                found[user].device_mates = max(found[user].device_mates, len(users))
    for payer, times in reported.items():
        if payer in found:
            found[payer].reported = times
    return [found[entity] for entity in sorted(found)]


def evidence_on(row: Row, fact: Row) -> Evidence:
    """What is known about a node before the links of its case."""
    return Evidence(row["entity_id"], row["kind"], row["part"], seller=row["seller"], others=row["others"] or 0,
                    opened_at=fact.get("valid_from"), shows=dict(fact.get("shows", ())))  # fmt: skip


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
    mine = nodes.lazy().drop_nulls("node").select("case", "node", "entity_id")
    both = pl.concat([recent.select(node="source", other="target"), recent.select(node="target", other="source")])
    met = both.join(mine, on="node").join(mine, left_on=["case", "other"], right_on=["case", "node"], how="anti")
    counted = met.group_by("case", "entity_id").agg(others=pl.col("other").n_unique().cast(pl.Int64))
    return counted.sort("case", "entity_id").collect()


def member(one: Evidence, role: tuple[str | None, list[str]], mine: list[Row]) -> Row:
    """A row of contract CaseMember without key, place and betweenness. mine: the links that it is an end of."""
    return {
        "entity_id": one.entity, "kind": one.kind, "part": one.part, "role": role[0], "grounds": role[1],
        "received": one.from_members + one.from_victims, "passed_on": one.to_members + one.to_exits,
        "first_at": min((link["first_at"] for link in mine if link["first_at"]), default=None),
        "last_at": max((link["last_at"] for link in mine if link["last_at"]), default=None),
    }  # fmt: skip


def links_of(links: list[Row]) -> dict[str, list[Row]]:
    """The links that each node is an end of."""
    found: dict[str, list[Row]] = {}
    for link in links:
        for end in {link["source"], link["target"]}:
            found.setdefault(end, []).append(link)
    return found


def add_graph(rows: list[Row], links: list[Row]) -> None:
    """How many shortest ways between members pass each of them, and what is left of the case without it.

    Source: Freeman, A set of measures of centrality based on betweenness, 1977.
    """
    import networkx as nx

    inside = [row["entity_id"] for row in rows if row["part"] not in ("victim", "exit")]
    graph = nx.Graph()
    graph.add_nodes_from(inside)
    pairs = {(link["source"], link["target"]) for link in links}
    graph.add_edges_from(sorted(pair for pair in pairs if pair[0] in graph and pair[1] in graph))
    between = nx.betweenness_centrality(graph)
    near = {node: set(graph[node]) for node in graph}
    for row in rows:
        row["betweenness"] = round(float(between.get(row["entity_id"], 0.0)), 6)
        row["pieces"] = pieces_without(row["entity_id"], near) if row["entity_id"] in near else 1


def pieces_without(gone: str, near: dict[str, set[str]]) -> int:
    """Into how many pieces of two or more a graph falls without one of its nodes."""
    seen, pieces = {gone}, 0
    for node in near:
        if node in seen:
            continue
        seen.add(node)
        piece = [node]
        for one in piece:
            fresh = near[one] - seen
            seen |= fresh
            piece.extend(fresh)
        pieces += len(piece) >= 2
    return pieces
