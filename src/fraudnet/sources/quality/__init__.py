"""Data quality: one file per criterion of the government's data programme, each a stated measure from 0 to 100."""

from __future__ import annotations

from importlib import import_module

from fraudnet.sources.quality.part import Criterion

CRITERIA: tuple[str, ...] = ("correct", "complete", "clean", "up_to_date", "consistent", "shareable")


def criteria(names: tuple[str, ...] = CRITERIA) -> tuple[Criterion, ...]:
    """Load the registered criteria, in order."""
    return tuple(import_module(f"fraudnet.sources.quality.{name}").CRITERION for name in names)
