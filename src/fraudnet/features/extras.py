"""Attributes that a drop brings beyond the contracts, as features."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.columns import EXTRA
from fraudnet.contracts.drop import Records
from fraudnet.contracts.features import Column
from fraudnet.features.family import Family
from fraudnet.features.shape import owned

MAX_LEVELS = 50
# Attributes of a person that may never speak for or against anybody, whatever the drop calls them.
NEVER = frozenset(
    EXTRA + name for name in ("sex", "gender", "age", "birth_date", "birth_year", "birth_province", "birthplace")
)


def numbers(records: Records, table: str) -> list[str]:
    """The extra attributes of a table that are numbers or yes/no, in order of their names."""
    return [name for name, dtype in _offered(records, table).items() if dtype.is_numeric() or dtype == pl.Boolean]


def levels(records: Records, table: str) -> dict[str, tuple[str, ...]]:
    """The extra text attributes of a table with 1 to 50 different values, each with its values in order."""
    texts = [name for name, dtype in _offered(records, table).items() if _is_text(dtype)]
    if not texts:
        return {}
    columns = [pl.col(name).cast(pl.String) for name in texts]
    rows = records.table(table).select(columns)
    counts = rows.select(pl.all().drop_nulls().n_unique()).collect(engine="streaming").row(0, named=True)
    few = [name for name in texts if 1 <= counts[name] <= MAX_LEVELS]
    if not few:
        return {}
    found = rows.select(pl.col(few).drop_nulls().unique().sort().implode()).collect(engine="streaming")
    return {name: tuple(found[name][0].to_list()) for name in few}


def left_out(records: Records, table: str) -> list[str]:
    """The extra attributes of a table that are no features: text of over 50 values, dates, lists, sex, age."""
    used = {*numbers(records, table), *levels(records, table)}
    return [name for name in records.extras(table) if name not in used]


def as_given(records: Records, table: str, keep: pl.Expr | None) -> pl.LazyFrame | None:
    """Per entity its extra attributes: numbers as they are, text as the place of its value among the sorted values.

    Where several rows describe one entity, the first known value in order of source and row counts. None when the
    drop has no such attribute. Whole numbers are Int64, others Float64, codes Int64; unknown stays null.
    """
    few = levels(records, table)
    values = [_number(records, table, name) for name in numbers(records, table)]
    values += [_code(name, kept) for name, kept in few.items()]
    if not values:
        return None
    rows = records.table(table).sort("source", "row_id").select("source", "row_id", *values, node="entity")
    names = [name for name in rows.collect_schema().names() if name.startswith(EXTRA)]
    first = pl.col(names).sort_by("source", "row_id").drop_nulls().first()
    return owned(rows, keep).group_by("node").agg(first)


def given_columns(records: Records, table: str, family: str) -> tuple[Column, ...]:
    """What the columns of `as_given` mean, in order."""
    found = [
        Column(name, f"{said(name)}, as the {table} table gives it", family, spread=True)
        for name in numbers(records, table)
    ]
    for name, kept in levels(records, table).items():
        text = f"category of {said(name)}, as the {table} table gives it"
        found.append(Column(name, text, family, low=0, high=len(kept) - 1, categories=kept))
    return tuple(found)


def said(name: str) -> str:
    """The name of an extra attribute as the drop had it."""
    return name.removeprefix(EXTRA)


def _offered(records: Records, table: str) -> dict[str, pl.DataType]:
    names = records.extras(table)
    kinds = records.table(table).collect_schema() if names else {}
    return {name: kinds[name] for name in names if name not in NEVER}


def _is_text(dtype: pl.DataType) -> bool:
    return dtype == pl.String or isinstance(dtype, (pl.Categorical, pl.Enum))


def _number(records: Records, table: str, name: str) -> pl.Expr:
    return plain_number(name, records.table(table).collect_schema()[name])


def plain_number(name: str, dtype: pl.DataType) -> pl.Expr:
    """A number as Int64 where it is whole, else Float64; what is not a number is unknown."""
    if dtype.is_integer() or dtype == pl.Boolean:
        return pl.col(name).cast(pl.Int64)
    return pl.col(name).cast(pl.Float64).fill_nan(None)


def _code(name: str, kept: tuple[str, ...]) -> pl.Expr:
    places = list(range(len(kept)))
    return pl.col(name).cast(pl.String).replace_strict(list(kept), places, default=None, return_dtype=pl.Int64)


def extras_family(name: str, kind: str, table: str) -> Family:
    """The family of a kind whose columns are the extra attributes of one table."""

    def run(records: Records, nodes: pl.DataFrame, keep: pl.Expr | None) -> pl.LazyFrame:
        mine = owned(nodes.lazy().filter(pl.col("kind") == kind).select("node"), keep)
        given = as_given(records, table, keep)
        return mine if given is None else mine.join(given, on="node", how="left")

    def columns(records: Records) -> tuple[Column, ...]:
        return given_columns(records, table, name)

    return Family(name, kind, run, columns=columns)
