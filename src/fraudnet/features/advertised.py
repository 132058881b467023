"""Feature family `advertised`: whether an account or its number was seen on offer in public."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, day_number, within
from fraudnet.features.family import Family
from fraudnet.features.lookups import Lookups
from fraudnet.features.shape import complete, owned, real, schema, whole
from fraudnet.identifiers import phone
from fraudnet.identifiers.text import digits

SCHEMA = schema(
    "Advertised",
    {
        "adverts_90d": whole("adverts that showed its number during the last 90 days"),
        "adverts_all": whole("adverts that showed its number since the first record", growing=True),
        "advert_days": real("days since an advert first showed its number", growing=True),
        "advert_span_days": real("days between the first and the last advert that showed its number", growing=True),
        "phone_adverts_all": whole(
            "adverts that showed the phone number it is registered on", growing=True, zero=False
        ),
        "advert_crowd_count": whole("most other numbers shown in one place on the day it was shown there", zero=False),
    },
)


def advertised(
    records: Records, nodes: pl.DataFrame, lookups: Lookups, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Sightings of an account's number, and of its registered phone number, in adverts and groups before the snapshot.

    Numbers are compared without blanks and dots, phone numbers in their one form; an account number that two banks
    share counts for both. The crowd is what else one address showed on that local day, null where no address is named.
    Without an adverts table every column is null. One row per account node.
    """
    if not records.has("adverts"):
        return complete(nodes, "account", SCHEMA, keep, None)
    seen = _shown(records.table("adverts")).cache()
    accounts = nodes.lazy().filter((pl.col("kind") == "account") & pl.col("number").is_not_null())
    named = owned(accounts, keep).select("node", value=digits(pl.col("number")))
    mine = named.join(seen.filter(pl.col("kind") == "account"), on="value", how="inner")
    first, last = pl.col("seen_at").min(), pl.col("seen_at").max()
    told = mine.group_by("node").agg(
        adverts_90d=within("seen_at", as_of, 90).sum(),
        adverts_all=pl.len(),
        advert_days=(pl.lit(as_of) - first).dt.total_microseconds() / DAY_US,
        advert_span_days=(last - first).dt.total_microseconds() / DAY_US,
        advert_crowd_count=pl.col("others").max(),
    )
    parts = [told]
    if records.has("accounts"):
        parts.append(_phones(lookups, seen, keep))
    return complete(nodes, "account", SCHEMA, keep, *parts)


def _shown(adverts: pl.LazyFrame) -> pl.LazyFrame:
    """Every sighting with its number in one form and how many other numbers the same place showed that day."""
    kind = pl.col("kind").cast(pl.String)
    rows = adverts.select("seen_at", "url_digest", kind=kind, value=digits(pl.col("value")), day=day_number("seen_at"))
    number = pl.when(pl.col("kind") == "number").then(phone.normalise(pl.col("value"))).otherwise("value")
    return rows.with_columns(value=number).with_columns(
        others=pl.when(pl.col("url_digest").is_not_null()).then(
            pl.col("value").n_unique().over("url_digest", "day") - 1
        )
    )


def _phones(lookups: Lookups, seen: pl.LazyFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    shown = seen.filter(pl.col("kind") == "number").group_by(number="value").agg(n=pl.len())
    mine = owned(lookups.registrations.select("node", "number"), keep)
    return mine.join(shown, on="number", how="left").select("node", phone_adverts_all=pl.col("n").fill_null(0))


FAMILY = Family("advertised", "account", advertised, SCHEMA)
