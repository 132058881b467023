"""The table that people work with, the same in every file for people: which columns, in which words."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from fraudnet.contracts.grades import ACTIONS
from fraudnet.contracts.results import ListEntry
from fraudnet.lists.cells import clean
from fraudnet.lists.format import Problem
from fraudnet.lists.note import NOTE_LIMIT
from fraudnet.messages import LANGUAGES, text

COLUMNS = (
    "position", "kind", "number", "holder_name", "holder_kind", "cif",
    "status", "code", "probability", "grade", "action", "hold", "expires_on", "note", "entity_id",
)  # fmt: skip
NUMERIC = ("position", "status", "code", "probability", "hold")
# A workbook cell holds 32,767 characters.
CELL_LIMIT = 32_000


def titles(language: str) -> list[str]:
    """The column titles in a language."""
    return [text(f"lists.column.{name}", language) for name in COLUMNS]


def working_table(entries: dy.DataFrame[ListEntry], language: str) -> pl.DataFrame:
    """The entries as text, one column per name in COLUMNS; unknown is empty, probabilities have three digits."""
    kinds = {kind: text(f"lists.kind.{kind}", language) for kind in ("account", "sim")}
    holder_kinds = {kind: text(f"lists.holder_kind.{kind}", language) for kind in ("person", "organisation")}
    actions = {action: text(f"grades.action.{action}", language) for action in ACTIONS}
    worded = entries.lazy().with_columns(
        pl.col("kind").replace(kinds),
        pl.col("holder_kind").replace(holder_kinds),
        pl.col("position", "status", "code", "grade", "hold").cast(pl.String),
        pl.col("action").cast(pl.String).replace(actions),
        probability=_three_digits(pl.col("probability")),
        expires_on=pl.col("expires_on").dt.strftime("%d/%m/%Y"),
    )
    cells = [clean(pl.col(name).fill_null("")).str.head(CELL_LIMIT).alias(name) for name in COLUMNS]
    return worded.select(cells).collect()


def _three_digits(share: pl.Expr) -> pl.Expr:
    thousandths = (share * 1000).round().cast(pl.Int64)
    whole, rest = (thousandths // 1000).cast(pl.String), (thousandths % 1000).cast(pl.String).str.zfill(3)
    return whole + pl.lit(".") + rest


def row_problems(table: pl.DataFrame, file: str) -> tuple[Problem, ...]:
    """What is wrong with the rows of a file for people, read back as text."""
    rows = table.with_row_index("row", offset=1)
    rules = {
        "number": (pl.col("number").fill_null("") == "", "an empty cell", "an account or phone number"),
        "note": (pl.col("note").str.len_chars() > NOTE_LIMIT, "a longer text", f"at most {NOTE_LIMIT} characters"),
        "position": (~_is_place(), "another text", "a whole number from 1"),
    }
    found: list[Problem] = []
    for column, (broken, got, expected) in rules.items():
        found += [Problem(file, row, column, got, expected) for row in rows.filter(broken)["row"]]
    return tuple(found)


def _is_place() -> pl.Expr:
    return pl.col("position").fill_null("").str.contains(r"^[1-9][0-9]*$")


def header_problems(lines: list[str], found_titles: list[str], file: str) -> tuple[Problem, ...]:
    """Whether the sentence stands above the entries and the columns are the known ones, in one language."""
    for language in LANGUAGES:
        if found_titles == titles(language) and lines[:1] == [text("lists.sentence", language)]:
            return ()
    return (Problem(file, None, "header", "other lines", "the sentence of the list and the titles of one language"),)
