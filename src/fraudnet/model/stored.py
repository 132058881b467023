"""Features that stay on disk: a few columns at a time are read, as the model and its reasons ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.features import Column
from fraudnet.model.matrix import BLOCK, KEYS, TILE, Matrix, beside

HELD = 4  # columns that are kept once they were read
CHOSEN = "which rows are wanted"  # no feature has blanks in its name


@dataclass(frozen=True)
class Stored:
    """The rows of a kind as `Matrix` has them, its features in a Parquet file sorted by node.

    places: the rows of the file that count, from the first on, as those of `keys` (entity_id, at). hits: the columns
    of the typologies for these rows. columns: what all columns mean, in order.
    """

    path: Path
    places: pl.Series
    keys: pl.DataFrame
    hits: pl.DataFrame
    columns: tuple[Column, ...]
    _held: dict[str, pl.Series] = field(default_factory=dict, compare=False)
    _last: list[Matrix] = field(default_factory=list, compare=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The feature names, in order."""
        return tuple(column.name for column in self.columns)

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """All features of some rows after the others, as float32, unknown as NaN; each is overwritten by the next."""
        return beside(self._blocks(), self.names)

    def column(self, name: str) -> pl.Series:
        """One feature as Float64."""
        if name in self.hits.columns:
            return self.hits[name]
        if name not in self._held:
            if len(self._held) >= HELD:
                self._held.pop(next(iter(self._held)))
            self._held[name] = self._read([name], self.places).collect(engine="streaming").to_series()
        return self._held[name]

    def of(self, people: pl.DataFrame) -> Matrix:
        """The rows of these entities alone (a frame with entity_id), in the order of the rows.

        Those that were asked for last are kept: whoever is flagged is asked for more than once.
        """
        mine = self.keys.with_row_index("place").join(people.select("entity_id"), on="entity_id", how="semi")
        mine = mine.sort("place")
        if not (self._last and self._last[0].frame["entity_id"].equals(mine["entity_id"])):
            wide = [tile.collect(engine="streaming") for tile in self._tiles(mine["place"])]
            self._last[:] = [Matrix(pl.concat([mine.select(KEYS), *wide], how="horizontal"), self.columns)]
        return self._last[0]

    def _tiles(self, some: pl.Series) -> Iterator[pl.LazyFrame]:
        """All features of some of the rows, a few columns at a time."""
        for first in range(0, len(self._mine), TILE):
            yield self._read(self._mine[first : first + TILE], self.places[some])
        if self.hits.width:
            yield self.hits[some].lazy()

    def _blocks(self) -> Iterator[pl.LazyFrame]:
        """All features of the rows, those in one part of the file after the others."""
        ends = np.searchsorted(self.places.to_numpy(), np.arange(0, self._height, BLOCK))
        for begin, (low, high) in zip(range(0, self._height, BLOCK), pairwise([*ends, len(self.places)]), strict=True):
            part = pl.scan_parquet(self.path, glob=False).slice(begin, BLOCK).select(self._mine)
            mine = self._only(part, self.places[low:high] - begin, min(BLOCK, self._height - begin))
            yield pl.concat([mine, self.hits[low:high].lazy()], how="horizontal") if self.hits.width else mine

    def _read(self, names: list[str], places: pl.Series) -> pl.LazyFrame:
        """Some features of some rows of the file."""
        found = pl.scan_parquet(self.path, glob=False).select(pl.col(names).cast(pl.Float64))
        return self._only(found, places, self._height)

    def _only(self, rows: pl.LazyFrame, places: pl.Series, height: int) -> pl.LazyFrame:
        """Those rows of so many that stand in some places."""
        if len(places) == height:
            return rows
        chosen = np.zeros(height, np.bool_)
        chosen[places.to_numpy()] = True
        return pl.concat([rows, pl.DataFrame({CHOSEN: chosen}).lazy()], how="horizontal").filter(CHOSEN).drop(CHOSEN)

    @cached_property
    def _mine(self) -> list[str]:
        """The features in the file."""
        return [name for name in self.names if name not in self.hits.columns]

    @cached_property
    def _height(self) -> int:
        return int(pl.scan_parquet(self.path, glob=False).select(pl.len()).collect().item())
