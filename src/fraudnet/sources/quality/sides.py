"""Transfers that two sources report under one reference of the payment rail: what both sides say."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from fraudnet.contracts.drop import Records

OWN = r"^account:([^:]+):"
SEED = 7
WINDOW_S = 120  # clocks of two banks may differ by this much, as when both sides are told as one event


@dataclass(frozen=True)
class Sides:
    """`pairs`: source, pairs, agree, least, most; `absent`: source, absent.

    A pair is a reference that exactly two sources give once each; it agrees when payer, payee, amount and currency are
    equal and the times lie at most 120 s apart. `least` and `most` add up the smaller and the larger of both amounts.
    `absent`: references that only the other bank reports although this one, which reports transfers, was a side.
    """

    pairs: pl.DataFrame
    absent: pl.DataFrame


def both_sides(records: Records) -> Sides | None:
    """Compare both sides of every reference; None when fewer than two sources report transfers."""
    transfers = records.table("transfers")
    names = transfers.select("source").unique().collect(engine="streaming").to_series().sort()
    if names.len() < 2:
        return None
    codes = pl.DataFrame({"source": names, "code": names.hash(SEED)})
    groups = _groups(transfers)
    pair = groups.filter((pl.col("n") == 2) & (pl.col("source") != pl.col("source_2")))
    ends = [pair.select("agrees", "least", "most", code=name) for name in ("source", "source_2")]
    sums = pl.concat(ends).group_by("code").agg(
        pairs=pl.len(), agree=pl.col("agrees").sum(), least=pl.col("least").sum(), most=pl.col("most").sum()
    )  # fmt: skip
    single = groups.filter(pl.col("n") == 1).select("reference")
    return Sides(sums.join(codes, on="code").drop("code").sort("source"), _absent(transfers, single, names))


def _groups(transfers: pl.LazyFrame) -> pl.DataFrame:
    """One row per reference, texts as 64-bit hashes: a chance of 10^-7 that any two of two million meet."""
    hashes = {name: pl.col(name).hash(SEED) for name in ("source", "payer", "payee", "currency")}
    said = transfers.filter(pl.col("rail_ref").is_not_null()).select(
        "amount", "at", reference=pl.col("rail_ref").hash(SEED), **hashes
    )
    same = [pl.col(name).min() == pl.col(name).max() for name in ("payer", "payee", "currency", "amount")]
    near = (pl.col("at").max() - pl.col("at").min()).dt.total_seconds() <= WINDOW_S
    return said.group_by("reference").agg(
        n=pl.len(), agrees=pl.all_horizontal(*same, near), least=pl.col("amount").min(), most=pl.col("amount").max(),
        source=pl.col("source").min(), source_2=pl.col("source").max(),
    ).collect(engine="streaming")  # fmt: skip


def _absent(transfers: pl.LazyFrame, single: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    hashed = transfers.filter(pl.col("rail_ref").is_not_null()).with_columns(reference=pl.col("rail_ref").hash(SEED))
    rows = hashed.join(single.lazy(), on="reference", how="semi").select(
        "source", one=pl.col("payer").str.extract(OWN, 1), two=pl.col("payee").str.extract(OWN, 1)
    )
    # Only a transfer between two banks, told by one of them, has another side that can be missing.
    between = rows.filter(
        (pl.col("one") != pl.col("two")) & ((pl.col("source") == pl.col("one")) | (pl.col("source") == pl.col("two")))
    )
    other = between.select(source=pl.when(pl.col("source") == pl.col("one")).then("two").otherwise("one"))
    counted = other.filter(pl.col("source").is_in(names.implode())).group_by("source").agg(absent=pl.len())
    return counted.sort("source").collect(engine="streaming")
