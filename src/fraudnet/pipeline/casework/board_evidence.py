"""What stands behind the items of a board: reasons, money, calls, happenings, ties, records, what flags rest on."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from fraudnet.contracts.board import TABLES
from fraudnet.contracts.drop import Records
from fraudnet.expressions import known_before
from fraudnet.pipeline.batch.finished import Finished

TIMELINE = timedelta(days=120)
MOST_TIES = 200  # per item: the strongest of each kind come first


def evidence_of(run: Finished, records: Records, of: tuple[pl.DataFrame, datetime]) -> dict[str, pl.DataFrame]:
    """Every table of the board but the items. `of`: the items and the cut-off."""
    items, as_of = of
    known = known_before(records, as_of)
    wanted = items.filter(pl.col("place").is_not_null()).select("entity_id", "node", "number", "opened_at")
    node = items.select("entity_id", "node")
    return {
        "reasons": run.each("reasons").join(node, on="entity_id", how="inner", maintain_order="left"),
        "moves": _moves(known, wanted, as_of - TIMELINE),
        "contacts": _contacts(known, items, as_of - TIMELINE),
        "happenings": _happenings(known, wanted),
        "ties": _ties(run, items),
        "records": _records(run, known),
        "support": _support(run, node),
        "hits": pl.concat([run.table(f"hits-{kind}") for kind in run.kinds]) if _hits(run) else _none("hits"),
        "proofs": _proofs(run, node),
        "said": run.table("statements").join(node.select("node"), on="node", how="semi")
        if run.has("statements")
        else _none("said"),
    }


def _none(name: str) -> pl.DataFrame:
    return TABLES[name].create_empty()


def _hits(run: Finished) -> bool:
    return all(run.has(f"hits-{kind}") for kind in run.kinds)


def _proofs(run: Finished, node: pl.DataFrame) -> pl.DataFrame:
    """The delivered rows behind the typologies of the flagged; runs of earlier versions have none."""
    if not all(run.has(f"evidence-{kind}") for kind in run.kinds):
        return _none("proofs")
    rows = pl.concat([run.table(f"evidence-{kind}") for kind in run.kinds])
    return rows.join(node, on="entity_id", how="inner", maintain_order="left")


def _moves(records: Records, wanted: pl.DataFrame, since: datetime) -> pl.DataFrame:
    row = pl.concat_str("source", pl.lit(" "), "row_id").alias("row")
    transfers = records.table("transfers").filter(pl.col("at") >= since)
    ways = (("payee", "payer", "transfer_in"), ("payer", "payee", "transfer_out"))
    parts = [
        transfers.join(wanted.lazy().select("entity_id", "node"), left_on=me, right_on="entity_id").select(
            "node", "at", pl.lit(kind).alias("kind"), "amount", pl.col(other).alias("other"), row
        )
        for me, other, kind in ways
    ]
    cash = records.table("cash").filter(pl.col("at") >= since)
    way = pl.when(pl.col("amount") < 0).then(pl.lit("cash_out")).otherwise(pl.lit("cash_in")).alias("kind")
    parts.append(
        cash.join(wanted.lazy().select("entity_id", "node"), left_on="entity", right_on="entity_id").select(
            "node", "at", way, pl.col("amount").abs(), pl.col("place").alias("other"), row
        )
    )
    return pl.concat(parts).sort("node", "at", "row", "kind").collect(engine="streaming")


def _contacts(records: Records, items: pl.DataFrame, since: datetime) -> pl.DataFrame:
    """Calls of the queue's SIMs, and for accounts and people those of the SIMs that their holder holds."""
    wanted = items.filter(pl.col("place").is_not_null())
    held = items.filter(pl.col("kind") == "sim", pl.col("holder").is_not_null())
    own = wanted.filter(pl.col("kind") == "sim").select("node", "number", "opened_at")
    others = (
        wanted.filter(pl.col("kind") != "sim")
        .select("node", "holder")
        .join(held.select("holder", "number", "opened_at"), on="holder")
    )
    sims = pl.concat([own, others.select("node", "number", "opened_at")]).lazy()
    calls = records.table("calls").filter(pl.col("at") >= since)
    parts = [
        calls.join(sims, left_on=me, right_on="number")
        .filter(pl.col("opened_at").is_null() | (pl.col("at") >= pl.col("opened_at")))
        .select("node", "at", "kind", pl.lit(outgoing).alias("outgoing"), pl.col(other).alias("other"))
        for me, other, outgoing in (("caller", "callee", True), ("callee", "caller", False))
    ]
    return pl.concat(parts).sort("node", "at", "outgoing", "other").collect(engine="streaming")


def _happenings(records: Records, wanted: pl.DataFrame) -> pl.DataFrame:
    of = wanted.lazy()
    row = pl.concat_str("source", pl.lit(" "), "row_id").alias("row")
    by_id = of.select("entity_id", "node")
    account = records.table("account_events").filter(pl.col("event").cast(pl.String) != "login")
    sim = records.table("sim_events")
    parts = [
        account.join(by_id, left_on="entity", right_on="entity_id").select(
            "node", "at", pl.col("event").cast(pl.String).alias("kind"), row
        ),
        sim.join(of.select("number", "node"), on="number").select(
            "node", "at", pl.col("event").cast(pl.String).alias("kind"), row
        ),
        records.table("reports")
        .join(by_id, left_on="entity", right_on="entity_id")
        .select("node", "at", pl.lit("report").alias("kind"), row),
        records.table("adverts")
        .join(of.select("number", "node"), left_on="value", right_on="number")
        .select("node", pl.col("seen_at").alias("at"), pl.lit("advert").alias("kind"), row),
    ]
    return pl.concat(parts).sort("node", "at", "row", "kind").collect(engine="streaming")


def _ties(run: Finished, items: pl.DataFrame) -> pl.DataFrame:
    queue = items.filter(pl.col("place").is_not_null()).select("node")
    nodes = run.table("nodes").select(other="node", other_kind="kind", other_id="entity_id")
    links = run.table("links")
    parts = []
    for me, other, outgoing in (("source", "target", True), ("target", "source", False)):
        mine = links.join(queue, left_on=me, right_on="node", how="semi")
        parts.append(mine.rename({me: "node", other: "other"}).with_columns(outgoing=pl.lit(outgoing)))
    both = pl.concat([part.select(sorted(part.columns)) for part in parts]).join(nodes, on="other")
    strongest = both.sort("node", "kind", "amount", "n", "other", descending=[False, False, True, True, False])
    first = pl.int_range(pl.len()).over("node", "kind", "outgoing") < MOST_TIES // 4
    return strongest.filter(first)


def _records(run: Finished, records: Records) -> pl.DataFrame:
    if not run.has("identity_map") or not records.has("identities"):
        return _none("records")
    people = run.table("identity_map").select("source", "source_id", "reason", holder="node")
    told = records.table("identities").collect()
    joined = told.join(people, on=["source", "source_id"]).sort("holder", "source", "source_id")
    return joined.with_columns(pl.col("holder").cast(pl.Int64))


def _support(run: Finished, node: pl.DataFrame) -> pl.DataFrame:
    names = node.select(pl.col("entity_id").alias("flagged"), "node")
    rows = run.each("support").with_columns(flagged=pl.col("flag_id").str.replace(r"\|[^|]*$", ""))
    return rows.join(names, on="flagged", how="inner", maintain_order="left")
