"""Two signatures of one person do not reach a top grade: eight ways, none of them works."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office import START, open_office, said, settled, subject

from fraudnet.review.deciding import Office, decide
from fraudnet.review.four_eyes import Signer
from fraudnet.review.people import Wanted, add, person, set_active, set_password, set_role
from fraudnet.store.dispositions import DECISION

RECENT = START - timedelta(hours=3)


def _again(office: Office, name: str, session: str = "another", address: str = "elsewhere") -> Signer:
    found = person(office.desk, name)
    assert found is not None
    return Signer(found, session, address)


def _same_account(office: Office) -> Signer:
    return _again(office, "bao")


def _same_session(office: Office) -> Signer:
    settled(office, "an")
    return _again(office, "an", session="session of bao")


def _same_address(office: Office) -> Signer:
    settled(office, "an")
    return _again(office, "an", address="address of bao")


def _made_by_the_first(office: Office) -> Signer:
    add(office.desk, Wanted("ghost", "Ghost", "analyst"), "hash", "bao", RECENT)
    set_password(office.desk, "ghost", "hash", "ghost", RECENT)
    return _again(office, "ghost")


def _reset_by_the_first(office: Office) -> Signer:
    settled(office, "an")
    set_password(office.desk, "an", "known to bao", "bao", RECENT)
    set_password(office.desk, "an", "hash", "an", RECENT)
    return _again(office, "an")


def _promoted_by_the_first(office: Office) -> Signer:
    settled(office, "clerk", "auditor")
    set_role(office.desk, "clerk", "lead", "bao", RECENT)
    return _again(office, "clerk")


def _one_time_password(office: Office) -> Signer:
    add(office.desk, Wanted("new", "New", "analyst"), "hash", "admin", START - timedelta(days=9))
    return _again(office, "new")


def _shut_or_without_the_role(office: Office) -> Signer:
    settled(office, "gone")
    set_active(office.desk, "gone", False)
    return _again(office, "gone")


WAYS = (_same_account, _same_session, _same_address, _made_by_the_first, _reset_by_the_first, _promoted_by_the_first,
        _one_time_password, _shut_or_without_the_role)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_no_way_around_the_second_person(tmp_path: Path, way) -> None:
    office = open_office(tmp_path)
    assert decide(office, settled(office, "bao"), subject("account:b:1", "B"), said()).what == "waits"
    result = decide(office, way(office), subject("account:b:1", "B"), said())
    assert result.what == "refused" and result.by == "bao"
    assert not list(office.store.events(DECISION))


def test_after_a_day_an_account_that_the_first_made_counts(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    second = _made_by_the_first(office)
    decide(office, settled(office, "bao"), subject("account:b:1", "B"), said())
    later = replace(office, now=RECENT + timedelta(hours=24, minutes=1))
    assert decide(later, second, subject("account:b:1", "B"), said()).what == "decided"


def test_an_auditor_does_not_sign(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    decide(office, settled(office, "bao"), subject("account:b:1", "A"), said())
    assert decide(office, settled(office, "clerk", "auditor"), subject("account:b:1", "A"), said()).reason == "role"
