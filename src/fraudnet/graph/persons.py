"""The records of persons and organisations that a drop brings, with the values that can tell them apart."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.identifiers import cccd, cmnd, phone, tax
from fraudnet.identifiers.entity import account_id, identity_reference, sim_id
from fraudnet.identifiers.names import fold
from fraudnet.identifiers.text import digits

FILLER = r"^(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|X+|0?123456789(0|012)?)$"
COLUMNS = (
    "source", "source_id", "inline", "name", "birth_date", "sex", "document", "former", "tax_code", "phone", "commune",
)  # fmt: skip


def person_records(records: Records) -> pl.DataFrame:
    """One row per record: delivered identities, then holders whom only account and SIM rows name.

    Sorted by inline, source, source_id. name: folded, its words in order of the alphabet. document, former: normalised.
    """
    delivered = _delivered(records).collect(engine="streaming")
    inline = pl.concat(
        [_inline(t).collect(engine="streaming") for t in (with_account_id(records), with_sim_id(records))]
    )
    inline = inline.join(delivered, on=["source", "source_id"], how="anti")
    known_first = inline.sort("known_at", "row_id").group_by("source", "source_id", maintain_order=True)
    named = known_first.agg(pl.col("name", "document").drop_nulls().first()).with_columns(inline=pl.lit(True))
    both = pl.concat([delivered.unique(["source", "source_id"], keep="first"), named], how="diagonal")
    return both.select(COLUMNS).sort("inline", "source", "source_id")


def with_account_id(records: Records) -> pl.LazyFrame:
    """Account rows with their `entity` id and the `holder_key` under which their holder is recorded."""
    return _with_holder_key(records.table("accounts"), account_id(pl.col("institution"), pl.col("account_number")))


def with_sim_id(records: Records) -> pl.LazyFrame:
    """SIM rows with their `entity` id and the `holder_key` under which their holder is recorded."""
    return _with_holder_key(records.table("sims"), sim_id(pl.col("number"), pl.col("valid_from")))


def _with_holder_key(rows: pl.LazyFrame, entity: pl.Expr) -> pl.LazyFrame:
    named = pl.col("id_number").is_not_null() | pl.col("holder_name").is_not_null()
    key = pl.coalesce("holder_source_id", pl.when(named).then(entity))
    return rows.with_columns(entity.alias("entity"), key.alias("holder_key"))


def _delivered(records: Records) -> pl.LazyFrame:
    person = pl.col("kind").cast(pl.String).fill_null("person") == "person"
    rows = records.table("identities").sort("known_at", "row_id")
    return with_documents(rows, ("id_number", "old_id_number"), person).select(
        "source",
        "source_id",
        pl.lit(False).alias("inline"),
        folded_name("full_name").alias("name"),
        "birth_date",
        "sex",
        pl.col("id_number").alias("document"),
        pl.col("old_id_number").alias("former"),
        _usable(tax.normalise(pl.col("tax_code"))).alias("tax_code"),
        phone_number("phone").alias("phone"),
        fold(pl.col("commune")).alias("commune"),
    )


def _inline(rows: pl.LazyFrame) -> pl.LazyFrame:
    held = rows.filter(pl.col("holder_key").is_not_null())
    return with_documents(held, ("id_number",), pl.lit(True)).select(
        "source",
        pl.col("holder_key").alias("source_id"),
        folded_name("holder_name").alias("name"),
        pl.col("id_number").alias("document"),
        "known_at",
        "row_id",
    )


def to_reference() -> pl.Expr:
    """`identity:<source>:<source_id>` of a record."""
    return identity_reference(pl.col("source"), pl.col("source_id"))


def _usable(number: pl.Expr) -> pl.Expr:
    """Null for numbers too short to tell people apart and for fillers such as one digit repeated."""
    return pl.when((number.str.len_chars() >= 8) & ~number.str.contains(FILLER)).then(number)


def with_documents(rows: pl.LazyFrame, columns: tuple[str, ...], person: pl.Expr) -> pl.LazyFrame:
    """Rows with document numbers as they were printed, zeros that a spreadsheet lost restored; null for fillers.

    Only people's numbers are restored: an organisation's ten digits are its tax code. Step by step, because each
    normaliser names its argument several times and nested the work would multiply.
    """
    plain = rows.with_columns(digits(pl.col(name)).str.to_uppercase() for name in columns)
    padded = plain.with_columns(pl.when(person).then(cccd.normalise(pl.col(name))).otherwise(name) for name in columns)
    cards = padded.with_columns(pl.when(person).then(cmnd.normalise(pl.col(name))).otherwise(name) for name in columns)
    return cards.with_columns(_usable(pl.col(name)) for name in columns)


def phone_number(column: str) -> pl.Expr:
    """A phone number in its one form; null when it is none."""
    number = phone.normalise(pl.col(column))
    return pl.when(number.str.contains(r"^\d{8,15}$")).then(number)


def folded_name(column: str) -> pl.Expr:
    """A name without case, marks or order of its words; null when empty."""
    words = fold(pl.col(column)).str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    sorted_words = words.str.split(" ").list.sort().list.join(" ")
    return pl.when(sorted_words != "").then(sorted_words)
