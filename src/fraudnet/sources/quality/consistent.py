"""Consistent (thống nhất): what a source says about a thing is what other sources, and its own tables, say about it.

Measures: `both_sides` transfers that two banks report under one reference and on whose payer, payee, amount, currency
and time they agree; `sums` the smaller of both amounts against the larger, each added up over these transfers (told as
that share of the pairs); `name`, `birth_date_agrees`, `sex` over pairs of records of different sources with one valid
12-digit citizen number, names compared without marks, capitals and order of words; `own_name` holders of accounts and
SIMs named as in the source's own record.
"""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.identifiers import cccd
from fraudnet.identifiers.names import fold
from fraudnet.sources.quality.material import Material
from fraudnet.sources.quality.part import Criterion, given, nothing, part

SAID = {"name": "words", "birth_date_agrees": "birth_date", "sex": "sex"}


def words(name: str) -> pl.Expr:
    """The words of a name in one order, without marks and capitals: equal for two spellings of one name."""
    return fold(pl.col(name)).str.split(" ").list.sort().list.join(" ")


def _compared(material: Material) -> list[pl.DataFrame]:
    return [*_sides(material), *_people(material.records), *_own_names(material)]


def _sides(material: Material) -> list[pl.DataFrame]:
    if material.sides is None:
        return []
    pairs = material.sides.pairs
    matched = pl.col("pairs") * (pl.col("least") / pl.col("most"))  # in pairs: money and rows do not add up
    return [
        part(pairs, "transfers", "both_sides", pl.col("agree"), pl.col("pairs")),
        part(pairs.filter(pl.col("most") > 0), "transfers", "sums", matched.floor(), pl.col("pairs")),
    ]


def _people(records: Records) -> list[pl.DataFrame]:
    """Every record against each record of another source that names the same citizen."""
    if not records.has("identities"):
        return []
    number = cccd.normalise(pl.col("id_number"))
    stated = records.table("identities").select("source", "birth_date", "sex", "full_name", number=number)
    people = stated.filter(cccd.is_valid(pl.col("number"))).collect(engine="streaming")
    met = people.filter(pl.col("source").n_unique().over("number") > 1).with_columns(words=words("full_name"))
    return [_agreeing(met, measure, column) for measure, column in SAID.items()]


def _agreeing(met: pl.DataFrame, measure: str, column: str) -> pl.DataFrame:
    # Counts of groups in place of pairs: with all, minus with those of the own source.
    rows = met.filter(given(column)).select("source", "number", said=column)
    everybody, own = pl.len().over("number"), pl.len().over("source", "number")
    alike, own_alike = pl.len().over("number", "said"), pl.len().over("source", "number", "said")
    counted = rows.select("source", pairs=everybody.cast(pl.Int64) - own, agree=alike.cast(pl.Int64) - own_alike)
    sums = counted.group_by("source").agg(pl.col("pairs", "agree").sum()).filter(pl.col("pairs") > 0)
    return part(sums, "identities", measure, pl.col("agree"), pl.col("pairs"))


def _own_names(material: Material) -> list[pl.DataFrame]:
    if not material.has("identities"):
        return []
    people = material.records.table("identities").filter(given("full_name")).select(
        "source", "known_at", holder_source_id="source_id", listed=words("full_name")
    )  # fmt: skip
    latest = people.group_by("source", "holder_source_id").agg(pl.col("listed").sort_by("known_at", "listed").last())
    found = []
    for table in ("accounts", "sims"):
        if material.has(table):
            holders = material.records.table(table).filter(given("holder_name") & given("holder_source_id"))
            both = holders.with_columns(told=words("holder_name")).join(latest, on=["source", "holder_source_id"])
            agree = (pl.col("told") == pl.col("listed")).sum()
            sums = both.group_by("source", "institution").agg(agree=agree, rows=pl.len()).collect(engine="streaming")
            found.append(part(sums, table, "own_name", pl.col("agree"), pl.col("rows")))
    return found


CRITERION = Criterion("consistent", nothing, _compared, "no_other_source")
