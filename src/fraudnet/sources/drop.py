"""What reading a drop gives: records, quarantine, counts and the digests of everything that was read."""

from __future__ import annotations

from collections.abc import Mapping as Named
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.sources.mapping import Mapping, ScoreSettings, SplitSettings


@dataclass(frozen=True)
class Delivery:
    """One history, read from one or several drop folders.

    `stored`: the tables of the records with the parts of row ids (FILE, NUMBER of `expressions`) in place of them.
    `counts`: table, file, rows_in, good, quarantined, not_selected. `quarantine`: table, file, file_sha256, row,
    rules, raw. `inputs`: name, bytes and SHA-256 of every file that was read, the mapping files included.
    `digest` stands for all of it: equal digests mean equal records. `folder` is where all of it is kept.
    `breaks`: file, row, rule of every line of a statement that does not follow from the one before it.
    """

    records: Records
    stored: Named[str, pl.LazyFrame]
    mappings: tuple[Mapping, ...]
    counts: pl.DataFrame
    quarantine: pl.LazyFrame
    inputs: tuple[tuple[str, int, str], ...]
    digest: str
    folder: Path
    breaks: pl.DataFrame

    @property
    def mapping(self) -> Mapping:
        """The mapping of the first folder; score and split settings are the same in all."""
        return self.mappings[0]

    @property
    def all_synthetic(self) -> bool:
        """Whether every folder says that nobody in it exists."""
        return all(mapping.synthetic for mapping in self.mappings)

    @property
    def any_synthetic(self) -> bool:
        """Whether any folder says that nobody in it exists."""
        return any(mapping.synthetic for mapping in self.mappings)

    @property
    def score(self) -> ScoreSettings:
        """What is to be scored."""
        return self.mapping.score

    @property
    def split(self) -> SplitSettings:
        """How to divide rows into training, validation and test."""
        return self.mapping.split
