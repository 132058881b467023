"""Holding converted rows against their contract: good rows on one side, bad ones with every rule they break."""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from fraudnet.contracts.columns import EXTRA
from fraudnet.contracts.drop import RECORDS
from fraudnet.sources.convert import Rule
from fraudnet.sources.formats.raw import ROW

BROKEN = {ROW: pl.UInt32(), "column": pl.String(), "rule": pl.String()}


def judge(frame: pl.DataFrame, table: str, rules: Sequence[Rule]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split rows into good ones (`__row`, contract, extra attributes) and broken rules (`__row`, column, rule)."""
    schema = RECORDS[table]
    own = _own(frame, rules)
    passed, failure = schema.filter(frame.select(list(schema.columns())), cast=True)
    theirs = _theirs(failure, schema) if len(failure) else pl.DataFrame(schema=BROKEN)
    if own.height:  # a value that could not be read is null afterwards; say the cause, not the consequence
        consequence = own.select(ROW, rule=pl.concat_str("column", pl.lit(" is missing")))
        theirs = theirs.join(consequence, on=[ROW, "rule"], how="anti")
    extras = [name for name in frame.columns if name.startswith(EXTRA)]
    side = frame.select(ROW, *extras)
    if len(failure):
        side = side.filter(~pl.col(ROW).is_in(_rows(failure).implode()))
    good = side.select(ROW).hstack(passed.get_columns()).hstack(side.select(extras).get_columns())
    if own.height:
        good = good.filter(~pl.col(ROW).is_in(own[ROW].implode()))
    return good, pl.concat([own, theirs])


def _own(frame: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    flags = frame.select(ROW, *[rule.broken.fill_null(False).alias(f"{at}") for at, rule in enumerate(rules)])
    found = [pl.DataFrame(schema=BROKEN)]
    for at, rule in enumerate(rules):
        if flags[f"{at}"].any():
            rows = flags.filter(pl.col(f"{at}")).select(ROW)
            found.append(rows.with_columns(column=pl.lit(rule.column), rule=pl.lit(rule.name)))
    return pl.concat(found)


def _rows(failure: dy.FailureInfo) -> pl.Series:
    return failure.invalid()["row_id"].str.extract(r"#([0-9]+)$", 1).cast(pl.UInt32)


def _theirs(failure: dy.FailureInfo, schema: type[dy.Schema]) -> pl.DataFrame:
    details = failure.details()
    names = [name for name in details.columns if name not in schema.columns()]
    rows = _rows(failure).alias(ROW)
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
