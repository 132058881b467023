"""fraudnet: SIM cards, bank accounts and identities in one dated graph, ranked for a human review."""

__version__ = "0.1.0"
