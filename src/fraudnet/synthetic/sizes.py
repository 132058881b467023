"""The sizes of world that have a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fraudnet.errors import ConfigurationError


@dataclass(frozen=True)
class Size:
    """How large a world is: people, months or, instead, days, share of fraud, calls and messages a person and day."""

    people: int
    months: int = 12
    share: float = 0.01
    days: int | None = None
    calls: float = 0.4


SIZES: Mapping[str, Size] = {
    "demo": Size(20_000),
    "figures": Size(100_000, months=24, share=0.005),  # for figures about models: 1,000 mules
    "size": Size(1_000_000, days=75, share=0.005),  # for time and memory: 50 M events
    "speed": Size(450_000, days=90, share=0.005, calls=0.1235),  # for the graph: 10 M transfers, 5 M calls
}


def sized(name: str, **given: Any) -> dict[str, Any]:
    """A named size with some of its values exchanged for those that are given and not None.

    Months that are given stand before the days of the size. Raises ConfigurationError for a name that is none.
    """
    if name not in SIZES:
        raise ConfigurationError("size: {name!r}; expected one of {known}", name=name, known=", ".join(SIZES))
    wanted = {key: value for key, value in given.items() if value is not None}
    lasting = {"days": None} if "months" in wanted and "days" not in wanted else {}
    return {**asdict(SIZES[name]), **lasting, **wanted}
