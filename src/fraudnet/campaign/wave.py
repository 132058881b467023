"""A wave of the campaign: its days, its units with what they can look at, and who gets which item."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import ConfigurationError, MissingInputError

KEYS = {"name", "start", "end", "due_days", "units"}
UNIT_KEYS = {"unit", "capacity", "institutions", "provinces", "communes", "ministry"}


@dataclass(frozen=True)
class Unit:
    """A reviewing unit: key, ministry unit above it, items it can look at in the wave, and its scope (empty: all)."""

    unit: str
    capacity: int
    institutions: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    ministry: str = ""
    communes: tuple[str, ...] = ()

    def may(self, institution: str | None, province: str | None, commune: str | None = None) -> bool:
        """Whether an item lies in its scope; communes are `<province>-<commune>`, as keys are given twice elsewhere."""
        bank = not self.institutions or institution in self.institutions
        small = not self.communes or f"{province}-{commune}" in self.communes
        return bank and small and (not self.provinces or province in self.provinces)


@dataclass(frozen=True)
class Wave:
    """Name, first and last day, days until an item is overdue, and its units."""

    name: str
    start: date
    end: date
    due_days: int
    units: tuple[Unit, ...]

    def plan(self, today: date) -> float:
        """Share of its days that have passed: what should be done by now."""
        whole = (self.end - self.start).days + 1
        return min(max(((today - self.start).days + 1) / whole, 0.0), 1.0)


def read_wave(path: Path) -> Wave:
    """A wave from a TOML file. Raises MissingInputError, ConfigurationError naming what is wrong in it."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MissingInputError(
            "{path}: cannot be read ({reason}); see docs/campaign.md", path=path, reason=error.strerror
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            "{path}: is no TOML file ({error}); see docs/campaign.md", path=path, error=error
        ) from None
    unknown = sorted(set(told) - KEYS) + sorted({key for unit in told.get("units", []) for key in unit} - UNIT_KEYS)
    if unknown:
        raise ConfigurationError(
            "{path}: got {unknown}, expected {known}",
            path=path,
            unknown=", ".join(unknown),
            known=", ".join(sorted(KEYS | UNIT_KEYS)),
        )
    try:
        units = tuple(_unit(one) for one in told.get("units", []))
        wave = Wave(str(told["name"]), _day(told["start"]), _day(told["end"]), int(told.get("due_days", 30)), units)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            "{path}: name, start, end or a unit is missing or wrong ({error})", path=path, error=error
        ) from None
    if wave.end < wave.start or any(unit.capacity < 0 for unit in units):
        raise ConfigurationError("{path}: the end lies before the start, or a capacity below 0", path=path)
    return wave


def _unit(told: dict[str, Any]) -> Unit:
    banks, provinces, communes = (
        tuple(str(one) for one in told.get(name, [])) for name in ("institutions", "provinces", "communes")
    )
    return Unit(str(told["unit"]), int(told["capacity"]), banks, provinces, str(told.get("ministry", "")), communes)


def _day(value: Any) -> date:
    if not isinstance(value, date):
        raise TypeError("start and end are days such as 2026-10-01")
    return value


def assigned(items: pl.DataFrame, wave: Wave) -> pl.DataFrame:
    """The items with `unit`: in order of their value, each to the unit in whose scope it lies that is least loaded.

    items: entity_id, institution, province, commune, value. Load is items by capacity, so that all fill evenly; nobody
    gets more than its capacity; ties go to the first key. What nobody can take has no unit.
    """
    taken = {unit.unit: 0 for unit in wave.units}
    units = sorted(wave.units, key=lambda unit: unit.unit)
    chosen: list[str | None] = []
    ordered = items.sort("value", "entity_id", descending=[True, False])
    for place in ordered.select("institution", "province", "commune").iter_rows():
        able = [u for u in units if u.may(*place) and taken[u.unit] < u.capacity]
        best = min(able, key=lambda unit: (taken[unit.unit] / unit.capacity, unit.unit), default=None)
        if best is not None:
            taken[best.unit] += 1
        chosen.append(best.unit if best else None)
    return ordered.with_columns(unit=pl.Series(chosen, dtype=pl.String))
