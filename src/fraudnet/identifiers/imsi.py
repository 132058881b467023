"""The subscriber number inside a SIM card (IMSI, ITU-T E.212): 452, network 2, subscriber 10."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from fraudnet.identifiers.text import digits

NETWORKS: Mapping[str, str] = {
    "01": "MobiFone", "02": "VinaPhone", "04": "Viettel", "05": "Vietnamobile", "07": "Gmobile", "08": "Itel",
    "09": "Wintel",
}  # fmt: skip


def normalise(value: pl.Expr) -> pl.Expr:
    """The digits alone."""
    return digits(value)


def is_valid(value: pl.Expr) -> pl.Expr:
    """Whether a text is 15 digits of a Vietnamese network in service."""
    known = value.str.slice(3, 2).is_in(list(NETWORKS))
    return (value.str.contains(r"^452[0-9]{12}$") & known).fill_null(False)


def network(value: pl.Expr) -> pl.Expr:
    """Name of the network that issued the card; null when unknown."""
    name = value.str.slice(3, 2).replace_strict(NETWORKS, default=None, return_dtype=pl.String)
    return pl.when(is_valid(value)).then(name)
