"""Changes of rules that are known by their day, so that what they move is no surprise."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from importlib.resources import files


@dataclass(frozen=True)
class Regime:
    """A day on which a rule came into force, where it is written, and the columns it moves (patterns)."""

    on: date
    what: str
    source: str
    columns: tuple[str, ...]

    def moves(self, column: str) -> bool:
        """Whether a column is among those it moves."""
        return any(fnmatchcase(column, pattern) for pattern in self.columns)


def regimes(after: date, until: date) -> tuple[Regime, ...]:
    """The changes that came into force after a day and until another, in order."""
    told = tomllib.loads(files(__package__).joinpath("regimes.toml").read_text(encoding="utf-8"))
    known = (Regime(**{**one, "columns": tuple(one["columns"])}) for one in told["regimes"])
    return tuple(sorted((one for one in known if after < one.on <= until), key=lambda one: one.on))
