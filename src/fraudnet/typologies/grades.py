"""Smooth grades from 0 to 1, and the table of hits that two of them make."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

Grades = tuple[float, float]


def column_or_null(name: str, known: Collection[str]) -> pl.Expr:
    """The feature as Float64, or nothing where the table lacks it or the value is not a number."""
    if name not in known:
        return pl.lit(None, dtype=pl.Float64).alias(name)
    return pl.col(name).cast(pl.Float64).fill_nan(None)


def over(name: str | pl.Expr, line: Grades) -> pl.Expr:
    """0 up to the first bound, 1 from the second, straight in between; unknown stays unknown."""
    value = pl.col(name) if isinstance(name, str) else name
    low, high = line
    return ((value - low) / (high - low)).clip(0.0, 1.0)


def under(name: str | pl.Expr, line: Grades) -> pl.Expr:
    """1 up to the first bound, 0 from the second, straight in between; unknown stays unknown."""
    return 1.0 - over(name, line)


def per(part: str, whole: str) -> pl.Expr:
    """One feature for each unit of another; unknown where the other is not above 0."""
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))


def all_of(*grades: pl.Expr) -> pl.Expr:
    """As strong as the weakest condition; unknown as soon as one condition is unknown."""
    known = pl.all_horizontal([grade.is_not_null() for grade in grades])
    return pl.when(known).then(pl.min_horizontal(grades))


def any_of(*grades: pl.Expr) -> pl.Expr:
    """As strong as the strongest condition that is known."""
    return pl.max_horizontal(grades)


def soon_gone(passed: Grades, minutes: Grades, left: Grades) -> pl.Expr:
    """Whether money does not stay: gone within the hour, or nearly all of it out again after that many minutes."""
    emptied = all_of(under("dwell_minutes_median_30d", minutes), over("out_in_ratio_30d", left))
    return any_of(over("passed_1h_share_30d", passed), over("passed_1h_share_all", passed), emptied)


def graded(features: pl.LazyFrame, strength: pl.Expr, alike: pl.Expr) -> pl.LazyFrame:
    """The nodes that show a pattern, with its strength and that of the honest look-alike.

    `features` has `node` and any of the features that the two grades name. A pattern that cannot be told is no hit,
    a look-alike that cannot be told is 0. Returns node, strength, alike_strength, both Float64 in [0, 1].
    """
    known = features.collect_schema().names()
    names = sorted({*strength.meta.root_names(), *alike.meta.root_names()})
    return (
        features.select("node", *(column_or_null(name, known) for name in names))
        .select("node", strength=strength, alike_strength=alike.fill_null(0.0))
        .filter(pl.col("strength") > 0.0)
    )
