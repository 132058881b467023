"""Attributes beyond the contract: every column nobody named becomes `x_<name>`, a number where it can be one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from fraudnet.contracts.columns import EXTRA
from fraudnet.errors import InputError
from fraudnet.sources.formats.raw import check_columns
from fraudnet.sources.mapping import Table
from fraudnet.sources.values import text_of, told


@dataclass(frozen=True)
class Extras:
    """Column of the file by extra attribute, and which of them the mapping marks."""

    columns: Mapping[str, str]
    outcome: tuple[str, ...]
    allowed: Mapping[str, str]


def snake(name: str) -> str:
    """A column name in lower case with underscores: `Số dư TB` becomes `so_du_tb`, `initBalance` `init_balance`."""
    plain = unicodedata.normalize("NFKD", name).replace("đ", "d").replace("Đ", "D")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    return re.sub(r"[^0-9a-z]+", "_", plain.lower()).strip("_") or "column"


def choose(table: Table, schema: Mapping[str, pl.DataType], where: str) -> Extras:
    """Which columns of a file become extra attributes.

    Raises InputError when a column that the mapping names is not there, two would get the same name, or one is nested.
    """
    listed = table.extras if isinstance(table.extras, tuple) else ()
    check_columns([*table.used(), *table.ignore, *table.outcome, *table.allow, *listed], schema, where)
    if table.extras is True:
        left = set(table.used()) | set(table.ignore)
        names = [name for name in schema if name not in left]
    else:
        names = [name for name in schema if name in listed]
    columns: dict[str, str] = {}
    for name in names:
        _add(columns, name, schema[name], where)
    by_column = {column: extra for extra, column in columns.items()}
    for name in (*table.outcome, *table.allow):
        if name not in by_column:
            raise InputError(
                "{where}: `outcome` and `allow` name extra attributes, and {name!r} is none; remove it",
                where=where,
                name=name,
            )
    outcome = tuple(sorted(by_column[name] for name in table.outcome))
    return Extras(columns, outcome, {by_column[name]: reason for name, reason in table.allow.items()})


def _add(columns: dict[str, str], name: str, dtype: pl.DataType, where: str) -> None:
    extra = EXTRA + snake(name)
    if extra in columns:
        raise InputError(
            "{where}: columns {column!r} and {name!r} would both be {extra}; ignore one of them",
            where=where,
            column=columns[extra],
            name=name,
            extra=extra,
        )
    if dtype.is_nested() or dtype == pl.Object:
        raise InputError(
            "{where}: column {name!r} is nested ({dtype}); put it into `ignore` or deliver it flat",
            where=where,
            name=name,
            dtype=dtype,
        )
    columns[extra] = name


def expression(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """An extra attribute as it is stored: Float64 (not finite is null) or text, which has lost its outer blanks."""
    if dtype.is_numeric() or dtype == pl.Boolean:
        number = column.cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number) if dtype.is_float() else number
    return told(column, dtype)


def numeric(frame: pl.DataFrame, names: list[str]) -> dict[str, bool]:
    """Whether every value of each stored extra attribute is a finite number, or its text is one."""
    texts = [name for name in names if frame.schema[name] == pl.String]
    checks = [
        (pl.col(name).is_null() | pl.col(name).cast(pl.Float64, strict=False).is_finite()).fill_null(False).all()
        for name in texts
    ]
    passed = frame.select(checks).row(0) if texts else ()
    return dict.fromkeys(names, True) | dict(zip(texts, passed, strict=True))


def settled(column: pl.Expr, stored: pl.DataType, number: bool) -> pl.Expr:
    """A stored extra attribute in the type that all files of its table agree on."""
    return column.cast(pl.Float64, strict=False) if number else text_of(column, stored)
