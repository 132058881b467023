"""Named patterns of fraud: one file, one typology, each with its honest look-alike."""

from __future__ import annotations

from importlib import import_module

from fraudnet.typologies.typology import Typology

TYPOLOGIES: tuple[str, ...] = (
    "rented_account",
    "pass_through",
    "fan_in_collector",
    "fan_out_distributor",
    "layering_chain",
    "money_cycle",
    "dormant_then_busy",
    "under_biometric_line",
    "sim_farm",
    "call_centre",
    "agent_registered_sims",
    "shared_device",
)


def typologies(names: tuple[str, ...] = TYPOLOGIES) -> tuple[Typology, ...]:
    """Load the registered typologies, in order."""
    return tuple(import_module(f"fraudnet.typologies.{name}").TYPOLOGY for name in names)
