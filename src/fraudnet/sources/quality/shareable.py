"""Shareable (dùng chung): keys in the form that everybody uses, known to other sources.

Measures: `canonical_number` document numbers of people that are written as 12 digits, of those that hold digits only
but for blanks, dots and dashes; `canonical_phone` phone numbers that have the national form 84 and nine digits or more
once read; `known_institution` accounts and SIMs whose institution stands in the list of institutions; `linked_records`
records of people, accounts and SIMs of which a document or phone number stands in another source too; `linked_entities`
distinct accounts, numbers and devices that a table names without listing them itself, and that another source names or
lists too.
"""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers import cccd, entity, phone
from fraudnet.sources.quality.material import Material
from fraudnet.sources.quality.part import Counts, Criterion, given, part

PHONES = {"identities": "phone", "accounts": "phone", "sims": "number"}
DIGITS = r"^[0-9][0-9 .\-]{7,18}$"
SEED = 7
ALONE = 2  # with fewer sources than this nothing can be found elsewhere, which is unknown and not 0


def _counts(table: str, material: Material) -> Counts:
    found: dict[str, tuple[pl.Expr, pl.Expr]] = {}
    if table not in PHONES:
        return found
    number, called = pl.col("id_number"), pl.col(PHONES[table])
    person = (pl.col("kind") != "organisation").fill_null(True) if table == "identities" else pl.lit(True)
    found["canonical_number"] = number.str.contains("^[0-9]{12}$"), person & number.str.contains(DIGITS)
    found["canonical_phone"] = called.str.contains(phone.NORMAL), called.is_not_null()
    return found


def _compared(material: Material) -> list[pl.DataFrame]:
    return [*_institutions(material), *_records(material), *_entities(material)]


def _institutions(material: Material) -> list[pl.DataFrame]:
    if not material.has("institutions"):
        return []
    known = material.records.table("institutions").select("institution", known=True).unique().collect()
    rows = material.rows.filter(pl.col("table").is_in(["accounts", "sims"]) & given("institution"))
    sums = rows.join(known, on="institution", how="left").with_columns(
        good=pl.when(pl.col("known")).then("rows").otherwise(0)
    )
    return [part(sums, None, "known_institution", pl.col("good"), pl.col("rows"))]


def _keys(material: Material, table: str) -> pl.LazyFrame:
    """Source, institution and up to two keys of every row of a table, as 64-bit hashes."""
    institution = pl.lit(None, dtype=pl.String) if table == "identities" else pl.col("institution")
    number, called = cccd.normalise(pl.col("id_number")), pl.col(PHONES[table])
    return material.records.table(table).select(
        "source",
        institution=institution,
        number=pl.when(number.str.contains("^[0-9]{9}(?:[0-9]{3})?$")).then(number.hash(SEED)),
        phone=pl.when(called.str.contains(phone.NORMAL)).then(called.hash(SEED + 1)),
    )


def _records(material: Material) -> list[pl.DataFrame]:
    rows = {table: _keys(material, table).collect(engine="streaming") for table in PHONES if material.has(table)}
    if not rows:
        return []
    stated = [keys.select("source", key=name).drop_nulls() for keys in rows.values() for name in ("number", "phone")]
    known = pl.concat(stated).unique()
    if known["source"].n_unique() < ALONE:
        return []
    shared = known.group_by("key").agg(n=pl.len()).filter(pl.col("n") > 1).select("key")
    found = []
    for table, keys in rows.items():
        asked = keys.filter(given("number") | given("phone"))
        linked = pl.any_horizontal(
            pl.col(name).is_in(shared["key"].implode()).fill_null(False) for name in ("number", "phone")
        )
        sums = asked.group_by("source", "institution").agg(good=linked.sum(), rows=pl.len())
        found.append(part(sums, table, "linked_records", pl.col("good"), pl.col("rows")))
    return found


def _entities(material: Material) -> list[pl.DataFrame]:
    identifiers = {
        "accounts": entity.account_id(pl.col("institution"), pl.col("account_number")),
        "sims": entity.sim_reference(pl.col("number")),
    }
    value = pl.col("value").hash(SEED)
    named = material.named.select("source", "table", value=value).unique()
    lists = [
        material.records.table(table).select("source", value=identifier).collect().select("source", value=value)
        for table, identifier in identifiers.items()
    ]
    listed = pl.concat(lists).unique()
    every = pl.concat([named.select("source", "value"), listed]).unique()
    if every["source"].n_unique() < ALONE:
        return []
    shared = every.group_by("value").agg(there=pl.len() > 1)
    foreign = named.join(listed, on=["source", "value"], how="anti").join(shared, on="value")
    sums = foreign.group_by("source", "table").agg(good=pl.col("there").sum(), rows=pl.len())
    return [part(sums, None, "linked_entities", pl.col("good"), pl.col("rows"))]


CRITERION = Criterion("shareable", _counts, _compared, "no_keys")
