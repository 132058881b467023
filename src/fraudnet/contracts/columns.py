"""The column types that every contract is made of."""

from __future__ import annotations

import dataframely as dy
import polars as pl

INSTANT = pl.Datetime("us", "UTC")
EXTRA = "x_"


def text(description: str, *, nullable: bool = False) -> dy.String:
    """Text as delivered: identifiers keep their leading zeros."""
    return dy.String(nullable=nullable, description=description)


def instant(description: str, *, nullable: bool = False) -> dy.Datetime:
    """A moment in UTC microseconds."""
    return dy.Datetime(time_unit="us", time_zone="UTC", nullable=nullable, description=description)


def day(description: str, *, nullable: bool = False) -> dy.Date:
    """A calendar day in Asia/Ho_Chi_Minh."""
    return dy.Date(nullable=nullable, description=description)


def money(description: str, *, nullable: bool = False, low: int | None = None) -> dy.Int64:
    """An amount in minor units of its currency (the đồng has none), as a whole number."""
    return dy.Int64(nullable=nullable, min=low, description=description, metadata={"unit": "minor"})


def count(description: str, *, nullable: bool = False) -> dy.Int64:
    """A whole number from 0."""
    return dy.Int64(nullable=nullable, min=0, description=description)


def choice(description: str, values: tuple[str, ...], *, nullable: bool = False) -> dy.Enum:
    """One of a closed set of words; any other word is quarantined, never passed through."""
    return dy.Enum(list(values), nullable=nullable, description=description)


def key(description: str, *, nullable: bool = False) -> dy.Int64:
    """A dense number that stands for an entity inside one linked snapshot."""
    return dy.Int64(nullable=nullable, min=0, description=description)


class Record(dy.Schema):
    """What every input row carries: where it came from and when it was known."""

    source = text("Which delivery the row belongs to")
    row_id = text("File and row number inside the delivery")
    known_at = instant("When this row was known to us")
