"""Which delivered rows tell the same transfer or call, by keys of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from fraudnet.expressions import FILE, NUMBER, row_id
from fraudnet.graph import kernels
from fraudnet.graph.csr import Ints
from fraudnet.graph.references import by_moment, merge
from fraudnet.sorting import by_hash

WINDOW_US = 120_000_000
ALIKE_TRANSFER = ("payer", "payee", "amount", "currency")
ALIKE_CALL = ("caller", "callee", "kind")
# Rows are compared by two independent 64-bit numbers instead of their texts: one chance in 10^25 to err at 50 million.
SEEDS = (17, 31)
REFERENCE, ALIKE = ("reference", "reference_twin"), ("code", "twin")
ORDER = ("code", "at", "side")
OTHER = "other_"  # before what names a row on the other side


def sides_of(rows: pl.LazyFrame) -> pl.Enum:
    """All sources that rows come from, in order."""
    return pl.Enum(rows.select(pl.col("source").unique()).collect(engine="streaming").to_series().sort())


def keys_of(sides: pl.Enum, alike: Sequence[str], reference: str = "") -> dict[str, pl.Expr]:
    """Both moments, the rank of the source, and what alike rows share, all as whole numbers.

    Of transfers also what rows of one rail reference share, null where they name none.
    """
    side = pl.col("source").cast(sides).to_physical().cast(pl.Int64)
    known, at = (pl.col(c).dt.epoch("us") for c in ("known_at", "at"))
    codes = {name: _hash(alike, seed) for name, seed in zip(ALIKE, SEEDS, strict=True)}
    if reference:
        told = pl.col(reference).is_not_null()
        both = zip(REFERENCE, SEEDS, strict=True)
        codes |= {name: pl.when(told).then(_hash((reference, *alike), seed)) for name, seed in both}
    return {"known_at": known, "at": at, "side": side, **codes}


def _hash(columns: Sequence[str], seed: int) -> pl.Expr:
    """One 64-bit number of several columns; null counts as a value."""
    mixed = pl.lit(seed, dtype=pl.UInt64)
    for name in columns:
        mixed = mixed * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64) ^ pl.col(name).hash(seed)
    return mixed.hash(seed)


def names_in(rows: pl.LazyFrame) -> tuple[str, ...]:
    """The columns that name a row of a table: its id, or the parts of it where it is kept by them."""
    return (FILE, NUMBER) if FILE in rows.collect_schema().names() else ("row_id",)


def texts(rows: pl.LazyFrame, places: Ints, height: int, columns: Sequence[str]) -> pl.DataFrame:
    """What stands in some columns in some rows: row, columns."""
    wanted = np.zeros(height, np.bool_)
    wanted[places] = True
    flags = pl.DataFrame({"wanted": wanted}).lazy()
    found = pl.concat([rows.select(columns), flags], how="horizontal").filter("wanted").select(columns)
    return found.collect(engine="streaming").select(pl.Series("row", np.flatnonzero(wanted)), *columns)


def by_reference(keys: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All rows of one rail reference: the side known first stays. Gives stays, goes (places in keys); the rows left.

    One source reports a transfer once: a reference that it gives twice for the same movement is a placeholder. `named`
    of the rows left says whether they carry a rail reference of their own.
    """
    if REFERENCE[0] not in keys.columns:
        nothing = pl.DataFrame(schema={"stays": pl.Int64, "goes": pl.Int64})
        return nothing, keys.with_columns(named=pl.lit(value=False))
    named = keys[REFERENCE[0]].is_not_null().to_numpy().copy()
    code, twin = (keys[name].fill_null(0).to_numpy() for name in REFERENCE)
    rows = np.flatnonzero(named)
    places, codes = by_hash(code[rows])
    known_at, at, side = (keys[name].to_numpy() for name in ("known_at", "at", "side"))
    found = merge(rows[places], (codes, twin), (known_at, at), side, named)
    free = np.ones(keys.height, np.bool_)
    free[found[:, 0]] = False
    free[found[:, 1]] = False
    merged = pl.DataFrame({"stays": found[:, 0], "goes": found[:, 1]})
    return merged, keys.with_columns(named=pl.Series(named)).filter(free)


def in_order(keys: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The rows that others are like, sorted, and which of them tie."""
    places, codes = by_hash(keys["code"].to_numpy())
    again = codes[1:] == codes[:-1]
    alike = np.zeros(len(codes), np.bool_)
    alike[1:] |= again
    alike[:-1] |= again
    places, codes = places[alike], codes[alike]
    by_moment(places, codes, keys["at"].to_numpy(), keys["side"].to_numpy())
    rows = keys[places]
    same = pl.all_horizontal(pl.col(c) == pl.col(c).shift() for c in ORDER).fill_null(False)
    return rows, rows.select(same | same.shift(-1, fill_value=False)).to_series()


def settled(rows: pl.DataFrame, tied: pl.Series, movements: tuple[pl.LazyFrame, int]) -> pl.DataFrame:
    """Sorted rows of which those that tie are looked up: by what else they say, then by row id.

    A row id may be the number of a line, so that it must not decide between rows that say different things.
    """
    if not tied.any():
        return rows
    (table, height), name = movements, names_in(movements[0])
    said = [c for c in table.collect_schema().names() if c not in {*name, "source", "known_at", "at"}]
    names = texts(table, rows["row"].filter(tied).to_numpy(), height, [*said, *name])
    last = row_id() if FILE in name else pl.col("row_id")
    ranks = names.sort(*said, last).select("row", tie=pl.int_range(pl.len()))
    # Those that tie stand beside each other: they change places among themselves.
    places = pl.Series(tied.arg_true(), dtype=pl.Int64)
    order = rows.filter(tied).with_columns(place=places).join(ranks, on="row").sort(*ORDER, "tie")["place"]
    if (order == places).all():
        return rows
    return rows[pl.int_range(rows.height, dtype=pl.Int64, eager=True).scatter(places, order)]


def in_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """Pairs of rows alike within the window from different sources. Gives stays, goes (numbers of rows).

    `named` rows carry a rail reference of their own: two of them are two transfers.
    """
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


def one_name(stays: Ints, names: pl.DataFrame) -> pl.DataFrame:
    """Rows that stay (`stays`), each once, and what they are called on the other sides: several ids joined by a blank.

    names: the columns that name the rows that go. Names told by their parts stay parts (`other_row_file`,
    `other_row_number`) where there is one; `other_row_id` is null then. Rows of one reference lie beside each other,
    and no pair has a second one.
    """
    told = names.select(pl.all().name.prefix(OTHER), stays=pl.Series(stays, dtype=pl.Int64))
    in_parts = FILE in names.columns
    if in_parts:
        told = told.with_columns(other_row_id=pl.lit(None, pl.String))
    again = stays[1:] == stays[:-1]
    several = pl.Series(np.append(again, False) | np.insert(again, 0, False))
    if not several.any():
        return told
    one = row_id(OTHER) if in_parts else pl.col("other_row_id")
    joined = told.filter(several).group_by("stays", maintain_order=True).agg(other_row_id=one.str.join(" "))
    return pl.concat([told.filter(~several), joined], how="diagonal")
