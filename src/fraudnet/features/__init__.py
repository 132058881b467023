"""Feature families: one file, one family; everything as of a cut-off."""

from __future__ import annotations

from importlib import import_module

from fraudnet.features.family import Family

# Plain families read tables keyed by the entity itself, graph families read the graph.
FAMILIES: tuple[str, ...] = ()


def families(names: tuple[str, ...] = FAMILIES) -> tuple[Family, ...]:
    """Load the registered families, in order."""
    return tuple(import_module(f"fraudnet.features.{name}").FAMILY for name in names)
