"""Feature family `identity_file`: what a bank's file says of an account's holder, beside the population register."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features.family import Family
from fraudnet.features.histories import nodes_of
from fraudnet.features.shape import complete, owned, schema, whole
from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.numbers import Texts
from fraudnet.graph.once import DOCUMENT, but_easy, each_once
from fraudnet.identifiers import cccd
from fraudnet.identifiers.entity import identity_reference
from fraudnet.identifiers.names import fold
from fraudnet.identifiers.text import digits

FIELDS = ("name", "birth", "sex", "document", "face")
NEAR_DAYS = 366
NEAR_DIGITS = 6
TOLD = (
    "entity", "source", "source_id", "known_at", "row_id", "full_name", "birth_date", "sex", "id_number",
    "old_id_number", "face_id",
)  # fmt: skip
REGISTERED = ("spelt", "name", "birth", "sex", "written", "document", "former", "face")

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
    person = pl.col("kind").cast(pl.String).fill_null("person") == "person"
    told = records.table("identities").filter(pl.col("entity").is_not_null() & person)
    every = _even(told.select(*TOLD, registered=_registered()).collect(engine="streaming"))
    files = _files(every.filter(~pl.col("registered")), records)
    register = every.filter("registered").sort("known_at", "row_id")
    register = each_once(register, ("old_id_number",), lambda said: said.select(former=digits(pl.first())))
    judged = _beside(files, register).with_columns(**_judged()).select(
        "node", "source", "source_id",
        file_mismatch_count=_count(2), file_slip_count=_count(1), file_spelling_count=_spelt(),
        file_fields_count=pl.sum_horizontal(pl.col(f"{f}_is").is_not_null().cast(pl.Int64) for f in FIELDS),
    )  # fmt: skip
    told = judged.sort("node", "source", "source_id").unique("node", keep="first", maintain_order=True)
    told = told.select("node", *SCHEMA.column_names()[1:])
    return complete(nodes, "account", SCHEMA, keep, owned(told, keep))


def _registered() -> pl.Expr:
    return pl.col("source_kind").cast(pl.String).fill_null("") == "population"


def _files(told: pl.DataFrame, records: Records) -> pl.DataFrame:
    """What the banks' own files say, with the account that each is of; a file of several accounts several times."""
    accounts = records.table("accounts").select("source", "holder_source_id", node="entity")
    held = accounts.drop_nulls("holder_source_id").collect(engine="streaming")
    texts = Texts()
    file = texts.numbers(told.select(identity_reference(pl.col("source"), pl.col("source_id"))).to_series())
    mine = texts.numbers(held.select(identity_reference(pl.col("source"), pl.col("holder_source_id"))).to_series())
    both = pl.DataFrame({"file": mine, "node": held["node"]}).join(
        pl.DataFrame({"file": file, "place": np.arange(len(file))}), on="file", how="inner"
    )
    return told[both["place"]].select(both["node"], "source", "source_id", **_own())


def _beside(files: pl.DataFrame, register: pl.DataFrame) -> pl.LazyFrame:
    """Each file with one record of the register: by number, by former number, else by who it was taken for.

    Of several the one known last.
    """
    texts = Texts()
    ours = texts.numbers(files["file_document"])
    place = np.full(files.height, -1, np.int64)
    for theirs in ("document", "former"):
        found = _last(texts.numbers(register[theirs]), len(texts))[ours]
        place = np.where(place < 0, found, place)
    people = register["entity"], files["entity"]
    taken = _last(people[0].to_numpy(), nodes_of(*people))[people[1].to_numpy()]
    place = np.where(place < 0, taken, place)
    known = place >= 0
    beside = register.select(REGISTERED)[place[known]]
    return pl.concat([files.filter(pl.Series(known)), beside], how="horizontal").lazy()


def _last(numbers: Ints | Nodes, n: int) -> Ints:
    """The last place of each of n numbers, -1 where it has none, as nobody (-1) never has."""
    last = np.full(n + 1, -1, np.int64)
    last[numbers] = np.arange(len(numbers))
    last[-1] = -1
    return last


def _even(told: pl.DataFrame) -> pl.DataFrame:
    """The fields made even, step by step so that no normaliser is nested in another; of each text once."""
    named = each_once(told, ("full_name",), _name)
    numbered = each_once(
        named, ("id_number",), lambda said: but_easy(said, DOCUMENT, _document).alias("document").to_frame()
    )
    return numbered.with_columns(
        spelt="full_name", birth=pl.col("birth_date").cast(pl.Int32), sex=pl.col("sex").cast(pl.Int64),
        written="id_number", face="face_id",
    )  # fmt: skip


def _name(said: pl.DataFrame) -> pl.DataFrame:
    words = said.lazy().select(name=fold(pl.first())).select(pl.col("name").str.split(" ").list.sort().list.join(" "))
    return words.collect(engine="streaming")


def _document(said: pl.DataFrame) -> pl.Series:
    number = pl.col("document")
    lost = number.str.contains(r"^[0-9]{8}$")
    normal = said.lazy().select(document=cccd.normalise(pl.first()))
    padded = normal.select(pl.when(lost).then(number.str.zfill(9)).otherwise(number))
    return padded.collect(engine="streaming").to_series()


def _own() -> dict[str, pl.Expr]:
    """The file's fields under names of their own, beside those of the register."""
    taken = ("spelt", "name", "birth", "sex", "written", "document", "face")
    return {"entity": pl.col("entity"), **{f"file_{name}": pl.col(name) for name in taken}}


def _judged() -> dict[str, pl.Expr]:
    """Per field: 0 the same, 1 a slip of the pen, 2 something else, null where one side does not say."""
    same = pl.col("name") == pl.col("file_name")
    words, others = (pl.when(~same).then(name).str.split(" ") for name in ("name", "file_name"))  # few differ
    shared, most = (
        words.list.set_intersection(others).list.len(),
        pl.max_horizontal(words.list.len(), others.list.len()),
    )
    days = (pl.col("birth") - pl.col("file_birth")).abs()
    ours, theirs = pl.col("file_document"), pl.col("document")
    old = ours.str.len_chars() == 9
    number = pl.when(old).then(pl.col("former")).otherwise(theirs)
    half = (ours.str.head(NEAR_DIGITS) == number.str.head(NEAR_DIGITS)) | (
        ours.str.tail(NEAR_DIGITS) == number.str.tail(NEAR_DIGITS)
    )
    return {
        "name_is": _verdict(same, (shared >= most - 1) & (shared > 0)),
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
