"""The figures of a case, and the trails and holds of all cases as tables."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import polars as pl

from fraudnet.cases.hold import smallest_hold, ways
from fraudnet.cases.members import Known
from fraudnet.cases.ties import MONEY_DAYS, touching
from fraudnet.cases.trails import Trails
from fraudnet.contracts.cases import EXITS, RULES
from fraudnet.contracts.grades import GRADES

Row = dict[str, Any]
LEAST_TOLD = 100_000  # đồng below which a sum on an account is told only in the totals
HOLD = {"case": pl.Int64, "account": pl.String, "hold": pl.Int64, "stops": pl.String}


def flows_of(trails: Trails) -> pl.DataFrame:
    """Contract CaseFlow with `case` in place of its key."""
    ended = pl.col("state").is_in(EXITS)
    goes = trails.moves.filter(pl.col("fifo") > 0).with_columns(
        target=pl.when(ended).then(pl.format("exit:{}", "state")).otherwise("payee"),
        source=pl.col("payer").fill_null("report"),
    )
    return goes.group_by("case", "source", "target").agg(
        n=pl.len(), amount=pl.col("fifo").sum(), moved=pl.col("amount").sum(),
        first_at=pl.col("at").min(), last_at=pl.col("at").max(),
    ).collect(engine="streaming")  # fmt: skip


def holds_of(known: Known, trails: Trails) -> pl.DataFrame:
    """Contract CaseHold with `case` in place of its key."""
    found = trails.accounts.with_columns(floor=pl.min_horizontal(RULES))
    held = found.filter(pl.col("state") == "held")
    likely = held.filter(pl.max_horizontal(*(f"came_{rule}" for rule in RULES)) >= LEAST_TOLD)
    honest = pl.col("account").is_in(sorted(known.book.sellers))  # followed where reported, never held
    worth = held.filter((pl.col("floor") >= LEAST_TOLD) & ~honest)
    until = known.book.until()
    hold = proposed(worth, ways(known.book, likely, until)) if until and worth.height else pl.DataFrame(schema=HOLD)
    told = held.filter((pl.col("floor") > 0) | (pl.col("came_fifo") >= LEAST_TOLD))
    both = told.join(hold, on=["case", "account"], how="left")
    full = both.join(touches(known, hold["account"].unique()), on="account", how="left")
    return full.select(
        "case", *RULES, "floor", "stops", entity_id="account", received="came_fifo", hold=pl.col("hold").fill_null(0),
        hits=pl.when(pl.col("hold").is_not_null()).then("hits").fill_null([]),
    )  # fmt: skip


def proposed(worth: pl.DataFrame, open_ways: pl.DataFrame) -> pl.DataFrame:
    """case, account, hold, stops: the smallest hold of every case. worth: case, account, floor."""
    out = open_ways.partition_by("case", as_dict=True)
    nothing = open_ways.clear()
    rows = [
        (key[0], *one)
        for key, mine in worth.group_by("case", maintain_order=True)
        for one in smallest_hold(dict(mine.select("account", "floor").iter_rows()), out.get(key, nothing))
    ]
    return pl.DataFrame(rows, schema=HOLD, orient="row")


def touches(known: Known, accounts: pl.Series) -> pl.DataFrame:
    """account, hits: with how many others each dealt in 90 days, whose payments a hold could stop besides."""
    since = known.as_of - timedelta(days=MONEY_DAYS)
    mine = known.nodes.filter(pl.col("entity_id").is_in(accounts.implode())).select("node", account="entity_id")
    dealt = (pl.col("kind") == "transfer") & (pl.col("last_at") >= since)
    recent = touching(known.links, mine["node"]).filter(dealt).select("source", "target").collect(engine="streaming")
    both = pl.concat([recent.select(node="source", other="target"), recent.select(node="target", other="source")])
    met = both.join(mine, on="node").group_by("account").agg(pl.col("other").n_unique())
    return met.select("account", hits=pl.concat_list(pl.format("life:{}", "other")))


def summary(facts: dict[str, Row], one: dict[str, Any]) -> Row:
    """The figures of one case. facts: what is known of each entity (`facts_of`)."""
    rows, holds = one["rows"], one["holds"]
    inside = [row for row in rows if row["kind"] in ("account", "sim", "identity") and row["part"] != "victim"]
    mine = [facts[row["entity_id"]] for row in inside if row["entity_id"] in facts]
    scores = [fact for fact in mine if fact["flagged"]]
    head = [row["entity_id"] for row in rows if row["role"] == "controller"]
    held = [row for row in holds if row["hold"]]
    behind = [facts[row["entity_id"]] for row in held if row["entity_id"] in facts]
    moments = [(row["first_at"], row["last_at"]) for row in rows if row["first_at"] is not None]
    return {
        "members": len(inside), "flagged": len(scores), "known": sum(row["part"] == "known" for row in inside),
        "victims": sum(row["part"] == "victim" for row in rows), "lost": one["lost"],
        "still_there": sum(row["floor"] for row in holds), "to_hold": sum(row["hold"] for row in held),
        "hold_accounts": len(held), "touched": len({fact["stands_behind"] for fact in behind}),
        "value": sum(fact["value"] or 0 for fact in scores),
        "controller": next((h for h in head if h.startswith("account:")), head[0] if head else None),
        "typology": pattern(scores),
        "grade": max((fact["grade"] for fact in scores if fact["grade"]), key=GRADES.index, default=None),
        "institutions": sorted({fact["institution"] for fact in scores if fact["institution"] is not None}),
        "provinces": sorted({fact["province"] for fact in mine if fact["province"] is not None}),
        "began_at": min((m[0] for m in moments), default=None), "last_at": max((m[1] for m in moments), default=None),
    }  # fmt: skip


def facts_of(known: Known, some: pl.Series) -> dict[str, Row]:
    """Of some entities: valid_from, holder, stands_behind, province, flagged, value, grade, institution, what it shows.

    stands_behind: the holder, a number of its own for an account without one. value: probability times money at risk.
    """
    flags = known.scores.filter("flagged").select(
        "entity_id", "flagged", pl.col("grade").cast(pl.String), "institution",
        value=(pl.col("probability") * pl.col("at_risk")).round().cast(pl.Int64),
    )  # fmt: skip
    nodes = known.nodes.filter(pl.col("entity_id").is_in(some.implode())).select(
        "entity_id", "valid_from", "holder", home=pl.coalesce("holder", "node"),
        stands_behind=pl.coalesce("holder", -1 - pl.col("node")),
    )  # fmt: skip
    where = known.provinces.select("province", home="node")
    shown = known.hits.group_by("entity_id", maintain_order=True).agg("typology", "strength")
    full = nodes.join(where, on="home", how="left").join(flags, on="entity_id", how="left")
    rows = full.join(shown, on="entity_id", how="left").iter_rows(named=True)
    return {row["entity_id"]: {**row, "shows": list(zip(row["typology"] or (), row["strength"] or (), strict=True))}
            for row in rows}  # fmt: skip


def pattern(scores: list[Row]) -> str | None:
    """The pattern that most of the flagged show."""
    counted = Counter(name for fact in scores for name, _ in fact["shows"])
    return min(counted, key=lambda name: (-counted[name], name)) if counted else None
