"""Features that stay on disk: a few columns at a time are read, as the model and its reasons ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.features import Column
from fraudnet.model.matrix import KEYS, TILE, Matrix, filled

HELD = 4  # columns that are kept once they were read
CHOSEN = "which rows are wanted"  # no feature has blanks in its name


@dataclass(frozen=True)
class Stored:
    """The rows of a kind as `Matrix` has them, its features in a Parquet file sorted by node.

    places: the rows of the file that count, in the order of `keys` (entity_id, at). hits: the columns of the
    typologies for these rows. columns: what all columns mean, in order.
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

    @cached_property
    def numbers(self) -> NDArray[np.float32]:
        """All features as float32, unknown as NaN."""
        return filled(self._tiles(self.places), (self.keys.height, len(self.names)))

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
            wide = [tile.collect(engine="streaming") for tile in self._tiles(self.places[mine["place"]], mine["place"])]
            self._last[:] = [Matrix(pl.concat([mine.select(KEYS), *wide], how="horizontal"), self.columns)]
        return self._last[0]

    def let_go(self) -> None:
        """Hold the numbers no longer: from now on some rows or columns are asked for."""
        self.__dict__.pop("numbers", None)

    def _tiles(self, places: pl.Series, hits: pl.Series | None = None) -> Iterator[pl.LazyFrame]:
        """All features of some rows of the file, a few at a time; hits: which rows of the hits those are."""
        mine = [name for name in self.names if name not in self.hits.columns]
        for first in range(0, len(mine), TILE):
            yield self._read(mine[first : first + TILE], places)
        if self.hits.width:
            yield (self.hits if hits is None else self.hits[hits]).lazy()

    def _read(self, names: list[str], places: pl.Series) -> pl.LazyFrame:
        """Some features of some rows of the file; rows in order of the file need not be gathered."""
        found = pl.scan_parquet(self.path, glob=False).select(names)
        if not places.is_sorted():
            found = found.collect(engine="streaming")[places].lazy()
        elif len(places) != self._height:
            chosen = np.zeros(self._height, np.bool_)
            chosen[places.to_numpy()] = True
            flags = pl.DataFrame({CHOSEN: chosen}).lazy()
            found = pl.concat([found, flags], how="horizontal").filter(CHOSEN)
        return found.select(pl.col(names).cast(pl.Float64))

    @cached_property
    def _height(self) -> int:
        return int(pl.scan_parquet(self.path, glob=False).select(pl.len()).collect().item())
