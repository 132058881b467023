"""The entries that an institution holds from us: what every package changed, and what stands after all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import dataframely as dy
import polars as pl

from fraudnet.contracts.columns import choice, count, day, text
from fraudnet.contracts.results import ListEntry

OPERATIONS = ("add", "update", "suspend", "resume", "withdraw")
STATES = ("live", "suspended")
REASONS = ("cleared", "retracted", "closed", "expired", "contested", "renewed", "new", "ruled")
KEY = ("institution", "entity_id")


class LiveEntry(ListEntry):
    """One entry as its institution holds it."""

    entry_id = text("Key of the entry for this institution alone: a keyed pseudonym")
    flag_id = text("The flag behind it")
    evidence = dy.List(dy.String(), description="What the flag rests on, by kind and reference")
    state = choice("Whether it may be acted on", STATES)
    listed_on = day("Day on which it was first sent")
    review_on = day("Day on which somebody looks at it again")


class Change(LiveEntry):
    """What one package does to one entry."""

    operation = choice("What happens", OPERATIONS)
    reason = choice("Why", REASONS)
    turn = count("Place of the package among all that were packed")


def empty(schema: type[dy.Schema]) -> pl.DataFrame:
    """No rows under a contract, as a plain table."""
    return schema.create_empty().lazy().collect()


def completed(rows: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """Rows that an earlier version wrote, with the columns that it did not know yet: nothing is known of them."""
    new = [
        pl.lit(None, column.dtype).alias(name)
        for name, column in schema.columns().items()
        if column.nullable and name not in rows.columns
    ]
    return rows.with_columns(new)


def replayed(changes: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The entries that stand after all changes (contract Change, any order): contract LiveEntry, sorted by their key.

    The last change of an entry decides; `turn` orders them.
    """
    if not changes:
        return empty(LiveEntry)
    last = pl.concat(changes).sort(*KEY, "turn", maintain_order=True).unique(KEY, keep="last", maintain_order=True)
    standing = last.filter(pl.col("operation").cast(pl.String) != "withdraw")
    return standing.select(LiveEntry.column_names()).sort(*KEY)


def totals(live: pl.DataFrame, changes: pl.DataFrame) -> dict[str, Any]:
    """Control totals of one institution: changes by operation, entries that stand after them, and their digest.

    live, changes: the rows of that institution alone. The digest is SHA-256 over the lines `<entry> <state>` in order
    of the entries, so that a recipient can compare without our programs.
    """
    counted = dict(changes.group_by("operation").len().select(pl.col("operation").cast(pl.String), "len").iter_rows())
    lines = live.sort("entry_id").select(pl.concat_str("entry_id", pl.col("state").cast(pl.String), separator=" "))
    digest = hashlib.sha256("".join(f"{line}\n" for line in lines.to_series()).encode()).hexdigest()
    suspended = live.filter(pl.col("state").cast(pl.String) == "suspended").height
    return {
        **{name: int(counted.get(name, 0)) for name in OPERATIONS},
        "live": live.height,
        "suspended": suspended,
        "live_digest": digest,
    }
