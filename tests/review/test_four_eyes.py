"""Two signatures of one person do not reach a top grade: eight ways, none of them works."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office import START, open_office, said, settled, subject

from fraudnet.review.deciding import Office, decide
from fraudnet.review.four_eyes import Signer, not_confirmable
from fraudnet.review.people import Wanted, add, confirm, person, set_active, set_password, set_role
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


def test_after_a_day_an_account_that_the_first_made_counts_once_somebody_else_confirmed_it(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    _made_by_the_first(office)
    confirm(office.desk, "ghost", "auditor", RECENT)
    second = _again(office, "ghost")
    decide(office, settled(office, "bao"), subject("account:b:1", "B"), said())
    later = replace(office, now=RECENT + timedelta(hours=24, minutes=1))
    assert decide(later, second, subject("account:b:1", "B"), said()).what == "decided"


def _ghosts(office: Office) -> None:
    """What one admin alone can make: two analysts and a lead, months ago, with passwords that the admin chose."""
    add(office.desk, Wanted("auditor", "Auditor", "auditor"), "hash", "first start", START - timedelta(days=300))
    set_password(office.desk, "auditor", "hash", "auditor", START - timedelta(days=300))
    confirm(office.desk, "auditor", "first start", START - timedelta(days=300))
    for name, role in (("g1", "analyst"), ("g2", "analyst"), ("g3", "lead")):
        add(office.desk, Wanted(name, name, role), "hash", "admin", START - timedelta(days=200))
        set_password(office.desk, name, "hash", name, START - timedelta(days=200))


def _confirmed(office: Office, name: str, by: str) -> bool:
    one, other = person(office.desk, name), person(office.desk, by)
    assert one is not None and other is not None
    if not_confirmable(one, other) is not None:
        return False
    confirm(office.desk, name, by, office.now)
    return True


def _with_a_lead_of_ones_own(office: Office) -> bool:
    return _confirmed(office, "g1", "g3") or _confirmed(office, "g3", "g1")


def _with_the_auditors_password(office: Office) -> bool:
    set_password(office.desk, "auditor", "hash", "admin", START - timedelta(days=100))
    set_password(office.desk, "auditor", "hash", "auditor", START - timedelta(days=100))
    return _confirmed(office, "g1", "auditor")


def _with_an_auditor_of_ones_own(office: Office) -> bool:
    add(office.desk, Wanted("g4", "g4", "auditor"), "hash", "admin", START - timedelta(days=200))
    return _confirmed(office, "g1", "g4") or _confirmed(office, "g4", "g3")


def _with_a_new_role_for_a_confirmed_clerk(office: Office) -> bool:
    settled(office, "clerk", "auditor")
    set_role(office.desk, "clerk", "lead", "admin", START - timedelta(days=90))
    return _confirmed(office, "g1", "clerk")


ALONE = (lambda _: False, _with_a_lead_of_ones_own, _with_the_auditors_password, _with_an_auditor_of_ones_own,
         _with_a_new_role_for_a_confirmed_clerk)  # fmt: skip


@pytest.mark.parametrize("help_", ALONE)
def test_accounts_that_one_admin_made_and_uses_from_several_machines_are_one_person(tmp_path: Path, help_) -> None:
    office = open_office(tmp_path)
    _ghosts(office)
    assert not help_(office)
    top = subject("account:b:1", "A")
    for names in (("g1", "g2"), ("g2", "g3"), ("g3", "g1")):
        for name in names:
            result = decide(office, _again(office, name, f"session {name}", f"machine {name}"), top, said())
            assert (result.what, result.reason) == ("refused", "unconfirmed")
            office.desk.write("DELETE FROM locks")
    assert decide(office, settled(office, "bao"), top, said()).what == "waits"
    office.desk.write("DELETE FROM locks")
    assert decide(office, _again(office, "g1"), top, said()).reason == "unconfirmed"
    assert not list(office.store.events(DECISION))
    real = person(office.desk, "auditor")
    if real is not None and real.confirmed_by:
        assert _confirmed(office, "g1", "auditor")
        assert decide(office, _again(office, "g1"), top, said()).what == "decided"


def test_an_auditor_does_not_sign(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    decide(office, settled(office, "bao"), subject("account:b:1", "A"), said())
    assert decide(office, settled(office, "clerk", "auditor"), subject("account:b:1", "A"), said()).reason == "role"
