"""What several plain families start from: devices by entity, numbers by account; each made once and then held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features import devices, registered


@dataclass(frozen=True)
class Lookups:
    """Tables that are put together when a family first asks for them; records and nodes: see `family.Inputs`."""

    records: Records
    nodes: pl.DataFrame
    as_of: datetime

    @cached_property
    def account_devices(self) -> pl.LazyFrame:
        """Accounts with their devices, as `devices.seen`."""
        return _held(devices.seen(self.records, self.nodes, "account"))

    @cached_property
    def sim_devices(self) -> pl.LazyFrame:
        """SIMs with their devices, as `devices.seen`."""
        return _held(devices.seen(self.records, self.nodes, "sim"))

    @cached_property
    def registrations(self) -> pl.LazyFrame:
        """As `registered.registrations`."""
        return _held(registered.registrations(self.records, self.nodes))

    @cached_property
    def current_sims(self) -> pl.LazyFrame:
        """As `registered.current_sims`."""
        return _held(registered.current_sims(self.nodes, self.as_of))


def _held(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.collect(engine="streaming").lazy()
