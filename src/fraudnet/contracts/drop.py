"""The tables of a drop by name, each under its contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import dataframely as dy
import polars as pl

from fraudnet.contracts import accounts, judgements, movements, parties
from fraudnet.contracts.columns import EXTRA

RECORDS: Mapping[str, type[dy.Schema]] = {
    "institutions": parties.Institution,
    "identities": parties.IdentityRecord,
    "accounts": accounts.Account,
    "sims": accounts.Sim,
    "holdings": parties.Holding,
    "uses": accounts.Use,
    "sim_events": accounts.SimEvent,
    "account_events": accounts.AccountEvent,
    "transfers": movements.Transfer,
    "statements": movements.Statement,
    "cash": movements.Cash,
    "calls": movements.Call,
    "links": movements.GenericLink,
    "events": movements.Event,
    "adverts": judgements.Advert,
    "reports": judgements.Report,
    "dispositions": judgements.Disposition,
    "splits": judgements.Split,
    "units": parties.Unit,
}

# What a row that describes a state is about. A later row about the same thing replaces the earlier one from the moment
# it was known on.
STATES: Mapping[str, tuple[str, ...]] = {
    "identities": ("source", "source_id"),
    "accounts": ("institution", "account_number"),
    "sims": ("institution", "number", "valid_from"),
}

# A second row with the same key is quarantined. Of tables that are not named here a row is a copy when an earlier file
# brought all its values, but for when and where it was delivered.
KEYS: Mapping[str, tuple[str, ...]] = {
    "institutions": ("institution", "valid_from"),
    **{table: (*key, "known_at") for table, key in STATES.items()},
    "transfers": ("source", "transfer_id"),
    "cash": ("source", "cash_id"),
    "events": ("source", "event_id"),
    "adverts": ("source", "ad_id"),
    "reports": ("source", "report_id"),
    "splits": ("entity",),
    "units": ("unit",),
}

# What depends on the delivery and not on what is told.
DELIVERY = ("row_id", "known_at")
# What a file says once for all its rows: pieces that overlap bring the same rows under other ones.
OF_THE_FILE: Mapping[str, tuple[str, ...]] = {"statements": ("opening", "closing")}

# The column that says when the thing itself happened; absent where a row describes a state.
EVENT_TIME: Mapping[str, str] = {
    "sim_events": "at",
    "account_events": "at",
    "transfers": "at",
    "statements": "at",
    "cash": "at",
    "calls": "at",
    "links": "at",
    "events": "at",
    "adverts": "seen_at",
    "reports": "at",
    "dispositions": "decided_at",
    "uses": "seen_at",
}

# Columns that exist because somebody already suspected the entity: never a feature.
OUTCOMES: Mapping[str, tuple[str, ...]] = {"accounts": ("status", "status_at")}


@dataclass(frozen=True)
class Records:
    """The good rows of a drop: one lazy table per contract, extra attributes as columns that begin with `x_`.

    books: of big tables whose ends are numbers as well (`payer_code` beside `payer`), the texts that these stand for.
    """

    tables: Mapping[str, pl.LazyFrame]
    dated: bool = True
    outcome_extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    allowed_extras: Mapping[str, str] = field(default_factory=dict)
    books: Mapping[str, pl.Series] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the drop brought this table."""
        return name in self.tables

    def table(self, name: str) -> pl.LazyFrame:
        """The table, or an empty one under its contract."""
        if name in self.tables:
            return self.tables[name]
        return RECORDS[name].create_empty().lazy()

    def extras(self, name: str) -> list[str]:
        """The extra attributes of a table that may become features, in order of their names."""
        if name not in self.tables:
            return []
        held_back = set(self.outcome_extras.get(name, ()))
        columns = self.tables[name].collect_schema().names()
        return sorted(c for c in columns if c.startswith(EXTRA) and c not in held_back)

    def with_tables(self, **tables: pl.LazyFrame) -> Records:
        """The same records with some tables exchanged."""
        return replace(self, tables={**self.tables, **tables})
