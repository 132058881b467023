"""What all criteria of data quality start from: few and small tables, made in one pass over each large one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from fraudnet.contracts.drop import EVENT_TIME, RECORDS, Records
from fraudnet.expressions import day_number
from fraudnet.identifiers import entity
from fraudnet.sources.drop import Delivery
from fraudnet.sources.quality.sides import OWN, Sides, both_sides

FIRST_DAY = date(1970, 1, 1)
# Tables that count time by when a state was known.
STATES = ("identities", "accounts", "sims", "holdings")
MOVEMENTS = ("transfers", "statements", "calls", "cash", "events", "uses", "account_events", "sim_events")
DUPLICATES = ("duplicate key", "brought by an earlier file")
MISSING = " is missing"
# All but a thousandth of the rows lie before the cut-off that is taken when none is named: one row dated 2099 does not
# make every source old.
STRAY = 1000
# Columns that name an entity, whose values are worth looking up elsewhere.
NAMED = {
    "transfers": ("payer", "payee"), "statements": ("own", "counterparty"), "calls": ("caller", "callee"),
    "cash": ("entity",),
    "uses": ("entity", "device"), "account_events": ("entity",), "sim_events": ("number",),
    "reports": ("entity",), "dispositions": ("entity",), "events": ("entity",),
}  # fmt: skip
PHONES = (("calls", "caller"), ("calls", "callee"), ("sim_events", "number"))


@dataclass(frozen=True)
class Material:
    """Good rows and what was counted of them; whole numbers throughout, sorted, free of the order of rows.

    `turned`: rows in quarantine by source, institution, table and why (duplicate, missing, broken). `days`: rows by
    source, institution, table and day in Vietnam (days since 1970, null where no time is known). `named`: distinct
    entity ids by table, column and source, with the rows that name them. `as_of_day`: the day from which on nothing is
    expected. `stated`: which columns the mappings read, by table. `sides`: both sides of transfers.
    """

    records: Records
    turned: pl.DataFrame
    days: pl.DataFrame
    named: pl.DataFrame
    as_of_day: int
    stated: frozenset[tuple[str, str]]
    sides: Sides | None

    @property
    def day(self) -> date:
        """The day from which on nothing is expected."""
        return FIRST_DAY + timedelta(days=self.as_of_day)

    @property
    def rows(self) -> pl.DataFrame:
        """Good rows by source, institution and table."""
        return self.days.group_by("source", "institution", "table").agg(pl.col("rows").sum())

    def has(self, *tables: str) -> bool:
        """Whether the drop brought all these tables."""
        return all(self.records.has(table) for table in tables)


def gather(delivery: Delivery, as_of: date | None = None) -> Material:
    """Count a delivery once; without `as_of` the mapping's own day, else the day after the last ordinary one."""
    records = delivery.records
    tables = [name for name in RECORDS if records.has(name)]
    days = _concat([_days(records, name) for name in tables]).sort("table", "source", "institution", "day")
    day = as_of or delivery.score.as_of
    return Material(
        records,
        _turned(delivery.quarantine),
        days,
        _named(records),
        _last_day(days) + 1 if day is None else (day - FIRST_DAY).days,
        frozenset((t.table, column) for said in delivery.mappings for t in said.tables for column in t.columns),
        both_sides(records) if records.has("transfers") else None,
    )


def institution_of(table: str) -> pl.Expr:
    """The institution a row is about: its own column, else the one in its account's id; null where neither says."""
    if table in ("accounts", "sims"):
        return pl.col("institution")
    if table in ("cash", "account_events", "uses"):
        return pl.col("entity").str.extract(OWN, 1)
    if table == "statements":
        return pl.col("own").str.extract(OWN, 1)
    return pl.lit(None, dtype=pl.String)


def _days(records: Records, table: str) -> pl.DataFrame:
    time = EVENT_TIME.get(table) or ("known_at" if table in STATES else None)
    number = day_number(time) if time else pl.lit(None, dtype=pl.Int64)
    # The first day of the count stands for "known always".
    day = pl.when(number > 0).then(number).cast(pl.Int64)
    keyed = records.table(table).select("source", institution=institution_of(table), day=day)
    counted = keyed.group_by("source", "institution", "day").agg(rows=pl.len().cast(pl.Int64))
    return counted.collect(engine="streaming").with_columns(table=pl.lit(table))


def _last_day(days: pl.DataFrame) -> int:
    """The last day of movements (else of anything dated) but for a thousandth of the rows, at least one of many."""
    dated = days.filter(pl.col("day").is_not_null())
    moving = dated.filter(pl.col("table").is_in(MOVEMENTS))
    daily = (moving if moving.height else dated).group_by("day").agg(pl.col("rows").sum()).sort("day")
    if not daily.height:
        return 0
    total = int(daily["rows"].sum())
    stray = -(-total // STRAY) if total >= STRAY // 10 else 0
    return int(daily.filter(pl.col("rows").cum_sum() >= total - stray)["day"].min())  # type: ignore[arg-type]  # not empty


def _turned(quarantine: pl.LazyFrame) -> pl.DataFrame:
    rules = pl.col("rules")
    duplicate = rules.list.eval(pl.element().is_in(DUPLICATES)).list.any()
    missing = rules.list.eval(pl.element().str.ends_with(MISSING)).list.all()
    why = pl.when(duplicate).then(pl.lit("duplicate")).when(missing).then(pl.lit("missing")).otherwise(pl.lit("broken"))
    keyed = quarantine.select("source", "institution", "table", why=why)
    counted = keyed.group_by("source", "institution", "table", "why").agg(rows=pl.len().cast(pl.Int64))
    return counted.collect().sort("table", "source", "institution", "why")


def _named(records: Records) -> pl.DataFrame:
    found = []
    for table, columns in NAMED.items():
        for column in columns if records.has(table) else ():
            value = entity.sim_reference(pl.col(column)) if (table, column) in PHONES else pl.col(column)
            counted = records.table(table).group_by("source", column).agg(rows=pl.len().cast(pl.Int64))
            named = counted.filter(pl.col(column).is_not_null()).select("source", "rows", value=value)
            found.append(named.collect(engine="streaming").with_columns(table=pl.lit(table), column=pl.lit(column)))
    return _concat(found) if found else pl.DataFrame(schema=_NAMED)


_NAMED = {"source": pl.String(), "rows": pl.Int64(), "value": pl.String(), "table": pl.String(), "column": pl.String()}


def _concat(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="vertical")
