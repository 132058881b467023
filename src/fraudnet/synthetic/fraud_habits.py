"""How organised groups behave in a world: one table of knobs per set of habits, and how groups adapt with time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from fraudnet.contracts.scene import Habits
from fraudnet.errors import ConfigurationError

# a: what was common until 2025. b: what groups turned to after enforcement: they wait, stay under the lines, buy older
# accounts at many banks and firms' accounts, and make accounts and SIMs look lived in.
HABITS: Mapping[str, Habits] = {
    "a": Habits(keeping=0.45, warming=3.0, sums=0.85, talking=1.4, codes=0.9),
    "b": Habits(
        waiting=3.5, keeping=0.5, aging=2.5, sums=0.7,
        under_lines=0.6, corporate=0.25, spread=0.7, cash=0.05, warming=5.0,
        pausing=6.0, names=2.0, talking=2.5, codes=0.8,
    ),
}  # fmt: skip
SHARES = ("under_lines", "corporate", "spread", "cash", "keeping")
OTHER = {"a": "b", "b": "a"}
ADAPTS = 0.35  # how far the last groups of a world have gone over to the other set's habits
ADAPTS_AGAIN = 0.3  # and how much farther a group goes that was disturbed and comes back
RING_SIGMA = 0.5  # of the factors, from group to group


def checked(name: str) -> str:
    """The name of a set of habits; ConfigurationError when there is none of that name."""
    if name not in HABITS:
        raise ConfigurationError("habits: {name!r}; expected one of {known}", name=name, known=", ".join(HABITS))
    return name


def of_ring(name: str, part: float, rng: np.random.Generator, *, again: bool = False) -> Habits:
    """The habits of one group that works when `part` (0 to 1) of the world has passed, again after it was disturbed."""
    own, other = HABITS[name], HABITS[OTHER[name]]
    gone = ADAPTS * part * rng.random() + (ADAPTS_AGAIN if again else 0.0)
    values = {}
    for field in fields(Habits):
        here, there = getattr(own, field.name), getattr(other, field.name)
        if field.name in SHARES:
            values[field.name] = min(max(here + gone * (there - here), 0.0), 1.0)
        else:
            values[field.name] = here * (there / here) ** gone * float(np.exp(RING_SIGMA * rng.standard_normal()))
    return Habits(**values)
