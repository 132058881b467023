from __future__ import annotations

import polars as pl
import pytest
from tiny_linked import T0, Tiny, day

from fraudnet.labels.population import population
from fraudnet.labels.target import labels
from fraudnet.settings import Settings

LATER = day(200)
A, B = "account:x:a", "account:x:b"


def answer(world: Tiny, kind: str = "account", later=LATER):
    people, _ = population(world.build(T0), kind)
    return labels(world.build(later), people, kind, T0, Settings())


def one(world: Tiny, kind: str = "account"):
    told, left_out = answer(world, kind)
    return (told.row(0, named=True) if told.height else None), dict(left_out.select("reason", "n").iter_rows())


def test_confirmed_inside_the_span_is_positive():
    row, _ = one(Tiny().add(A).decide(A, "confirmed", day(10), role="knowing_mule"))
    assert (row["y"], row["reviewed"], row["spared"], row["role"]) == (1, True, False, "knowing_mule")


@pytest.mark.parametrize(("known", "y"), [(0, 1), (89.9, 1), (90, 0), (150, 0)])
def test_confirmation_counts_from_the_snapshot_until_maturity(known, y):
    world = (
        Tiny().add(A).decide(A, "confirmed", day(known), role="controller", activity_from=day(-5), activity_to=day(5))
    )
    row, _ = one(world)
    assert row["y"] == y
    assert row["reviewed"] == (y == 1)


def test_confirmed_before_the_snapshot_is_not_in_the_population():
    world = Tiny().add(A, B).decide(A, "confirmed", day(-1), role="controller")
    people, left_out = population(world.build(T0), "account")
    assert people["entity_id"].to_list() == [B]
    assert left_out.rows() == [("account", "confirmed", 1)]


@pytest.mark.parametrize(
    ("begin", "end", "counts"),
    [(-100, -90, False), (-100, -89, True), (29, 40, True), (30, 40, False), (-200, 200, True)],
)
def test_fraud_must_overlap_the_span(begin, end, counts):
    world = Tiny().add(A)
    world.decide(A, "confirmed", day(60), role="controller", activity_from=day(begin), activity_to=day(end))
    row, left_out = one(world)
    assert (row is not None and row["y"] == 1) == counts
    assert left_out == ({} if counts else {"fraud_outside_the_span": 1})


def test_missing_activity_begins_ninety_days_before_the_decision():
    # Decided on day 89: [-1, 89) meets the span; no matter what came later.
    row, _ = one(Tiny().add(A).decide(A, "confirmed", day(89), role="controller"))
    assert row["y"] == 1


def test_missing_activity_begins_with_the_first_reported_event():
    world = Tiny().add(A).decide(A, "confirmed", day(80), role="controller")
    world.report(A, day(50), event_at=day(45)).report(A, day(60), event_at=day(40))
    row, left_out = one(world)
    assert row is None
    assert left_out == {"fraud_outside_the_span": 1}


@pytest.mark.parametrize("basis", ["list_only", "derived"])
def test_echoes_are_never_labels(basis):
    row, _ = one(Tiny().add(A).decide(A, "confirmed", day(5), role="controller", basis=basis))
    assert (row["y"], row["reviewed"]) == (0, False)


def test_nobody_decided_is_presumed_honest():
    row, _ = one(Tiny().add(A))
    assert (row["y"], row["reviewed"], row["cluster"]) == (0, False, A)


def test_cleared_by_own_inquiry_is_a_reviewed_negative_and_by_hearsay_is_left_out():
    row, _ = one(Tiny().add(A).decide(A, "cleared", day(5)))
    assert (row["y"], row["reviewed"]) == (0, True)
    hearsay = Tiny().add(A).decide(A, "cleared", day(5), decided_by="bank", basis="customer_statement")
    assert one(hearsay) == (None, {"cleared_not_re_read": 1})
    reread = hearsay.decide(A, "cleared", day(9))
    assert one(reread)[0]["reviewed"]


@pytest.mark.parametrize("role", ["victim", "good_faith"])
def test_victims_and_good_faith_are_spared_and_unsure_is_left_out(role):
    row, _ = one(Tiny().add(A).decide(A, "cleared", day(5), role=role))
    assert (row["y"], row["spared"], row["reviewed"]) == (0, True, True)
    assert one(Tiny().add(A).decide(A, "unsure", day(5))) == (None, {"unsure": 1})


ORDER = [("police", "police_file"), ("bank", "own_documents"), ("analyst", "own_review"), ("operator", "own_documents")]


@pytest.mark.parametrize("better", range(3))
@pytest.mark.parametrize("confirmed_by_better", [True, False])
def test_conflict_precedence(better, confirmed_by_better):
    outcomes = ("confirmed", "cleared") if confirmed_by_better else ("cleared", "confirmed")
    world = Tiny().add(A)
    for outcome, (by, basis), at in zip(outcomes, (ORDER[better], ORDER[better + 1]), (5, 20), strict=True):
        world.decide(A, outcome, day(at), decided_by=by, basis=basis)
    row, left = one(world)
    if row is None:  # what stands is a bank's clearing, and nobody re-read any of them
        assert (ORDER[better][0], confirmed_by_better, left) == ("bank", False, {"cleared_not_re_read": 1})
    else:
        assert (row["y"] == 1) == confirmed_by_better


