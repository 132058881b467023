"""From a column as delivered to a column as its contract wants it; what cannot be read becomes null."""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from fraudnet.sources.mapping import Defaults, Value
from fraudnet.sources.moments import days, moments

FLOAT_EXACT = 2**53
INT64_MOST = 2**63 - 1
MONEY_TEXT = r"^[+-]?[0-9]{1,18}(?:\.[0-9]{1,12})?$"
# How a sum is written down: what may stand around it, and groups of three before the last sign, each way.
AROUND = r"(?i)(?:vnd|vnđ|đồng|dong|đ|₫|\s)+"
WRITTEN = {
    "comma": r"^[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?$",
    "dot": r"^[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]+)?$",
}
TRUE, FALSE = ("true", "1", "yes", "y", "t"), ("false", "0", "no", "n", "f")


def text_of(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Any column as text: blank is null, whole floats lose their `.0` (identifiers that passed through a float)."""
    if dtype == pl.String:
        plain = column.str.strip_chars()
    elif dtype.is_float():
        whole = (column == column.floor()) & (column.abs() < FLOAT_EXACT)
        return (
            pl.when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.fill_nan(None).cast(pl.String))
        )
    elif dtype == pl.Binary:
        plain = column.cast(pl.String, strict=False).str.strip_chars()
    elif isinstance(dtype, pl.Datetime):
        return column.dt.to_string("iso:strict")
    else:
        return column.cast(pl.String, strict=False)
    return plain.replace("", None) if dtype == pl.Binary else pl.when(plain != "").then(plain)


def told(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """As `text_of`, for columns of text that have lost their outer blanks before."""
    return column if dtype == pl.String else text_of(column, dtype)


def whole_number(column: pl.Expr, dtype: pl.DataType, factor: int = 1) -> pl.Expr:
    """value x factor as Int64, exactly; null where it is no whole number or does not fit.

    Texts have no blanks around them. Text and decimals are exact to the last of 12 digits behind the point; a float may
    be off by its rounding.
    """
    if dtype.is_integer() or dtype == pl.Boolean:
        limit = INT64_MOST // factor
        number = column.cast(pl.Int64, strict=False)
        return pl.when(number.is_between(-limit, limit)).then(number * factor)
    if dtype.is_float():
        return _from_float(column, dtype, factor)
    if isinstance(dtype, pl.Decimal):
        return _exact(column.cast(pl.Decimal(38, 12), strict=False), factor)
    return _from_text(told(column, dtype), factor)


def _from_text(text: pl.Expr, factor: int) -> pl.Expr:
    return text.map_batches(partial(_whole_numbers, factor=factor), return_dtype=pl.Int64)


def _whole_numbers(text: pl.Series, factor: int) -> pl.Series:
    """Nearly all sums are short and have no point: only the others need decimals, which cost ten times as much."""
    short = pl.col("text").str.len_bytes() <= 18 - len(str(factor))
    plain = text.alias("text").to_frame().select(pl.when(short).then("text").cast(pl.Int64, strict=False) * factor)
    whole = plain.to_series()
    odd = text.is_not_null() & whole.is_null()
    if not odd.any():
        return whole
    rest = pl.when(odd & pl.col("text").str.contains(MONEY_TEXT)).then("text").cast(pl.Decimal(38, 12), strict=False)
    frame = text.alias("text").to_frame().select(number=rest).select(_exact(pl.col("number"), factor))
    return whole.zip_with(~odd, frame.to_series())


def _from_float(column: pl.Expr, dtype: pl.DataType, factor: int) -> pl.Expr:
    # 147.8 x 100 is no whole number in binary; a few units in the last place are forgiven while they stay far below
    # one minor unit, so that no amount can pass for its neighbour.
    bits = 24 if dtype == pl.Float32 else 53
    product = column.cast(pl.Float64) * factor
    scaled = product.round()
    dust = ((product - scaled).abs() <= scaled.abs() * 2.0 ** (3 - bits)) & (scaled.abs() < 2.0 ** (bits - 6))
    exact = (product == scaled) & (scaled.abs() <= 2.0**bits)
    return pl.when(exact | dust).then(scaled).cast(pl.Int64, strict=False)


def plain_number(text: pl.Expr, style: str) -> pl.Expr:
    """Sums as people write them, as plain numbers: `1,234.5` in style comma, `1.234,5` in style dot.

    Blanks, VND and đ are left out, brackets mean minus; null where the groups are not of three.
    """
    bare = text.str.replace_all(AROUND, "").str.replace(r"^\((.*)\)$", "-${1}")
    grouped, point = (",", ".") if style == "comma" else (".", ",")
    plain = bare.str.replace_all(grouped, "", literal=True).str.replace(point, ".", literal=True)
    return pl.when(bare.str.contains(WRITTEN[style])).then(plain)


def _exact(number: pl.Expr, factor: int) -> pl.Expr:
    # Whole and fraction are scaled apart: 18 digits before the point and 12 behind it never overflow.
    whole = number.cast(pl.Int64, strict=False)
    rest = ((number - whole.cast(pl.Decimal(38, 12), strict=False)).cast(pl.Float64) * 1e12).round().cast(pl.Int64)
    unit = 10**12 // factor
    limit = INT64_MOST // factor - 1
    fits = (rest % unit == 0) & whole.is_between(-limit, limit)
    return pl.when(fits).then(whole * factor + rest // unit)


def truth(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Boolean from true/false, yes/no, 1/0; null for anything else."""
    if dtype == pl.Boolean:
        return column
    text = told(column, dtype).str.to_lowercase()
    return pl.when(text.is_in(TRUE)).then(True).when(text.is_in(FALSE)).then(False)


def fraction(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Float64 from a number or its text; null where it is not finite."""
    number = (column if dtype.is_numeric() else told(column, dtype)).cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def mapped(column: pl.Expr, dtype: pl.DataType, to: dy.Column, said: Value, defaults: Defaults) -> pl.Expr:
    """The column by the mapping's own table, in the type of its contract; a value that is not there becomes null.

    `*` stands for every other value. What the table says is converted once for each of its lines, not for each row.
    """
    table = {key: _written(value) for key, value in (said.map or {}).items() if key != "*"}
    other = (said.map or {}).get("*")
    lines = pl.Series("line", [*table.values(), None if other is None else _written(other)], dtype=pl.String)
    made = lines.to_frame().select(converted(pl.col("line"), pl.String(), to, said, defaults)).to_series()
    typed = made.cast(to.dtype, strict=False)
    made = typed if typed.null_count() == made.null_count() else made  # else the contract turns it away by its name
    look = partial(_looked_up, keys=pl.Enum(list(table)), lines=made)
    return told(column, dtype).map_batches(look, return_dtype=made.dtype)


def _looked_up(text: pl.Series, keys: pl.Enum, lines: pl.Series) -> pl.Series:
    """The line of each key; the last one is that of every other text."""
    line = text.cast(keys, strict=False).to_physical().cast(pl.UInt32).fill_null(len(lines) - 1)
    return lines.gather(line.set(text.is_null(), None) if text.null_count() else line).alias(text.name)


def constant(said: Value) -> pl.Expr:
    """A constant as text, in the form in which a file would have held it."""
    return pl.lit(_written(said.constant), dtype=pl.String)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def converted(column: pl.Expr, dtype: pl.DataType, to: dy.Column, said: Value, defaults: Defaults) -> pl.Expr:
    """The column in the type of its contract; null where the value cannot be read. Texts have no blanks around them."""
    zone = said.timezone or defaults.timezone
    if said.number != "plain" and dtype == pl.String:
        column = plain_number(told(column, dtype), said.number)
    if isinstance(to, dy.Datetime | dy.Date):
        return (moments if isinstance(to, dy.Datetime) else days)(column, dtype, said, zone)
    if isinstance(to, dy.List):
        return _list(column, dtype, said)
    if isinstance(to, dy.Bool | dy.Float64):
        return (truth if isinstance(to, dy.Bool) else fraction)(column, dtype)
    if to.dtype.is_integer():
        money = (to.metadata or {}).get("unit") == "minor"
        factor = (said.minor_units or defaults.minor_units) if money else 1
        return whole_number(column, dtype, factor)
    return told(column, dtype)


def _list(column: pl.Expr, dtype: pl.DataType, said: Value) -> pl.Expr:
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String), strict=False)
    return told(column, dtype).str.split(said.split)
