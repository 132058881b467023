"""Regular pay from one organisation, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest
from keyed import ago, row

DAY = 1_440
WORKER, FRIEND, FIRM, SHOP, OF_FIRM, BODY = range(6)
PEOPLE = [{}, {}, {}, {}, {"holder": BODY}, {"kind": "identity"}]
ACCOUNTS = [
    {"entity": WORKER, "kind": "personal"}, {"entity": FRIEND, "kind": "personal"}, {"entity": FIRM, "kind": "corporate"},
    {"entity": SHOP, "kind": "merchant"}, {"entity": OF_FIRM, "kind": "personal"},
]  # fmt: skip


def pay(days: float, amount: int = 7_000_000, payer: int = FIRM) -> dict[str, Any]:
    return {"transfer_id": f"{payer}-{days}", "payer": payer, "payee": WORKER, "at": ago(days * DAY), "amount": amount}


def months(*transfers: dict[str, Any], **tables: Any) -> int | None:
    return row("salary", PEOPLE, WORKER, **{"accounts": ACCOUNTS, **tables}, transfers=list(transfers))["salary_months"]


def wages(n: int, payer: int = FIRM) -> list[dict[str, Any]]:
    return [pay(5 + 30 * spell, 7_000_000 + 400_000 * (spell % 3), payer) for spell in range(n)]


@pytest.mark.parametrize("n", [0, 1, 7, 12])
def test_a_wage_counts_once_a_month_for_a_year(n: int) -> None:
    assert months(*wages(n)) == n


def test_only_the_last_twelve_months_count() -> None:
    assert months(*wages(15)) == 12


def test_people_and_shops_pay_no_wages() -> None:
    assert months(*wages(9, FRIEND)) == 0 and months(*wages(9, SHOP)) == 0


def test_an_organisation_may_also_show_in_the_identities() -> None:
    body = [{"entity": BODY, "kind": "organisation"}]
    assert months(*wages(6, OF_FIRM), identities=body) == 6
    assert months(*wages(6, OF_FIRM), identities=[{"entity": BODY, "kind": "person"}]) == 0


def test_an_advance_and_the_rest_are_one_month_but_daily_settlement_is_none() -> None:
    twice = [pay(12 + 30 * spell, 6_000_000) for spell in range(5)]
    assert months(*wages(5), *twice) == 5
    assert months(*[pay(day + 0.5) for day in range(300)]) == 0


def test_sums_that_differ_wildly_are_no_wage() -> None:
    odd = [pay(5 + 30 * spell, (8_000_000, 1_000_000, 60_000_000)[spell % 3]) for spell in range(9)]
    assert months(*odd) == 3
    assert months(*wages(8), pay(5 + 30 * 8, 90_000_000)) == 8, "a bonus takes only its own month away"


def test_whoever_left_gets_no_wage_any_more() -> None:
    assert months(*wages(10)[1:]) == 9, "35 days ago: the next payday may be near"
    assert months(*wages(10)[2:]) == 0


def test_the_steadiest_of_several_payers_counts_and_none_are_added() -> None:
    corporate = [*ACCOUNTS[:3], {"entity": SHOP, "kind": "corporate"}, ACCOUNTS[4]]
    assert months(*wages(7), *wages(4, SHOP), accounts=corporate) == 7


def test_unknown_without_transfers_and_without_anybodys_kind() -> None:
    assert row("salary", PEOPLE, WORKER, accounts=ACCOUNTS)["salary_months"] is None
    assert row("salary", PEOPLE, WORKER, transfers=wages(7))["salary_months"] is None
