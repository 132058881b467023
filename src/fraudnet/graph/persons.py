"""The records of persons and organisations that a drop brings, with the values that can tell them apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import one_of_each
from fraudnet.graph.numbers import Texts
from fraudnet.graph.once import DOCUMENT, but_easy, each_once
from fraudnet.identifiers import cccd, cmnd, phone, tax
from fraudnet.identifiers.entity import account_id, identity_reference, sim_id
from fraudnet.identifiers.mojibake import repaired
from fraudnet.identifiers.names import fold
from fraudnet.identifiers.text import digits

Form = Callable[[pl.DataFrame], pl.Series]  # of the first column
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
PHONE = r"^84[2-9][0-9]{8}$"  # what normalising leaves as it stands
HOOK, TILDE = "\u0309", "\u0303"


def person_records(records: Records) -> pl.DataFrame:
    """One row per record: delivered identities, then holders whom only account and SIM rows name.

    Sorted by inline, source, source_id. name: folded, its words in order of the alphabet; marked: the same with its
    marks, null where it was typed without any. document, former: normalised.
    """
    delivered = one_of_each(_delivered(records), ("source", "source_id"), "first").with_columns(inline=pl.lit(False))
    tables = with_account_id(records), with_sim_id(records)
    inline = pl.concat([_inline(rows) for rows in _unlisted(delivered, *tables)])
    known_first = inline.sort("known_at", "row_id").group_by("source", "source_id", maintain_order=True)
    named = known_first.agg(pl.col("name", "marked", "document").drop_nulls().first())
    named = named.with_columns(inline=pl.lit(True))
    both = pl.concat([delivered.drop("known_at", "row_id"), named], how="diagonal")
    return both.select(COLUMNS).sort("inline", "source", "source_id")


def _unlisted(delivered: pl.DataFrame, *tables: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Rows whose holder no record describes that was delivered."""
    wanted = ("source", "holder_key", "holder_name", "id_number", "known_at", "row_id")
    texts, reference = Texts(), identity_reference(pl.col("source"), pl.col("holder_key"))
    texts.numbers(delivered.select(to_reference()).to_series())
    known = len(texts)
    for rows in tables:
        named = rows.filter(pl.col("holder_key").is_not_null()).select(wanted).collect(engine="streaming")
        yield named.filter(pl.Series(texts.numbers(named.select(reference).to_series()) >= known))


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
    made = each_once(rows.collect(engine="streaming"), ("full_name",), with_names)
    for column, document in (("id_number", "document"), ("old_id_number", "former")):
        made = each_once(made, (column, "person"), partial(with_document, document=document))
    for name, form in SAID.items():
        made = each_once(made, (f"{name} told",), partial(_as, name, form))
    return made.select(
        *(c for c in COLUMNS if c not in ("inline", "kind")), pl.col("kind").cast(pl.String), "known_at", "row_id"
    )


def _inline(people: pl.DataFrame) -> pl.DataFrame:
    named = each_once(people.with_columns(person=pl.lit(True)), ("holder_name",), with_names)
    told = each_once(named, ("id_number", "person"), partial(with_document, document="document"))
    key = pl.col("holder_key").alias("source_id")
    return told.select("source", key, "name", "marked", "document", "known_at", "row_id")


def _as(name: str, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    return form(rows).alias(name).to_frame()


def to_reference() -> pl.Expr:
    """`identity:<source>:<source_id>` of a record."""
    return identity_reference(pl.col("source"), pl.col("source_id"))


def _usable(number: pl.Expr) -> pl.Expr:
    """Null for numbers too short to tell people apart and for fillers such as one digit repeated."""
    return pl.when((number.str.len_chars() >= 8) & ~number.str.contains(FILLER)).then(number)


def with_document(rows: pl.DataFrame, document: str) -> pl.DataFrame:
    """The first column as it was printed, zeros that a spreadsheet lost restored; null for fillers."""
    printed = but_easy(rows, DOCUMENT, _printed)
    return printed.alias(document).to_frame().select(_usable(pl.col(document)))


def _printed(rows: pl.DataFrame) -> pl.Series:
    """Only people's numbers (`person`) are restored: an organisation's ten digits are its tax code.

    Step by step, because each normaliser names its argument several times and nested the work would multiply.
    """
    number, said = pl.col("number"), rows.columns[0]
    plain = rows.lazy().with_columns(digits(pl.col(said)).str.to_uppercase().alias("number"))
    padded = plain.with_columns(pl.when("person").then(cccd.normalise(number)).otherwise(number).alias("number"))
    cards = padded.select(pl.when("person").then(cmnd.normalise(number)).otherwise(number).alias("number"))
    return cards.collect(engine="streaming").to_series()


def phone_number(rows: pl.DataFrame) -> pl.Series:
    """The first column as phone numbers in their one form; null where it holds none."""
    return but_easy(rows, PHONE, _called)


def _called(rows: pl.DataFrame) -> pl.Series:
    number = phone.normalise(pl.col(rows.columns[0])).alias("number")
    told = rows.lazy().select(number).select(pl.when(pl.col("number").str.contains(r"^\d{8,15}$")).then("number"))
    return told.collect(engine="streaming").to_series()


def with_names(rows: pl.DataFrame) -> pl.DataFrame:
    """The first column as `name` and `marked`; what was read in the wrong encoding is put right in a step before."""
    said = pl.col(rows.columns[0])
    put_right = rows.lazy().select(repaired(said).alias("name"))
    return put_right.select(names("name")).collect(engine="streaming")


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
SAID: dict[str, Form] = {
    "tax_code": lambda rows: rows.select(_usable(tax.normalise(pl.first()))).to_series(),
    "phone": phone_number,
    "commune": lambda rows: rows.select(fold(pl.first())).to_series(),
}
