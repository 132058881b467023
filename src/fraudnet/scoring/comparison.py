"""What is usual: where an entity's own value stands among all who are scored at the same moment."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudnet.contracts.features import Column
from fraudnet.messages import text
from fraudnet.model.booster import Floats
from fraudnet.model.matrix import Rows
from fraudnet.scoring.description import is_flag
from fraudnet.scoring.wording import number, said

# The highest of these shares that lies wholly on one side of the value is named.
SHARES = (99, 95, 90, 75, 50)
# Ages, in days, that are compared with one another; with fewer peers than this, all of the kind are.
AGES = (0.0, 30.0, 90.0, 365.0, 1_095.0)
AGE_OF = {"account": "age_days", "sim": "sim_age_days"}
FEWEST_PEERS = 100


@dataclass(frozen=True)
class Usual:
    """What is usual of one column: how many values are known, and what shares of them have at most and at least."""

    n: int
    most: tuple[float, ...]
    least: tuple[float, ...]


@dataclass(frozen=True)
class Peers:
    """Everybody of a kind who is scored, and how old they are.

    matrix: one row per entity; kind: account, sim, identity or event. Quantiles are those of the rows themselves, so
    the order of the rows changes nothing.
    """

    matrix: Rows
    kind: str
    _found: dict[tuple[str, int | None], Usual] = field(default_factory=dict, compare=False)
    _last: dict[str, Floats] = field(default_factory=dict, compare=False)
    _alike: dict[tuple[str, int | None, float], float] = field(default_factory=dict, compare=False)

    @property
    def age_column(self) -> str | None:
        """The column with the age in days, where the kind has one."""
        name = AGE_OF.get(self.kind)
        return name if name in self.matrix.names else None

    @cached_property
    def ages(self) -> Floats:
        """The known ages, sorted."""
        return np.sort(self.values(self.age_column, None)) if self.age_column else np.zeros(0)

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """The age group of every row, from 1 for the youngest; 0 where the age is unknown."""
        if self.age_column is None:
            return np.zeros(self.matrix.keys.height, dtype=np.int64)
        age = self._column(self.age_column)
        return np.where(np.isnan(age), 0, group_of(age))

    @cached_property
    def _members(self) -> list[NDArray[np.int64]]:
        """The rows of each age group."""
        ends = np.cumsum(np.bincount(self.groups, minlength=len(AGES) + 1))
        return np.split(np.argsort(self.groups, kind="stable"), ends[:-1])

    def older_than(self, age: float) -> int:
        """In how many of 100 of the kind the age is lower."""
        return int(100 * np.searchsorted(self.ages, age) // max(len(self.ages), 1))

    def values(self, name: str, group: int | None) -> Floats:
        """The known values of a column in an age group (None: in all)."""
        column = self._column(name)
        mine = column if group is None else column[self._members[group]]
        return mine[~np.isnan(mine)]

    def usual(self, name: str, group: int | None) -> Usual:
        """What is usual of a column in an age group (None: in all), looked up once."""
        if (name, group) not in self._found:
            self._found[name, group] = _usual(self.values(name, group))
        return self._found[name, group]

    def alike(self, name: str, group: int | None, value: float) -> float:
        """Of 100 in an age group (None: of all) whose value is known, how many have this one; looked up once."""
        key = (name, group, value)
        if key not in self._alike:
            known = self.values(name, group)
            self._alike[key] = 100 * int((known == value).sum()) / len(known)
        return self._alike[key]

    def _column(self, name: str) -> Floats:
        if name not in self._last:
            column = self.matrix.column(name).fill_null(float("nan"))
            self._last.clear()
            self._last[name] = np.asarray(column.to_numpy(), dtype=np.float64)
        return self._last[name]


def group_of(age: float | Floats) -> Any:
    """The age group of one age or of many, from 1 for the youngest."""
    return np.searchsorted(AGES, age, side="right")


def _usual(known: Floats) -> Usual:
    n = len(known)
    if n < FEWEST_PEERS:
        return Usual(n, (), ())
    places = [math.ceil(share / 100 * n) for share in SHARES]
    wanted = sorted({place - 1 for place in places} | {n - place for place in places})
    ordered = np.partition(known, wanted)
    most, least = ([float(ordered[at]) for at in side] for side in ([p - 1 for p in places], [n - p for p in places]))
    return Usual(n, tuple(most), tuple(least))


def compared(peers: Peers, column: Column, value: float | None, age: float | None, language: str) -> str:
    """How a value compares, as half a sentence; empty where the value or too many of the others are unknown.

    `99 of 100 accounts of this age have at most 3`. Shares are of those whose value is known.
    """
    if value is None or math.isnan(value):
        return ""
    group = None if age is None or math.isnan(age) else int(group_of(age))
    usual = peers.usual(column.name, group)
    if usual.n < FEWEST_PEERS:
        group, usual = None, peers.usual(column.name, None)
    if usual.n < FEWEST_PEERS:
        return ""
    aged = group is not None and peers.age_column is not None
    who = text(f"reason.peers.{peers.kind}{'_of_age' if aged else ''}", language)
    if not (column.categories or (is_flag(column) and not column.view.endswith("_mean"))):
        for share, most, least in zip(SHARES, usual.most, usual.least, strict=True):
            if most < value:
                return text("reason.at_most", language, share=share, who=who, value=said(column, most, language))
            if least > value:
                return text("reason.at_least", language, share=share, who=who, value=said(column, least, language))
    return _same(peers.alike(column.name, group, value), who, language)


def _same(percent: float, who: str, language: str) -> str:
    share = number(percent, 0, language) if percent >= 1 else text("reason.under_one", language)
    return text("reason.same", language, share=share, who=who)
