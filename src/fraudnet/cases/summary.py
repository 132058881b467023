"""The figures of a case, and its trail and holds as rows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import polars as pl

from fraudnet.cases.hold import smallest_hold, ways
from fraudnet.cases.members import Known
from fraudnet.cases.ties import MONEY_DAYS
from fraudnet.cases.trail import Trail
from fraudnet.contracts.cases import RULES

Row = dict[str, Any]
LEAST_TOLD = 100_000  # đồng below which a sum on an account is told only in the totals


def trail_tables(known: Known, trail: Trail | None) -> tuple[list[Row], list[Row]]:
    """Rows of contracts CaseFlow and CaseHold without key."""
    if trail is None:
        return [], []
    end = {row["account"]: row["state"] for row in trail.accounts.iter_rows(named=True)}
    names = {account: f"exit:{state}" for account, state in end.items() if state in ("cash", "crypto", "abroad")}
    goes = trail.moves.filter(pl.col("fifo") > 0).with_columns(
        target=pl.col("payee").replace(names), source=pl.col("payer").fill_null("report")
    )
    flows = goes.group_by("source", "target").agg(
        n=pl.len(), amount=pl.col("fifo").sum(), moved=pl.col("amount").sum(),
        first_at=pl.col("at").min(), last_at=pl.col("at").max(),
    )  # fmt: skip
    held = trail.accounts.filter(pl.col("state") == "held")
    floors = dict(held.filter(pl.col("floor") >= LEAST_TOLD).select("account", "floor").iter_rows())
    hold = {
        account: (amount, stops)
        for account, amount, stops in smallest_hold(floors, ways(known.book, likely(trail), trail.until))
    }
    hits = touches(known, list(hold))
    rows = [
        {"entity_id": row["account"], "received": row["came_fifo"], **{rule: row[rule] for rule in RULES},
         "floor": row["floor"], "hold": hold.get(row["account"], (0, None))[0],
         "stops": hold.get(row["account"], (0, None))[1], "hits": hits.get(row["account"], [])}
        for row in held.filter((pl.col("floor") > 0) | (pl.col("came_fifo") >= LEAST_TOLD)).iter_rows(named=True)
    ]  # fmt: skip
    return flows.sort("source", "target").to_dicts(), rows


def touches(known: Known, accounts: list[str]) -> dict[str, list[str]]:
    """With how many others each account dealt in 90 days: whose payments a hold could stop besides."""
    since = known.as_of - timedelta(days=MONEY_DAYS)
    mine = known.nodes.filter(pl.col("entity_id").is_in(accounts)).select("node", "entity_id")
    recent = known.links.filter((pl.col("kind") == "transfer") & (pl.col("last_at") >= since))
    both = pl.concat([recent.select(node="source", other="target"), recent.select(node="target", other="source")])
    met = both.join(mine, on="node").group_by("entity_id").agg(pl.col("other").n_unique())
    return {entity: [f"life:{others}"] for entity, others in met.iter_rows()}


def likely(trail: Trail) -> pl.DataFrame:
    """The accounts of a trail on which any rule finds a sum worth telling."""
    return trail.accounts.filter(pl.max_horizontal(*(f"came_{rule}" for rule in RULES)) >= LEAST_TOLD)


def summary(known: Known, one: dict[str, Any]) -> Row:
    """The figures of one case."""
    rows, holds = one["rows"], one["holds"]
    inside = [row for row in rows if row["kind"] in ("account", "sim", "identity") and row["part"] != "victim"]
    scores = known.scores.filter("flagged").filter(pl.col("entity_id").is_in([row["entity_id"] for row in inside]))
    head = [row["entity_id"] for row in rows if row["role"] == "controller"]
    held = [row for row in holds if row["hold"]]
    value = scores.select((pl.col("probability") * pl.col("at_risk")).round().cast(pl.Int64).sum()).item()
    moments = [(row["first_at"], row["last_at"]) for row in rows if row["first_at"] is not None]
    return {
        "members": len(inside), "flagged": scores.height, "known": sum(row["part"] == "known" for row in inside),
        "victims": sum(row["part"] == "victim" for row in rows), "lost": one["lost"],
        "still_there": sum(row["floor"] for row in holds), "to_hold": sum(row["hold"] for row in held),
        "hold_accounts": len(held), "touched": touched(known, [row["entity_id"] for row in held]), "value": value or 0,
        "controller": next((h for h in head if h.startswith("account:")), head[0] if head else None),
        "typology": pattern(known, scores), "grade": scores["grade"].max() if scores.height else None,
        "institutions": sorted(set(scores["institution"].drop_nulls())),
        "provinces": homes(known, [row["entity_id"] for row in inside]),
        "began_at": min((m[0] for m in moments), default=None), "last_at": max((m[1] for m in moments), default=None),
    }  # fmt: skip


def homes(known: Known, members: list[str]) -> list[str]:
    """The provinces in which the holders of some members live."""
    rows = known.nodes.filter(pl.col("entity_id").is_in(members)).select(node=pl.coalesce("holder", "node"))
    return rows.join(known.provinces, on="node")["province"].unique().sort().to_list()


def touched(known: Known, accounts: list[str]) -> int:
    """How many holders stand behind some accounts; an account without a known holder counts as one."""
    rows = known.nodes.filter(pl.col("entity_id").is_in(accounts)).select(pl.coalesce("holder", -1 - pl.col("node")))
    return rows.to_series().n_unique()


def pattern(known: Known, scores: pl.DataFrame) -> str | None:
    """The pattern that most of the flagged show."""
    shown = known.hits.filter(pl.col("entity_id").is_in(scores["entity_id"].implode()))
    counted = Counter(shown["typology"].cast(pl.String).to_list())
    return min(counted, key=lambda name: (-counted[name], name)) if counted else None
