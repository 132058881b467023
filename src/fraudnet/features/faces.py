"""Feature family `faces`: how many different people one face goes under."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, owned, schema, whole

PLACEHOLDER = 50  # a face under more names than this is no face but a missing picture

SCHEMA = schema(
    "Faces",
    {
        "face_people_count": whole(
            "different people with the face of its holder, the holder included", growing=True, zero=False
        ),
        "face_births_count": whole(
            "different birth dates that go with the face of its holder", growing=True, zero=False
        ),
        "face_surnames_count": whole("different first words of the names with that face", growing=True, zero=False),
        "face_ekyc_count": whole(
            "accounts opened online by people with the face of its holder, itself included", growing=True, zero=False
        ),
    },
)


def faces(records: Records, nodes: pl.DataFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    """How many resolved people, birth dates and surnames share a face template with an account's holder.

    The most over the holder's faces; a face of over 50 people is taken for a placeholder and left out. Null where no
    source has a face of the holder. One row per account node.
    """
    if not records.has("identities"):
        return complete(nodes, "account", SCHEMA, keep, None)
    told = records.table("identities").filter(pl.col("entity").is_not_null() & pl.col("face_id").is_not_null())
    surname = pl.col("full_name").str.strip_chars().str.split(" ").list.first().str.to_lowercase()
    crowd = told.group_by(face="face_id").agg(
        face_people_count=pl.col("entity").n_unique(),
        face_births_count=pl.col("birth_date").drop_nulls().n_unique(),
        face_surnames_count=surname.drop_nulls().n_unique(),
    )
    real = crowd.filter(pl.col("face_people_count") <= PLACEHOLDER)
    wearers = told.select(face="face_id", holder="entity").unique()
    held = nodes.lazy().filter((pl.col("kind") == "account") & pl.col("holder").is_not_null()).select("node", "holder")
    found = [wearers.join(real, on="face", how="inner")]
    if records.has("accounts"):
        found.append(_opened_online(records, held, wearers))
    table = found[0] if len(found) == 1 else found[0].join(found[1], on="face", how="left")
    most = table.drop("face").group_by("holder").agg(pl.all().max())
    return complete(
        nodes, "account", SCHEMA, keep, owned(held.join(most, on="holder", how="inner").drop("holder"), keep)
    )


def _opened_online(records: Records, held: pl.LazyFrame, wearers: pl.LazyFrame) -> pl.LazyFrame:
    """Per face, the accounts that its people opened online: face, face_ekyc_count."""
    online = (
        records.table("accounts").filter(pl.col("channel").cast(pl.String) == "ekyc").select(node="entity").unique()
    )
    mine = held.join(online.with_columns(one=pl.lit(1)), on="node", how="left")
    return (
        mine.join(wearers, on="holder", how="inner").group_by("face")
        .agg(face_ekyc_count=pl.col("node").filter(pl.col("one") == 1).n_unique())
    )  # fmt: skip


FAMILY = Family("faces", "account", faces, SCHEMA)
