"""False complaints: money sent and then reported, five complaints of one group, complaints about nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

import polars as pl
from tiny_linked import Tiny, day

from fraudnet.contracts.drop import RECORDS
from fraudnet.contracts.grades import BANDS, TABLE
from fraudnet.contracts.graph import Linked
from fraudnet.labels.statements import statements
from fraudnet.scoring.grades import strongest

ACCUSED, SIM = "account:x:0", "sim:84:1"
PAYERS = tuple(f"account:y:{n}" for n in range(5))
LOWEST = [TABLE["model", band].grade for band in BANDS]


def built(world: Tiny, paid: list[tuple[str, str, str, datetime]]) -> Linked:
    """paid: transfer_id, payer, payee, moment; always 100,000 đồng."""
    linked = world.build(day(9))
    ids = sorted(world.nodes)
    types = {name: column.dtype for name, column in RECORDS["transfers"].columns().items()}
    types |= {"payer": pl.Int64, "payee": pl.Int64}
    rows = [
        {"source": "bank", "row_id": f"t:{n}", "transfer_id": key, "payer": ids.index(payer), "payee": ids.index(payee),
         "amount": 100_000, "currency": "VND", "at": at, "known_at": at}
        for n, (key, payer, payee, at) in enumerate(paid)
    ]  # fmt: skip
    table = pl.DataFrame(rows, schema=types).lazy()
    return replace(linked, records=linked.records.with_tables(transfers=table))


def complained(world: Tiny, *whom: str, keys: bool = True) -> list[tuple[str, str, str, datetime]]:
    """Each payer sends money to the accused and reports it on the next day."""
    paid = []
    for n, payer in enumerate(whom):
        paid.append((f"T{n}", payer, ACCUSED, day(1 + n / 10)))
        more = {"complainant_key": f"key {payer}"} if keys else {}
        world.report(ACCUSED, day(2 + n / 10), transfer_id=f"T{n}", **more)
    return paid


def sources(linked: Linked, entity: str = ACCUSED) -> list[str]:
    found = statements(linked).join(linked.nodes.select("node", "entity_id").collect(), on="node")
    return sorted(found.filter(pl.col("entity_id") == entity)["source"])


def group(joined_by: str) -> Tiny:
    """Five payers who share a person, a device, an address, or nothing."""
    world = Tiny().add(ACCUSED, SIM, "device:d:1", "identity:y:p")
    world.add(*PAYERS, **({"holder": "identity:y:p"} if joined_by == "person" else {}))
    if joined_by == "device":
        for payer in PAYERS:
            world.link(payer, "device:d:1")
    if joined_by == "household":
        for n, payer in enumerate(PAYERS):
            person = f"identity:y:q{n}"
            world.add(person).add(payer, holder=person)
            facts = {"source_id": person, "commune": "00001", "address": "12 phố Bịa", "known_at": day(-9)}
            world._row("identities", person, facts)
    return world


def test_five_complaints_of_one_group_count_as_one_and_of_five_strangers_as_five():
    counts = {}
    for joined_by in ("person", "device", "household", "nothing"):
        for keys in (True, False):
            world = group(joined_by)
            counts[joined_by, keys] = sources(built(world, complained(world, *PAYERS, keys=keys))).count("victim")
    assert counts == {(by, keys): 5 if by == "nothing" else 1 for by, keys in counts}


def test_who_dealt_with_the_accused_before_is_no_victim_whoever_paid():
    for before in (("E", PAYERS[0], ACCUSED), ("E", ACCUSED, PAYERS[0])):
        world = group("nothing")
        paid = complained(world, PAYERS[0])
        assert sources(built(world, paid)) == ["victim"]
        assert sources(built(world, [*paid, (*before, day(1 - 90))])) == ["model"]
        assert sources(built(world, [*paid, (*before, day(1 - 89))])) == ["victim"]  # a fraud of some weeks


def test_one_group_is_not_two_voices_about_a_number():
    for joined_by, expected in (("device", "model"), ("nothing", "victim")):
        world = group(joined_by)
        paid = complained(world, *PAYERS)
        for payer in PAYERS:
            world.report(SIM, day(3), complainant_key=f"key {payer}")
        assert set(sources(built(world, paid), SIM)) == {expected}


def test_of_two_hundred_false_accusations_none_reaches_the_top_grade_and_none_about_nothing_leaves_the_lowest():
    draw, world, paid = random.Random(3), Tiny(), []
    matched: dict[str, bool] = {}
    for case in range(200):
        accused, thing = f"account:x:{case:03}", f"device:d:{case}"
        world.add(accused, thing)
        matched[accused] = draw.random() < 0.5
        for n in range(draw.randint(1, 5)):
            payer, key = f"account:y:{case}.{n}", f"{case}.{n}"
            world.add(payer).link(payer, thing)
            world.report(accused, day(2), transfer_id=key, complainant_key=key)
            if matched[accused]:
                paid.append((key, payer, accused, day(1)))
    linked = built(world, paid)
    found = dict(strongest(statements(linked), linked.nodes.collect()).rows())
    assert {found[accused] for accused, money in matched.items() if not money} == {"model"}
    assert {found[accused] for accused, money in matched.items() if money} == {"victim"}
    reachable = {accused: {TABLE[source, band].grade for band in BANDS} for accused, source in found.items()}
    assert sum("A" in reachable[accused] for accused in matched) == 0 and len(matched) == 200
    assert set(LOWEST).isdisjoint({"A", "B"})
