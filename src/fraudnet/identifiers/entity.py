"""How an entity is named across the whole product: text with its kind as prefix."""

from __future__ import annotations

import polars as pl

SIM_TIME = "%Y%m%dT%H%M%SZ"


def account_id(institution: pl.Expr, number: pl.Expr) -> pl.Expr:
    """`account:<institution>:<number>`; null when either part is."""
    return pl.concat_str(pl.lit("account"), institution, number, separator=":")


def sim_reference(number: pl.Expr) -> pl.Expr:
    """`sim:<number>`: a number whose holding is decided by the time of the row."""
    return pl.concat_str(pl.lit("sim"), number, separator=":")


def sim_id(number: pl.Expr, valid_from: pl.Expr) -> pl.Expr:
    """`sim:<number>@<start of this holding>`, or `@?` when the start is not known."""
    start = valid_from.dt.strftime(SIM_TIME).fill_null("?")
    return pl.concat_str(sim_reference(number), start, separator="@")


def identity_reference(source: pl.Expr, source_id: pl.Expr) -> pl.Expr:
    """`identity:<source>:<source_id>`: a source's record; resolution says which identity it belongs to."""
    return pl.concat_str(pl.lit("identity"), source, source_id, separator=":")


def device_id(kind: pl.Expr, value: pl.Expr) -> pl.Expr:
    """`device:<imei, mac or app>:<value>`."""
    return pl.concat_str(pl.lit("device"), kind, value, separator=":")


def kind_of(entity: pl.Expr) -> pl.Expr:
    """The kind that an entity id or reference begins with."""
    return entity.str.extract(r"^([a-z_]+):", 1)
