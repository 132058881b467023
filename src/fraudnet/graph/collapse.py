"""The same transfer or call reported from both sides becomes one event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from fraudnet.graph import kernels
from fraudnet.graph.csr import Ints

WINDOW_US = 120_000_000
ALIKE_TRANSFER = ("payer", "payee", "amount", "currency")
ALIKE_CALL = ("caller", "callee", "kind")


def one_transfer_each(transfers: pl.LazyFrame) -> pl.LazyFrame:
    """One row per transfer: the side known first, with the other sides' rows named in `other_row_id`.

    Rows of one rail reference, payer, payee, amount and currency are one transfer when no two of them come from one
    source; when two do, the text is a placeholder and counts as no reference. Otherwise two rows are one when payer,
    payee, amount and currency agree, they lie at most 120 s apart, come from different sources and do not name two
    rail references; one to one, the earliest first. First known: by known_at, at, source, row_id. `other_row_id`: the
    row ids of the other sides, joined by a blank; null where there is none. The order of rows does not matter.
    """
    frame = transfers.collect(engine="streaming")
    keys = _keys(frame)
    merged, named = _by_reference(frame, keys)
    free = np.ones(frame.height, np.bool_)
    free[merged["goes"].to_numpy()] = False
    free[merged["stays"].to_numpy()] = False
    pairs = _in_pairs(frame, keys.with_columns(named=named).filter(free), ALIKE_TRANSFER)
    return _apply(frame, pl.concat([merged, pairs])).lazy()


def one_call_each(calls: pl.LazyFrame) -> pl.LazyFrame:
    """One row per call or message: same numbers and kind within 120 s from different sources, one to one.

    The side known first speaks; `other_row_id` names the other side's row. The order of rows does not matter.
    """
    frame = calls.collect(engine="streaming")
    return _apply(frame, _in_pairs(frame, _keys(frame).with_columns(named=pl.lit(False)), ALIKE_CALL)).lazy()


def _keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Row number, both moments and the rank of the source as integers: all that deciding needs of most rows."""
    sides = frame.select(pl.col("source").unique().sort()).with_row_index("side")
    known, at = (pl.col(c).dt.epoch("us") for c in ("known_at", "at"))
    keys = frame.select("source", known, at).join(sides, on="source", how="left", maintain_order="left")
    return keys.select(pl.int_range(pl.len()).alias("row"), "known_at", "at", pl.col("side").cast(pl.Int64))


def _sorted(keys: pl.DataFrame, row_id: pl.Series, by: Sequence[str]) -> pl.DataFrame:
    """Sort by integers; only rows that tie in all of them are looked up by their row id."""
    keys = keys.sort(*by)
    same = pl.all_horizontal(pl.col(c) == pl.col(c).shift() for c in by).fill_null(False)
    tied = keys.select(same | same.shift(-1, fill_value=False)).to_series()
    if not tied.any():
        return keys
    names = row_id.gather(keys["row"])
    rank = names.zip_with(tied, pl.Series([None], dtype=pl.String)).rank("ordinal")
    return keys.with_columns(rank.alias("tie")).sort(*by, "tie").drop("tie")


def _by_reference(frame: pl.DataFrame, keys: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """All rows of one rail reference: the side known first stays. Gives stays, goes (row numbers); which rows name one.

    One source reports a transfer once: a reference that it gives twice for the same movement is a placeholder.
    """
    values = frame.select("rail_ref", *ALIKE_TRANSFER)
    named = values["rail_ref"].is_not_null()
    code = values.select(pl.struct(pl.all()).hash()).to_series()
    rows = keys.with_columns(code=code).filter(named & code.is_duplicated())
    twice = rows.filter(pl.struct("code", "side").is_duplicated()).select("code").unique()
    if twice.height:
        named = named.scatter(rows.join(twice, on="code", how="semi")["row"], values=False)
        rows = rows.join(twice, on="code", how="anti", maintain_order="left")
    rows = _sorted(rows, frame["row_id"], ("code", "known_at", "at", "side"))
    begins = (pl.col("code") != pl.col("code").shift()).fill_null(True)
    rows = rows.with_columns(pl.when(begins).then("row").forward_fill().alias("stays"))
    # Two references with one hash are not one reference.
    rows = rows.filter(rows["row"] != rows["stays"])
    one, other = values[rows["row"]], values[rows["stays"]]
    truly = [one[c].eq_missing(other[c]) for c in values.columns]
    found = rows.filter(pl.select(pl.all_horizontal(truly)).to_series()) if rows.height else rows
    return found.select("stays", pl.col("row").alias("goes")), named


def _in_pairs(frame: pl.DataFrame, keys: pl.DataFrame, alike: Sequence[str]) -> pl.DataFrame:
    """Pairs of rows alike within the window from different sources. Gives stays, goes (row numbers).

    `named` rows carry a rail reference of their own: two of them are two transfers.
    """
    code = frame.select(pl.struct(alike).hash()).to_series().gather(keys["row"])
    rows = _sorted(keys.with_columns(code=code).filter(code.is_duplicated()), frame["row_id"], ("code", "at", "side"))
    columns = (rows[c].to_numpy() for c in ("code", "at", "side", "named"))
    group, at, side, named = columns
    partner = kernels.match_pairs(group.astype(np.int64), at, side, named, WINDOW_US)
    return _known_first(frame.select(alike), rows, partner)


def _known_first(values: pl.DataFrame, rows: pl.DataFrame, partner: Ints) -> pl.DataFrame:
    """Of each matched pair the side known first stays (the sources differ, so they never tie)."""
    left = np.flatnonzero(partner > np.arange(len(partner)))
    one = rows[left].select("row", "known_at", "at", "side")
    both = pl.concat([one, rows[partner[left]].select(pl.col(one.columns).name.suffix("_2"))], how="horizontal")
    truly = (values[both["row"]] == values[both["row_2"]]).select(pl.all_horizontal(pl.all().fill_null(True)))
    earlier = pl.lit(True)
    for column in ("side", "at", "known_at"):
        a, b = pl.col(column), pl.col(f"{column}_2")
        earlier = (a < b) | ((a == b) & earlier)
    stays, goes = pl.when(earlier).then("row").otherwise("row_2"), pl.when(earlier).then("row_2").otherwise("row")
    return both.filter(truly.to_series()).select(stays.alias("stays"), goes.alias("goes"))


def _apply(frame: pl.DataFrame, merged: pl.DataFrame) -> pl.DataFrame:
    """Drop the rows that go and name them on the rows that stay."""
    keep = np.ones(frame.height, np.bool_)
    keep[merged["goes"].to_numpy()] = False
    other = np.full(frame.height, -1, np.int64)
    other[merged["stays"].to_numpy()[::-1]] = merged["goes"].to_numpy()[::-1]
    which = pl.Series(other[keep])
    names = frame["row_id"].gather(which.set(which < 0, None)).alias("other_row_id")
    kept = frame.filter(keep).with_columns(names)
    several = merged.filter(merged["stays"].is_duplicated())
    if several.is_empty():
        return kept
    several = several.with_columns(frame["row_id"].gather(several["goes"]), id=frame["row_id"].gather(several["stays"]))
    texts = several.group_by("stays", maintain_order=True).agg(pl.col("row_id").str.join(" "))
    place = np.cumsum(keep) - 1
    return kept.with_columns(kept["other_row_id"].scatter(place[texts["stays"].to_numpy()], texts["row_id"]))
