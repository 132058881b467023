"""Complete (đủ): wanted values that are there, and records that others name and that are there.

Measures: `required` rows that were not turned away for lacking a required value only; `fields` wanted cells that are
filled (WANTED, each only where it can apply); `holder_listed` holders that accounts and SIMs name and that the same
source lists among its identities; `account_listed` distinct accounts of a listed institution that any row of the drop
names and that its source lists; `other_side` interbank transfers with a rail reference that the bank on the other side,
itself a source of transfers in this drop, reports too.
"""

from __future__ import annotations

import polars as pl

from fraudnet.sources.quality.material import Material
from fraudnet.sources.quality.part import Counts, Criterion, given, part
from fraudnet.sources.quality.sides import OWN

PERSON = (pl.col("kind") != "organisation").fill_null(True)
FIRM = (pl.col("kind") == "organisation").fill_null(False)
VOICE = pl.col("kind") == "voice"
CONFIRMED = pl.col("outcome") == "confirmed"
ALWAYS = pl.col("source").is_not_null()
# Columns that every row should fill, and where that can be asked.
WANTED: dict[str, dict[str, pl.Expr]] = {
    "identities": {
        "kind": ALWAYS, "full_name": ALWAYS, "id_number": PERSON, "birth_date": PERSON, "sex": PERSON,
        "tax_code": FIRM, "phone": ALWAYS, "province": ALWAYS, "address": ALWAYS,
    },
    "accounts": {
        "holder_source_id": ALWAYS, "holder_name": ALWAYS, "opened_at": ALWAYS, "phone": ALWAYS, "kind": ALWAYS,
        "channel": ALWAYS,
    },
    "sims": {"holder_source_id": ALWAYS, "holder_name": ALWAYS, "valid_from": ALWAYS, "plan": ALWAYS},
    "transfers": {"channel": ALWAYS},
    "calls": {"duration_s": VOICE},
    "cash": {"place_kind": ALWAYS},
    "uses": {"seen_at": ALWAYS},
    "reports": {"entity": ALWAYS, "event_at": ALWAYS, "kind": ALWAYS, "reporter": ALWAYS},
    "dispositions": {"decided_by": ALWAYS, "basis": ALWAYS, "role": CONFIRMED, "activity_from": CONFIRMED},
    "institutions": {"name": ALWAYS, "codes": ALWAYS},
}  # fmt: skip


def _counts(table: str, material: Material) -> Counts:
    if table not in WANTED:
        return {}
    wanted = [applies.cast(pl.Int64) for applies in WANTED[table].values()]
    filled = [(applies & given(name)).cast(pl.Int64) for name, applies in WANTED[table].items()]
    return {"fields": (pl.sum_horizontal(filled), pl.sum_horizontal(wanted))}


def _compared(material: Material) -> list[pl.DataFrame]:
    return [_required(material), *_holders(material), *_accounts(material), *_other_sides(material)]


def _required(material: Material) -> pl.DataFrame:
    missing = material.turned.filter(pl.col("why") == "missing").select(pl.exclude("why", "rows"), lost="rows")
    keys = ["source", "institution", "table"]
    both = material.rows.join(missing, on=keys, how="full", coalesce=True, nulls_equal=True)
    both = both.filter(pl.col("source").is_not_null()).with_columns(pl.col("rows", "lost").fill_null(0))
    return part(both, None, "required", pl.col("rows"), pl.col("rows") + pl.col("lost"))


def _holders(material: Material) -> list[pl.DataFrame]:
    if not material.has("identities"):
        return []
    listed = material.records.table("identities").select("source", holder_source_id="source_id", there=True).unique()
    found = []
    for table in ("accounts", "sims"):
        if not material.has(table):
            continue
        naming = material.records.table(table).filter(given("holder_source_id"))
        joined = naming.join(listed, on=["source", "holder_source_id"], how="left")
        # A source that lists no identities at all was not asked for them.
        asked = joined.join(listed.select("source").unique(), on="source", how="semi")
        sums = asked.group_by("source", "institution").agg(good=pl.col("there").sum(), rows=pl.len()).collect()
        found.append(part(sums, table, "holder_listed", pl.col("good"), pl.col("rows")))
    return found


def _accounts(material: Material) -> list[pl.DataFrame]:
    if not material.has("accounts"):
        return []
    own = material.records.table("accounts").select("source", "institution", number="account_number").unique().collect()
    tables = ("transfers", "statements", "cash", "uses", "account_events", "reports", "dispositions")
    value = pl.col("value")
    named = material.named.filter(pl.col("table").is_in(tables) & value.str.starts_with("account:"))
    accounts = named.select("value").unique().select(
        institution=value.str.extract(OWN, 1), number=value.str.replace(OWN, "")
    )  # fmt: skip
    asked = accounts.join(own.select("source", "institution").unique(), on="institution")
    found = asked.join(own.with_columns(there=True), on=["source", "institution", "number"], how="left")
    sums = found.group_by("source", "institution").agg(good=pl.col("there").sum(), rows=pl.len())
    return [part(sums, "accounts", "account_listed", pl.col("good"), pl.col("rows"))]


def _other_sides(material: Material) -> list[pl.DataFrame]:
    sides = material.sides
    if sides is None:
        return []
    there = sides.pairs.select("source", there="pairs")
    sums = there.join(sides.absent, on="source", how="full", coalesce=True).with_columns(
        pl.col("there").fill_null(0), pl.col("absent").fill_null(0)
    )
    return [part(sums, "transfers", "other_side", pl.col("there"), pl.col("there") + pl.col("absent"))]


CRITERION = Criterion("complete", _counts, _compared, "nothing_to_check")
