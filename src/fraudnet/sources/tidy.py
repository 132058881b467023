"""Identifiers of whole columns in their normal form; only spellings that need it are worked on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import polars as pl

from fraudnet.identifiers import account, phone

Form = Literal["phone", "account"]
NORMALISERS: Mapping[Form, Callable[[pl.Expr], pl.Expr]] = {"phone": phone.normalise, "account": account.normalise}
# Spellings that the normaliser would leave as they are; they make up nearly all of a large file.
PLAIN: Mapping[Form, str] = {"phone": r"^84[1-9][0-9]{8}$", "account": account.PLAIN}
NATIONAL = (100_000_000, 999_999_999)  # nine digits, the first of them no zero

# Contract columns that hold a bare identifier.
FORMS: Mapping[tuple[str, str], Form] = {
    ("sims", "number"): "phone",
    ("sim_events", "number"): "phone",
    ("calls", "caller"): "phone",
    ("calls", "callee"): "phone",
    ("accounts", "phone"): "phone",
    ("identities", "phone"): "phone",
    ("accounts", "account_number"): "account",
    ("accounts", "institution"): "account",
    ("statements", "counterparty_number"): "account",
    ("sims", "institution"): "account",
    ("institutions", "institution"): "account",
}
PART_FORMS: Mapping[tuple[str, str], Form] = {
    ("account", "institution"): "account",
    ("account", "number"): "account",
    ("sim", "number"): "phone",
}


def tidied(text: pl.Series, form: Form) -> pl.Series:
    """The same texts, each as its normaliser gives it."""
    text, odd = _with_country(text) if form == "phone" else (text, text.is_not_null())
    if odd.any():
        odd = odd & ~text.str.contains(PLAIN[form])
    if not odd.any():
        return text
    spelled = text.filter(odd).unique().alias("old").to_frame().lazy()
    forms = spelled.with_columns(new=NORMALISERS[form](pl.col("old")).fill_null("")).collect()
    both = text.alias("old").to_frame().join(forms, on="old", how="left", maintain_order="left")
    plain = pl.coalesce("new", "old")
    return both.select(pl.when(plain != "").then(plain)).to_series()


def _with_country(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Numbers of nine digits behind a zero with 84 in its place, and which are none: as numbers a third of the cost."""
    name, number = pl.col("text"), pl.col("text").cast(pl.Int64, strict=False)
    ten = (name.str.len_bytes() == 10) & name.str.starts_with("0")
    domestic = (ten & number.is_between(*NATIONAL)).fill_null(value=False)
    found = text.alias("text").to_frame().select(number=number, domestic=domestic)
    if not found["domestic"].any():
        return text, text.is_not_null()
    full = (pl.col("number") + 84 * 10**9).cast(pl.String)
    told = found.with_columns(text=text).select(pl.when("domestic").then(full).otherwise("text").alias(text.name))
    return told.to_series(), ~found["domestic"] & text.is_not_null()
