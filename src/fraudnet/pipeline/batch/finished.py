"""Finished runs to read from: the folder, its manifest, and tables whose bytes are still the published ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import MissingInputError
from fraudnet.expressions import local_day
from fraudnet.pipeline.exchange.publication import newest
from fraudnet.runs.manifest import read_manifest, verify


@dataclass(frozen=True)
class Finished:
    """One published run."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that were scored."""
        return tuple(self.manifest["models"])

    @property
    def language(self) -> str:
        """The language of its sentences."""
        return str(self.manifest["settings"]["language"])

    @property
    def as_of(self) -> str:
        """The day of its cut-off in Vietnam."""
        return str(local_day(datetime.fromisoformat(self.manifest["as_of"])))

    def has(self, name: str) -> bool:
        """Whether the run has this table."""
        return f"{name}.parquet" in self.manifest["outputs"]

    def table(self, name: str) -> pl.DataFrame:
        """A table of the run. Raises MissingInputError when it has none, IntegrityError when its bytes changed."""
        if not self.has(name):
            raise MissingInputError(
                "{folder}: has no table {name}; it was made by another version: score the drops again",
                folder=self.folder,
                name=name,
            )
        verify(self.folder, (f"{name}.parquet",))
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def each(self, name: str) -> pl.DataFrame:
        """The tables of all kinds under one another."""
        return pl.concat([self.table(f"{name}-{kind}") for kind in self.kinds])


def finished(run: Path) -> Finished:
    """A run folder, or the newest run below a folder. Raises MissingInputError when there is none."""
    folder = newest(run)
    manifest = read_manifest(folder)
    if manifest.get("what") != "run":
        raise MissingInputError("{folder}: is not a run folder; name one that `fraudnet score` made", folder=folder)
    return Finished(folder, manifest)
