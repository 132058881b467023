"""What is not sent now: people an institution has just cleared, entries that fell off, and more than it can work on."""

from __future__ import annotations

from datetime import date

import polars as pl

from fraudnet.lists.standing import REST_DAYS

HELD = {"institution": pl.String, "reason": pl.String, "entries": pl.Int64}


def rested(wanted: pl.DataFrame, resting: pl.DataFrame, fresh: pl.DataFrame, day: date) -> pl.DataFrame:
    """The wanted entries (institution, entity_id) that rest: cleared, closed or expired less than 90 days ago.

    resting: institution, entity_id, since (day), after (moment), evidence (what an expired entry rested on, null for
    the others). fresh: entity_id and `known_at` of the newest independent report or decision about it; one that became
    known later ends the rest, and an expired entry comes back with any evidence that it lacked.
    """
    near = resting.filter(pl.col("since") > day - pl.duration(days=REST_DAYS))
    joined = (
        wanted.select("institution", "entity_id", now="evidence")
        .join(near, on=["institution", "entity_id"])
        .join(fresh, on="entity_id", how="left")
    )
    renewed = (pl.col("known_at") > pl.col("after")).fill_null(value=False)
    new = pl.col("evidence").is_not_null() & (pl.col("now").list.set_difference("evidence").list.len() > 0)
    return joined.filter(~(renewed | new)).select("institution", "entity_id").unique().sort("institution", "entity_id")


def beyond(wanted: pl.DataFrame, sent_today: pl.DataFrame, most: int) -> pl.DataFrame:
    """The wanted entries (institution, entity_id) beyond the `most` that an institution gets in a day.

    sent_today: institution, entries. The strongest grades go first, then the order of the list.
    """
    order = ["institution", "grade", "position", "kind", "entity_id"]
    ranked = wanted.select("institution", "entity_id", "kind", "position", pl.col("grade").to_physical()).sort(
        order, descending=[False, True, False, False, False]
    )
    placed = ranked.with_columns(place=pl.int_range(1, pl.len() + 1).over("institution"))
    room = placed.join(sent_today, on="institution", how="left").with_columns(pl.col("entries").fill_null(0))
    return room.filter(pl.col("place") + pl.col("entries") > most).select("institution", "entity_id")


def counted(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    """institution, reason, entries: how many are held back."""
    found = rows.group_by("institution").agg(entries=pl.len().cast(pl.Int64)).sort("institution")
    return found.select("institution", pl.lit(reason).alias("reason"), "entries")
