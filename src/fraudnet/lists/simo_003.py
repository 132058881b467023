"""A draft of the bank's corrections and withdrawals to the State Bank (SIMO message 003)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from fraudnet.lists.check import check_simo
from fraudnet.lists.format import Problem
from fraudnet.lists.formats.simo_002 import records_of, write_records
from fraudnet.lists.header import ListHeader
from fraudnet.lists.simo import WITHDRAWN
from fraudnet.messages import text

STEM = "simo_003"


def write(changes: pl.DataFrame, folder: Path, header: ListHeader) -> tuple[Path, ...]:
    """Write `simo_003-0001.json` and on for changed and withdrawn accounts, organisations apart; nothing when none.

    changes: contract Change of one bank. A withdrawal carries code 0 and the reason; an update of an account that was
    sent before carries its new code. Source: as message 002.
    """
    told = corrections(changes, header.language)
    if told.is_empty():
        return ()
    return write_records(records_of(told), folder / f"{STEM}.json", header)


def corrections(changes: pl.DataFrame, language: str) -> pl.DataFrame:
    """The accounts to correct, with `correction`: the reason in words; withdrawn ones with code 0 and no note."""
    operation = pl.col("operation").cast(pl.String)
    told = changes.filter((pl.col("kind") == "account") & operation.is_in(("update", "withdraw")))
    gone = operation == "withdraw"
    reasons = {name: text(f"lists.reason.{name}", language) for name in told["reason"].cast(pl.String).unique().sort()}
    return told.with_columns(
        code=pl.when(gone).then(pl.lit(WITHDRAWN, pl.Int8)).otherwise("code"),
        note=pl.when(gone).then(pl.lit("")).otherwise("note"),
        correction=pl.col("reason").cast(pl.String).replace(reasons),
    )


def check(path: Path) -> tuple[Problem, ...]:
    """Everything wrong with a file of corrections at level draft."""
    return check_simo(path, "draft")
