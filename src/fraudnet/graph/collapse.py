"""The same transfer or call reported from both sides becomes one event."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from fraudnet.graph import collapse_parts as parts
from fraudnet.graph import pairing
from fraudnet.graph.pairing import ALIKE_CALL, ALIKE_TRANSFER

HELD = 25_000_000  # rows whose keys are held at once; of more a part at a time is, where there is a folder for the rest


def one_transfer_each(transfers: pl.LazyFrame, folder: Path | None = None) -> pl.LazyFrame:
    """One row per transfer: the side known first, with the other sides' rows named in `other_row_id`.

    Rows of one rail reference, payer, payee, amount and currency are one transfer when no two of them come from one
    source; when two do, the text is a placeholder and counts as no reference. Otherwise two rows are one when payer,
    payee, amount and currency agree, they lie at most 120 s apart, come from different sources and do not name two
    rail references; one to one, the earliest first. First known: by known_at, at, source, row_id. `other_row_id`: the
    row ids of the other sides, joined by a blank; null where there is none. Rows that are named by the parts of their
    ids have others told by parts (`other_row_file`, `other_row_number`), and by text only where there are several. The
    order of rows does not matter; rows stay in theirs, and only keys of whole numbers are held in memory.
    folder: where parts of a table that is too long for that are kept; what is given back is read from there.
    """
    return _one_each(transfers, folder, ALIKE_TRANSFER, "rail_ref")


def one_call_each(calls: pl.LazyFrame, folder: Path | None = None) -> pl.LazyFrame:
    """One row per call or message: same numbers and kind within 120 s from different sources, one to one.

    The side known first speaks; `other_row_id` names the other side's row. The order of rows does not matter.
    """
    return _one_each(calls, folder, ALIKE_CALL)


def _one_each(rows: pl.LazyFrame, folder: Path | None, alike: Sequence[str], reference: str = "") -> pl.LazyFrame:
    wanted = pairing.keys_of(pairing.sides_of(rows), alike, reference)
    if folder is not None:
        height = int(rows.select(pl.len()).collect(engine="streaming").item())
        if height > HELD:
            return parts.one_each(parts.Long(rows, height, folder), wanted)
    keys = rows.select(**wanted).collect(engine="streaming")
    keys = keys.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    merged, left = pairing.by_reference(keys)
    movements = rows, keys.height
    pairs = pairing.in_pairs(pairing.settled(*pairing.in_order(left), movements))
    return _apply(rows, pl.concat([merged, pairs]), keys.height)


def _apply(rows: pl.LazyFrame, merged: pl.DataFrame, height: int) -> pl.LazyFrame:
    """Drop the rows that go and name them on the rows that stay."""
    stays, goes = merged["stays"].to_numpy(), merged["goes"].to_numpy()
    keep = np.ones(height, np.bool_)
    keep[goes] = False
    name = pairing.names_in(rows)
    if len(name) > 1:  # parts of ids are narrow: those of all rows cost less than looking some up
        names = rows.select(name).collect(engine="streaming")[goes]
    else:
        names = pairing.texts(rows, goes, height, name).select(name)[(np.cumsum(~keep) - 1)[goes]]
    told = pairing.one_name(stays, names)
    place = np.full(height, told.height, np.uint32)
    place[told["stays"].to_numpy()] = np.arange(told.height, dtype=np.uint32)
    told_by = pl.Series(place[keep])
    told_by = told_by.set(told_by == told.height, None)
    others = pl.DataFrame([column.gather(told_by) for column in told.drop("stays")])
    return parts.kept(rows, keep, others.lazy())
