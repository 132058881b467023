"""Pickers of rows about accounts, devices, phones and people; like those about money, from linked records and hits."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import day_number
from fraudnet.identifiers import phone
from fraudnet.identifiers.text import digits
from fraudnet.typologies.rows import before, rows_of

BESIDE_DAYS = 7


def opening(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The account's own row."""
    return rows_of(_accounts(records).join(hits.select("node"), on="node", how="semi"), "accounts", "opening")


def _accounts(records: Records) -> pl.LazyFrame:
    return records.table("accounts").rename({"entity": "node"}).with_columns(at="opened_at")


def changes(records: Records, hits: pl.LazyFrame, events: tuple[str, ...], days: int | None = None) -> pl.LazyFrame:
    """Changes of the account that are no money: devices bound, limits raised, phones changed."""
    return rows_of(changed(records, hits, events).filter(before(days)), "account_events", "change")


def changed(records: Records, hits: pl.LazyFrame, events: tuple[str, ...]) -> pl.LazyFrame:
    """Those events with their moment twice: node, at, changed, as_of."""
    rows = records.table("account_events").filter(pl.col("event").cast(pl.String).is_in(events))
    mine = rows.rename({"entity": "node"}).join(hits.select("node", "as_of"), on="node", how="inner")
    return mine.with_columns(changed="at")


