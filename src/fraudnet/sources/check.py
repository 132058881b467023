"""Holding converted rows against their contract: good rows on one side, bad ones with every rule they break."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

import dataframely as dy
import polars as pl

from fraudnet.contracts.columns import EXTRA
from fraudnet.contracts.drop import RECORDS
from fraudnet.sources.convert import Rule
from fraudnet.sources.formats.raw import ROW

BROKEN = {ROW: pl.UInt32(), "column": pl.String(), "rule": pl.String()}


def judge(frame: pl.DataFrame, table: str, rules: Sequence[Rule]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split rows into good ones (`__row`, contract, extra attributes) and broken rules (`__row`, column, rule).

    `__row` stands for the contract's `row_id`, which is made of it.
    """
    schema = RECORDS[table]
    own = _own(frame, rules)
    typed = frame.with_columns(pl.col(name).cast(to.dtype, strict=False) for name, to in _told(schema).items())
    suspects = _suspects(frame, typed, schema)
    theirs = pl.DataFrame(schema=BROKEN) if suspects is None else _theirs(frame.filter(suspects), schema)
    bad = pl.concat([own[ROW], theirs[ROW]]).unique()
    if own.height:  # a value that could not be read is null afterwards; say the cause, not the consequence
        consequence = own.select(ROW, rule=pl.concat_str("column", pl.lit(" is missing")))
        theirs = theirs.join(consequence, on=[ROW, "rule"], how="anti")
    good = typed.select(ROW, *_told(schema), *(name for name in frame.columns if name.startswith(EXTRA)))
    return good.filter(~pl.col(ROW).is_in(bad.implode())) if len(bad) else good, pl.concat([own, theirs])


def _told(schema: type[dy.Schema]) -> dict[str, dy.Column]:
    return {name: column for name, column in schema.columns().items() if name != "row_id"}


def _suspects(frame: pl.DataFrame, typed: pl.DataFrame, schema: type[dy.Schema]) -> pl.Series | None:
    """Which rows break a rule of the contract, or hold a value that its types cannot take; None where no row does.

    The rules are the contract's own, each asked of a whole column at once: nearly always that is all there is to do.
    """
    columns = _told(schema)
    lost = [name for name in columns if typed[name].null_count() != frame[name].null_count()]
    rules = [rule for name, column in columns.items() for rule in column.validation_rules(pl.col(name)).values()]
    broken = [~rule.fill_null(value=True) for rule in rules]
    met = typed.select(each.any().alias(f"{at}") for at, each in enumerate(broken)).row(0)
    found = [typed[name].is_null() & frame[name].is_not_null() for name in lost]
    found += [typed.select(each).to_series() for each, there in zip(broken, met, strict=True) if there]
    return reduce(or_, found) if found else None


def _own(frame: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    flags = frame.select(ROW, *[rule.broken.fill_null(False).alias(f"{at}") for at, rule in enumerate(rules)])
    found = [pl.DataFrame(schema=BROKEN)]
    for at, rule in enumerate(rules):
        if flags[f"{at}"].any():
            rows = flags.filter(pl.col(f"{at}")).select(ROW)
            found.append(rows.with_columns(column=pl.lit(rule.column), rule=pl.lit(rule.name)))
    return pl.concat(found)


def _theirs(frame: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """Every rule of the contract that some rows break, in its words."""
    named = frame.with_columns(row_id=pl.concat_str(pl.lit("#"), pl.col(ROW).cast(pl.String)))
    _, failure = schema.filter(named.select(list(schema.columns())), cast=True)
    details = failure.details()
    names = [name for name in details.columns if name not in schema.columns()]
    rows = failure.invalid()["row_id"].str.extract(r"#([0-9]+)$", 1).cast(pl.UInt32).alias(ROW)
    found = [pl.DataFrame(schema=BROKEN)]
    for name in names:
        broken = details[name] == "invalid"
        if broken.any():
            column = name.partition("|")[0]
            words = pl.lit(_words(name, schema)).alias("rule")
            found.append(rows.filter(broken).to_frame().with_columns(pl.lit(column).alias("column"), words))
    return pl.concat(found)


def _words(rule: str, schema: type[dy.Schema]) -> str:
    """A contract's rule in plain words."""
    name, _, what = rule.partition("|")
    column = schema.columns().get(name)
    if column is None:
        return rule
    if what == "nullability":
        return f"{name} is missing"
    if what == "dtype" and isinstance(column, dy.Enum):
        return f"{name} is not one of {', '.join(column.categories)}"
    if what in ("min", "max"):
        bound = "below" if what == "min" else "above"
        return f"{name} is {bound} {getattr(column, what)}"
    return f"{name} does not fit its type" if what == "dtype" else f"{name} breaks {what}"
