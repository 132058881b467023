"""The ledger of rows that were turned away, with the file they came from, every rule they break and their raw text."""

from __future__ import annotations

import polars as pl

from fraudnet.errors import IntegrityError
from fraudnet.sources.formats.raw import ROW
from fraudnet.sources.location import Input

LEDGER: dict[str, pl.DataType] = {
    "table": pl.String(),
    "file": pl.String(),
    "file_sha256": pl.String(),
    "row": pl.Int64(),
    "rules": pl.List(pl.String()),
    "raw": pl.String(),
}
COUNTS: dict[str, pl.DataType] = {
    "table": pl.String(),
    "file": pl.String(),
    "rows_in": pl.Int64(),
    "good": pl.Int64(),
    "quarantined": pl.Int64(),
    "not_selected": pl.Int64(),
}


def entries(rows: pl.DataFrame, broken: pl.DataFrame, table: str, file: Input) -> pl.DataFrame:
    """Ledger lines of one batch: raw rows (with `__row`) and the rules they break (`__row`, rule)."""
    if not broken.height:
        return pl.DataFrame(schema=LEDGER)
    rules = broken.group_by(ROW).agg(rules=pl.col("rule").unique().sort())
    values = [_plain(name, dtype) for name, dtype in rows.schema.items() if name != ROW]
    raw = rows.join(rules, on=ROW, how="inner").sort(ROW)
    text = pl.struct(values).struct.json_encode() if values else pl.lit("{}")
    return _shaped(raw.select(pl.col(ROW).alias("row"), "rules", raw=text), table, file)


def ragged(broken: pl.DataFrame, table: str, file: Input) -> pl.DataFrame:
    """Ledger lines of rows that a reader could not tell apart into values."""
    lines = broken.select("row", rules=pl.concat_list("rule"), raw=pl.col("raw"))
    return _shaped(lines, table, file)


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    return column if dtype.is_nested() or dtype == pl.String else column.cast(pl.String, strict=False)


def _shaped(lines: pl.DataFrame, table: str, file: Input) -> pl.DataFrame:
    named = lines.with_columns(
        table=pl.lit(table), file=pl.lit(file.name), file_sha256=pl.lit(file.sha256), row=pl.col("row").cast(pl.Int64)
    )
    return named.select(list(LEDGER)).cast(dict(LEDGER))  # type: ignore[arg-type]  # the stub wants a narrower mapping


def check_law(counts: pl.DataFrame) -> None:
    """Raise IntegrityError unless rows in = good + quarantined + not selected holds in every file."""
    lost = counts.filter(pl.col("rows_in") != pl.col("good") + pl.col("quarantined") + pl.col("not_selected"))
    if lost.height:
        row = lost.row(0, named=True)
        raise IntegrityError(
            f"{row['table']} ({row['file']}): {row['rows_in']:,} rows in, but {row['good']:,} good + "
            f"{row['quarantined']:,} quarantined + {row['not_selected']:,} not selected; nothing was used; run again"
        )
