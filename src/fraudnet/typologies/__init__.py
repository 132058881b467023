"""Named patterns of fraud: one file, one typology, each with its honest look-alike."""

from __future__ import annotations

from importlib import import_module

from fraudnet.typologies.typology import Typology

TYPOLOGIES: tuple[str, ...] = ()


def typologies(names: tuple[str, ...] = TYPOLOGIES) -> tuple[Typology, ...]:
    """Load the registered typologies, in order."""
    return tuple(import_module(f"fraudnet.typologies.{name}").TYPOLOGY for name in names)
