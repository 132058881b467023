"""Reviewers who decide faster than one can read, or always as the score says: shown to their lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from fraudnet.store.dispositions import DECISION
from fraudnet.store.event import Event

TOO_FAST_S, TOO_AGREEING, ENOUGH = 20, 0.98, 20


@dataclass(frozen=True)
class Pace:
    """How somebody decides: how many, the median of seconds, the share that says what the score says."""

    name: str
    decided: int
    median_s: float | None
    agreeing: float | None

    @property
    def too_fast(self) -> bool:
        """Whether half of the decisions took under twenty seconds."""
        return self.decided >= ENOUGH and self.median_s is not None and self.median_s < TOO_FAST_S

    @property
    def too_agreeing(self) -> bool:
        """Whether over 98 of 100 decisions say what the score says."""
        return self.decided >= ENOUGH and self.agreeing is not None and self.agreeing > TOO_AGREEING


def paces(events: Iterable[Event]) -> list[Pace]:
    """The pace of everybody who decided, by name; seconds and what the score said are references of the decisions."""
    seconds: dict[str, list[int]] = defaultdict(list)
    agreeing: dict[str, list[bool]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for event in events:
        told = event.body["references"] if event.kind == DECISION else {}
        if told.get("by") != "console":
            continue
        counts[event.actor] += 1
        if "seconds" in told:
            seconds[event.actor].append(int(told["seconds"]))
        if "leans" in told and event.body["outcome"] != "unsure":
            agreeing[event.actor].append((told["leans"] == "fraud") == (event.body["outcome"] == "confirmed"))
    return [
        Pace(
            name, n, median(seconds[name]) if seconds[name] else None,
            sum(agreeing[name]) / len(agreeing[name]) if agreeing[name] else None,
        )
        for name, n in sorted(counts.items())
    ]  # fmt: skip
