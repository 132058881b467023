"""How much fraud, and how many honest look-alikes, a world gets; the typologies say what they look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.contracts.progress import Progress
from fraudnet.contracts.scene import Scene
from fraudnet.synthetic import clock
from fraudnet.synthetic.logs import ACCOUNT, SIM
from fraudnet.synthetic.stage import Savepoint, Stage, WorldTooSmallError
from fraudnet.typologies.typology import Typology

SIM_SHARE = 0.7  # of the share of accounts
ALIKES_PER_FRAUD = 3
RING_WINDOW_DAYS = 45
SPREAD_DAYS = 60  # rings closer than this count as crowding each other
MOST_ALIKE_GROUPS = 30  # per ring, however small the honest groups are
KINDS = {"account": ACCOUNT, "sim": SIM}


@dataclass(frozen=True)
class Planted:
    """Marked entities of one typology, fraud and look-alike."""

    rings: int
    fraud: int
    alike: int


def plant_all(stage: Stage, known: Sequence[Typology], share: float, progress: Progress) -> dict[str, Planted]:
    """Plant rings until the shares of accounts and SIMs are reached, then honest groups three times as many.

    A typology that needs more people than the world has is left out, and nothing of it stays behind.
    """
    rings = {typology.name: 0 for typology in known}
    budgets = {ACCOUNT: share * len(stage.held.accounts), SIM: SIM_SHARE * share * len(stage.held.sims)}
    for kind, budget in budgets.items():
        mine = [t for t in known if KINDS.get(t.kind, ACCOUNT) == kind]
        _plant_kind(stage, mine, kind, (budget, rings))
    for done, typology in enumerate(known):
        _plant_alikes(stage, typology, rings[typology.name])
        progress("planting look-alikes", done + 1, len(known))
    return {name: Planted(rings[name], *_counts(stage, name)) for name in rings}


def _plant_kind(stage: Stage, mine: list[Typology], kind: int, plan: tuple[float, dict[str, int]]) -> None:
    """Always the typology that has the least so far, in an order drawn once, until the budget is used."""
    budget, rings = plan
    waiting = [mine[i] for i in stage.rng.permutation(len(mine))]
    while waiting and _fraud_of_kind(stage, kind) < budget:
        typology = min(waiting, key=lambda t: _counts(stage, t.name)[0])
        before = _fraud_of_kind(stage, kind)
        with around(stage, emptiest(stage, kind)):
            grew = attempt(stage, typology.plant)
        if not grew:
            waiting.remove(typology)
            continue
        rings[typology.name] += 1
        if _fraud_of_kind(stage, kind) == before:
            waiting.remove(typology)


def emptiest(stage: Stage, kind: int) -> int:
    """The local midnight around which the fewest entities of this kind have been planted so far."""
    days = (stage.end_us - stage.start_us) // clock.DAY
    centres = stage.start_us + np.arange(days // 16, max(days * 15 // 16, 1), 5) * clock.DAY
    begins = stage.logs.marks["begins"][_fraud_rows(stage) & (stage.logs.marks["kind"] == kind)]
    far = np.abs(centres[:, None] - begins[None, :]) / (SPREAD_DAYS * clock.DAY)
    return int(centres[np.argmin(np.clip(1 - far, 0, None).sum(axis=1).round(6))])


@contextmanager
def around(stage: Stage, middle: int) -> Iterator[None]:
    """Let a ring see only some weeks of the world, so that rings spread evenly over the months."""
    whole = stage.start_us, stage.end_us
    length = min(RING_WINDOW_DAYS * clock.DAY, whole[1] - whole[0])
    stage.start_us = max(whole[0], min(middle - length // 2, whole[1] - length))
    stage.end_us = stage.start_us + length
    try:
        yield
    finally:
        stage.start_us, stage.end_us = whole


def _plant_alikes(stage: Stage, typology: Typology, rings: int) -> None:
    for _ in range(rings * MOST_ALIKE_GROUPS):
        fraud, alike = _counts(stage, typology.name)
        if alike >= ALIKES_PER_FRAUD * fraud or not attempt(stage, typology.plant_alike):
            return


def attempt(stage: Stage, plant: Callable[[Scene], None]) -> bool:
    """Plant one group whole or not at all; False when the world has too few people for it."""
    before = Savepoint.of(stage)
    try:
        plant(stage)
    except WorldTooSmallError:
        before.restore(stage)
        return False
    return True


def _fraud_rows(stage: Stage) -> np.ndarray:
    fraud = [code for code, role in enumerate(stage.words.roles) if role in FRAUD_ROLES]
    return np.asarray(np.isin(stage.logs.marks["role"], fraud))


def _fraud_of_kind(stage: Stage, kind: int) -> int:
    marks = stage.logs.marks
    return len(np.unique(marks["entity"][_fraud_rows(stage) & (marks["kind"] == kind)]))


def _counts(stage: Stage, typology: str) -> tuple[int, int]:
    """Distinct entities of a typology: fraud and look-alike."""
    marks = stage.logs.marks
    if typology not in stage.words.typologies:
        return 0, 0
    mine = marks["typology"] == stage.words.typologies.index(typology)
    entity = marks["entity"] * 2 + marks["kind"]
    alike = stage.words.roles.index("alike") if "alike" in stage.words.roles else -1
    return len(np.unique(entity[mine & _fraud_rows(stage)])), len(np.unique(entity[mine & (marks["role"] == alike)]))
