"""All tables of the cases of one run, from grouping to picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from fraudnet.cases import layout
from fraudnet.cases.complaints import complaints
from fraudnet.cases.evidence import add_graph, evidence_of, links_of, member, outside
from fraudnet.cases.groups import grouped
from fraudnet.cases.members import Known, money_links, other_links, rows_of
from fraudnet.cases.naming import keys
from fraudnet.cases.roles import roles
from fraudnet.cases.summary import facts_of, flows_of, holds_of, summary
from fraudnet.cases.ties import candidates, ties, touching
from fraudnet.cases.trails import trails
from fraudnet.contracts.cases import CASE_TABLES, MEMBER_KINDS

Row = dict[str, Any]
KNOWN_DAYS = 180
TABLES = tuple(CASE_TABLES)


def cases_of(known: Known, earlier: tuple[pl.DataFrame, pl.DataFrame] | None = None) -> dict[str, pl.DataFrame]:
    """The case tables of a run by name, each under its contract of `CASE_TABLES`, sorted by case.

    earlier: cases and case_members of the run before, from which keys and places in the picture are kept.
    """
    found = members_of(known)
    if found.is_empty():
        return {name: schema.create_empty() for name, schema in CASE_TABLES.items()}
    said = complaints(known.book, known.reports, found, known.as_of)
    nodes = with_outsiders(known, found, said)
    gone = trails(known.book, said)
    flows, holds = flows_of(gone), holds_of(known, gone)
    near = around(known, pl.concat([nodes["entity_id"], holds["entity_id"]]))
    links = pl.concat([money_links(near, nodes), other_links(near, nodes)], how="diagonal_relaxed")
    links = links.sort("case", "kind", "source", "target")
    nodes = with_exits(nodes, links)
    nodes = nodes.join(outside(near, nodes), on=["case", "entity_id"], how="left", maintain_order="left")
    told = each_case(near, {"nodes": nodes, "links": links, "said": said, "holds": holds})
    rows = {"case_rows": rows_of(known, links, said), "case_flows": flows, "case_holds": holds}
    return keyed(near, told, earlier, rows)


def around(known: Known, some: pl.Series) -> Known:
    """What is known of some entities alone, and of what else their holders hold."""
    mine = known.nodes.filter(pl.col("entity_id").is_in(some.implode()))
    holders = known.nodes.join(mine.select(node="holder"), on="node", how="semi", maintain_order="left")
    held = known.nodes.join(pl.concat([mine, holders]).select(holder="node"), on="holder", how="semi")
    there = pl.concat([mine, holders, held]).unique("node").sort("node")
    few = {name: getattr(known, name).join(there, on="entity_id", how="semi", maintain_order="left")
           for name in ("scores", "hits")}  # fmt: skip
    told = known.names.filter(pl.col("entity_id").is_in(there["entity_id"].implode())).collect(engine="streaming")
    names = told.sort("entity_id", "name", "organisation").unique("entity_id", keep="first", maintain_order=True)
    links = touching(known.links, there["node"]).collect(engine="streaming")
    return replace(known, nodes=there, links=links.lazy(), names=names.lazy(), **few)


def members_of(known: Known) -> pl.DataFrame:
    """case, node, part, entity_id, kind: the groups."""
    since = known.as_of - timedelta(days=KNOWN_DAYS)
    every = known.nodes.select("node", "entity_id", pl.col("kind").cast(pl.String))
    kinds = every.filter(pl.col("kind").is_in(MEMBER_KINDS))
    flagged = known.scores.filter("flagged").select("entity_id").join(kinds, on="entity_id").select("node")
    told = known.seeds.filter(pl.col("known_at") >= since).select("node").join(kinds, on="node", how="semi")
    core = pl.concat([flagged, told])["node"].unique()
    tied = ties(known.links, known.as_of, candidates(known.links, core))
    for side in ("source", "target"):
        tied = tied.join(kinds, left_on=side, right_on="node", how="semi")
    found = grouped(flagged, told, tied, kinds.select("node", "kind"))
    return found.join(kinds, on="node", maintain_order="left").rename({"group": "case"}).sort("case", "entity_id")


def with_outsiders(known: Known, found: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """The members and the accounts of victims who reported."""
    kinds = known.nodes.select("node", "entity_id", pl.col("kind").cast(pl.String))
    payers = said.drop_nulls("payer").select("case", entity_id="payer").unique()
    fresh = payers.join(found, on=["case", "entity_id"], how="anti").join(kinds, on="entity_id")
    return pl.concat([found, fresh.with_columns(part=pl.lit("victim")).select(found.columns)]).sort("case", "entity_id")


def with_exits(nodes: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The nodes and the exits that members sent money to."""
    out = links.filter(pl.col("kind") == "exit").select("case", entity_id="target").unique()
    made = out.with_columns(node=pl.lit(None, pl.Int64), part=pl.lit("exit"), kind=pl.lit("exit"))
    return pl.concat([nodes, made.select(nodes.columns)]).sort("case", "entity_id")


