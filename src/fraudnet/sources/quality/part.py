"""What a criterion of data quality is made of: measures, each a count of what holds among what is stated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from fraudnet.sources.quality.material import Material

OWNER = ("source", "institution")
PART: dict[str, pl.DataType] = {
    "source": pl.String(),
    "institution": pl.String(),
    "table": pl.String(),
    "measure": pl.String(),
    "numerator": pl.Int64(),
    "denominator": pl.Int64(),
}
# Per measure: what holds and what there is to look at, both Boolean or whole numbers, added up over the rows.
Counts = Mapping[str, tuple[pl.Expr, pl.Expr]]


@dataclass(frozen=True)
class Criterion:
    """One of the six criteria.

    `counts` gives the measures of a table that look at one row at a time (one pass over the table serves all criteria),
    `compared` those that look across rows and tables, as frames of PART. `silence` says why a source has no value.
    With `additive`, institutions add up to their source; otherwise `compared` tells both.
    """

    name: str
    counts: Callable[[str, Material], Counts]
    compared: Callable[[Material], list[pl.DataFrame]]
    silence: str
    additive: bool = True


def nothing(table: str, material: Material) -> Counts:
    """For a criterion that has nothing to look at row by row."""
    return {}


def part(
    frame: pl.DataFrame, table: str | None, measure: str, numerator: pl.Expr, denominator: pl.Expr
) -> pl.DataFrame:
    """A frame with `source` (and `institution`, `table`, where it has them) as PART."""
    given = frame.columns
    return frame.select(
        source="source",
        institution=pl.col("institution") if "institution" in given else pl.lit(None, dtype=pl.String),
        table=pl.col("table") if table is None else pl.lit(table),
        measure=pl.lit(measure),
        numerator=numerator.cast(pl.Int64),
        denominator=denominator.cast(pl.Int64),
    )


def given(column: str) -> pl.Expr:
    """Whether a row says anything in a column."""
    return pl.col(column).is_not_null()


def compared(answer: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """A measure whose answer is null where one side says nothing."""
    return answer, answer.is_not_null()
