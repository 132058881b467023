"""Reads every written list again, before anybody gets it: whole, its own, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from fraudnet.lists.cells import clean
from fraudnet.lists.format import ListFormat, Problem

# Shorter runs of letters and digits are counts and days as often as numbers of accounts.
TELLING_LENGTH = 9
# What we wrote ourselves into a file; names and customer numbers came from the recipient.
OUR_TEXTS = ("number", "entity_id", "note", "reasons", "GhiChu")


def written_problems(
    form: ListFormat, files: tuple[Path, ...], own: pl.DataFrame, others: pl.Series
) -> tuple[Problem, ...]:
    """Everything wrong with the files of one format: its own check, other rows, another institution's number."""
    broken = tuple(problem for file in files for problem in form.check(file))
    if broken:
        return broken
    tables = [form.read(file) for file in files]
    foreign = [Problem(file.name, None, "number", "a number of another institution", "own numbers only")
               for file, table in zip(files, tables, strict=True) if names_any(table, others)]  # fmt: skip
    wanted = numbers_of(own.filter(form.takes)).sort()
    found = pl.concat([table["number"].cast(pl.String) for table in tables] or [pl.Series("number", [], pl.String)])
    if found.sort().equals(wanted):
        return tuple(foreign)
    got = f"{found.len()} rows, {_strange(found, wanted)} of them not on this list"
    return (*foreign, Problem(form.file, None, "number", got, f"the {wanted.len()} numbers of this list"))


def numbers_of(entries: pl.DataFrame) -> pl.Series:
    """The numbers of entries in the form in which files carry them."""
    return entries.select(clean("number"))["number"]


def telling(numbers: pl.Series, own: pl.Series) -> pl.Series:
    """The numbers that are long enough to be recognised in a text and are not the recipient's own."""
    return numbers.filter((numbers.str.len_chars() >= TELLING_LENGTH) & ~numbers.is_in(own.implode())).unique()


def names_any(table: pl.DataFrame, numbers: pl.Series) -> bool:
    """Whether a text that we wrote holds one of these numbers as a whole word."""
    words = [_words(table[column]).cast(pl.String) for column in _present(table)]
    # All columns at once: looking up in a hundred thousand numbers costs the same for one word as for many.
    return bool(words) and bool(pl.concat(words).unique().is_in(numbers.implode()).any())


def _present(table: pl.DataFrame) -> Iterable[str]:
    return (column for column in OUR_TEXTS if column in table.columns)


def _words(column: pl.Series) -> pl.Series:
    texts = column.explode() if column.dtype == pl.List(pl.String) else column
    return texts.drop_nulls().str.extract_all(rf"[0-9A-Za-z]{{{TELLING_LENGTH},}}").explode().drop_nulls()


def _strange(found: pl.Series, wanted: pl.Series) -> int:
    return int((~found.is_in(wanted.implode())).sum())
