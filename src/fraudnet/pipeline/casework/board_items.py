"""Everything that was scored, with its holder as far as the records tell, in the order of the queue."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import known_before
from fraudnet.identifiers.entity import account_id, identity_reference, sim_id
from fraudnet.pipeline.batch.finished import Finished
from fraudnet.review.queue import queued, valued

KEPT = (
    "entity_id", "kind", "institution", "number", "probability", "at_risk", "position", "flagged", "source", "band",
    "grade", "action", "expires_on",
)  # fmt: skip


def items_of(run: Finished, records: Records, as_of: datetime) -> pl.DataFrame:
    """Every scored entity of a run as an item of the board (contract BoardItem)."""
    scores = run.each("scores").select(KEPT)
    nodes = run.table("nodes").select("entity_id", "node", "holder", opened_at="valid_from")
    people = run.table("identity_map") if run.has("identity_map") else pl.DataFrame()
    joined = scores.join(nodes, on="entity_id", how="left", maintain_order="left")
    held = joined.with_columns(
        holder=pl.when(pl.col("kind") == "identity").then("node").otherwise("holder"),
        reference=_references(joined, people),
    )
    named = held.join(_names(records, as_of), on="entity_id", how="left", maintain_order="left")
    known = named.join(_persons(records, people, as_of), on="holder", how="left", maintain_order="left")
    both = known.with_columns(
        holder_name=pl.coalesce("holder_name", "full_name"),
        holder_kind=pl.coalesce("holder_kind", "person_kind"),
        case=pl.lit(None, pl.String),
    )
    return queued(valued(both), run.folder.name)


def _references(items: pl.DataFrame, people: pl.DataFrame) -> pl.Series:
    """The id that decisions name: a resolved identity moves from run to run, its first record does not."""
    if not people.height:
        return items["entity_id"]
    reference = identity_reference(pl.col("source"), pl.col("source_id")).alias("reference")
    first = people.sort("source", "source_id").group_by("entity_id", maintain_order=True).first()
    found = items.select("entity_id").join(first.select("entity_id", reference), on="entity_id", how="left",
                                           maintain_order="left")  # fmt: skip
    return found.select(pl.coalesce("reference", "entity_id"))["reference"]


def _names(records: Records, as_of: datetime) -> pl.DataFrame:
    """entity_id, holder_name, holder_kind: as the institution that lists the thing delivered it."""
    known = known_before(records, as_of)
    accounts = known.table("accounts").select(
        account_id(pl.col("institution"), pl.col("account_number")).alias("entity_id"),
        "holder_name",
        pl.when(pl.col("kind").cast(pl.String) == "corporate")
        .then(pl.lit("organisation"))
        .otherwise(pl.lit("person"))
        .alias("holder_kind"),
    )
    sims = known.table("sims").select(
        sim_id(pl.col("number"), pl.col("valid_from")).alias("entity_id"),
        "holder_name",
        pl.lit(None, pl.String).alias("holder_kind"),
    )
    both = pl.concat([accounts, sims]).sort("entity_id", "holder_name", nulls_last=True)
    return both.unique("entity_id", keep="first", maintain_order=True).collect()


def _persons(records: Records, people: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """holder, full_name, person_kind, birth_date, province: what most records of an identity say first."""
    kinds = {"holder": pl.Int64, "full_name": pl.String, "person_kind": pl.String, "birth_date": pl.Date,
             "province": pl.String}  # fmt: skip
    if not people.height or not records.has("identities"):
        return pl.DataFrame(schema=kinds)
    told = known_before(records, as_of).table("identities").collect()
    joined = told.join(people.select("source", "source_id", holder="node"), on=["source", "source_id"])
    ordered = joined.sort("holder", "source", "source_id")
    firsts = [pl.col(name).drop_nulls().first() for name in ("full_name", "birth_date", "province")]
    return (
        ordered.group_by("holder", maintain_order=True)
        .agg(*firsts, person_kind=pl.col("kind").cast(pl.String).drop_nulls().first())
        .select(list(kinds))
        .cast({"holder": pl.Int64})
    )
