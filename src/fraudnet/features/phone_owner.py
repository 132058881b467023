"""Feature family `phone_owner`: whose number an account is registered on, and what ties the two together."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features.family import Family
from fraudnet.features.legs import packed
from fraudnet.features.lookups import Lookups
from fraudnet.features.registered import registered_at
from fraudnet.features.shape import complete, flag, owned, schema, whole
from fraudnet.identifiers.names import fold

SCHEMA = schema(
    "PhoneOwner",
    {
        "phone_people_count": whole(
            "different holders of the accounts that are registered on its phone number", growing=True, zero=False
        ),
        "phone_owner_serves_count": whole(
            "different holders of accounts registered on any number of whoever owns its phone number",
            growing=True, zero=False,
        ),
        "phone_owner_home_differs": flag("whoever owns its phone number lives in another commune than its holder"),
        "phone_owner_is_firm": flag("its phone number belongs to an organisation"),
        "phone_owner_transfers_all": whole(
            "transfers between it and accounts of somebody else who owns its phone number", growing=True, zero=False
        ),
        "phone_is_recycled": flag("its phone number went to somebody else after it was registered"),
        "device_foreign_phones_count": whole(
            "most accounts on one of its devices, itself included, whose phone number belongs to somebody else"
        ),
    },
)  # fmt: skip


def phone_owner(
    records: Records, nodes: pl.DataFrame, lookups: Lookups, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """The present holder of the registered number beside the holder of the account: others served, home, dealings.

    Null where the number, its holder or the account's holder is not known: unknown is not somebody else. Homes are
    compared by province and commune as any source gives them, dealings only where the two are different people.
    Recycled: the number's present holding began after the registration, and somebody else had the number then. One row
    per account node.
    """
    if not (records.has("accounts") and records.has("sims")):
        return complete(nodes, "account", SCHEMA, keep, None)
    phones = lookups.registrations
    owned_by = phones.join(lookups.current_sims, on="number", how="inner")
    # Every part starts from these rows, and a query that is repeated is run again each time.
    mine = owned_by.drop_nulls(["holder", "sim_holder"]).collect(engine="streaming").lazy()
    differs = mine.filter(pl.col("holder") != pl.col("sim_holder"))
    parts = [_people(phones), _serves(mine), _recycled(records, nodes, mine)]
    if records.has("identities"):
        parts += _who(records.table("identities"), mine)
    if records.has("transfers"):
        parts.append(_dealings(records.table("transfers"), nodes, differs))
    if records.has("uses"):
        parts.append(_on_devices(lookups.account_devices, differs))
    return complete(nodes, "account", SCHEMA, keep, *(owned(part, keep) for part in parts))


def _people(phones: pl.LazyFrame) -> pl.LazyFrame:
    crowd = phones.group_by("number").agg(phone_people_count=pl.col("holder").drop_nulls().n_unique())
    return phones.join(crowd, on="number", how="inner").select("node", "phone_people_count")


def _serves(mine: pl.LazyFrame) -> pl.LazyFrame:
    served = mine.group_by("sim_holder").agg(phone_owner_serves_count=pl.col("holder").n_unique())
    return mine.join(served, on="sim_holder", how="inner").select("node", "phone_owner_serves_count")


def _recycled(records: Records, nodes: pl.DataFrame, mine: pl.LazyFrame) -> pl.LazyFrame:
    """Whether an earlier holding of the number by somebody else was in force when the account was registered."""
    held = nodes.lazy().filter((pl.col("kind") == "sim") & pl.col("number").is_not_null())
    now = held.select("number", sim="node", begun="valid_from")
    then = held.select("number", had="holder", began="valid_from")
    dated = mine.join(registered_at(records, nodes), on="node", how="left").join(now, on=["number", "sim"], how="left")
    late = dated.filter(pl.col("registered") < pl.col("begun")).join(then, on="number", how="inner")
    earlier = late.filter((pl.col("had") != pl.col("sim_holder")) & (pl.col("began") < pl.col("begun")))
    known = dated.select("node", known=pl.col("registered").is_not_null() & pl.col("begun").is_not_null())
    stale = earlier.select("node", one=pl.lit(1, pl.Int64)).unique()
    return known.join(stale, on="node", how="left").select(
        "node", phone_is_recycled=pl.when("known").then(pl.col("one").fill_null(0))
    )


def _who(identities: pl.LazyFrame, mine: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Where both live and whether the number is an organisation's, as far as any source says."""
    told = identities.filter(pl.col("entity").is_not_null())
    firm = (pl.col("kind").cast(pl.String) == "organisation").max()
    firms = told.filter(pl.col("kind").is_not_null()).group_by(sim_holder="entity").agg(phone_owner_is_firm=firm)
    own = pl.col("holder") == pl.col("sim_holder")
    homes = _homes(told, mine.filter(~own))
    both = mine.join(homes, on="holder", how="left").join(
        homes.select(sim_holder="holder", others="places"), on="sim_holder", how="left"
    )
    apart = pl.col("places").list.set_intersection("others").list.len() == 0
    return [
        both.select("node", phone_owner_home_differs=pl.when(own).then(0).otherwise(apart.cast(pl.Int64))),
        mine.join(firms, on="sim_holder", how="inner").select("node", pl.col("phone_owner_is_firm").cast(pl.Int64)),
    ]


def _homes(told: pl.LazyFrame, differs: pl.LazyFrame) -> pl.LazyFrame:
    """The communes that any source gives for people on either side: holder, places."""
    people = pl.concat([differs.select(entity=side) for side in ("holder", "sim_holder")]).unique()
    place = pl.concat_str("province", "commune", separator="|")
    given = told.join(people, on="entity", how="semi").select(holder="entity", place=place).drop_nulls().unique()
    return given.with_columns(fold(pl.col("place"))).group_by("holder").agg(places=pl.col("place").unique().sort())


def _dealings(transfers: pl.LazyFrame, nodes: pl.DataFrame, differs: pl.LazyFrame) -> pl.LazyFrame:
    """Transfers either way between an account and the accounts of whoever owns its number."""
    pairs = differs.select("node", "sim_holder")
    theirs = nodes.lazy().filter(pl.col("kind") == "account").select(other="node", sim_holder="holder")
    both = pairs.join(theirs, on="sim_holder", how="inner")
    ways = [both.select("node", met=packed(*ends)) for ends in (("node", "other"), ("other", "node"))]
    moved = transfers.select(met=packed("payer", "payee")).join(pl.concat(ways), on="met", how="inner")
    n = moved.group_by("node").agg(n=pl.len())
    return pairs.join(n, on="node", how="left").select("node", phone_owner_transfers_all=pl.col("n").fill_null(0))


def _on_devices(used: pl.LazyFrame, differs: pl.LazyFrame) -> pl.LazyFrame:
    foreign = used.join(differs.select("node"), on="node", how="semi")
    crowd = foreign.group_by("device").agg(n=pl.col("node").n_unique())
    return (
        used.join(crowd, on="device", how="inner").group_by("node").agg(device_foreign_phones_count=pl.col("n").max())
    )


FAMILY = Family("phone_owner", "account", phone_owner, SCHEMA)
