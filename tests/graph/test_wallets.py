"""A wallet whose number is a phone number is used from that SIM, for as long as it is open, and is nobody's identity."""

from __future__ import annotations

import polars as pl
import pytest
from graph_drops import day, drop

from fraudnet.graph.link import link


def records(institution: str, number: str, **more: object) -> object:
    account = {"institution": institution, "account_number": number, "opened_at": day(5), "closed_at": day(40), **more}
    sims = [{"institution": "45204", "number": "84901234567", "valid_from": day(0), "holder_name": "TRAN VAN B"}]
    wallets = [{"institution": "VI_A", "kind": "wallet"}, {"institution": "970436", "kind": "bank"}]
    return drop(accounts=[{"holder_name": "LE THI A", **account}], sims=sims, institutions=wallets)


def registered(found: object) -> list[tuple]:
    named = found.nodes.select("node", "entity_id").collect()
    ties = found.links.filter(pl.col("kind").cast(pl.String) == "registered_phone").collect()
    both = ties.join(named, left_on="source", right_on="node").join(
        named, left_on="target", right_on="node", suffix="_2"
    )
    return both.select("entity_id", "entity_id_2", "valid_from", "valid_to").rows()


@pytest.mark.parametrize("spelling", ["0901234567", "84901234567", "+84 90 123 45 67", "901234567"])
def test_the_number_of_a_wallet_is_a_dated_use_of_the_sim(spelling: str) -> None:
    (tie,) = registered(link(records("VI_A", spelling), day(60)))
    assert tie[0].startswith("account:VI_A:") and tie[1].startswith("sim:84901234567@")
    assert tie[2:] == (day(5), day(40))


def test_a_wallet_by_its_own_kind_links_and_a_bank_account_does_not() -> None:
    assert len(registered(link(records("970415", "0901234567", kind="wallet"), day(60)))) == 1
    assert registered(link(records("970436", "0901234567"), day(60))) == []
    assert registered(link(records("VI_A", "1234567"), day(60))) == []


def test_a_named_phone_goes_before_the_number_and_nobody_is_taken_for_another() -> None:
    (tie,) = registered(link(records("VI_A", "0901234567", phone="84987654321"), day(60)))
    assert tie[1].startswith("sim:84987654321")
    people = link(records("VI_A", "0901234567"), day(60)).identities.collect()
    assert people.height == 2 and people["entity_id"].n_unique() == 2
