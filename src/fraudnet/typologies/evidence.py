"""The delivered rows that the hits of flagged entities are made of."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Linked
from fraudnet.contracts.results import HitEvidence, Passed
from fraudnet.typologies import by_name
from fraudnet.typologies.rows import OTHER_SIDE

PART = 4_000_000  # transfers for each part of the nodes whose rows are picked at a time
MOST = 25  # rows of one hit that show the same thing, the newest
PASSED_WITHIN = "2d"
# Of long tables what the pickers look at; all else would be held for nothing.
SHOWN = {
    "transfers": {"row_id", OTHER_SIDE, "at", "payer", "payee", "amount"},
    "calls": {"row_id", OTHER_SIDE, "at", "caller", "callee", "kind"},
}
Held = Callable[[str, pl.LazyFrame], pl.LazyFrame]
BOTH_ENDS = {"transfers": ("payer", "payee"), "calls": ("caller", "callee")}


def evidence_of(linked: Linked, hits: pl.DataFrame, seeds: pl.DataFrame) -> pl.DataFrame:
    """Which rows make up each hit: contract HitEvidence, sorted by entity, typology and position.

    `hits`: contract Hit of the entities to be explained, all of one kind. `seeds`: contract Seed, which payers and
    payees are known as fraud. At most 25 rows that show the same thing, the newest. A hit of a typology that is not
    registered has no rows.
    """
    asked = _asked(linked, hits)
    if asked.is_empty():
        return HitEvidence.create_empty()
    asked = asked.filter(pl.col("typology").is_in(list(by_name())))
    parts = 1 + linked.records.table("transfers").select(pl.len()).collect(engine="streaming").item() // PART
    some = (asked.filter(pl.col("node") % parts == part) for part in range(parts))
    found = [_picked(linked.records, rows, seeds) for rows in some if rows.height]
    return _told(pl.concat(found) if found else pl.DataFrame(), linked)


def _picked(records: Records, asked: pl.DataFrame, seeds: pl.DataFrame) -> pl.DataFrame:
    """The rows of some hits; what is shown of a node depends on what touches it alone."""
    there = _marked(near(records, asked["node"].unique().sort()), seeds)
    motifs, known = passed_on(there.table("transfers"), asked["node"].unique()), by_name()
    found = [
        known[name].evidence(there, motifs, rows.lazy()).with_columns(typology=pl.lit(name))
        for (name,), rows in sorted(asked.group_by("typology"))
    ]
    return pl.concat(found).collect(engine="streaming")


def _asked(linked: Linked, hits: pl.DataFrame) -> pl.DataFrame:
    """The hits with what is known of their nodes: node, typology, holder, number, as_of."""
    who = linked.nodes.select("node", "holder", "number").join(hits.lazy().select("node"), on="node", how="semi")
    both = hits.select("node", "typology").join(who.collect(), on="node", how="left", maintain_order="left")
    return both.with_columns(as_of=pl.lit(linked.as_of))


def in_memory(name: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows that stay in memory."""
    return rows.collect(engine="streaming").lazy()


def near(records: Records, nodes: pl.Series, held: Held = in_memory) -> Records:
    """The records with only those transfers, calls and uses that touch some nodes, and what of them is shown.

    held: where these are kept (by name), in memory unless said.
    """
    tables = {}
    for name, (one, other) in BOTH_ENDS.items():
        touching = pl.col(one).is_in(nodes.implode()) | pl.col(other).is_in(nodes.implode())
        rows = records.table(name)
        shown = [c for c in rows.collect_schema().names() if c in SHOWN[name]]
        tables[name] = held(f"near-{name}", rows.filter(touching).select(shown))
    return records.with_tables(**tables, **_beside(records, nodes, held))


def _beside(records: Records, nodes: pl.Series, held: Held) -> dict[str, pl.LazyFrame]:
    """What happened to some nodes, and who used a device of theirs."""
    mine, tables = pl.col("entity").is_in(nodes.implode()), {}
    if records.has("account_events"):
        tables["account_events"] = held("near-account_events", records.table("account_events").filter(mine))
    if records.has("uses"):
        used = records.table("uses").filter(pl.col("device").is_not_null())
        devices = used.filter(mine).select("device").unique().collect(engine="streaming").to_series()
        tables["uses"] = held("near-uses", used.filter(pl.col("device").is_in(devices.implode())))
    return tables


def _marked(records: Records, seeds: pl.DataFrame) -> Records:
    """The records with what is known of both ends of transfers, and of accounts."""
    known = seeds.filter(pl.col("weight") > 0)["node"].unique().implode()
    transfers = records.table("transfers").with_columns(
        from_known=pl.col("payer").is_in(known), to_known=pl.col("payee").is_in(known)
    )
    accounts = records.table("accounts").with_columns(known=pl.col("entity").is_in(known))
    return records.with_tables(transfers=transfers, accounts=accounts)


def passed_on(transfers: pl.LazyFrame, nodes: pl.Series) -> pl.LazyFrame:
    """Every payment of the nodes beside the last credit before it, at most two days earlier: contract Passed."""
    moved = transfers.filter(pl.col("payer") != pl.col("payee"))
    if OTHER_SIDE not in moved.collect_schema().names():
        moved = moved.with_columns(pl.lit(None, pl.String).alias(OTHER_SIDE))
    credits = moved.select(
        "at", node="payee", source="payer", credit="row_id", credit_also=OTHER_SIDE, came="amount", came_at="at"
    ).sort("at", "came", "credit")
    debits = moved.filter(pl.col("payer").is_in(nodes.implode())).select(
        "at", node="payer", target="payee", debit="row_id", debit_also=OTHER_SIDE, went="amount"
    )
    met = debits.sort("at", "debit").join_asof(
        credits, on="at", by="node", strategy="backward", tolerance=PASSED_WITHIN, check_sortedness=False,
    )  # fmt: skip
    return met.filter(pl.col("came_at").is_not_null()).select(Passed.column_names())


def _told(rows: pl.DataFrame, linked: Linked) -> pl.DataFrame:
    """The rows of all hits under their contract, numbered in order of time."""
    if rows.is_empty():
        return HitEvidence.create_empty()
    key = ("node", "typology", "what")
    # Few different words: put in order by their places.
    words = {name: pl.Enum(rows[name].unique().sort()) for name in ("typology", "what", "table")}
    rows = rows.with_columns(pl.col(name).cast(word) for name, word in words.items())
    once = rows.filter(pl.col("row_id").is_not_null()).unique([*key, "table", "row_id"], keep="first")
    newest = once.sort(*key, "at", "table", "row_id", descending=[False] * 3 + [True, False, False], nulls_last=True)
    kept = newest.group_by(key, maintain_order=True).head(MOST)
    who = linked.nodes.select("node", "entity_id").join(kept.lazy().select("node"), on="node", how="semi").collect()
    named = kept.join(who, on="node", how="inner")
    ordered = named.sort("entity_id", "typology", "at", "what", "table", "row_id", nulls_last=False)
    numbered = ordered.with_columns(position=pl.int_range(1, pl.len() + 1).over("entity_id", "typology"))
    return HitEvidence.validate(numbered.select(HitEvidence.column_names()), cast=True)
