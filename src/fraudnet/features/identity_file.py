"""Feature family `identity_file`: what a bank's file says of an account's holder, beside the population register."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, owned, schema, whole
from fraudnet.identifiers import cccd
from fraudnet.identifiers.names import fold
from fraudnet.identifiers.text import digits

FIELDS = ("name", "birth", "sex", "document", "face")
NEAR_DAYS = 366
NEAR_DIGITS = 6
REGISTERED = ("spelt", "name", "words", "birth", "sex", "written", "document", "former", "face")

SCHEMA = schema(
    "IdentityFile",
    {
        "file_mismatch_count": whole(
            "fields of its bank's file on the holder that contradict the population register", zero=False
        ),
        "file_slip_count": whole(
            "fields of its bank's file on the holder that differ from the register by a slip of the pen", zero=False
        ),
        "file_spelling_count": whole(
            "fields of its bank's file on the holder that differ from the register in spelling or form only", zero=False
        ),
        "file_fields_count": whole("fields that both its bank's file and the register have", zero=False),
    },
)


def identity_file(records: Records, nodes: pl.DataFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    """Name, birth date, sex, document number and face of the holder, in the bank's own file and in the register.

    Compared is what both know, after accents, case, word order, lost zeros and old nine-digit numbers are made even;
    those show as spelling. A slip: all words of the name but one, a day within a year, half the digits. Provinces and
    addresses are not compared, since they were merged and renamed. The register's record is the one with the file's
    document number, else the one that was taken for the same person. Null where either has no record of the holder.
    One row per account node.
    """
    if not (records.has("identities") and records.has("accounts")):
        return complete(nodes, "account", SCHEMA, keep, None)
    told = records.table("identities").filter(
        pl.col("entity").is_not_null() & (pl.col("kind").cast(pl.String).fill_null("person") == "person")
    )
    registered = pl.col("source_kind").cast(pl.String).fill_null("") == "population"
    accounts = records.table("accounts").select("source", "holder_source_id", node="entity")
    files = told.filter(~registered).join(
        accounts, left_on=["source", "source_id"], right_on=["source", "holder_source_id"], how="inner"
    )
    register = _even(told.filter(registered)).with_columns(former=digits(pl.col("old_id_number")))
    both = _beside(_even(files).select("node", "source", "source_id", **_own()), register.sort("known_at", "row_id"))
    judged = both.with_columns(**_judged()).select(
        "node", "source", "source_id",
        file_mismatch_count=_count(2), file_slip_count=_count(1), file_spelling_count=_spelt(),
        file_fields_count=pl.sum_horizontal(pl.col(f"{f}_is").is_not_null().cast(pl.Int64) for f in FIELDS),
    )  # fmt: skip
    told = judged.sort("node", "source", "source_id").unique("node", keep="first", maintain_order=True)
    told = told.select("node", *SCHEMA.column_names()[1:])
    return complete(nodes, "account", SCHEMA, keep, owned(told, keep))


def _beside(files: pl.LazyFrame, register: pl.LazyFrame) -> pl.LazyFrame:
    """Each file with one record of the register: by number, by former number, else by who it was taken for."""
    numbered = register.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64)).cache()
    found = files
    for ours, theirs in (("file_document", "document"), ("file_document", "former"), ("entity", "entity")):
        last = numbered.filter(pl.col(theirs).is_not_null()).group_by(theirs).agg(pl.col("place").max())
        found = found.join(
            last.select(key=theirs, **{f"by_{theirs}": "place"}), left_on=ours, right_on="key", how="left"
        )
    placed = found.with_columns(place=pl.coalesce("by_document", "by_former", "by_entity")).drop_nulls("place")
    return placed.join(numbered.select("place", *REGISTERED), on="place", how="inner")


def _even(told: pl.LazyFrame) -> pl.LazyFrame:
    """The fields made even, step by step so that no normaliser is nested in another."""
    number, name = pl.col("document"), pl.col("name")
    lost = number.str.contains(r"^[0-9]{8}$")
    return (
        told.with_columns(
            spelt=pl.col("full_name"), name=fold(pl.col("full_name")), birth=pl.col("birth_date").cast(pl.Int32),
            sex=pl.col("sex").cast(pl.Int64), written=pl.col("id_number"), document=cccd.normalise(pl.col("id_number")),
            face=pl.col("face_id"),
        )
        .with_columns(document=pl.when(lost).then(number.str.zfill(9)).otherwise(number), words=name.str.split(" "))
        .with_columns(name=pl.col("words").list.sort().list.join(" "))
    )  # fmt: skip


def _own() -> dict[str, pl.Expr]:
    """The file's fields under names of their own, beside those of the register."""
    taken = ("spelt", "name", "words", "birth", "sex", "written", "document", "face")
    return {"entity": pl.col("entity"), **{f"file_{name}": pl.col(name) for name in taken}}


def _judged() -> dict[str, pl.Expr]:
    """Per field: 0 the same, 1 a slip of the pen, 2 something else, null where one side does not say."""
    shared = pl.col("words").list.set_intersection("file_words").list.len()
    most = pl.max_horizontal(pl.col("words").list.len(), pl.col("file_words").list.len())
    days = (pl.col("birth") - pl.col("file_birth")).abs()
    ours, theirs = pl.col("file_document"), pl.col("document")
    old = ours.str.len_chars() == 9
    number = pl.when(old).then(pl.col("former")).otherwise(theirs)
    half = (ours.str.head(NEAR_DIGITS) == number.str.head(NEAR_DIGITS)) | (
        ours.str.tail(NEAR_DIGITS) == number.str.tail(NEAR_DIGITS)
    )
    return {
        "name_is": _verdict(pl.col("name") == pl.col("file_name"), (shared >= most - 1) & (shared > 0)),
        "birth_is": _verdict(days == 0, days <= NEAR_DAYS),
        "sex_is": _verdict(pl.col("sex") == pl.col("file_sex"), pl.lit(False)),
        "document_is": _verdict(ours == number, half),
        "face_is": _verdict(pl.col("face") == pl.col("file_face"), pl.lit(False)),
    }


def _verdict(same: pl.Expr, near: pl.Expr) -> pl.Expr:
    other = pl.when(near).then(pl.lit(1, pl.Int64)).otherwise(pl.lit(2, pl.Int64))
    return pl.when(same).then(pl.lit(0, pl.Int64)).when(~same).then(other)


def _count(verdict: int) -> pl.Expr:
    return pl.sum_horizontal((pl.col(f"{f}_is") == verdict).fill_null(False).cast(pl.Int64) for f in FIELDS)


def _spelt() -> pl.Expr:
    """Fields that are the same although they are not written the same."""
    name = (pl.col("name_is") == 0) & (pl.col("spelt") != pl.col("file_spelt"))
    number = (pl.col("document_is") == 0) & (pl.col("written") != pl.col("file_written"))
    return pl.sum_horizontal(part.fill_null(False).cast(pl.Int64) for part in (name, number))


FAMILY = Family("identity_file", "account", identity_file, SCHEMA)
