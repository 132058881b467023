"""The stages of scoring that are measured apart, and what bounds each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from threading import Lock, get_ident
from typing import Any

Parts = dict[str, dict[str, float]]
REST = "rest"  # what is in no stage
# Stage, what bounds it, and the functions in which it is spent.
STAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("read", "texts looked at by their bytes, Parquet encoding of texts", ("pipeline.reading.source:read_drops",)),
    ("one event each", "Parquet decoding and one sort", ("pipeline.reading.source:_events",)),
    ("link", "texts hashed once; comparing people", ("pipeline.batch.material:link",)),
    ("features", "group-by hashing, memory gathers", ("pipeline.batch.snapshot:each_table",)),
    ("typologies", "one pass over columns", ("pipeline.batch.snapshot:detect", "pipeline.batch.snapshot:population")),
    ("model loading", "imports, golden rows", ("pipeline.batch.ranking:load",)),
    ("model input", "Parquet decoding", ("model.stored:beside",)),
    (
        "predict",
        "LightGBM: trees times rows",
        ("pipeline.batch.ranking:seen", "pipeline.batch.ranking:scores_of"),
    ),
    ("stands alone", "flagged rows alone", ("pipeline.batch.ranking:stands_alone",)),
    (
        "rests on",
        "links within two steps of the flagged",
        ("pipeline.batch.ranking:nearest", "pipeline.batch.ranking:support"),
    ),
    ("reasons", "LightGBM contributions of the flagged", ("pipeline.batch.ranking:reasons",)),
    (
        "evidence",
        "one pass over transfers and calls",
        ("pipeline.batch.material:near", "pipeline.batch.material:evidence_of"),
    ),
    ("cases: ledger", "one sort of 120 days of moves", ("pipeline.casework.cases:ledger",)),
    ("cases", "ties among the flagged, trails", ("pipeline.casework.cases:cases_of",)),
    ("lists", "one pass over transfers and scores", ("pipeline.batch.scoring:chosen",)),
    ("writing", "Parquet encoding, LZ4", ("runs.folder:write_parquet",)),
    ("digests", "SHA-256", ("runs.folder:sha256", "runs.folder:write_manifest")),
)


@dataclass
class Clock:
    """CPU-seconds and seconds by the clock per stage, those of stages inside a stage left out.

    Stages that run beside one another share both equally, so that their sum is that of the whole; what is in no stage
    ("rest") has none of it while another thread is in one.
    """

    parts: Parts = field(default_factory=dict)
    _inside: dict[int, list[str]] = field(default_factory=dict)  # by thread the stages that it is in
    _since: tuple[float, float] = (0.0, 0.0)
    _lock: Lock = field(default_factory=Lock)

    def measured(self, stage: str, make: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its cost added up under a stage; of a generator every step."""

        def called(*given: Any, **named: Any) -> Any:
            found = self.timed(stage, lambda: make(*given, **named))
            return self._steps(stage, found) if isinstance(found, Iterator) else found

        return called

    def timed(self, stage: str, make: Callable[[], Any]) -> Any:
        """What a function gives, its cost added up under a stage."""
        self._turn(stage)
        try:
            return make()
        finally:
            self._turn(None)

    def now(self) -> list[str]:
        """The stages that are being measured; not the rest while there is another."""
        with self._lock:
            return self._stages()

    def _stages(self) -> list[str]:
        stages = [mine[-1] for mine in self._inside.values()]
        return [name for name in stages if name != REST] or stages

    def _turn(self, stage: str | None) -> None:
        """This thread begins a stage, or ends the one that it is in; what was spent since the last turn is told."""
        with self._lock:
            now, last = (time.process_time(), time.monotonic()), self._since
            stages = self._stages()
            for name in stages:
                row = self.parts.setdefault(name, {"cpu_seconds": 0.0, "seconds": 0.0})
                row["cpu_seconds"] += (now[0] - last[0]) / len(stages)
                row["seconds"] += (now[1] - last[1]) / len(stages)
            self._since, mine = now, self._inside.setdefault(get_ident(), [])
            if stage is None:
                mine.pop()
            else:
                mine.append(stage)
            if not mine:
                del self._inside[get_ident()]

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
