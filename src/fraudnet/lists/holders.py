"""Who holds a listed account or SIM, in the words of the institution that lists it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.identifiers.entity import account_id, sim_id

INSTITUTIONS_OWN = ("bank", "operator")
LOOKED_AT = {
    "accounts": ("holder_source_id", "holder_name", "cif", "status", "kind", "source"),
    "sims": ("holder_source_id", "holder_name", "source"),
    "identities": ("source_kind", "full_name", "kind"),
}
KIND_OF_ACCOUNT = {"personal": "person", "corporate": "organisation"}


def holders(records: Records, as_of: datetime, wanted: pl.Series) -> pl.DataFrame:
    """entity_id, institution, holder_name, holder_kind, cif, status: one row per listed account and SIM.

    wanted: the entity ids to look up. Only rows known before `as_of`. A person's record counts only in the delivery in
    which the institution also listed the thing, never a record of the population database, of the police or of another
    institution.
    """
    people = _people(records, as_of)
    parts = (part.filter(_known(as_of)) for part in (_accounts(records), _sims(records)))
    found = [_listed(part, people, wanted.implode()) for part in parts]
    return pl.concat(found).collect(engine="streaming")


def _known(as_of: datetime) -> pl.Expr:
    return pl.col("known_at").is_null() | (pl.col("known_at") < as_of)


def _accounts(records: Records) -> pl.LazyFrame:
    return records.table("accounts").select(
        account_id(pl.col("institution"), pl.col("account_number")).alias("entity_id"),
        "institution", "holder_source_id", "holder_name", "cif", "status",
        pl.col("kind").cast(pl.String).replace_strict(KIND_OF_ACCOUNT, default=None).alias("account_holder"),
        "source", "row_id", "known_at",
    )  # fmt: skip


def _sims(records: Records) -> pl.LazyFrame:
    return records.table("sims").select(
        sim_id(pl.col("number"), pl.col("valid_from")).alias("entity_id"),
        "institution", "holder_source_id", "holder_name",
        pl.lit(None, pl.String).alias("cif"), pl.lit(None, pl.Int8).alias("status"),
        pl.lit(None, pl.String).alias("account_holder"), "source", "row_id", "known_at",
    )  # fmt: skip


def _people(records: Records, as_of: datetime) -> pl.LazyFrame:
    own = pl.col("source_kind").cast(pl.String).is_in(INSTITUTIONS_OWN) | pl.col("source_kind").is_null()
    mine = records.table("identities").filter(_known(as_of), own)
    return mine.select("known_at", "row_id", "source", "full_name", holder_source_id="source_id", person="kind")


def _own_sources(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Which source is the institution itself: the one that bears its key, else the one that lists it alone and most.

    What police, a registry or another institution delivered about an account never reaches the account's list.
    """
    counted = rows.group_by("institution", "source").agg(rows=pl.len())
    named = pl.col("source") == pl.col("institution")
    alone = pl.len().over("source") == 1
    ranked = counted.with_columns(named=named).filter(named | alone)
    best = ranked.sort("institution", "named", "rows", "source", descending=[False, True, True, False])
    return best.unique("institution", keep="first", maintain_order=True).select("institution", "source")


def _listed(rows: pl.LazyFrame, people: pl.LazyFrame, wanted: pl.Series) -> pl.LazyFrame:
    """The newest row of each thing that is wanted, completed by the same delivery's record of its holder."""
    own = rows.filter(pl.col("entity_id").is_in(wanted)).join(
        _own_sources(rows), on=["institution", "source"], how="semi"
    )
    newest = own.sort("known_at", "row_id", descending=[True, False], nulls_last=True).unique(
        ["entity_id", "institution"], keep="first", maintain_order=True
    )
    known = people.join(newest, on=["source", "holder_source_id"], how="semi")
    once = known.sort("known_at", "row_id", descending=[True, False], nulls_last=True).unique(
        ["source", "holder_source_id"], keep="first", maintain_order=True
    )
    named = newest.join(once, on=["source", "holder_source_id"], how="left")
    return named.select(
        "entity_id", "institution",
        holder_name=pl.coalesce("holder_name", "full_name"),
        holder_kind=pl.coalesce(pl.col("person").cast(pl.String), "account_holder"),
        cif="cif", status="status",
    )  # fmt: skip
