"""Eight reviewers, restarts and forms sent twice, all drawn from one seed: the same seed tells the same story."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office import START, open_office, settled, subject

from fraudnet.review import holding
from fraudnet.review.deciding import Judgement, Office, decide
from fraudnet.review.standing import all_standing, waiting
from fraudnet.store.audit import verify
from fraudnet.store.dispositions import DECISION, dispositions
from lengths import lasting

NAMES = [f"r{i}" for i in range(7)] + ["lead"]
ITEMS = {f"account:b:{i}": "AB"[i % 2] if i % 4 == 0 else "D" for i in range(25)}
STEPS = lasting(220, 4_000)


def story(folder: Path, seed: int) -> list[tuple[object, ...]]:
    """What happens, step by step: who did what to which item, and what came of it."""
    chance = random.Random(seed)
    office = open_office(folder)
    told: list[tuple[object, ...]] = []
    sent: tuple[str, str, Judgement] | None = None
    for _ in range(STEPS):
        office = replace(office, now=office.now + timedelta(seconds=chance.randrange(-30, 400)))
        act = chance.choices(("decide", "again", "take", "skip", "hand", "restart"), (10, 2, 4, 1, 1, 1))[0]
        name, item = chance.choice(NAMES), chance.choice(sorted(ITEMS))
        signer = settled(office, name, "lead" if name == "lead" else "analyst")
        if act == "restart":
            office.store.close()
            office.desk.close()
            office = open_office(folder, office.now)
            told.append((act,))
        elif act == "take":
            told.append((act, name, item, holding.take(office.desk, item, name, office.now).user))
        elif act == "skip":
            holding.skip(office.desk, item, name, office.now)
        elif act == "hand":
            holding.hand_over(office.desk, holding.Handover(item, name, "lead", "leave", False), office.now)
        else:
            if act == "decide" or sent is None:
                outcome, role = chance.choice(
                    (("confirmed", "knowing_mule"), ("cleared", "good_faith"), ("unsure", None))
                )
                found = all_standing(office.desk, item).get(item)
                sent = name, item, Judgement(outcome, role, found.round if found else 0)
            who, what, judgement = sent
            signer = settled(office, who, "lead" if who == "lead" else "analyst")
            result = decide(office, signer, subject(what, ITEMS[what]), judgement)
            told.append((act, who, what, judgement.outcome, result.what, result.number, result.by, result.reason))
    return [*told, *_end(office)]


def _end(office: Office) -> list[tuple[object, ...]]:
    assert verify(office.store).whole
    rounds = [(e.body["entity"], e.key) for e in office.store.events(DECISION)]
    assert len(set(rounds)) == len(rounds)
    rows = dispositions(office.store, START + timedelta(days=30)).rows()
    return [*rows, tuple(sorted(all_standing(office.desk).items())), tuple(sorted(waiting(office.desk).items()))]


@pytest.mark.parametrize("seed", lasting([11, 12], list(range(11, 19))))
def test_the_same_seed_tells_the_same_story(tmp_path: Path, seed: int) -> None:
    first = story(tmp_path / "first", seed)
    assert story(tmp_path / "second", seed) == first
    what = {step[4] for step in first if len(step) == 8}
    assert {"decided", "conflict", "waits"} <= what


def test_another_seed_tells_another(tmp_path: Path) -> None:
    assert story(tmp_path / "first", 1) != story(tmp_path / "second", 2)
