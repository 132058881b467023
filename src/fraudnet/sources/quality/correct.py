"""Correct (đúng): rows that keep the rules of their contract, identifiers that are well formed, dates that can be.

Measures: `contract` rows that were not turned away for an unreadable or forbidden value; the validators of `checks.py`
over the rows that state the identifier; `caller`, `callee`, `device_number` over the rows that name a number;
`province` one of the 34 codes of 2025; `birth_date` not after the cut-off and at most 120 years before it;
`order_of_dates` an end that is not before its beginning, known not before it happened; `not_in_future` dated before the
cut-off.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME
from fraudnet.identifiers import imei, phone
from fraudnet.identifiers.provinces import PROVINCES_2025
from fraudnet.sources.quality.checks import checks
from fraudnet.sources.quality.material import Material
from fraudnet.sources.quality.part import Counts, Criterion, compared, given, part

OLDEST_DAYS = 120 * 366
SPANS = {
    "accounts": ("opened_at", "closed_at"),
    "sims": ("valid_from", "ended_at"),
    "holdings": ("valid_from", "valid_to"),
}
DEVICE = "device:imei:"
NUMBERS = {("calls", "caller"): "caller", ("calls", "callee"): "callee", ("uses", "device"): "device_number"}


def _counts(table: str, material: Material) -> Counts:
    found = dict(checks().get(table, {}))
    if table == "identities":
        born, code = pl.col("birth_date"), pl.col("province")
        found["birth_date"] = (
            (born <= material.day) & (born >= material.day - timedelta(days=OLDEST_DAYS)),
            born.is_not_null(),
        )
        found["province"] = code.is_in(PROVINCES_2025), given("province")
    if table in SPANS:
        begin, end = (pl.col(name) for name in SPANS[table])
        found["order_of_dates"] = compared(begin <= end)
    if table in EVENT_TIME and (table, "known_at") in material.stated:
        found["order_of_dates"] = compared(pl.col(EVENT_TIME[table]) <= pl.col("known_at"))
    return found


def _compared(material: Material) -> list[pl.DataFrame]:
    return [_contract(material), *_future(material), *_numbers(material)]


def _contract(material: Material) -> pl.DataFrame:
    """Rows that kept every rule, of all but the duplicates and those that only lack a value."""
    broken = material.turned.filter(pl.col("why") == "broken").select(pl.exclude("why", "rows"), lost="rows")
    keys = ["source", "institution", "table"]
    both = material.rows.join(broken, on=keys, how="full", coalesce=True, nulls_equal=True)
    both = both.filter(pl.col("source").is_not_null()).with_columns(pl.col("rows", "lost").fill_null(0))
    return part(both, None, "contract", pl.col("rows"), pl.col("rows") + pl.col("lost"))


def _future(material: Material) -> list[pl.DataFrame]:
    dated = material.days.filter(pl.col("day").is_not_null())
    past = pl.when(pl.col("day") < material.as_of_day).then("rows").otherwise(0)
    sums = dated.group_by("source", "institution", "table").agg(past=past.sum(), rows=pl.col("rows").sum())
    return [part(sums, None, "not_in_future", pl.col("past"), pl.col("rows"))]


def _numbers(material: Material) -> list[pl.DataFrame]:
    found = []
    for (table, column), measure in NUMBERS.items():
        rows = material.named.lazy().filter((pl.col("table") == table) & (pl.col("column") == column))
        if measure == "device_number":
            rows = rows.filter(pl.col("value").str.starts_with(DEVICE))
            plain, holds = imei.normalise(pl.col("value").str.slice(len(DEVICE))), imei.is_valid(pl.col("plain"))
        else:
            plain, holds = pl.col("value").str.slice(len("sim:")), phone.is_valid(pl.col("plain"))
        # In stages: a validator names its argument many times over.
        numbers = rows.select("value").unique().with_columns(plain=plain).with_columns(holds=holds)
        told = rows.join(numbers.select("value", "holds"), on="value")
        sums = told.group_by("source").agg(good=pl.col("rows").filter("holds").sum(), rows=pl.col("rows").sum())
        found.append(part(sums.collect(), table, measure, pl.col("good"), pl.col("rows")))
    return found


CRITERION = Criterion("correct", _counts, _compared, "nothing_to_check")
