"""Whose complaints are independent: of another person, device and household, and of nobody who dealt with them before.

Somebody could pay a stranger's account and report it, to have it held; one group could do so from five accounts.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from fraudnet.contracts.graph import Linked
from fraudnet.expressions import day_number
from fraudnet.labels.clusters import STRONG
from fraudnet.labels.verdicts import keyed

ROW = ("source", "row_id")
# A victim may pay one account for weeks before it is a fraud to him; who dealt with it for longer knew it.
KNEW_DAYS = 90
CROWD = 10  # a device or address of more people than this says nothing about a household


def paid_in(linked: Linked) -> pl.LazyFrame:
    """The complaints that name money which reached the entity: source, row_id, payer, dealt_before.

    Money is named by the transfer's key, or by amount and day. dealt_before: whether payer and payee had dealt with
    one another 90 days or more before that transfer, in either direction.
    """
    reports = keyed(linked, "reports", "entity").rename({"entity": "payee"})
    accused = reports.select("payee").drop_nulls().unique()
    # Of all transfers only those of the few who were reported: the joins below would keep every key otherwise.
    transfers = keyed(linked, "transfers", "payee").with_columns(pl.col("payer").cast(pl.Int64))
    into = transfers.join(accused, on="payee", how="semi").select("payer", "payee", "transfer_id", "amount", "at")
    out = transfers.join(accused.rename({"payee": "payer"}), on="payer", how="semi")
    back = out.select(payer="payee", payee="payer", before="at")
    dealt = pl.concat([into.select("payer", "payee", before="at"), back])
    first = dealt.drop_nulls().group_by("payer", "payee").agg(first=pl.col("before").min())
    arrived = into.join(first, on=["payer", "payee"], how="left").with_columns(day=day_number("at"))
    named = reports.select(*ROW, "payee", "transfer_id").drop_nulls().join(arrived, on=["payee", "transfer_id"])
    dated = reports.select(*ROW, "payee", "amount", day=day_number("event_at")).drop_nulls()
    alike = dated.join(arrived, on=["payee", "amount", "day"])
    before = (pl.col("first") <= pl.col("at") - pl.duration(days=KNEW_DAYS)).fill_null(value=False)
    both = pl.concat([part.select(*ROW, "payer", dealt_before=before) for part in (named, alike)])
    return both.group_by(ROW).agg(
        pl.col("payer").sort_by("dealt_before", "payer").first(), pl.col("dealt_before").min()
    )


def independent(linked: Linked, paid: pl.DataFrame) -> pl.DataFrame:
    """Who complains together: complainant (key, else the paying account) and `group`, one number for all of a group.

    paid: as `paid_in`, with complainant_key. Keys that paid from accounts of one person, device or address are one
    group; a key that never paid anything here stands for itself.
    """
    said = paid.drop_nulls("payer").select(complainant=complainant(), payer="payer").unique()
    edges = pl.concat([
        said.select(a="complainant", b=pl.format("payer {}", "payer")),
        _things(linked, said["payer"]).select(a=pl.format("payer {}", "payer"), b="thing"),
    ])  # fmt: skip
    names = pl.concat([edges["a"], edges["b"]]).unique().sort()
    if names.is_empty():
        return pl.DataFrame(schema={"complainant": pl.String, "group": pl.Int64})
    codes = pl.DataFrame({"name": names, "code": np.arange(len(names))})
    ends = [edges.select(name=end).join(codes, on="name", maintain_order="left")["code"].to_numpy() for end in "ab"]
    size = len(names)
    found = connected_components(coo_matrix((np.ones(edges.height), (ends[0], ends[1])), shape=(size, size)), False)[1]
    groups = codes.with_columns(group=pl.Series(found, dtype=pl.Int64)).select(complainant="name", group="group")
    return groups.join(said.select("complainant").unique(), on="complainant", how="semi")


def complainant() -> pl.Expr:
    """Who complains: the pseudonym, else the account that paid; null where neither is known."""
    return pl.coalesce(pl.format("key {}", "complainant_key"), pl.format("payer {}", "payer"))


def _things(linked: Linked, payers: pl.Series) -> pl.DataFrame:
    """payer and thing: holder, devices and holder's address of accounts, without what a crowd shares."""
    who = linked.nodes.filter(pl.col("node").is_in(payers.unique().implode())).select(payer="node", holder="holder")
    people = who.collect(engine="streaming")
    strong = linked.links.filter(pl.col("kind").cast(pl.String).is_in(STRONG))
    ends = pl.concat([strong.select(payer="source", thing="target"), strong.select(payer="target", thing="source")])
    near = ends.join(people.lazy().select("payer"), on="payer", how="semi").unique().collect(engine="streaming")
    homes = _homes(linked)
    at_home = people.drop_nulls().join(homes, on="holder").select("payer", thing=pl.format("home {}", "place"))
    parts = [
        people.drop_nulls().select("payer", thing=pl.format("node {}", "holder")),
        near.select("payer", thing=pl.format("node {}", "thing")),
        at_home,
    ]
    every = pl.concat(parts).unique()
    crowd = every.group_by("thing").len().filter(pl.col("len") > CROWD)
    return every.join(crowd, on="thing", how="anti").sort("payer", "thing")


def _homes(linked: Linked) -> pl.DataFrame:
    """holder and place of every identity record with commune and address."""
    if not linked.records.has("identities"):
        return pl.DataFrame(schema={"holder": pl.Int64, "place": pl.String})
    place = pl.concat_str("commune", "address", separator="/")
    told = keyed(linked, "identities", "entity").select(holder="entity", place=place)
    return told.drop_nulls().unique().collect(engine="streaming")
