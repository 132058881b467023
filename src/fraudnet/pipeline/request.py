"""What a user asks the pipeline for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fraudnet.contracts.graph import SCORED_KINDS
from fraudnet.errors import ConfigurationError


@dataclass(frozen=True)
class Request:
    """Which drops, read how, up to when, for which kinds, with or without the graph, with or without missing days.

    accept_synthetic: whether a model that knows only a synthetic world may judge real people. view: `bank` or
    `telco` for what one side alone would have delivered.
    """

    drops: tuple[Path, ...]
    mapping: Path | None = None
    as_of: datetime | None = None
    kinds: tuple[str, ...] = ()
    without_graph: bool = False
    allow_gap: bool = False
    accept_synthetic: bool = False
    view: str = ""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.kinds) - {*SCORED_KINDS, "event"})
        if unknown:
            known = ", ".join((*SCORED_KINDS, "event"))
            raise ConfigurationError(
                "--kind: got {unknown}, expected one of {known}", unknown=", ".join(unknown), known=known
            )
