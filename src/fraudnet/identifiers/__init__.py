"""Validators and normalisers of Vietnamese identifiers, as Polars expressions. They give flags, never quarantine."""
