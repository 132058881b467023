"""How far two people agree on the same items: Cohen's kappa per unit, with its interval."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fraudnet.review.standing import SECOND_READING
from fraudnet.store.event import Event

Z95 = 1.96


@dataclass(frozen=True)
class Agreement:
    """Agreement beyond chance on n items: 1 is perfect, 0 is chance; None where it cannot be said."""

    n: int
    agreed: int
    kappa: float | None
    low: float | None
    high: float | None


def kappa(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Cohen's kappa of pairs of outcomes with its 95 % interval.

    Source: Cohen 1960; large-sample error, Fleiss, Levin and Paik, Statistical Methods, 3rd ed., (18.14).
    """
    n = len(pairs)
    agreed = sum(a == b for a, b in pairs)
    if n == 0:
        return Agreement(0, 0, None, None, None)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    names = sorted(set(first) | set(second))
    chance = sum(first[name] * second[name] for name in names) / n**2
    if chance == 1:
        return Agreement(n, agreed, None, None, None)
    value = (agreed / n - chance) / (1 - chance)
    error = _error(pairs, (first, second), value, chance)
    return Agreement(n, agreed, value, max(-1.0, value - Z95 * error), min(1.0, value + Z95 * error))


def _error(
    pairs: Sequence[tuple[str, str]], margins: tuple[Counter[str], Counter[str]], value: float, chance: float
) -> float:
    n, (first, second) = len(pairs), margins
    cells = Counter(pairs)
    on = sum(
        count / n * (1 - (first[a] + second[a]) / n * (1 - value)) ** 2 for (a, b), count in cells.items() if a == b
    )
    off = sum(
        count / n * ((second[a] + first[b]) / n) ** 2 for (a, b), count in cells.items() if a != b
    ) * (1 - value) ** 2  # fmt: skip
    spread = on + off - (value - chance * (1 - value)) ** 2
    return math.sqrt(max(spread, 0.0) / n) / (1 - chance)


def by_unit(events: Iterable[Event]) -> dict[str, Agreement]:
    """The agreement of each unit's second readings with the first."""
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for event in events:
        if event.kind == SECOND_READING:
            first, second = event.body["outcomes"]
            pairs[event.body["unit"]].append((first, second))
    return {unit: kappa(found) for unit, found in sorted(pairs.items())}
