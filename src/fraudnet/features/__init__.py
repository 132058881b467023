"""Feature families: one file, one family; everything as of a cut-off."""

from __future__ import annotations

from importlib import import_module

from fraudnet.features.family import Family

# Plain families read tables keyed by the entity itself, graph families read the graph.
FAMILIES: tuple[str, ...] = (
    "money",
    "tempo",
    "bursts",
    "partners",
    "cash_use",
    "onward",
    "probes",
    "exits",
    "trade",
    "firms",
    "salary",
    "after_changes",
    "openings",
    "phone_owner",
    "identity_file",
    "faces",
    "holder_state",
    "advertised",
    "account_sharing",
    "account_life",
    "extras_account",
    "calling",
    "sim_life",
    "sim_sharing",
    "holder_sims",
    "number_past",
    "extras_sim",
    "holdings_of",
    "extras_identity",
    "event_windows",
    "position_account",
    "position_sim",
    "motifs_account",
    "known_fraud",
    "opened_beside",
    "proximity_account",
    "proximity_sim",
    "proximity_identity",
    "neighbours_account",
    "neighbours_sim",
    "neighbours_identity",
)


def families(names: tuple[str, ...] = FAMILIES) -> tuple[Family, ...]:
    """Load the registered families, in order."""
    return tuple(import_module(f"fraudnet.features.{name}").FAMILY for name in names)