@pytest.mark.parametrize("order", [("confirmed", "cleared"), ("cleared", "confirmed")])
def test_among_equals_the_latest_wins(order):
    world = Tiny().add(A).decide(A, order[0], day(5)).decide(A, order[1], day(6))
    assert one(world)[0]["y"] == (order[1] == "confirmed")


def test_a_later_clearing_takes_the_confirmation_back():
    world = Tiny().add(A).decide(A, "confirmed", day(5), decided_by="bank", basis="own_documents")
    world.decide(A, "cleared", day(120))
    assert one(world)[0]["y"] == 0
    people, _ = population(world.build(T0), "account")
    early, _ = labels(world.build(day(100)), people, "account", T0, Settings())
    assert early["y"].to_list() == [1]


def test_nothing_known_at_or_after_the_later_moment_matters():
    world = Tiny().add(A).decide(A, "confirmed", day(50), role="controller")
    people, _ = population(world.build(T0), "account")
    told, _ = labels(world.build(day(50)), people, "account", T0, Settings())
    assert told["y"].to_list() == [0]


def test_population_reasons_are_counted():
    world = Tiny().add(A).add(B, listed=False)
    world.add("account:x:c", valid_from=day(0)).add("account:x:d", valid_to=day(0))
    world.add("account:x:e", valid_from=day(-1), valid_to=day(1)).add("sim:849@?")
    people, left_out = population(world.build(T0), "account")
    assert people["entity_id"].to_list() == [A, "account:x:e"]
    assert dict(left_out.select("reason", "n").iter_rows()) == {"not_listed": 1, "not_yet_open": 1, "ended": 1}


def test_cleared_stay_in_the_population():
    people, _ = population(Tiny().add(A).decide(A, "cleared", day(-5)).build(T0), "account")
    assert people.height == 1


PERSON = "identity:p1"


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (("knowing_mule", "controller"), (1, "controller")),
        (("knowing_mule", "misled_mule"), (1, "knowing_mule")),
        (("misled_mule", "misled_mule"), (0, None)),
    ],
)
def test_identity_inherits_the_gravest_of_its_things(roles, expected):
    world = Tiny().add(PERSON).add(A, holder=PERSON).add("sim:849@?", holder=PERSON)
    for entity, role in zip((A, "sim:849@?"), roles, strict=True):
        world.decide(entity, "confirmed", day(5), role=role)
    row, _ = one(world, "identity")
    assert (row["y"], row["role"]) == expected


def test_an_identitys_own_decision_comes_first():
    world = (
        Tiny()
        .add(PERSON)
        .add(A, holder=PERSON)
        .decide(A, "confirmed", day(5), role="controller")
        .decide(PERSON, "cleared", day(6))
    )
    row, _ = one(world, "identity")
    assert (row["y"], row["reviewed"]) == (0, True)


def test_identity_with_a_confirmed_account_is_no_longer_asked_about():
    world = Tiny().add(PERSON).add(A, holder=PERSON).decide(A, "confirmed", day(-5), role="controller")
    people, left_out = population(world.build(T0), "identity")
    assert people.height == 0
    assert left_out["reason"].to_list() == ["confirmed_by_holdings"]


def test_undated_sets_have_one_snapshot_of_the_labelled_with_declared_folds():
    names = [f"account:x:{n}" for n in range(4)]
    world = Tiny(dated=False).add(*names)
    never = {"decided_at": None, "known_at": day(-900), "decided_by": None, "basis": None}
    world.decide(names[0], "confirmed", day(0), **never).decide(names[1], "cleared", day(0), **never)
    world.decide(names[2], "unsure", day(0), **never)
    world.split(names[0], "train").split(names[1], "test")
    linked = world.build(day(1))
    people, left_out = population(linked, "account")
    told, _ = labels(linked, people, "account", day(1), Settings())
    assert told.select("entity_id", "y", "fold").rows() == [(names[0], 1, "train"), (names[1], 0, "test")]
    assert left_out.rows() == [("account", "no_label", 2)]


def test_row_order_changes_no_label():
    world = Tiny().add(A, B)
    for n in range(6):
        world.decide([A, B][n % 2], ["confirmed", "cleared", "confirmed"][n % 3], day(n % 3), role=None)
    told, _ = answer(world)
    world.rows["dispositions"].reverse()
    again, _ = answer(world)
    assert told.equals(again)


def test_labels_meet_entities_by_id_not_by_node():
    world = Tiny().add(B)
    people, _ = population(world.build(T0), "account")
    grown = Tiny().add(A, B).decide(B, "confirmed", day(3), role="controller").build(LATER)
    told, _ = labels(grown, people, "account", T0, Settings())
    assert told.select("entity_id", "y").rows() == [(B, 1)]
    gone, left_out = labels(Tiny().add(A).build(LATER), people, "account", T0, Settings())
    assert gone.height == 0
    assert left_out["reason"].to_list() == ["not_found_later"]
    assert isinstance(told.schema["y"], pl.Int8)
