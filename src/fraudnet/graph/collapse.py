"""The same transfer or call reported from both sides becomes one event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from fraudnet.graph import kernels
from fraudnet.graph.csr import Ints
from fraudnet.graph.references import merge

WINDOW_US = 120_000_000
ALIKE_TRANSFER = ("payer", "payee", "amount", "currency")
ALIKE_CALL = ("caller", "callee", "kind")
# Rows are compared by two independent 64-bit numbers instead of their texts: one chance in 10^25 to err at 50 million.
SEEDS = (17, 31)
REFERENCE, ALIKE = ("reference", "reference_twin"), ("code", "twin")


def one_transfer_each(transfers: pl.LazyFrame) -> pl.LazyFrame:
    """One row per transfer: the side known first, with the other sides' rows named in `other_row_id`.

    Rows of one rail reference, payer, payee, amount and currency are one transfer when no two of them come from one
    source; when two do, the text is a placeholder and counts as no reference. Otherwise two rows are one when payer,
    payee, amount and currency agree, they lie at most 120 s apart, come from different sources and do not name two
    rail references; one to one, the earliest first. First known: by known_at, at, source, row_id. `other_row_id`: the
    row ids of the other sides, joined by a blank; null where there is none. The order of rows does not matter; rows
    stay in theirs, and only keys of whole numbers are held in memory.
    """
    keys = _keys(transfers, ALIKE_TRANSFER, "rail_ref")
    merged, named = _by_reference(keys)
    free = np.ones(keys.height, np.bool_)
    free[merged["goes"].to_numpy()] = False
    free[merged["stays"].to_numpy()] = False
    pairs = _in_pairs((transfers, keys.height), keys.with_columns(named=named).filter(free))
    return _apply(transfers, pl.concat([merged, pairs]), keys.height)


def one_call_each(calls: pl.LazyFrame) -> pl.LazyFrame:
    """One row per call or message: same numbers and kind within 120 s from different sources, one to one.

    The side known first speaks; `other_row_id` names the other side's row. The order of rows does not matter.
    """
    keys = _keys(calls, ALIKE_CALL)
    pairs = _in_pairs((calls, keys.height), keys.with_columns(named=pl.lit(value=False)))
    return _apply(calls, pairs, keys.height)


def _keys(rows: pl.LazyFrame, alike: Sequence[str], reference: str = "") -> pl.DataFrame:
    """Row number, both moments, the rank of the source, and what alike rows share, all as whole numbers.

    Of transfers also what rows of one rail reference share, null where they name none.
    """
    sides = rows.select(pl.col("source").unique()).collect(engine="streaming").to_series().sort()
    side = pl.col("source").cast(pl.Enum(sides)).to_physical().cast(pl.Int64)
    known, at = (pl.col(c).dt.epoch("us") for c in ("known_at", "at"))
    codes = {name: _hash(alike, seed) for name, seed in zip(ALIKE, SEEDS, strict=True)}
    if reference:
        told = pl.col(reference).is_not_null()
        both = zip(REFERENCE, SEEDS, strict=True)
        codes |= {name: pl.when(told).then(_hash((reference, *alike), seed)) for name, seed in both}
    keys = rows.select(known, at, side.alias("side"), **codes).collect(engine="streaming")
    return keys.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def _hash(columns: Sequence[str], seed: int) -> pl.Expr:
    """One 64-bit number of several columns; null counts as a value."""
    mixed = pl.lit(seed, dtype=pl.UInt64)
    for name in columns:
        mixed = mixed * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64) ^ pl.col(name).hash(seed)
    return mixed.hash(seed)


def _texts(rows: pl.LazyFrame, places: Ints, height: int, columns: Sequence[str] = ("row_id",)) -> pl.DataFrame:
    """What stands in some columns in some rows, the row ids unless told: row, columns."""
    wanted = np.zeros(height, np.bool_)
    wanted[places] = True
    flags = pl.DataFrame({"wanted": wanted}).lazy()
    found = pl.concat([rows.select(columns), flags], how="horizontal").filter("wanted").select(columns)
    return found.collect(engine="streaming").select(pl.Series("row", np.flatnonzero(wanted)), *columns)


def _sorted(keys: pl.DataFrame, rows: tuple[pl.LazyFrame, int], by: Sequence[str]) -> pl.DataFrame:
    """Sort by integers; only rows that tie in all of them are looked up: by what else they say, then by row id.

    A row id may be the number of a line, so that it must not decide between rows that say different things.
    """
    keys = keys.sort(*by)
    same = pl.all_horizontal(pl.col(c) == pl.col(c).shift() for c in by).fill_null(False)
    tied = keys.select(same | same.shift(-1, fill_value=False)).to_series()
    if not tied.any():
        return keys
    said = [c for c in rows[0].collect_schema().names() if c not in {"row_id", "source", "known_at", "at"}]
    names = _texts(rows[0], keys["row"].filter(tied).to_numpy(), rows[1], [*said, "row_id"])
    ranks = names.sort(*said, "row_id").select("row", tie=pl.int_range(pl.len()))
    return keys.join(ranks, on="row", how="left", maintain_order="left").sort(*by, "tie").drop("tie")


def _by_reference(keys: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """All rows of one rail reference: the side known first stays. Gives stays, goes (row numbers); which rows name one.

    One source reports a transfer once: a reference that it gives twice for the same movement is a placeholder.
    """
    named = keys[REFERENCE[0]].is_not_null().to_numpy().copy()
    code, twin = (keys[name].fill_null(0).to_numpy() for name in REFERENCE)
    rows = np.flatnonzero(named)
    order = rows[pl.Series(code[rows]).arg_sort().to_numpy()]
    known_at, at, side = (keys[name].to_numpy() for name in ("known_at", "at", "side"))
    found = merge(order, (code, twin), (known_at, at), side, named)
    return pl.DataFrame({"stays": found[:, 0], "goes": found[:, 1]}), pl.Series(named)


def _in_pairs(movements: tuple[pl.LazyFrame, int], keys: pl.DataFrame) -> pl.DataFrame:
    """Pairs of rows alike within the window from different sources. Gives stays, goes (row numbers).

    `named` rows carry a rail reference of their own: two of them are two transfers.
    """
    rows = _sorted(keys.filter(pl.col("code").is_duplicated()), movements, ("code", "at", "side"))
    group, at, side, named = (rows[c].to_numpy() for c in ("code", "at", "side", "named"))
    return _known_first(rows, kernels.match_pairs(group.astype(np.int64), at, side, named, WINDOW_US))


def _known_first(rows: pl.DataFrame, partner: Ints) -> pl.DataFrame:
    """Of each matched pair the side known first stays (the sources differ, so they never tie)."""
    left = np.flatnonzero(partner > np.arange(len(partner)))
    one = rows[left].select("row", "known_at", "at", "side", "twin")
    both = pl.concat([one, rows[partner[left]].select(pl.col(one.columns).name.suffix("_2"))], how="horizontal")
    earlier = pl.lit(True)
    for column in ("side", "at", "known_at"):
        a, b = pl.col(column), pl.col(f"{column}_2")
        earlier = (a < b) | ((a == b) & earlier)
    stays, goes = pl.when(earlier).then("row").otherwise("row_2"), pl.when(earlier).then("row_2").otherwise("row")
    return both.filter(pl.col("twin") == pl.col("twin_2")).select(stays.alias("stays"), goes.alias("goes"))


def _apply(rows: pl.LazyFrame, merged: pl.DataFrame, height: int) -> pl.LazyFrame:
    """Drop the rows that go and name them on the rows that stay."""
    stays, goes = merged["stays"].to_numpy(), merged["goes"].to_numpy()
    keep = np.ones(height, np.bool_)
    keep[goes] = False
    names = _texts(rows, goes, height)["row_id"].gather((np.cumsum(~keep) - 1)[goes])
    again = stays[1:] == stays[:-1]  # those of one reference lie beside each other, and no pair has a second one
    several = pl.Series(np.append(again, False) | np.insert(again, 0, False))
    if several.any():
        told = pl.DataFrame({"stays": stays, "row_id": names})
        joined = told.filter(several).group_by("stays", maintain_order=True).agg(pl.col("row_id").str.join(" "))
        told = pl.concat([told.filter(~several), joined])
        stays, names = told["stays"].to_numpy(), told["row_id"]
    place = np.full(height, len(names), np.uint32)
    place[stays] = np.arange(len(names), dtype=np.uint32)
    told_by = pl.Series(place[keep])
    others = names.gather(told_by.set(told_by == len(names), None)).alias("other_row_id")
    kept = pl.concat([rows, pl.DataFrame({"keep": keep}).lazy()], how="horizontal").filter("keep").drop("keep")
    return pl.concat([kept, others.to_frame().lazy()], how="horizontal")
