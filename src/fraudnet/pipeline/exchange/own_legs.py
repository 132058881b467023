"""An account's own transfers behind its flag, by the reference that the payment rail gave them."""

from __future__ import annotations

import polars as pl

AT_MOST = 20  # references that an entry carries


def own_references(transfers: pl.LazyFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """entity_id and references, sorted: of the transfers in its evidence that the entity itself paid or was paid.

    transfers: contract Transfer, each told once; evidence: contract HitEvidence. An institution finds such a transfer
    in its own books; neither amount nor time of any transfer leaves, and none that is not the account's own. The newest
    are kept where there are many. Transfers without a reference of the rail are left out.
    """
    behind = evidence.filter(pl.col("table") == "transfers").select("entity_id", "row_id").unique()
    rows = (
        transfers.filter(pl.col("row_id").is_in(behind["row_id"].unique().implode()), pl.col("rail_ref").is_not_null())
        .select("row_id", "rail_ref", "payer", "payee", "at")
        .collect(engine="streaming")
    )
    own = behind.join(rows, on="row_id").filter(
        (pl.col("payer") == pl.col("entity_id")) | (pl.col("payee") == pl.col("entity_id"))
    )
    newest = own.unique(["entity_id", "rail_ref"]).sort("at", "rail_ref", descending=[True, False])
    kept = newest.group_by("entity_id", maintain_order=True).agg(pl.col("rail_ref").head(AT_MOST))
    return kept.select("entity_id", references=pl.col("rail_ref").list.sort()).sort("entity_id")
