"""Forms of texts that are made of every different one once: sources repeat one another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from fraudnet.graph.numbers import Texts

DOCUMENT = r"^(?:[0-9]{9}|[0-9]{12})$"  # numbers of cards that every normaliser leaves as they stand


def each_once(
    rows: pl.DataFrame, columns: tuple[str, ...], make: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Rows with what is made of a text (and of a flag beside it), of every one once.

    make: gives the new columns, a row for each.
    """
    code = Texts().numbers(rows[columns[0]]).astype(np.int64)
    code = code + 1 if len(columns) == 1 else 2 * (code + 1) + rows[columns[1]].to_numpy()
    some = np.full(int(code.max(initial=0)) + 1, -1, np.int64)
    some[code] = np.arange(len(code))
    met = some >= 0
    made = make(rows.select(columns)[some[met]])
    place = (np.cumsum(met) - 1)[code]
    return rows.hstack(made.select(pl.all().gather(pl.Series(place))))


def but_easy(rows: pl.DataFrame, easy: str, make: Callable[[pl.DataFrame], pl.Series]) -> pl.Series:
    """The first column as it stands where it has the usual form already, else as it is made; most values have it."""
    said = rows.to_series(0)
    odd = (~said.str.contains(easy)).fill_null(True)
    place = np.arange(len(rows))
    place[odd.to_numpy()] = len(rows) + np.arange(int(odd.sum()))
    return pl.concat([said, make(rows.filter(odd)).alias(said.name)]).gather(place)
