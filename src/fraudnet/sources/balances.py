"""Whether a statement adds up: opening + credits - debits = closing, and every balance follows from the one before."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from fraudnet.sources.formats.raw import ROW

STATEMENTS = "statements"
BROKEN = {"file": pl.String(), "row": pl.Int64(), "rule": pl.String()}
FOLLOWS = "the balance does not follow from the line before it: a line is missing or was changed"
OPENS = "the balance does not follow from the opening balance: a line is missing before it"
CLOSES = "the closing balance does not follow: a line is missing behind it"
SUMS = "opening + credits - debits is not the closing balance"


def signed() -> pl.Expr:
    """What a line adds to the balance; null unless it states exactly one sum that is not 0, in or out."""
    debit, credit = (pl.when(pl.col(name) != 0).then(pl.col(name).abs()) for name in ("debit", "credit"))
    plain = pl.when(pl.col("amount") != 0).then("amount")
    way = pl.col("direction").cast(pl.String)
    directed = pl.when(way == "in").then(plain.abs()).when(way == "out").then(-plain.abs()).otherwise(plain)
    stated = pl.sum_horizontal(part.is_not_null().cast(pl.Int8) for part in (debit, credit, plain))
    return pl.when(stated == 1).then(pl.coalesce(credit, -debit, directed))


def no_breaks() -> pl.DataFrame:
    """No line that does not add up."""
    return pl.DataFrame(schema=BROKEN)


@dataclass
class Balances:
    """The good lines of the file that is being read, and those at which its balances break."""

    _lines: list[pl.DataFrame] = field(default_factory=list)

    def add(self, good: pl.DataFrame) -> None:
        """Take the good lines of one piece of the file, those that an earlier file brought as well."""
        self._lines.append(good.select(ROW, "own", "balance_after", "opening", "closing", change=signed()))

    def broken(self, file: str) -> pl.DataFrame:
        """file, row, rule of every break; the file is done with then."""
        lines, self._lines = self._lines, []
        if not lines:
            return no_breaks()
        found = _broken(pl.concat(lines))
        return found.select(file=pl.lit(file), row=pl.col(ROW).cast(pl.Int64), rule="rule").cast(BROKEN)  # type: ignore[arg-type]  # the stub wants a narrower mapping


def _broken(lines: pl.DataFrame) -> pl.DataFrame:
    """The first line after each break, per account, in the order in which its balances follow; `__row`, rule."""
    told = lines.filter(pl.col("balance_after").is_not_null())
    known = _in_order(told).with_columns(
        first=pl.int_range(pl.len()).over("own") == 0,
        last=pl.int_range(pl.len()).reverse().over("own") == 0,
        before=pl.col("balance_after").shift().over("own"),
    )
    change, after = pl.col("change"), pl.col("balance_after")
    rules = {
        FOLLOWS: ~pl.col("first") & (pl.col("before") + change != after),
        OPENS: pl.col("first") & (pl.col("opening") + change != after),
        CLOSES: pl.col("last") & (pl.col("closing") != after),
    }
    each = [
        known.filter(broken.fill_null(value=False)).select(ROW, rule=pl.lit(rule)) for rule, broken in rules.items()
    ]
    silent = lines.join(told.select("own").unique(), on="own", how="anti")
    sums = silent.group_by("own", maintain_order=True).agg(
        pl.col(ROW).last(), pl.col("change").sum(), pl.col("opening").first(), pl.col("closing").last()
    )
    off = sums.filter(pl.col("opening") + pl.col("change") != pl.col("closing")).select(ROW, rule=pl.lit(SUMS))
    return pl.concat([*each, off]).sort(ROW, "rule")


def _in_order(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of each account from the oldest to the newest: as they stand, or turned where that adds up better."""
    change, after = pl.col("change"), pl.col("balance_after")
    follows = (after.shift() + change == after).over("own").sum().over("own")
    turned = (after.shift(-1) + change == after).over("own").sum().over("own")
    way = pl.when(turned > follows).then(-pl.col(ROW).cast(pl.Int64)).otherwise(pl.col(ROW).cast(pl.Int64))
    return lines.sort(ROW).with_columns(way=way).sort("own", "way")
