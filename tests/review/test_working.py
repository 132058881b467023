"""Locks end, drafts stay, items are handed over; queue, kappa, pace, openings and what falls."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import START, open_office, settled
from sklearn.metrics import cohen_kappa_score

from fraudnet.review import holding
from fraudnet.review.openings import OPENED, Opening, log_opening, unusual
from fraudnet.review.pace import paces
from fraudnet.review.queue import honest, queued, valued
from fraudnet.review.second_readings import by_unit, kappa
from fraudnet.review.standing import SECOND_READING
from fraudnet.review.withdrawal import falling
from fraudnet.store.dispositions import DECISION
from fraudnet.store.event import BEGINNING, Event


def test_a_lock_ends_after_thirty_minutes(tmp_path: Path) -> None:
    desk = open_office(tmp_path).desk
    assert holding.take(desk, "a", "bao", START).user == "bao"
    assert holding.take(desk, "a", "an", START + timedelta(minutes=29)).user == "bao"
    assert holding.take(desk, "a", "an", START + timedelta(minutes=31)).user == "an"


def test_ones_own_lock_goes_on_from_its_beginning(tmp_path: Path) -> None:
    desk = open_office(tmp_path).desk
    holding.take(desk, "a", "bao", START)
    again = holding.take(desk, "a", "bao", START + timedelta(minutes=20))
    assert (again.since, again.until) == (START, START + timedelta(minutes=50))


def test_a_handed_over_item_is_its_receivers_and_the_draft_stays(tmp_path: Path) -> None:
    desk = open_office(tmp_path).desk
    holding.take(desk, "a", "bao", START)
    holding.keep_draft(desk, "a", "bao", {"answer": "half a sentence"}, START)
    holding.hand_over(desk, holding.Handover("a", "bao", "an", "on leave", False), START)
    assert not holding.accept(desk, "a", "chi")
    assert [one.item for one in holding.given_to(desk, "an")] == ["a"]
    assert holding.accept(desk, "a", "an")
    assert holding.take(desk, "a", "bao", START).user == "an"
    assert holding.take(desk, "a", "an", START).user == "an"
    kept = holding.draft(desk, "a", "bao")
    assert kept is not None and kept[0] == {"answer": "half a sentence"}


def test_a_skipped_item_comes_back_tomorrow(tmp_path: Path) -> None:
    desk = open_office(tmp_path).desk
    holding.skip(desk, "a", "bao", START)
    assert holding.skipped(desk, "bao", START + timedelta(hours=23)) == {"a"}
    assert holding.skipped(desk, "bao", START + timedelta(hours=25)) == set()


def _scores(n: int, seed: int) -> pl.DataFrame:
    chance = random.Random(seed)
    rows = [(f"account:b:{i:05d}", chance.random(), chance.randrange(10**9), i % 5 == 0) for i in range(n)]
    return pl.DataFrame(rows, schema=["entity_id", "probability", "at_risk", "flagged"], orient="row")


@pytest.mark.parametrize("seed", range(5))
def test_the_queue_holds_every_flag_and_an_audit_that_cannot_be_told(seed: int) -> None:
    made = queued(valued(_scores(1000, seed)), f"run {seed}")
    queue = made.filter(pl.col("place").is_not_null()).sort("place")
    audit = queue.filter(pl.col("selected_by") == "random")
    assert queue["place"].to_list() == list(range(1, queue.height + 1))
    assert set(queue["entity_id"]) >= set(made.filter("flagged")["entity_id"])
    assert audit.height == 4 and not audit["flagged"].any() and audit["blind"].all()
    assert queue.filter("blind", "flagged").height == audit.height
    ranked = queue.filter("flagged")["value"].to_list()
    assert ranked == sorted(ranked, reverse=True)


def test_the_queue_depends_on_the_run_alone() -> None:
    scores = valued(_scores(500, 1))
    first = queued(scores, "run").sort("entity_id")
    second = queued(scores.sample(fraction=1.0, shuffle=True, seed=3), "run").sort("entity_id")
    assert first.equals(second.select(first.columns))
    other = queued(scores, "another run").sort("entity_id")
    assert not first["blind"].equals(other["blind"])


@given(st.lists(st.floats(0.01, 0.99), max_size=80))
def test_squares_are_people(chances: list[float]) -> None:
    found = honest(pl.Series(chances, dtype=pl.Float64))
    assert sum(found.squares) == len(chances) and min(found.squares) >= 0
    assert found.low <= found.expected <= found.high


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=60))
def test_kappa_is_cohens(pairs: list[tuple[str, str]]) -> None:
    found = kappa(pairs)
    if found.kappa is None:
        assert len({a for a, _ in pairs} | {b for _, b in pairs}) == 1
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)), abs=1e-9)
        assert found.low is not None and found.high is not None and found.low <= found.kappa <= found.high


def test_the_interval_of_kappa_covers_resamples() -> None:
    chance = random.Random(1)
    pairs = [(a, a if chance.random() < 0.8 else chance.choice("xyz")) for a in chance.choices("xyz", k=300)]
    found = kappa(pairs)
    values = sorted(kappa(chance.choices(pairs, k=300)).kappa or 0.0 for _ in range(400))
    assert found.low == pytest.approx(values[10], abs=0.03) and found.high == pytest.approx(values[389], abs=0.03)


def _event(number: int, kind: str, actor: str, body: dict, at: datetime = START) -> Event:
    return Event(number, at, kind, actor, str(number), body, "", BEGINNING, BEGINNING)


def test_agreement_is_counted_by_unit() -> None:
    events = [
        _event(i, SECOND_READING, "an", {"unit": "one" if i % 2 else "two", "outcomes": ["confirmed", "cleared"]})
        for i in range(1, 6)
    ]
    assert {unit: found.n for unit, found in by_unit(events).items()} == {"one": 3, "two": 2}


def test_the_hasty_and_the_obedient_are_shown() -> None:
    def decisions(name: str, seconds: int, agreeing: int) -> list[Event]:
        return [
            _event(i, DECISION, name, {"outcome": "confirmed" if i < agreeing else "cleared", "entity": f"{name}{i}",
                                       "references": {"by": "console", "seconds": str(seconds), "leans": "fraud"}})
            for i in range(100)
        ]  # fmt: skip

    found = {p.name: p for p in paces([*decisions("hasty", 8, 70), *decisions("obedient", 90, 99),
                                       *decisions("calm", 90, 70)])}  # fmt: skip
    assert (found["hasty"].too_fast, found["hasty"].too_agreeing) == (True, False)
    assert (found["obedient"].too_fast, found["obedient"].too_agreeing) == (False, True)
    assert (found["calm"].too_fast, found["calm"].too_agreeing) == (False, False)


def test_curious_openings_are_what_the_auditor_sees_first() -> None:
    chance = random.Random(4)
    names = [f"r{i}" for i in range(12)]
    events, curious, number = [], [], 0
    for day in range(10):
        morning = datetime(2026, 11, 2 + day, 1, tzinfo=UTC)
        for _ in range(1000):
            number += 1
            who, entity = chance.choice(names), f"account:b:{number}"
            at = morning + timedelta(minutes=chance.randrange(600))
            assigned = chance.random() < 0.998
            body = {"way": "page", "entities": [entity], "purpose": "case", "assigned": assigned, "free": not assigned}
            events.append(_event(number, OPENED, who, body, at))
            if assigned or chance.random() < 0.8:
                number += 1
                events.append(_event(number, DECISION, who, {"entity": entity, "references": {}}, at))
        for _ in range(3):
            number += 1
            at = morning + timedelta(minutes=chance.randrange(900))
            body = {
                "way": "search",
                "entities": [f"account:x:{number}"],
                "purpose": "case",
                "assigned": False,
                "free": True,
            }
            events.append(_event(number, OPENED, "r3", body, at))
            curious.append(number)
    shown = set()
    for day in range(10):
        of_day = [event for event in events if event.at.day == 2 + day]
        shown |= {one.event.number for one in unusual(of_day)[:20]}
    assert len(shown & set(curious)) >= 27


def test_an_opening_is_an_event_and_its_words_are_sealed(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    settled(office, "bao")
    log_opening(office.store, Opening("page", ("account:b:1",), "free:x", False, "neighbour of mine"), "bao", START)
    event = next(office.store.events(OPENED))
    assert event.actor == "bao" and "neighbour" not in str(event.body)
    assert office.store.texts(event.number) == {"purpose": "neighbour of mine"}


@pytest.mark.parametrize("seed", range(20))
def test_what_falls_is_what_rests_on_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    rows = []
    for node in range(12):
        for _ in range(chance.randrange(0, 4)):
            kind = chance.choice(("seed", "seed", "report", "own"))
            rows.append((node, kind, chance.choice(("e", "f", "g")), "b", 1.0))
    support = pl.DataFrame(rows, schema=["node", "kind", "ref_id", "basis", "weight"], orient="row")
    items = pl.DataFrame({"node": list(range(12)), "flagged": [node % 3 != 0 for node in range(12)]})
    found = {one.node: (one.falls, one.others) for one in falling(support, items, "e")}
    expected = {}
    for node in range(12):
        mine = [row for row in rows if row[0] == node]
        left = [row for row in mine if not (row[1] == "seed" and row[2] == "e")]
        if node % 3 != 0 and len(left) < len(mine):
            expected[node] = (not left, len(left))
    assert found == expected
