"""What a delivery holds, in figures that a person checks before trusting it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.identifiers import account, cccd, iccid, imsi, phone, tax
from fraudnet.sources.drop import Delivery
from fraudnet.sources.quality.checks import CARD, NUMBER, SUBSCRIBER, TAX, normal
from fraudnet.sources.quarantine import COUNTS

FLAGS: dict[str, pl.DataType] = {
    "table": pl.String(),
    "source": pl.String(),
    "flag": pl.String(),
    "stated": pl.Int64(),
    "share": pl.Float64(),
}


@dataclass(frozen=True)
class Summary:
    """`counts`: rows per table and file. `rules`: table, rule, rows. `flags`: table, source, flag, stated, share.

    A flag's `share` is the part of the rows that state the identifier (`stated`) in which it holds; null when none.
    """

    counts: pl.DataFrame
    rules: pl.DataFrame
    flags: pl.DataFrame


def summarise(delivery: Delivery) -> Summary:
    """Count rows per table and file, quarantined rows per rule, and how many identifiers pass their checks."""
    return Summary(_counts(delivery.counts), _rules(delivery.quarantine), _flags(delivery.records))


def _counts(counts: pl.DataFrame) -> pl.DataFrame:
    sums = [pl.col(name).sum() for name in COUNTS if name not in ("table", "file")]
    return counts.group_by("table", "file").agg(sums).sort("table", "file")


def _rules(quarantine: pl.LazyFrame) -> pl.DataFrame:
    each = quarantine.select("table", rule="rules").explode("rule", empty_as_null=True)
    return each.group_by("table", "rule").agg(rows=pl.len().cast(pl.Int64)).sort("table", "rule").collect()


def _checks() -> dict[str, dict[str, tuple[pl.Expr, pl.Expr]]]:
    """Per table: flag, whether the row states anything to check, and whether the check holds."""
    number = pl.col(NUMBER)
    citizen = number.str.contains(r"^[0-9]{12}$")

    def plain(name: str, holds: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        return pl.col(name).is_not_null(), holds

    return {
        "identities": {
            "valid phone": plain("phone", phone.is_valid(pl.col("phone"))),
            "valid CCCD among 12-digit numbers": (citizen, cccd.is_valid(number)),
            "CCCD matches sex": _compared(cccd.matches_sex(number, pl.col("sex"))),
            "CCCD matches birth year": _compared(cccd.matches_birth_year(number, pl.col("birth_date"))),
            "valid tax code": plain("tax_code", tax.is_valid(pl.col(TAX))),
        },
        "accounts": {
            "plausible account number": plain("account_number", account.is_plausible(pl.col("account_number"))),
            "valid phone": plain("phone", phone.is_valid(pl.col("phone"))),
            "valid CCCD among 12-digit numbers": (citizen, cccd.is_valid(number)),
        },
        "sims": {
            "valid phone": plain("number", phone.is_valid(pl.col("number"))),
            "valid CCCD among 12-digit numbers": (citizen, cccd.is_valid(number)),
            "valid ICCID": plain("iccid", iccid.is_valid(pl.col(CARD))),
            "valid IMSI": plain("imsi", imsi.is_valid(pl.col(SUBSCRIBER))),
        },
        "calls": {
            "valid caller": plain("caller", phone.is_valid(pl.col("caller"))),
            "valid callee": plain("callee", phone.is_valid(pl.col("callee"))),
        },
    }


def _compared(answer: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    return answer.is_not_null(), answer


def _flags(records: Records) -> pl.DataFrame:
    found = [pl.DataFrame(schema=FLAGS)]
    for table, checks in _checks().items():
        if not records.has(table):
            continue
        sums = []
        for flag, (stated, holds) in checks.items():
            sums += [
                stated.fill_null(False).sum().cast(pl.Int64).alias(f"{flag}|stated"),
                (stated & holds).fill_null(False).sum().cast(pl.Int64).alias(f"{flag}|holds"),
            ]
        # In stages: a validator names its argument many times over.
        rows = records.table(table).with_columns(**normal(table))
        wide = rows.group_by("source").agg(sums).sort("source").collect(engine="streaming")
        found += [_long(wide, table, flag) for flag in checks]
    return pl.concat(found).sort("table", "source", "flag")


def _long(wide: pl.DataFrame, table: str, flag: str) -> pl.DataFrame:
    stated, holds = pl.col(f"{flag}|stated"), pl.col(f"{flag}|holds")
    share = pl.when(stated > 0).then(holds / stated)
    return wide.select(table=pl.lit(table), source="source", flag=pl.lit(flag), stated=stated, share=share)
