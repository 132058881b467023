"""How often reviews confirm, month by month, and whether that moves: a model's probabilities rest on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

MOVES = 0.01  # a label rate is called drifting below this chance
LARGE = 1.5  # and only where the highest month has so many times the rate of the lowest


@dataclass(frozen=True)
class Rates:
    """Confirmed and all labelled entities of each snapshot, and the chance of such differences if nothing moved."""

    months: tuple[dict[str, Any], ...]
    p: float | None
    drifts: bool

    def sentence(self) -> str:
        """What must be said aloud, or nothing."""
        if not self.drifts:
            return ""
        low, high = (pick(self.months, key=lambda row: row["rate"]) for pick in (min, max))
        return (
            f"THE LABEL RATE DRIFTS: {low['rate']:.2%} confirmed in {low['month']}, {high['rate']:.2%} in "
            f"{high['month']} (p {'< 0.001' if self.p is not None and self.p < 0.001 else f'= {self.p:.3f}'}); "
            "probabilities and thresholds of one month do not hold in another"
        )


def rates(found: Sequence[tuple[date, int, int]]) -> Rates:
    """Label rates of snapshots whose labels are mature, oldest first, with Pearson's test of equal rates.

    found: day of the snapshot, confirmed, labelled entities. The same entities stand in several months, which makes the
    test careful rather than exact. drifts: p under 1 % and the highest rate at least half as high again as the lowest.
    """
    told = tuple(
        {"month": f"{day:%Y-%m}", "confirmed": confirmed, "entities": entities, "rate": confirmed / max(entities, 1)}
        for day, confirmed, entities in sorted(found)
    )
    p = _chance(np.array([row["confirmed"] for row in told]), np.array([row["entities"] for row in told]))
    seen = [confirmed / max(entities, 1) for _, confirmed, entities in found] or [0.0]
    return Rates(told, p, p is not None and p < MOVES and max(seen) >= LARGE * min(seen))


def _chance(confirmed: np.ndarray, entities: np.ndarray) -> float | None:
    from scipy.stats import chi2

    total, whole = int(confirmed.sum()), int(entities.sum())
    if len(confirmed) < 2 or not 0 < total < whole:
        return None
    expected = entities * (total / whole)
    spread = (confirmed - expected) ** 2 / expected + (confirmed - expected) ** 2 / (entities - expected)
    return float(chi2.sf(float(spread.sum()), len(confirmed) - 1))
