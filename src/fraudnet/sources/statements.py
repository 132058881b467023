"""The other side of a statement's line: what its own bank does not say, another statement may."""

from __future__ import annotations

import polars as pl

from fraudnet.expressions import local
from fraudnet.sources.balances import signed

WINDOW_S = 120
MOST_ALIKE = 500
HALF_KNOWN = "half_known_transfer"
LINE = (
    "row_id", "source", "known_at", "own", "at", "change", "size", "currency", "balance_after", "counterparty",
    "rail_ref", "day", "dayish",
)  # fmt: skip


def lines(statements: pl.LazyFrame) -> pl.DataFrame:
    """Every line with its signed sum, its size and day, whether only a day is told, and the other side where known.

    A number without a bank is completed where exactly one bank's statements have an account of that number.
    """
    frame = statements.with_columns(change=signed(), day=local("at").dt.date()).collect(engine="streaming")
    owns = frame.select("own").unique().with_columns(counterparty_number=pl.col("own").str.extract(r"([^:]*)$", 1))
    once = owns.filter(pl.col("counterparty_number").is_unique()).rename({"own": "meant"})
    told = frame.join(once, on="counterparty_number", how="left", maintain_order="left").with_columns(
        counterparty=pl.coalesce("counterparty", "meant"),
        size=pl.col("change").abs(),
        dayish=local("at").dt.time() == pl.time(0, 0),
    )
    other = pl.when(pl.col("counterparty") != pl.col("own")).then("counterparty")
    return told.with_columns(counterparty=other).select(LINE).sort("row_id")


def completed(known: pl.DataFrame) -> pl.DataFrame:
    """The same lines, those without an other side completed from the line that mirrors them.

    Two lines mirror one another when one goes out, one comes in, sum and currency agree, they are of two accounts,
    neither names a third, and they share a reference or lie within 120 s (a day, where only a day is told). Taken are
    only pairs in which each is the other's single candidate: what could be either stays half-known.
    """
    found = known
    for by in ("rail_ref", None):
        pairs = _pairs(found, by)
        found = found.join(pairs, on="row_id", how="left", maintain_order="left").with_columns(
            counterparty=pl.coalesce("counterparty", "partner")
        ).drop("partner")  # fmt: skip
    return found


def _pairs(known: pl.DataFrame, by: str | None) -> pl.DataFrame:
    """row_id and partner, the account on the other side, of every line that this step completes."""
    keys = ["size", "currency", by or "day"]
    open_ = known.filter(pl.col("counterparty").is_null()).drop_nulls(keys)
    if open_.is_empty():
        return pl.DataFrame(schema={"row_id": pl.String, "partner": pl.String})
    # Hundreds of lines of one sum on one day are never each other's single candidates.
    likely = known.join(known.group_by(keys).len().filter(pl.col("len") <= MOST_ALIKE), on=keys, how="semi")
    both = open_.join(likely, on=keys, suffix="_2").filter(
        pl.col("change") == -pl.col("change_2"),
        pl.col("own") != pl.col("own_2"),
        pl.col("counterparty_2").is_null() | (pl.col("counterparty_2") == pl.col("own")),
    )
    if by is None:
        apart = (pl.col("at") - pl.col("at_2")).dt.total_seconds().abs() <= WINDOW_S
        same_day = pl.col("dayish") | pl.col("dayish_2")
        free = pl.col("rail_ref").is_null() | pl.col("rail_ref_2").is_null()
        both = both.filter((apart | same_day) & free)
    # A line that names this account outranks one that names nobody.
    named = both.filter(pl.col("counterparty_2").is_not_null())
    unnamed = both.join(named.select("row_id").unique(), on="row_id", how="anti")
    found = [_single(part) for part in (named, unnamed)]
    return pl.concat(found).select("row_id", partner="own_2").unique("row_id", keep="any").sort("row_id")


def _single(both: pl.DataFrame) -> pl.DataFrame:
    """The pairs in which each line is the other's only candidate."""
    return both.filter(pl.col("row_id").is_unique() & pl.col("row_id_2").is_unique())


def timed(known: pl.DataFrame) -> pl.DataFrame:
    """The same lines, those that tell only a day with the time that the other side tells for the same transfer.

    The n-th transfer of a pair, sum and day on the one side is the n-th on the other.
    """
    pair = ["own", "counterparty", "change", "currency", "day"]
    numbered = known.with_columns(nth=pl.int_range(pl.len()).over(pair, order_by=["at", "row_id"]))
    other = numbered.filter(~pl.col("dayish")).select(
        "size", "currency", "day", "nth", own="counterparty", counterparty="own", change=-pl.col("change"), moment="at"
    )
    keys = [*pair, "nth"]
    joined = numbered.join(other.drop("size"), on=keys, how="left", maintain_order="left")
    return joined.with_columns(at=pl.when(pl.col("dayish")).then(pl.coalesce("moment", "at")).otherwise("at")).drop(
        "moment", "nth"
    )
