"""T35: an institution's clearings teach only after the police read a random part of them again."""

from __future__ import annotations

import pytest
from tiny_linked import T0, Tiny, day

from fraudnet.labels.population import population
from fraudnet.labels.rereading import rereadings
from fraudnet.labels.target import labels
from fraudnet.settings import Settings

OWN = {"decided_by": "bank", "basis": "own_documents"}
LOT = {"decided_by": "police", "basis": "police_file", "selected_by": "random"}


def world(cleared: int, re_read: int, overturned: int = 0, bank: str = "A") -> Tiny:
    made = Tiny()
    for number in range(cleared):
        account = f"account:{bank}:{number:03}"
        made.add(account, institution=bank).decide(account, "cleared", day(5), **OWN)
        if number < re_read:
            made.decide(account, "confirmed" if number < overturned else "cleared", day(9), **LOT)
    return made


def taught(made: Tiny) -> tuple[int, int, dict[str, int]]:
    """Reviewed negatives, positives, and what was left out."""
    known, people = made.build(day(200)), population(made.build(T0), "account")[0]
    found, left = labels(known, people, "account", T0, Settings())
    reviewed = found.filter("reviewed")
    return int((reviewed["y"] == 0).sum()), int(found["y"].sum()), dict(left.select("reason", "n").iter_rows())


@pytest.mark.parametrize(
    ("cleared", "re_read", "trusted"),
    [(40, 0, False), (40, 4, False), (40, 5, True), (60, 5, False), (60, 6, True), (4, 4, False), (5, 5, True)],
)
def test_a_tenth_and_at_least_five_must_be_read_again(cleared: int, re_read: int, trusted: bool) -> None:
    made = world(cleared, re_read)
    assert rereadings(made.build(day(200))).collect().row(0) == ("A", cleared, re_read, 0, trusted)
    negatives, positives, left = taught(made)
    assert (negatives, positives) == (cleared if trusted else re_read, 0)
    assert left.get("cleared_not_re_read", 0) == (0 if trusted else cleared - re_read)


@pytest.mark.parametrize(("overturned", "trusted"), [(2, True), (3, False)])
def test_a_bank_that_is_overturned_teaches_nothing_but_the_second_reading(overturned: int, trusted: bool) -> None:
    made = world(50, 10, overturned)
    negatives, positives, _ = taught(made)
    assert positives == overturned
    assert negatives == (50 - overturned if trusted else 10 - overturned)


def test_other_institutions_and_second_readings_that_nobody_drew_change_nothing() -> None:
    made = world(20, 5)
    for number in range(20):
        account = f"account:B:{number:03}"
        made.add(account, institution="B").decide(account, "cleared", day(5), **OWN)
        if number < 10:
            made.decide(account, "cleared", day(9), **{**LOT, "selected_by": "report"})
    assert rereadings(made.build(day(200))).collect()["trusted"].to_list() == [True, False]
    assert taught(made)[0] == 20 + 10


def test_a_second_reading_that_was_not_known_yet_opens_nothing() -> None:
    made = world(20, 5)
    known = made.build(day(8))  # the second readings became known on day 9
    found, _ = labels(known, population(made.build(T0), "account")[0], "account", T0, Settings())
    assert found.height == 0


def test_police_and_analysts_need_nobody_to_read_again() -> None:
    made = Tiny().add("account:A:1", institution="A").decide("account:A:1", "cleared", day(5), decided_by="analyst",
                                                             basis="own_review")  # fmt: skip
    assert taught(made)[0] == 1