def devices(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """When it was seen on its phones, and who else of its kind was seen on the one that most others use."""
    used = _seen(records)
    mine = used.join(hits.select("node"), on="node", how="semi")
    others = used.rename({"node": "other"}).join(mine.select("node", "device").unique(), on="device", how="inner")
    strange = others.filter(pl.col("other") != pl.col("node")).join(_kin(records, hits), on="other", how="semi")
    crowd = strange.group_by("node", "device").agg(n=pl.col("other").n_unique())
    main = crowd.sort("n", "device").group_by("node").agg(pl.col("device").last())
    once = strange.join(main, on=["node", "device"], how="semi").sort("at", "row_id", nulls_last=True)
    company = once.unique(["node", "other"], keep="first", maintain_order=True)
    return pl.concat([rows_of(mine, "uses", "use"), rows_of(company, "uses", "company")])


def _seen(records: Records) -> pl.LazyFrame:
    proven = pl.col("device").is_not_null() & ~pl.col("randomised").fill_null(False)
    at = pl.coalesce("seen_at", "valid_from")
    return records.table("uses").filter(proven).select("device", "row_id", node="entity", at=at)


def _kin(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Everybody of the hits' own kind: column `other`."""
    accounts, sims = (records.table(name).select(other="entity") for name in ("accounts", "sims"))
    are_sims = hits.select("node").join(sims, left_on="node", right_on="other", how="semi").select(sim=pl.len() > 0)
    both = pl.concat([accounts.with_columns(sim=pl.lit(False)), sims.with_columns(sim=pl.lit(True))])
    return both.join(are_sims, on="sim", how="semi").select("other")


def opened_beside(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Accounts on one of its phones that were opened within a week of it."""
    used = _seen(records).select("device", "node").unique()
    mine = used.join(hits.select("node"), on="node", how="semi")
    others = used.rename({"node": "other"}).join(mine, on="device", how="inner").select("node", "other").unique()
    own = _accounts(records).select("node", mine_at="at")
    theirs = _accounts(records).rename({"node": "other"}).join(others, on="other", how="inner")
    apart = (pl.col("at") - pl.col("mine_at")).abs() <= pl.duration(days=BESIDE_DAYS)
    near = theirs.join(own, on="node", how="inner").filter(apart, pl.col("other") != pl.col("node"))
    return rows_of(near, "accounts", "opened_beside")


def by_same_staff(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Accounts known as fraud that the same member of staff opened."""
    desk = pl.concat_str("institution", "staff", separator=":")
    opened = _accounts(records).drop_nulls("staff").with_columns(desk=desk)
    mine = opened.join(hits.select("node"), on="node", how="semi").select("desk", asked="node")
    beside = opened.filter("known").rename({"node": "other"}).join(mine, on="desk", how="inner")
    return rows_of(
        beside.filter(pl.col("other") != pl.col("asked")).rename({"asked": "node"}), "accounts", "opened_beside"
    )


def registered_phone(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Who has the phone number of the account, and which other accounts that holder's numbers serve."""
    numbers = _numbers(records, hits)
    sims = records.table("sims").select("number", "holder", "row_id", at="valid_from")
    owners = numbers.join(sims, on="number", how="inner")
    held = sims.select("holder", "number").drop_nulls().unique()
    theirs = owners.select("node", "holder").drop_nulls().unique().join(held, on="holder", how="inner")
    accounts = _accounts(records).drop_nulls("phone").rename({"node": "other", "phone": "number"}).drop("holder")
    served = accounts.join(theirs.select("node", "number").unique(), on="number", how="inner")
    others = served.filter(pl.col("other") != pl.col("node"))
    return pl.concat([rows_of(owners, "sims", "number_owner"), rows_of(others, "accounts", "served")])


def _numbers(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The number that each account is registered on: node, number, as_of."""
    mine = _accounts(records).select("node", number="phone").drop_nulls().unique()
    return mine.join(hits.select("node", "as_of"), on="node", how="inner")


def swapped(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Exchanges of the card of the account's number: node, changed and the row."""
    sims = records.table("sims").select("number", sim="entity").join(_numbers(records, hits), on="number", how="inner")
    swaps = records.table("sim_events").filter(pl.col("event").cast(pl.String) == "swap").rename({"entity": "sim"})
    return swaps.drop("number").join(sims.unique(), on="sim", how="inner").with_columns(changed="at")


def swaps(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of those exchanges in the last three months."""
    return rows_of(swapped(records, hits).filter(before(90)), "sim_events", "swap")


def files(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The bank's file on the holder and the register's record, which are to be laid side by side."""
    accounts = _accounts(records).select("node", "source", "holder", source_id="holder_source_id")
    mine = accounts.join(hits.select("node"), on="node", how="semi")
    people = records.table("identities").with_columns(at="known_at")
    own = people.join(mine.select("node", "source", "source_id"), on=["source", "source_id"], how="inner")
    kept_by = pl.col("source_kind").cast(pl.String)
    register = people.filter(kept_by == "population").join(
        mine.select("node", entity="holder").unique(), on="entity", how="inner"
    )  # fmt: skip
    return pl.concat([rows_of(own, "identities", "file"), rows_of(register, "identities", "register")])


def faces(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Records of other people with the face of the holder."""
    told = records.table("identities").filter(pl.col("face_id").is_not_null()).with_columns(at="known_at")
    mine = hits.select("node", "holder").join(
        told.select("face_id", holder="entity").unique(), on="holder", how="inner"
    )
    same = told.join(mine, on="face_id", how="inner")
    return rows_of(same.filter(pl.col("entity") != pl.col("holder")), "identities", "face")


def gone(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """What says that the holder is dead or abroad."""
    return rows_of(gone_since(records, hits).with_columns(at="gone"), "identities", "gone")


def gone_since(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Those records: node, gone and the row."""
    told = records.table("identities").filter(pl.col("status").cast(pl.String).is_in(["deceased", "abroad"]))
    dated = told.select("row_id", holder="entity", gone="status_at").drop_nulls("gone")
    return hits.select("node", "holder").join(dated, on="holder", how="inner")


def adverts(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Sightings of the account's number, or of the phone number it is registered on."""
    kind = pl.col("kind").cast(pl.String)
    seen = records.table("adverts").select("row_id", kind=kind, at="seen_at", value=digits(pl.col("value")))
    number = pl.when(pl.col("kind") == "number").then(phone.normalise(pl.col("value"))).otherwise("value")
    shown = seen.with_columns(value=number)
    own = hits.select("node", kind=pl.lit("account"), value=digits(pl.col("number")))
    of_phone = _numbers(records, hits).select("node", kind=pl.lit("number"), value="number")
    return rows_of(shown.join(pl.concat([own, of_phone]), on=["kind", "value"], how="inner"), "adverts", "advert")


def firm(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The records of the firm that holds the account, and of the other firms of its head."""
    people = records.table("identities").with_columns(at="known_at")
    mine = hits.select("node", entity="holder").join(people, on="entity", how="inner")
    heads = mine.select("node", "representative_id").drop_nulls().unique()
    others = people.join(heads, on="representative_id", how="inner")
    return pl.concat([rows_of(part, "identities", "file") for part in (mine, others)])


def sim(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The operator's own row on the SIM."""
    return rows_of(_sims(records).join(hits.select("node"), on="node", how="semi"), "sims", "sim")


def _sims(records: Records) -> pl.LazyFrame:
    return records.table("sims").rename({"entity": "node"}).with_columns(at="valid_from")


def same_name(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The other SIMs of its holder."""
    mine = hits.select("node", "holder").drop_nulls()
    others = _sims(records).rename({"node": "other"}).join(mine, on="holder", how="inner")
    return rows_of(others.filter(pl.col("other") != pl.col("node")), "sims", "same_name")


def same_sale(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """SIMs activated at the same point of sale within the hour."""
    sold = _sims(records).drop_nulls(["dealer", "at"])
    mine = sold.join(hits.select("node"), on="node", how="semi").select("node", "dealer", mine_at="at")
    others = sold.rename({"node": "other"}).join(mine, on="dealer", how="inner")
    apart = (pl.col("at") - pl.col("mine_at")).abs() <= pl.duration(hours=1)
    return rows_of(others.filter(apart, pl.col("other") != pl.col("node")), "sims", "same_sale")


def codes(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """One-time codes that it received."""
    got = records.table("calls").filter(pl.col("kind").cast(pl.String) == "otp").rename({"callee": "node"})
    return rows_of(got.join(hits.select("node"), on="node", how="semi"), "calls", "code")


def busy_day_calls(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The calls of the day with most calls, the latest such day."""
    spoken = records.table("calls").filter(pl.col("kind").cast(pl.String) != "otp").rename({"caller": "node"})
    mine = spoken.join(hits.select("node"), on="node", how="semi").with_columns(day=day_number("at"))
    best = mine.group_by("node", "day").len().sort("len", "day").group_by("node").agg(pl.col("day").last())
    return rows_of(mine.join(best, on=["node", "day"], how="semi"), "calls", "busy_day_calls")


def number_past(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Earlier holdings of the number by others, and accounts of theirs that still point at it."""
    mine = (
        _sims(records).join(hits.select("node"), on="node", how="semi").select("node", "number", "holder", since="at")
    )
    past = _sims(records).select("number", "row_id", "at", had="holder").join(mine, on="number", how="inner")
    earlier = past.filter(pl.col("had") != pl.col("holder"), pl.col("at") < pl.col("since"))
    accounts = _accounts(records).rename({"node": "other", "phone": "number", "holder": "of"})
    left = accounts.join(mine, on="number", how="inner")
    old = left.filter(pl.col("of") != pl.col("holder"), pl.col("at") < pl.col("since"))
    return pl.concat([rows_of(earlier, "sims", "holder_before"), rows_of(old, "accounts", "old_account")])
