"""Whether a file keeps to the order of day and month that its mapping declares."""

from __future__ import annotations

import polars as pl

from fraudnet.errors import InputError
from fraudnet.sources.formats.raw import ROW
from fraudnet.sources.mapping import Table, Value

FEWEST, SHARE = 3, 0.01  # fewer dates that read the other way alone are slips, and go to quarantine


def check_order(rows: pl.DataFrame, broken: pl.DataFrame, table: Table) -> None:
    """Raise InputError when dates that cannot be read as declared can be read with day and month changed.

    rows: as delivered, with `__row`. broken: `__row`, column, rule. A file in both orders cannot be told apart where
    both read, so none of it is used.
    """
    for name, said in table.columns.items():
        if (
            not isinstance(said, Value)
            or said.column is None
            or not said.format
            or rows.schema[said.column] != pl.String
        ):
            continue
        turned = said.format.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
        if "%d" not in said.format or turned == said.format:
            continue
        unread = broken.filter(pl.col("rule").str.starts_with(f"{name} cannot be read")).select(ROW).unique()
        texts = rows.join(unread, on=ROW, how="semi").sort(ROW)
        other = texts.filter(texts[said.column].str.strip_chars().str.to_datetime(turned, strict=False).is_not_null())
        if other.height >= FEWEST and other.height > SHARE * rows[said.column].count():
            raise InputError(
                "column {column!r} is declared as {format}, but row {row} and {more} more can only be read "
                "with day and month changed; ask the source for one order, or correct `format`",
                column=said.column,
                format=said.format,
                row=other[ROW][0],
                more=other.height - 1,
            )
