"""Who is who: records of one person or organisation from several sources become one identity."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse import csgraph

from fraudnet.contracts.drop import Records
from fraudnet.graph.csr import Ints
from fraudnet.graph.persons import person_records, to_reference


def resolve(records: Records) -> pl.DataFrame:
    """Which source records are one identity, and the keys that joined them (contract IdentityMap without `node`).

    Two records are one when they share a document number (one may name the other's as its former one), a tax code, or
    name and birth date and also phone or commune; never a name alone, nor name and birth date. A group that holds two
    birth dates, or both sexes, is taken apart again to its document numbers. Holders whom only an account or a SIM row
    names are records too: their `source_id` is the row's holder_source_id, else the id of the account or SIM.
    `entity_id` is the first reference of the group, delivered records before inline ones. `records` are already cut
    off at the snapshot.
    """
    persons = person_records(records).with_row_index("record")
    keys = _keys(persons)
    persons = persons.with_columns(group=pl.Series(_components(keys, persons.height)))
    persons = persons.with_columns(_clash().over("group").alias("parted"))
    standing = persons.select("record", "parted", pl.col("document").is_not_null().alias("documented"))
    keys = keys.join(standing, on="record").filter(
        ~pl.col("parted")
        | (pl.col("reason") == "document")
        | (~pl.col("documented") & pl.col("reason").str.starts_with("name"))
    )
    persons = persons.with_columns(group=pl.Series(_components(keys, persons.height)))
    return _named(persons, keys)


def _keys(persons: pl.DataFrame) -> pl.DataFrame:
    """Every value that two records may share, as text (key) and in words (reason); only values seen twice."""
    born = pl.format("{}|{}", "name", "birth_date")
    offers = (
        ("document", pl.format("d|{}", "document")),
        ("former_document", pl.format("d|{}", "former")),
        ("tax_code", pl.format("t|{}", "tax_code")),
        ("name_birth_phone", pl.format("p|{}|{}", born, "phone")),
        ("name_birth_commune", pl.format("c|{}|{}", born, "commune")),
    )
    parts = [persons.select("record", key.alias("key"), pl.lit(reason).alias("reason")) for reason, key in offers]
    return pl.concat(parts).drop_nulls("key").filter(pl.col("key").is_duplicated())


def _components(keys: pl.DataFrame, n: int) -> Ints:
    """The group of each record: records and keys are the two sides of one graph."""
    code = keys["key"].rank("dense").to_numpy().astype(np.int64) - 1
    size = n + (int(code.max()) + 1 if len(code) else 0)
    ends = (keys["record"].to_numpy(), code + n)
    graph = sparse.coo_array((np.ones(len(code), np.int8), ends), shape=(size, size))
    return np.asarray(csgraph.connected_components(graph, directed=False)[1][:n], dtype=np.int64)


def _clash() -> pl.Expr:
    """Whether a group cannot be one person: two birth dates, or female and male."""
    births = pl.col("birth_date").drop_nulls().n_unique()
    return (births > 1) | ((pl.col("sex") == 0).any() & (pl.col("sex") == 1).any())


def _named(persons: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Name each group after its first record and say which keys hold it together."""
    used = keys.filter(pl.col("record").n_unique().over("key") > 1)
    reasons = used.join(persons.select("record", "group"), on="record").group_by("group")
    joined = reasons.agg(pl.col("reason").unique().sort().str.join("+").alias("keys"))
    said = pl.coalesce("keys", pl.lit("single"))
    return (
        persons.join(joined, on="group", how="left", maintain_order="left")
        .with_columns(
            to_reference().first().over("group").alias("entity_id"),
            pl.when("parted").then(pl.format("parted:{}", said)).otherwise(said).alias("reason"),
        )
        .select("source", "source_id", "entity_id", "reason")
        .sort("source", "source_id")
    )
