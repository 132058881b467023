"""Accounts that others name and their own institution's file lacks: what a bank left out, or spoilt."""

from __future__ import annotations

import polars as pl

from fraudnet.identifiers import account
from fraudnet.sources.drop import Delivery
from fraudnet.sources.quality.material import Material
from fraudnet.sources.quality.sides import OWN

NAMING = ("transfers", "statements", "cash", "uses", "account_events", "reports", "dispositions")
VICTIMS, MONEY = ("reports",), ("transfers", "statements")
LEAST_LISTED = 10  # whoever sent the statement of one account was not asked for all of them
LEAST_ROWS = 20  # an institution with fewer rows is not judged by a share of them
OMITTED: dict[str, pl.DataType] = {
    "institution": pl.String(), "account_number": pl.String(), "victims": pl.Int64(), "transfers": pl.Int64(),
    "others": pl.Int64(), "in_quarantine": pl.Boolean(),
}  # fmt: skip


def omissions(delivery: Delivery, material: Material) -> pl.DataFrame:
    """institution, account_number, rows of victims, transfers, others that name it, in_quarantine; the gravest first.

    Asked are institutions that deliver at least ten accounts of their own: those of them that others' rows name and no
    good row lists. in_quarantine: a row of the institution's accounts that was turned away holds the number.
    """
    if not material.has("accounts"):
        return pl.DataFrame(schema=OMITTED)
    own = material.records.table("accounts").select("institution", "account_number").unique().collect()
    value = pl.col("value")
    named = material.named.filter(pl.col("table").is_in(NAMING) & value.str.starts_with("account:")).select(
        "table", "rows", institution=value.str.extract(OWN, 1), account_number=value.str.replace(OWN, "")
    )
    lists = own.group_by("institution").len().filter(pl.col("len") >= LEAST_LISTED)
    missing = named.join(lists, on="institution", how="semi").join(
        own, on=["institution", "account_number"], how="anti"
    )
    table = pl.col("table")
    counted = missing.group_by("institution", "account_number").agg(
        victims=pl.col("rows").filter(table.is_in(VICTIMS)).sum(),
        transfers=pl.col("rows").filter(table.is_in(MONEY)).sum(),
        others=pl.col("rows").filter(~table.is_in([*VICTIMS, *MONEY])).sum(),
    )
    turned = _turned_numbers(delivery)
    found = counted.join(turned, on="account_number", how="left").with_columns(pl.col("in_quarantine").fill_null(False))
    grave = (pl.col("victims") > 0) & pl.col("in_quarantine")
    order = [grave, pl.col("victims") > 0, pl.col("transfers"), pl.col("institution"), pl.col("account_number")]
    return found.sort(order, descending=[True, True, True, False, False]).select(list(OMITTED)).cast(dict(OMITTED))  # type: ignore[arg-type]  # the stub wants a narrower mapping


def _turned_numbers(delivery: Delivery) -> pl.DataFrame:
    """Every number that stands in an account's row in quarantine, in its normal form."""
    rows = delivery.quarantine.filter(pl.col("table") == "accounts").select("raw").collect()
    values = rows.select(value=pl.col("raw").str.extract_all(r'"[^"]*"').explode(empty_as_null=True)).to_series()
    texts = values.drop_nulls().str.strip_chars('"').unique().alias("value").to_frame()
    plain = texts.select(account_number=account.normalise(pl.col("value"))).drop_nulls().unique()
    return plain.with_columns(in_quarantine=pl.lit(value=True))


def over_quarantine(material: Material, most: float) -> pl.DataFrame:
    """institution, rows, share: institutions of whose rows more than the allowed share were turned away."""
    owner = pl.coalesce("institution", "source")
    turned = material.turned.filter(pl.col("why") != "duplicate").group_by(institution=owner).agg(
        turned=pl.col("rows").sum()
    )  # fmt: skip
    good = material.rows.group_by(institution=owner).agg(good=pl.col("rows").sum())
    both = good.join(turned, on="institution", how="full", coalesce=True).with_columns(
        pl.col("good", "turned").fill_null(0)
    )
    shares = both.with_columns(rows=pl.col("good") + pl.col("turned")).with_columns(
        share=pl.col("turned") / pl.col("rows")
    )
    over = shares.filter((pl.col("rows") >= LEAST_ROWS) & (pl.col("share") > most))
    return over.select("institution", "rows", pl.col("share").round(4)).drop_nulls().sort("institution")
