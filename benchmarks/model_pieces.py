"""A long measurement in pieces, each kept with what it cost, so that a later call goes on where this one stopped."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fraudnet.files import digest_of, write_json

BUSY = 75


class Pieces:
    """What was made so far below a folder; stops the program when its minutes are over and a piece is still missing."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self.folder, self.until = folder, time.monotonic() + 60 * minutes
        self.parts: dict[str, dict[str, float]] = {}
        self._clocks()

    def piece(self, name: str, make: Callable[[], Any], about: list[Any]) -> Any:
        """The plain value of a piece: kept from an earlier call about the same things, else made and kept."""
        path = self.folder / "pieces" / f"{name.replace(' ', '-')}-{digest_of(about)[:12]}.json"
        if not path.is_file():
            if time.monotonic() > self.until:
                print(f"stopped before {name}; everything until there is kept: give the same command again")
                raise SystemExit(BUSY)
            value = make()
            write_json(path, {"value": value, "cost": self._clocks()})
        told = json.loads(path.read_text(encoding="utf-8"))
        self.parts[name] = told["cost"]
        return told["value"]

    def spent(self, name: str) -> None:
        """Count what has passed since the last piece, and keep the largest figure of all calls."""
        path = self.folder / "pieces" / f"{name.replace(' ', '-')}.json"
        now = self._clocks()
        before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else now
        self.parts[name] = max(now, before, key=lambda cost: cost["cpu"])
        write_json(path, self.parts[name])

    def cost(self) -> dict[str, Any]:
        """Seconds of the processor by part, by the clock, and the most memory that any call held."""

        def together(key: str, begins: str = "") -> int:
            return round(sum(cost[key] for name, cost in self.parts.items() if name.startswith(begins)))

        return {
            "cpu_seconds": together("cpu"), "wall_seconds": together("wall"),
            "world_cpu_seconds": together("cpu", "world"), "drop_cpu_seconds": together("cpu", "drop"),
            "snapshots_cpu_seconds": together("cpu", "snapshot"),
            "memory_mb": round(max(cost["memory_mb"] for cost in self.parts.values())),
        }  # fmt: skip

    def _clocks(self) -> dict[str, float]:
        """What passed since it was asked last."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        now = {"cpu": used.ru_utime + used.ru_stime, "wall": time.monotonic()}
        before = getattr(self, "_last", now)
        self._last = now
        return {**{key: now[key] - before[key] for key in now}, "memory_mb": used.ru_maxrss / 1024}
