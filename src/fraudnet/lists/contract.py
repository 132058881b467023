"""Whether a table of entries keeps the contract of list entries, row by row."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from fraudnet.contracts.columns import count
from fraudnet.contracts.results import ListEntry
from fraudnet.lists.format import Problem
from fraudnet.lists.note import NOTE_LIMIT


class _NumberedEntry(ListEntry):
    row = count("Row in the file, from 1")

    @dy.rule()
    def note_fits(cls) -> pl.Expr:  # noqa: N805
        return pl.col("note").str.len_chars() <= NOTE_LIMIT

    @dy.rule()
    def number_present(cls) -> pl.Expr:  # noqa: N805
        return pl.col("number").str.strip_chars() != ""

    @dy.rule()
    def kind_known(cls) -> pl.Expr:  # noqa: N805
        return pl.col("kind").is_in(["account", "sim"])


def contract_problems(frame: pl.DataFrame, file: str) -> tuple[Problem, ...]:
    """Every broken rule of every row, and every missing or unknown column."""
    wanted = ListEntry.column_names()
    missing = [name for name in wanted if name not in frame.columns]
    found = [Problem(file, None, name, "no such column", "a column of this name") for name in missing]
    if set(frame.columns) - set(wanted):
        found.append(Problem(file, None, "columns", "an unknown column", "only the known ones"))
    return (*found, *(() if missing else _row_problems(frame.select(wanted), file)))


def _row_problems(frame: pl.DataFrame, file: str) -> list[Problem]:
    numbered = frame.with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.Int64))
    _, failure = _NumberedEntry.filter(numbered, cast=True)
    broken = failure.counts()
    if not broken:
        return []
    details = failure.details()
    return [
        Problem(file, row, rule.split("|")[0], "a value that breaks the rule", f"'{rule}'")
        for rule in sorted(broken)
        for row in details.filter(pl.col(rule).cast(pl.String) == "invalid")["row"]
    ]
