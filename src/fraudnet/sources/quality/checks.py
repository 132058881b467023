"""Validators of identifiers by table: what is stated, and whether it is well formed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from fraudnet.identifiers import account, cccd, iccid, imsi, phone, tax
from fraudnet.sources.quality.part import Counts, compared, given

# Identifiers in their normal form, made once per row; named so that no column of a contract is meant.
NUMBER, TAX, CARD, SUBSCRIBER = "__number", "__tax", "__card", "__subscriber"


def normal(table: str) -> Mapping[str, pl.Expr]:
    """The columns that the checks of a table look at beside its own."""
    found: dict[str, pl.Expr] = {}
    if table in ("identities", "accounts", "sims"):
        found[NUMBER] = cccd.normalise(pl.col("id_number"))
    if table == "identities":
        found[TAX] = tax.normalise(pl.col("tax_code"))
    if table == "sims":
        found |= {CARD: iccid.normalise(pl.col("iccid")), SUBSCRIBER: imsi.normalise(pl.col("imsi"))}
    return found


@cache
def checks() -> Mapping[str, Counts]:
    """Per table: measure, whether it holds, whether the row states anything to check; with the columns of `normal`."""
    number = pl.col(NUMBER)
    citizen = (cccd.is_valid(number), number.str.contains(r"^[0-9]{12}$"))

    def plain(name: str, holds: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        return holds, given(name)

    return {
        "identities": {
            "phone": plain("phone", phone.is_valid(pl.col("phone"))),
            "citizen_number": citizen,
            "citizen_number_sex": compared(cccd.matches_sex(number, pl.col("sex"))),
            "citizen_number_birth_year": compared(cccd.matches_birth_year(number, pl.col("birth_date"))),
            "tax_code": plain("tax_code", tax.is_valid(pl.col(TAX))),
        },
        "accounts": {
            "account_number": plain("account_number", account.is_plausible(pl.col("account_number"))),
            "phone": plain("phone", phone.is_valid(pl.col("phone"))),
            "citizen_number": citizen,
        },
        "sims": {
            "phone": plain("number", phone.is_valid(pl.col("number"))),
            "citizen_number": citizen,
            "card_number": plain("iccid", iccid.is_valid(pl.col(CARD))),
            "subscriber_number": plain("imsi", imsi.is_valid(pl.col(SUBSCRIBER))),
        },
    }
