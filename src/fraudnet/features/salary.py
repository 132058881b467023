"""Feature family `salary`: whether an organisation pays an account month after month, as employers and pensions do."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, within
from fraudnet.features.family import Family
from fraudnet.features.legs import packed, unpacked
from fraudnet.features.shape import complete, owned, schema, whole

SPELL_DAYS, SPELLS, STILL_DAYS = 30, 12, 45
A_MONTH = 2  # an advance and the rest; a shop is paid more often by those who settle its cards
ALIKE = 2.0  # between half and twice the usual amount: overtime, a thirteenth wage

SCHEMA = schema(
    "Salary",
    {
        "salary_months": whole(
            "months of the last twelve in which the same organisation paid it about the same, at most twice a month",
            growing=True,
        ),
    },
)


def salary(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """How steadily one organisation has paid an account, by the organisation that did so in most months.

    Months are spells of 30 days back from the snapshot, twelve of them; a spell counts when the organisation paid once
    or twice in it, each time between half and twice what it usually pays to this account, and it must have paid within
    the last 45 days. Organisations are holders of corporate accounts and identities of that kind; where a drop names
    neither, or has no transfers, the column is null. One row per account node.
    """
    firms = _organisations(records, nodes)
    if not records.has("transfers") or firms is None:
        return complete(nodes, "account", SCHEMA, keep, None)
    paid = records.table("transfers").filter(within("at", as_of, SPELL_DAYS * SPELLS))
    by_firms = paid.select("payer", "payee", "at", "amount").join(firms, on="payer", how="semi")
    rows = by_firms.select("at", "amount", pair=packed("payer", "payee"))
    usual = rows.group_by("pair").agg(usual=pl.col("amount").median())
    alike = pl.col("amount").is_between(pl.col("usual") / ALIKE, pl.col("usual") * ALIKE)
    spell = (pl.lit(as_of).dt.epoch("us") - 1 - pl.col("at").dt.epoch("us")) // (SPELL_DAYS * DAY_US)
    spells = rows.join(usual, on="pair").group_by("pair", spell=spell).agg(
        n=pl.len(), alike=alike.all(), last=pl.col("at").max()
    )  # fmt: skip
    steady = spells.filter((pl.col("n") <= A_MONTH) & pl.col("alike")).group_by("pair")
    payers = steady.agg(months=pl.len().cast(pl.Int64), last=pl.col("last").max())
    now = payers.filter(within("last", as_of, STILL_DAYS)).with_columns(**unpacked("pair", "payer", "node"))
    return complete(
        nodes, "account", SCHEMA, keep, owned(now, keep).group_by("node").agg(salary_months=pl.col("months").max())
    )


def _organisations(records: Records, nodes: pl.DataFrame) -> pl.LazyFrame | None:
    """The accounts of organisations, as payer; None where nothing tells them from people's."""
    found = []
    if records.has("accounts"):
        corporate = pl.col("kind").cast(pl.String) == "corporate"
        found.append(records.table("accounts").filter(corporate).select(payer="entity"))
    if records.has("identities"):
        firm = pl.col("kind").cast(pl.String) == "organisation"
        held = nodes.lazy().filter(pl.col("kind") == "account").select("holder", payer="node")
        firms = records.table("identities").filter(firm).select(holder="entity")
        found.append(held.join(firms, on="holder", how="semi").select("payer"))
    return pl.concat(found).drop_nulls().unique() if found else None


FAMILY = Family("salary", "account", salary, SCHEMA)
