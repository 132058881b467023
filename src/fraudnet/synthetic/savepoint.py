"""How far a stage was, so that a group that does not fit leaves nothing behind."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.holdings import Holdings
from fraudnet.synthetic.people import Population
from fraudnet.synthetic.stage import Stage

# Columns of existing rows that planting may change, by table.
CHANGED = {"sims": ("device", "ended"), "accounts": ("closed",)}


@dataclass(frozen=True)
class Savepoint:
    """Lengths of the growing tables, and copies of what can be changed in place."""

    lengths: tuple[int, ...]
    population: Population
    held: Holdings
    main_account: Ints
    taken: Any
    changed: tuple[Ints, ...]

    @classmethod
    def of(cls, stage: Stage) -> Savepoint:
        """Remember where a stage stands."""
        return cls(
            tuple(len(t) for t in _growing(stage)), stage.population, replace(stage.held),
            stage.held.main_account.copy(), stage.taken.copy(), tuple(c.copy() for c in _changing(stage)),
        )  # fmt: skip

    def restore(self, stage: Stage) -> None:
        """Take everything back that happened since."""
        for table, length in zip(_growing(stage), self.lengths, strict=True):
            table.rewind(length)
        stage.population, stage.taken = self.population, self.taken
        for item in fields(self.held):
            setattr(stage.held, item.name, getattr(self.held, item.name))
        stage.held.main_account = self.main_account
        for column, before in zip(_changing(stage), self.changed, strict=True):
            column[:] = before


def _growing(stage: Stage) -> tuple[Any, ...]:
    return (*stage.logs.tables(), stage.held.accounts, stage.held.sims, stage.held.devices)


def _changing(stage: Stage) -> list[Any]:
    return [getattr(stage.held, table)[column] for table, columns in CHANGED.items() for column in columns]
