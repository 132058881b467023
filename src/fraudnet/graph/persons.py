"""The records of persons and organisations that a drop brings, with the values that can tell them apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.identifiers import cccd, cmnd, phone, tax
from fraudnet.identifiers.entity import account_id, identity_reference, sim_id
from fraudnet.identifiers.mojibake import repaired
from fraudnet.identifiers.names import fold
from fraudnet.identifiers.text import digits

FILLER = r"^(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|X+|0?123456789(0|012)?)$"
COLUMNS = (
    "source", "source_id", "inline", "name", "marked", "birth_date", "sex", "document", "former", "tax_code", "phone",
    "commune", "province", "kind",
)  # fmt: skip
# What a delivered record says that is taken as it is, or read in a form of its own.
TOLD = (
    "source", "source_id", "full_name", "birth_date", "sex", "id_number", "old_id_number", "province", "kind",
    "known_at", "row_id",
)  # fmt: skip
# Where old and new spelling put the mark of one syllable (hoà, hòa), and two marks that half the country confuses.
PLACED = "oà òa oá óa oả ỏa oã õa oạ ọa oè òe oé óe oẻ ỏe oẽ õe oẹ ọe uỳ ùy uý úy uỷ ủy uỹ ũy uỵ ụy"
ONE_SPELLING = dict(re.findall(r"(\w+) (\w+)", PLACED))
SAME_SOUND = dict(zip("ýỳỷỹỵ", "íìỉĩị", strict=True))  # Mỹ or Mĩ
FINAL_Y = r"y( |$)"
HOOK, TILDE = "\u0309", "\u0303"


def person_records(records: Records) -> pl.DataFrame:
    """One row per record: delivered identities, then holders whom only account and SIM rows name.

    Sorted by inline, source, source_id. name: folded, its words in order of the alphabet; marked: the same with its
    marks, null where it was typed without any. document, former: normalised.
    """
    delivered = _delivered(records)
    keys = delivered.lazy().select("source", holder_key="source_id")
    unlisted = [
        rows.filter(pl.col("holder_key").is_not_null()).join(keys, on=["source", "holder_key"], how="anti")
        for rows in (with_account_id(records), with_sim_id(records))
    ]
    inline = pl.concat([_inline(rows) for rows in unlisted])
    known_first = inline.sort("known_at", "row_id").group_by("source", "source_id", maintain_order=True)
    named = known_first.agg(pl.col("name", "marked", "document").drop_nulls().first())
    named = named.with_columns(inline=pl.lit(True))
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


def _delivered(records: Records) -> pl.DataFrame:
    person = pl.col("kind").cast(pl.String).fill_null("person") == "person"
    told = {name: f"{name} told" for name in SAID}
    rows = records.table("identities").select(*TOLD, **{new: name for name, new in told.items()}, person=person)
    made = rows.sort("known_at", "row_id").collect(engine="streaming")
    made = each_once(made, ("full_name",), with_names)
    for column, document in (("id_number", "document"), ("old_id_number", "former")):
        made = each_once(made, (column, "person"), partial(with_document, document=document))
    for name, form in SAID.items():
        made = each_once(made, (f"{name} told",), partial(_with, made=form(f"{name} told").alias(name)))
    return made.with_columns(pl.lit(False).alias("inline"), pl.col("kind").cast(pl.String)).select(COLUMNS)


def _inline(rows: pl.LazyFrame) -> pl.DataFrame:
    wanted = ("source", "holder_key", "holder_name", "id_number", "known_at", "row_id")
    people = rows.select(*wanted, person=pl.lit(True)).collect(engine="streaming")
    named = each_once(people, ("holder_name",), with_names)
    told = each_once(named, ("id_number", "person"), partial(with_document, document="document"))
    key = pl.col("holder_key").alias("source_id")
    return told.select("source", key, "name", "marked", "document", "known_at", "row_id")


def each_once(
    rows: pl.DataFrame, columns: tuple[str, ...], make: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> pl.DataFrame:
    """Rows with the columns that are made of some of theirs, of every value once: sources repeat one another."""
    said = rows.select(columns)
    made = make(said.lazy().unique()).collect(engine="streaming")
    # Beside one another: joined to whole rows, each column of these would be copied every time.
    return rows.hstack(said.join(made, on=columns, how="left", nulls_equal=True, maintain_order="left").drop(columns))


def _with(rows: pl.LazyFrame, made: pl.Expr) -> pl.LazyFrame:
    return rows.with_columns(made)


def to_reference() -> pl.Expr:
    """`identity:<source>:<source_id>` of a record."""
    return identity_reference(pl.col("source"), pl.col("source_id"))


def _usable(number: pl.Expr) -> pl.Expr:
    """Null for numbers too short to tell people apart and for fillers such as one digit repeated."""
    return pl.when((number.str.len_chars() >= 8) & ~number.str.contains(FILLER)).then(number)


def with_document(rows: pl.LazyFrame, document: str) -> pl.LazyFrame:
    """The first column as it was printed, zeros that a spreadsheet lost restored; null for fillers.

    Only people's numbers (`person`) are restored: an organisation's ten digits are its tax code. Step by step, because
    each normaliser names its argument several times and nested the work would multiply.
    """
    number, said = pl.col(document), rows.collect_schema().names()[0]
    plain = rows.with_columns(digits(pl.col(said)).str.to_uppercase().alias(document))
    padded = plain.with_columns(pl.when("person").then(cccd.normalise(number)).otherwise(number).alias(document))
    cards = padded.with_columns(pl.when("person").then(cmnd.normalise(number)).otherwise(number).alias(document))
    return cards.with_columns(_usable(number))


def phone_number(column: str) -> pl.Expr:
    """A phone number in its one form; null when it is none."""
    number = phone.normalise(pl.col(column))
    return pl.when(number.str.contains(r"^\d{8,15}$")).then(number)


def with_names(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The first column as `name` and `marked`; what was read in the wrong encoding is put right in a step before."""
    said = rows.collect_schema().names()[0]
    return rows.with_columns(repaired(pl.col(said)).alias("name")).with_columns(names("name"))


