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
    "source": pl.String(),
    "institution": pl.String(),
}
OWNERS = ("source", "institution")
COUNTS: dict[str, pl.DataType] = {
    "table": pl.String(),
    "file": pl.String(),
    "rows_in": pl.Int64(),
    "good": pl.Int64(),
    "quarantined": pl.Int64(),
    "not_selected": pl.Int64(),
}


def entries(rows: pl.DataFrame, broken: pl.DataFrame, converted: pl.DataFrame, table: str, file: Input) -> pl.DataFrame:
    """Ledger lines of one batch: raw rows (with `__row`), the rules they break (`__row`, rule), and whose rows they are
    (`__row`, `source`, and `institution` where the table has one, of all rows).
    """
    if not broken.height:
        return pl.DataFrame(schema=LEDGER)
    rules = broken.group_by(ROW).agg(rules=pl.col("rule").unique().sort())
    values = [_plain(name, dtype) for name, dtype in rows.schema.items() if name != ROW]
    raw = rows.join(rules, on=ROW, how="inner").sort(ROW)
    text = pl.struct(values).struct.json_encode() if values else pl.lit("{}")
    lines = raw.select(ROW, "rules", raw=text)
    owners = converted.select(ROW, *(name for name in OWNERS if name in converted.columns))
    return _shaped(lines.join(owners, on=ROW, how="left", maintain_order="left").rename({ROW: "row"}), table, file)


def ragged(broken: pl.DataFrame, source: str | None, table: str, file: Input) -> pl.DataFrame:
    """Ledger lines of rows that a reader could not tell apart into values; `source` where the whole file has one."""
    lines = broken.select("row", rules=pl.concat_list("rule"), raw=pl.col("raw"), source=pl.lit(source, pl.String))
    return _shaped(lines, table, file)


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    return column if dtype.is_nested() or dtype == pl.String else column.cast(pl.String, strict=False)


def _shaped(lines: pl.DataFrame, table: str, file: Input) -> pl.DataFrame:
    unknown = [pl.lit(None, dtype=pl.String).alias(name) for name in OWNERS if name not in lines.columns]
    named = lines.with_columns(
        *unknown,
        table=pl.lit(table), file=pl.lit(file.name), file_sha256=pl.lit(file.sha256), row=pl.col("row").cast(pl.Int64),
    )  # fmt: skip
    return named.select(list(LEDGER)).cast(dict(LEDGER))  # type: ignore[arg-type]  # the stub wants a narrower mapping


def check_law(counts: pl.DataFrame) -> None:
    """Raise IntegrityError unless rows in = good + quarantined + not selected holds in every file."""
    lost = counts.filter(pl.col("rows_in") != pl.col("good") + pl.col("quarantined") + pl.col("not_selected"))
    if lost.height:
        row = lost.row(0, named=True)
        raise IntegrityError(
            "{table} ({file}): {rows_in:,} rows in, but {good:,} good + {quarantined:,} quarantined + "
            "{not_selected:,} not selected; nothing was used; run again",
            table=row["table"],
            file=row["file"],
            rows_in=row["rows_in"],
            good=row["good"],
            quarantined=row["quarantined"],
            not_selected=row["not_selected"],
        )