def each_case(known: Known, tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Everything of every case but its key and the places in its picture. tables: nodes, links, said, holds by case."""
    some, sellers = pl.concat([tables[name]["entity_id"] for name in ("nodes", "holds")]), known.book.sellers
    facts = facts_of(known, some.unique())
    nodes = tables["nodes"].with_columns(seller=pl.col("entity_id").is_in(sorted(sellers)))
    rows = {name: by_case(table) for name, table in {**tables, "nodes": nodes}.items()}
    told = []
    for case in sorted(rows["nodes"]):
        mine = {name: rows[name].get(case, []) for name in rows}
        reported = Counter(row["payer"] for row in mine["said"] if row["payer"] is not None)
        evidence = evidence_of(facts, mine["nodes"], mine["links"], reported)
        found, ends = roles(evidence), links_of(mine["links"])
        members = [member(one, found[one.entity], ends.get(one.entity, [])) for one in evidence]
        add_graph(members, mine["links"])
        one = {"case": case, "rows": members, "links": mine["links"], "holds": mine["holds"],
               "lost": sum(row["amount"] for row in mine["said"])}  # fmt: skip
        told.append({**one, "figures": summary(facts, one)})
    return told


def by_case(table: pl.DataFrame) -> dict[int, list[Row]]:
    """The rows of each case, in order."""
    found: dict[int, list[Row]] = {}
    for row in table.iter_rows(named=True):
        found.setdefault(row.pop("case"), []).append(row)
    return found


def keyed(
    known: Known,
    told: list[dict[str, Any]],
    earlier: tuple[pl.DataFrame, pl.DataFrame] | None,
    rows: Mapping[str, pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """The tables under their keys and contracts; `rows`: those that are tables already, by `case`."""
    groups = {one["case"]: core(one["rows"]) for one in told}
    named = keys(groups, history(earlier))
    places = spots(earlier)
    parts: dict[str, list[Row]] = {"cases": [], "case_members": [], "case_links": []}
    born = dict(earlier[0].select("case_id", "found_at").iter_rows()) if earlier else {}
    for one in told:
        key, absorbed = named[one["case"]]
        head = {"case_id": key, "found_at": born.get(key, known.as_of), "as_of": known.as_of, "absorbed": absorbed}
        drawn = layout.chosen(one["rows"], one["links"])
        kept = layout.explaining(one["links"], drawn, layout.victims(one["rows"]))
        spot = layout.places(one["rows"], one["links"], drawn, places.get(key, {}))
        parts["cases"].append({**head, **one["figures"]})
        parts["case_members"] += [{"case_id": key, **row, **vars(spot[row["entity_id"]])} for row in one["rows"]]
        parts["case_links"] += [
            {
                "case_id": key,
                "certain": True,
                **link,
                "explains": (link["source"], link["target"], link["kind"]) in kept,
            }
            for link in one["links"]
        ]
    ids = pl.DataFrame(
        [(c, k[0]) for c, k in named.items()], schema={"case": pl.Int64, "case_id": pl.String}, orient="row"
    )
    made = {name: pl.DataFrame(listed, infer_schema_length=None) for name, listed in parts.items()}
    made |= {name: table.join(ids, on="case") for name, table in rows.items()}
    made["case_rows"] = made["case_rows"].rename({"delivery": "source"})
    made["case_members"] = described(known, made["case_members"])
    return {name: finished(name, made[name]) for name in TABLES}


def core(rows: list[Row]) -> set[str]:
    """The members by which a case is known again."""
    return {
        row["entity_id"]
        for row in rows
        if row["kind"] in ("account", "sim", "identity") and row["part"] not in ("victim",)
    }


def history(earlier: tuple[pl.DataFrame, pl.DataFrame] | None) -> pl.DataFrame:
    """case_id, found_at, entity_id of the run before."""
    if earlier is None:
        return pl.DataFrame(schema={"case_id": pl.String, "found_at": pl.Datetime("us", "UTC"), "entity_id": pl.String})
    cases, members = earlier
    mine = members.filter(
        pl.col("kind").cast(pl.String).is_in(["account", "sim", "identity"])
        & (pl.col("part").cast(pl.String) != "victim")
    )
    return (
        mine.join(cases.select("case_id", "found_at"), on="case_id")
        .select("case_id", "found_at", "entity_id")
        .sort("case_id", "entity_id")
    )


def spots(earlier: tuple[pl.DataFrame, pl.DataFrame] | None) -> dict[str, dict[str, tuple[int, int]]]:
    """Where each drawn member stood in the picture of the run before, by case."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    if earlier is not None:
        for case, entity, x, y in earlier[1].filter("shown").select("case_id", "entity_id", "x", "y").iter_rows():
            found.setdefault(case, {})[entity] = (x, y)
    return found


def described(known: Known, rows: pl.DataFrame) -> pl.DataFrame:
    """Members with what the run says about them: institution, number, holder, name, score."""
    about = known.nodes.select("node", "entity_id", "institution", "number", "holder")
    holders = known.nodes.select(holder="node", holder_id="entity_id")
    known_names = known.names.collect()
    held = about.drop_nulls("holder").join(known_names, on="entity_id").join(holders, on="holder")
    people = held.select("name", "organisation", entity_id="holder_id").sort("entity_id", "name", "organisation")
    names = pl.concat([known_names.select(people.columns), people]).unique(
        "entity_id", keep="first", maintain_order=True
    )
    named = about.join(holders, on="holder", how="left").join(names, on="entity_id", how="left")
    where = known.provinces.select(home="node", province="province")
    placed = named.with_columns(home=pl.coalesce("holder", "node")).join(where, on="home", how="left")
    told = placed.select("entity_id", "institution", "number", "name", "organisation", "province", holder="holder_id")
    score = known.scores.select("entity_id", "flagged", "grade", "source", "probability", "position")
    both = rows.join(told, on="entity_id", how="left").join(score, on="entity_id", how="left")
    return both.with_columns(pl.col("flagged").fill_null(False), pl.col("organisation").fill_null(False))


def finished(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A table under its contract, in a fixed order."""
    schema = CASE_TABLES[name]
    if frame.is_empty():
        return schema.create_empty()
    columns = schema.column_names()
    empty = schema.create_empty().schema
    full = frame.with_columns(pl.lit(None, empty[c]).alias(c) for c in columns if c not in frame.columns)
    wanted = ("case_id", "entity_id", "table", "kind", "source", "target", "row_id", "at", "source_entity")
    order: list[str] = [name for name in (*wanted, "target_entity") if name in columns]
    return schema.validate(full.select(columns), cast=True).sort(order)
