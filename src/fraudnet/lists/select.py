"""Who goes on which institution's list: flagged accounts and SIMs, each to the institution that lists it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

import dataframely as dy
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.results import ListEntry, Reason, Score
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.lists.cells import clean
from fraudnet.lists.holders import holders
from fraudnet.lists.note import note_of
from fraudnet.messages import text
from fraudnet.settings import Settings

LISTED_KINDS = ("account", "sim")
OTHER_SIGN = 8
# 4 feeds on earlier flags and never stands alone; 5 needs a list of the State Bank or the police.
NEVER_CHOSEN = (4, 5)


def select(
    scores: dy.DataFrame[Score],
    reasons: dy.DataFrame[Reason],
    hits: pl.DataFrame,
    records: Records,
    codes: Mapping[str, int | None],
    settings: Settings,
) -> dy.DataFrame[ListEntry]:
    """One entry per flagged account or SIM that an institution lists; identities never.

    `hits` has entity_id, typology and strength; `codes` gives the SIMO code of each typology, None where it has none.
    The cut-off is the one each score carries. Holder, customer number and status are taken only from rows of
    `records` that the recipient itself delivered and that were known before the cut-off. Flagged entities without
    an institution or a number have no recipient (`without_recipient`).
    """
    flagged = _flagged(scores)
    if flagged.is_empty():
        return ListEntry.create_empty()
    held = holders(records, _cut_off(flagged), flagged["entity_id"])
    entries = (
        flagged.join(held, on=["entity_id", "institution"], how="left")
        .join(_codes(hits, codes), on="entity_id", how="left")
        .join(_sentences(reasons), on="entity_id", how="left")
        .with_columns(
            code=pl.when(pl.col("kind") == "account").then(pl.col("code").fill_null(OTHER_SIGN)).cast(pl.Int8),
            reasons=pl.col("reasons").fill_null([]),
            suspicions=pl.col("suspicions").fill_null([]),
            expires_on=pl.min_horizontal("expires_on", _expiry(settings.entry_days)),
            hold=pl.lit(None, pl.Int64),
            references=pl.lit(None, pl.List(pl.String)),
        )
        .sort("institution", "kind", "position", "entity_id")
    )
    noted = entries.with_columns(note=pl.Series(_notes(entries, settings.language), dtype=pl.String))
    return ListEntry.validate(noted.select(ListEntry.column_names()), cast=True)


def with_holds(entries: dy.DataFrame[ListEntry], holds: pl.DataFrame) -> dy.DataFrame[ListEntry]:
    """The entries with the smallest amount to hold where victims' money is traced to them.

    holds: entity_id and `hold` in minor units, one row per account and case (contract CaseHold); those of several cases
    add up, since each follows the money of other victims.
    """
    amounts = holds.filter(pl.col("hold") > 0).group_by("entity_id").agg(hold=pl.col("hold").sum())
    return _joined(entries, amounts, "hold")


def with_references(entries: dy.DataFrame[ListEntry], references: pl.DataFrame) -> dy.DataFrame[ListEntry]:
    """The entries with their own transfers: entity_id and the rail's own `references` of what it paid or was paid."""
    return _joined(entries, references, "references")


def _joined(entries: dy.DataFrame[ListEntry], table: pl.DataFrame, column: str) -> dy.DataFrame[ListEntry]:
    rows = entries.lazy().drop(column).join(table.lazy(), on="entity_id", how="left", maintain_order="left")
    return ListEntry.validate(rows.select(ListEntry.column_names()).collect(), cast=True)


def without_recipient(scores: dy.DataFrame[Score]) -> pl.DataFrame:
    """How many flagged accounts and SIMs nobody can receive a list about: kind, entries."""
    frame = scores.lazy().filter("flagged", pl.col("kind").is_in(LISTED_KINDS))
    lost = frame.filter(pl.col("institution").is_null() | pl.col("number").is_null())
    return lost.group_by("kind").agg(entries=pl.len()).sort("kind").collect()


def _flagged(scores: dy.DataFrame[Score]) -> pl.DataFrame:
    return (
        scores.lazy()
        .filter("flagged", pl.col("kind").is_in(LISTED_KINDS))
        .drop_nulls(["institution", "number"])
        .sort("position", "raw", descending=[False, True])
        .unique(["institution", "entity_id"], keep="first", maintain_order=True)
        .collect()
    )


def _cut_off(flagged: pl.DataFrame) -> datetime:
    return cast("datetime", flagged["as_of"].min())


def _codes(hits: pl.DataFrame, codes: Mapping[str, int | None]) -> pl.DataFrame:
    """entity_id and the code of its strongest typology that has one; equal strengths go by name."""
    usable = {name: code for name, code in codes.items() if code and code not in NEVER_CHOSEN}
    table = pl.DataFrame(
        {"typology": list(usable), "code": list(usable.values())}, schema={"typology": pl.String, "code": pl.Int8}
    )
    strongest = hits.filter(pl.col("strength") > 0).join(table, on="typology", how="inner")
    ordered = strongest.sort("entity_id", "strength", "typology", descending=[False, True, False])
    return ordered.unique("entity_id", keep="first", maintain_order=True).select("entity_id", "code")


def _sentences(reasons: dy.DataFrame[Reason]) -> pl.DataFrame:
    """entity_id, all sentences in order, and those that speak against the entity by a value that is known."""
    ordered = reasons.lazy().with_columns(text=clean("text")).sort("entity_id", "position", "source", "name")
    against = pl.col("text").filter(~pl.col("in_favour"), pl.col("value").is_not_null())
    return ordered.group_by("entity_id", maintain_order=True).agg(reasons=pl.col("text"), suspicions=against).collect()


def _expiry(days: int) -> pl.Expr:
    """The local day of the cut-off plus the days that an entry stands at most, whatever its grade."""
    return pl.col("as_of").dt.convert_time_zone(LOCAL_ZONE).dt.date() + timedelta(days=days)


def _notes(entries: pl.DataFrame, language: str) -> list[str]:
    other, none = text("lists.note.other", language), [text("lists.note.none", language)]
    rows = entries.select("code", "suspicions").iter_rows()
    return [note_of(sentences or none, other if code == OTHER_SIGN else "") for code, sentences in rows]
