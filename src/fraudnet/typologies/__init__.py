"""Named patterns of fraud: one file, one typology, each with its honest look-alike."""

from __future__ import annotations

from functools import cache
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
    "batch_opening",
    "taken_over_account",
    "sim_swap",
    "too_many_sims",
    "recycled_number",
    "phone_owner_differs",
    "file_mismatch",
    "one_face",
    "insider_opening",
    "holder_gone",
    "traded_list",
    "scatter_gather",
    "probe_payments",
    "shell_company",
    "merchant_mule",
    "atm_crew",
    "crypto_exit",
    "shopping",
    "gambling_collector",
    "controller",
    "victim_turned_mule",
    "contagion",
)


def typologies(names: tuple[str, ...] = TYPOLOGIES) -> tuple[Typology, ...]:
    """Load the registered typologies, in order."""
    return tuple(import_module(f"fraudnet.typologies.{name}").TYPOLOGY for name in names)


@cache
def by_name() -> dict[str, Typology]:
    """The registered typologies by name."""
    return {known.name: known for known in typologies()}


def counts_alone(name: str) -> bool:
    """Whether something may follow from this pattern by itself; so it is of a pattern that is not registered."""
    return name not in by_name() or by_name()[name].alone