def names(column: str) -> tuple[pl.Expr, pl.Expr]:
    """A name without case, marks or order of its words, and the same with its marks (null where it has none)."""
    marks = pl.col(column).str.normalize("NFD").str.replace_all(HOOK, TILDE, literal=True)
    spelled = marks.str.normalize("NFC").str.to_lowercase()
    has_marks = marks.str.contains(r"\p{M}|[đĐ]")
    placed = spelled.str.replace_many(list(ONE_SPELLING), list(ONE_SPELLING.values()))
    one = placed.str.replace_many(list(SAME_SOUND), list(SAME_SOUND.values()))
    plain, marked = (_words(text).str.replace_all(FINAL_Y, "i$1") for text in (fold(pl.col(column)), one))
    return plain.alias("name"), pl.when(has_marks).then(marked).alias("marked")


def _words(text: pl.Expr) -> pl.Expr:
    """Words in order of the alphabet; a letter lost for good stays as a question mark; null without any letter."""
    lost = text.str.replace_all("\ufffd", "?", literal=True).str.replace_all(r"[^\p{L}\p{M}\p{N}?]+", " ")
    ordered = lost.str.strip_chars().str.split(" ").list.sort().list.join(" ")
    return pl.when(ordered.str.contains(r"[\p{L}\p{N}]")).then(ordered)


# What a record says beside name and documents, and the one form that each of it has.
SAID: dict[str, Callable[[str], pl.Expr]] = {
    "tax_code": lambda column: _usable(tax.normalise(pl.col(column))),
    "phone": phone_number,
    "commune": lambda column: fold(pl.col(column)),
}
