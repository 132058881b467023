"""The stages of scoring that are measured apart, and what bounds each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

Parts = dict[str, dict[str, float]]
# Stage, what bounds it, and the functions in which it is spent.
STAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("read", "texts looked at by their bytes, Parquet encoding of texts", ("pipeline.reading.source:read_drops",)),
    ("one event each", "Parquet decoding and one sort", ("pipeline.reading.source:_events",)),
    ("link", "hash joins of names; comparing people", ("pipeline.batch.material:link",)),
    ("features", "group-by hashing, memory gathers", ("pipeline.batch.snapshot:each_table",)),
    ("typologies", "one pass over columns", ("pipeline.batch.snapshot:detect", "pipeline.batch.snapshot:population")),
    ("model loading", "imports, golden rows", ("pipeline.batch.ranking:load",)),
    ("model input", "Parquet decoding", ("model.stored:filled",)),
    ("predict", "LightGBM: trees times rows", ("pipeline.batch.ranking:score",)),
    ("stands alone", "flagged rows alone", ("pipeline.batch.ranking:stands_alone",)),
    (
        "rests on",
        "links within two steps of the flagged",
        ("pipeline.batch.ranking:nearest", "pipeline.batch.ranking:support"),
    ),
    ("reasons", "LightGBM contributions of the flagged", ("pipeline.batch.ranking:reasons",)),
    ("evidence", "one pass over transfers and calls", ("pipeline.batch.ranking:behind",)),
    ("cases: ledger", "one sort of 120 days of moves", ("pipeline.casework.cases:ledger",)),
    ("cases", "ties among the flagged, trails", ("pipeline.casework.cases:cases_of",)),
    ("lists", "one pass over transfers and scores", ("pipeline.batch.scoring:chosen",)),
    ("writing", "zstd", ("runs.folder:write_parquet",)),
    ("digests", "SHA-256", ("runs.folder:sha256", "runs.folder:write_manifest")),
)


@dataclass
class Clock:
    """CPU-seconds and seconds by the clock per stage, those of stages inside a stage left out."""

    parts: Parts = field(default_factory=dict)
    _inside: list[list[float]] = field(default_factory=list)

    def measured(self, stage: str, make: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its cost added up under a stage; of a generator every step."""

        def called(*given: Any, **named: Any) -> Any:
            found = self.timed(stage, lambda: make(*given, **named))
            return self._steps(stage, found) if isinstance(found, Iterator) else found

        return called

    def timed(self, stage: str, make: Callable[[], Any]) -> Any:
        """What a function gives, its cost added up under a stage."""
        begun = (time.process_time(), time.monotonic())
        self._inside.append([0.0, 0.0])
        try:
            return make()
        finally:
            spent = (time.process_time() - begun[0], time.monotonic() - begun[1])
            mine = self._inside.pop()
            row = self.parts.setdefault(stage, {"cpu_seconds": 0.0, "seconds": 0.0})
            for place, key in enumerate(("cpu_seconds", "seconds")):
                row[key] += spent[place] - mine[place]
                if self._inside:
                    self._inside[-1][place] += spent[place]

    def _steps(self, stage: str, rows: Iterator[Any]) -> Iterator[Any]:
        end = object()
        while (one := self.timed(stage, lambda: next(rows, end))) is not end:
            yield one
            del one  # or it would be held while the next one is made

    def watch(self) -> None:
        """Measure every stage of STAGES from now on, in this process."""
        for stage, _, functions in STAGES:
            for name in functions:
                where, function = name.split(":")
                module = import_module(f"fraudnet.{where}")
                setattr(module, function, self.measured(stage, getattr(module, function)))
