"""Statements of accounts become transfers: one for each, whoever told it."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.graph.collapse import one_transfer_each
from fraudnet.sources.balances import STATEMENTS
from fraudnet.sources.statements import HALF_KNOWN, completed, lines, timed

OUT, IN = "out", "in"
MOST_BREAKS = 8


def told_once(records: Records) -> dict[str, pl.LazyFrame]:
    """Transfers and events of records that hold statements, each event once.

    Both sides of one transfer are one row that names the other in `other_row_id`; so is the row of a table of transfers
    that tells the same. A side without a partner stays: as a transfer where it names the other account, as an event of
    its own account where it does not.
    """
    known = timed(completed(lines(records.table(STATEMENTS))))
    whole = pl.col("counterparty").is_not_null()
    mine, half = _transfers(known.filter(whole)), _events(known.filter(~whole))
    events = pl.concat([records.table("events"), half.lazy()], how="diagonal_relaxed")
    transfers = _beside(records.table("transfers"), mine) if records.has("transfers") else mine
    return {"transfers": transfers.lazy(), "events": events}


def break_notes(breaks: pl.DataFrame) -> list[str]:
    """A line for each break of a statement, eight at most: which file and row, and what does not add up."""
    told = [f"{row['file']}, row {row['row']}: {row['rule']}" for row in breaks.head(MOST_BREAKS).to_dicts()]
    more = breaks.height - len(told)
    return told + ([f"{more:,} more lines of statements do not add up; `fraudnet check` names them"] if more else [])


def _beside(plain: pl.LazyFrame, mine: pl.DataFrame) -> pl.DataFrame:
    """Transfers of statements and of tables, once; statements were compared with one another already."""
    ours = mine.lazy().with_columns(told_by="source", source=pl.lit(STATEMENTS), also="other_row_id")
    both = pl.concat([plain.with_columns(told_by="source"), ours.drop("other_row_id")], how="diagonal_relaxed")
    one = one_transfer_each(both).collect()
    ids = pl.concat_str("other_row_id", "also", separator=" ", ignore_nulls=True)
    return one.with_columns(source="told_by", other_row_id=pl.when(ids != "").then(ids)).drop("told_by", "also")


def _transfers(known: pl.DataFrame) -> pl.DataFrame:
    """Contract Transfer and `other_row_id`: debit and credit lines of the same transfer are one."""
    out = pl.col("change") < 0
    sides = known.with_columns(
        payer=pl.when(out).then("own").otherwise("counterparty"),
        payee=pl.when(out).then("counterparty").otherwise("own"),
        amount="size",
        transfer_id="row_id",
        told_by="source",
        # Both lines may come from one bank: what makes them two reports is the side they tell.
        source=pl.when(out).then(pl.lit(OUT)).otherwise(pl.lit(IN)),
    )
    one = one_transfer_each(_under("transfers", sides, ("told_by",)).lazy()).collect()
    return one.with_columns(source="told_by").drop("told_by")


def _events(known: pl.DataFrame) -> pl.DataFrame:
    half = known.with_columns(event_id="row_id", entity="own", amount="change", kind=pl.lit(HALF_KNOWN))
    return _under("events", half.with_columns(counterparty=pl.lit(None, pl.String)), ())


def _under(table: str, frame: pl.DataFrame, more: tuple[str, ...]) -> pl.DataFrame:
    contract = RECORDS[table].columns()
    shaped = [
        (pl.col(name) if name in frame.columns else pl.lit(None, column.dtype)).alias(name)
        for name, column in contract.items()
    ]
    return frame.select(*shaped, *more)
