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
DOMESTIC = r"^0[1-9][0-9]{8}$"

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
    if form == "phone":
        domestic = pl.first().str.contains(DOMESTIC)
        text = (
            text.to_frame()
            .select(pl.when(domestic).then(pl.concat_str(pl.lit("84"), pl.first().str.slice(1))).otherwise(pl.first()))
            .to_series()
        )
    odd = text.is_not_null() & ~text.str.contains(PLAIN[form])
    if not odd.any():
        return text
    spelled = text.filter(odd).unique().alias("old").to_frame().lazy()
    forms = spelled.with_columns(new=NORMALISERS[form](pl.col("old")).fill_null("")).collect()
    both = text.alias("old").to_frame().join(forms, on="old", how="left", maintain_order="left")
    plain = pl.coalesce("new", "old")
    return both.select(pl.when(plain != "").then(plain)).to_series()
