"""T21 on a changed history: what smaller payments and older accounts cost the list, and that hiding changes no sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
import pytest
from small_world import SETTINGS, Demo

from fraudnet.contracts.drop import Records
from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.graph.link import link
from fraudnet.model.metrics import places
from fraudnet.model.portable import load
from fraudnet.pipeline import Request
from fraudnet.pipeline.batch.snapshot import Cut, describe
from fraudnet.pipeline.reading.source import open_drops
from fraudnet.pipeline.training.examples import matrix_of
from fraudnet.settings import Settings
from fraudnet.synthetic.evasion import AGE, CARDS, JUST_UNDER, aged, spread, structured


@pytest.fixture(scope="module")
def records(demo: Demo) -> Records:
    return open_drops(Request((demo.drop,)), Settings(home=demo.home, **SETTINGS), silent).records


@pytest.fixture(scope="module")
def guilty(demo: Demo) -> pl.Series:
    truth = pl.read_parquet(demo.out / "world" / "truth" / "truth.parquet")
    ours = truth.filter(pl.col("role").is_in(FRAUD_ROLES) & pl.col("entity_id").str.starts_with("account:"))
    return ours["entity_id"].unique().sort()


def sums(records: Records, by: Sequence[str]) -> pl.DataFrame:
    return records.table("transfers").group_by(by).agg(pl.col("amount").sum()).sort(by).collect()


def test_smaller_payments_add_up_to_the_same_money_between_the_same_accounts(records, guilty) -> None:
    hidden = structured(records, guilty)
    assert sums(hidden, ("payer", "payee")).equals(sums(records, ("payer", "payee")))
    paid = hidden.table("transfers").collect()
    theirs = paid.filter(pl.col("payer").is_in(guilty.implode()))
    assert theirs["amount"].max() == JUST_UNDER and theirs["amount"].min() > 0
    assert paid["row_id"].is_unique().all() and paid.height > records.table("transfers").collect().height
    others = ~pl.col("payer").is_in(guilty.implode())
    before = records.table("transfers").filter(others).collect()
    assert paid.filter(others).drop("row_id").equals(before.select(paid.columns).drop("row_id"))


def test_more_cards_carry_the_same_calls(records) -> None:
    loud = records.table("calls").collect()["caller"].value_counts(sort=True)["caller"].head(3)
    hidden = spread(records, "sim:" + loud)
    before, after = (told.table("calls").collect() for told in (records, hidden))
    assert after.select("callee", "at", "kind").equals(before.select("callee", "at", "kind"))
    share = after.filter(pl.col("caller").is_in(loud.implode())).height
    whole = before.filter(pl.col("caller").is_in(loud.implode())).height
    assert abs(share - whole / CARDS) < 0.1 * whole
    cards = set(after["caller"]) - set(before["caller"])
    assert len(cards) == 3 * (CARDS - 1) and cards <= set(hidden.table("sims").collect()["number"])


def test_older_accounts_are_older_and_nothing_else(records, guilty) -> None:
    before, after = (told.table("accounts").collect() for told in (records, aged(records, guilty)))
    earlier = before["opened_at"] - after["opened_at"]
    assert set(earlier.drop_nulls()) == {timedelta(0), AGE} and (earlier == AGE).sum() >= 0.9 * len(guilty)
    assert after.drop("opened_at").equals(before.drop("opened_at"))


def test_the_recall_lost_is_told_and_hiding_does_not_hide_most(demo: Demo, records, guilty, record_property) -> None:
    """Everybody guilty pays in parts through older accounts; whoever paid them and what is around them stays."""
    moment = start_of_day(date.fromisoformat(demo.told["run"]["as_of"]))
    model = load(demo.models["account"])

    def first(told: Records) -> set[str]:
        matrix = matrix_of(describe(link(told, moment), Cut(moment, ("account",))), "account")
        raw = pl.Series(model.raw(matrix.frame.select(model.names), threads=1))
        return set(matrix.frame["entity_id"].gather(raw.arg_sort(descending=True).head(places(0.05, len(raw)))))

    open_, hidden = (first(told) & set(guilty) for told in (records, aged(structured(records, guilty), guilty)))
    told = f"{len(open_)} guilty accounts in the first 5 %, {len(hidden)} when all pay in parts through older accounts"
    record_property("T21", told)
    assert len(open_) >= 10
    assert len(hidden) >= 0.4 * len(open_)
