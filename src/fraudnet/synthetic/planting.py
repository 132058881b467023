"""How much fraud, and how many honest look-alikes, a world gets; the typologies say what they look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.contracts.progress import Progress
from fraudnet.contracts.scene import Habits
from fraudnet.synthetic import clock
from fraudnet.synthetic.comebacks import Former, Past
from fraudnet.synthetic.fraud_habits import of_ring
from fraudnet.synthetic.lively import enliven
from fraudnet.synthetic.logs import ACCOUNT, SIM
from fraudnet.synthetic.savepoint import Savepoint
from fraudnet.synthetic.stage import Stage, WorldTooSmallError
from fraudnet.typologies.typology import Typology

SIM_SHARE = 0.7  # of the share of accounts
ALIKES_PER_FRAUD = 3
RING_WINDOW_DAYS = 45
SPREAD_DAYS = 60  # rings closer than this count as crowding each other
MANY_LEFT = 50_000  # people; so many suffice for any group, and no savepoint is needed
MOST_ALIKE_GROUPS = 30  # per ring, however small the honest groups are
KINDS = {"account": ACCOUNT, "sim": SIM}


@dataclass(frozen=True)
class Planted:
    """Marked entities of one typology, fraud and look-alike."""

    rings: int
    fraud: int
    alike: int


def plant_all(
    stage: Stage, known: Sequence[Typology], way: tuple[float, str], progress: Progress
) -> dict[str, Planted]:
    """Plant rings until the shares of accounts and SIMs are reached, then honest groups three times as many.

    way: the share of fraud, and the habits of the groups. A typology that needs more people than the world has is left
    out, and nothing of it stays behind.
    """
    share, habits = way
    rings = {typology.name: 0 for typology in known}
    budgets = {ACCOUNT: share * len(stage.held.accounts), SIM: SIM_SHARE * share * len(stage.held.sims)}
    for kind, budget in budgets.items():
        mine = [t for t in known if KINDS.get(t.kind, ACCOUNT) == kind]
        _plant_kind(stage, mine, kind, (budget, rings, habits))
    for done, typology in enumerate(known):
        _plant_alikes(stage, typology, rings[typology.name])
        progress("planting look-alikes", done + 1, len(known))
    return {name: Planted(rings[name], *_counts(stage, name)) for name in rings}


def _plant_kind(stage: Stage, mine: list[Typology], kind: int, plan: tuple[float, dict[str, int], str]) -> None:
    """Always the typology that has the least so far, in an order drawn once, until the budget is used."""
    budget, rings, habits = plan
    waiting, harmless, past = [mine[i] for i in stage.rng.permutation(len(mine))], set[str](), Past()
    planted = {typology.name: _counts(stage, typology.name)[0] for typology in mine}
    while len(waiting) > len(harmless) and (guilty := _fraud_of_kind(stage, kind)) < budget:
        typology = min(waiting, key=lambda t: planted[t.name])
        before = planted[typology.name]
        if not _plant_ring(stage, typology, (emptiest(stage, kind), habits), past):
            waiting.remove(typology)
            continue
        rings[typology.name] += 1
        planted[typology.name] = _counts(stage, typology.name)[0]
        if planted[typology.name] == before:
            waiting.remove(typology)
            harmless.discard(typology.name)
        elif _fraud_of_kind(stage, kind) == guilty:
            harmless.add(typology.name)  # victims and honest new owners use up no budget


def _plant_ring(stage: Stage, typology: Typology, way: tuple[int, str], past: Past) -> bool:
    """One ring around a moment, new or come back; False when the world has too few people for it."""
    first = len(stage.logs.marks)
    former = past.comeback(stage, typology.name, way[0] - RING_WINDOW_DAYS // 2 * clock.DAY)
    with around(stage, way, former):
        grew = attempt(stage, typology.plant)
    if grew:
        past.note(stage, typology.name, first, new=former is None)
    return grew


def emptiest(stage: Stage, kind: int) -> int:
    """The local midnight around which the fewest entities of this kind have been planted so far."""
    days = (stage.end_us - stage.start_us) // clock.DAY
    centres = stage.start_us + np.arange(days // 16, max(days * 15 // 16, 1), 5) * clock.DAY
    begins = stage.logs.marks["begins"][_fraud_rows(stage) & (stage.logs.marks["kind"] == kind)]
    far = np.abs(centres[:, None] - begins[None, :]) / (SPREAD_DAYS * clock.DAY)
    return int(centres[np.argmin(np.clip(1 - far, 0, None).sum(axis=1).round(6))])


@contextmanager
def around(stage: Stage, way: tuple[int, str], former: Former | None) -> Iterator[None]:
    """Let a ring see only some weeks of the world, so that rings spread evenly, and behave as groups do by then."""
    middle, habits = way
    whole = stage.start_us, stage.end_us
    length = min(RING_WINDOW_DAYS * clock.DAY, whole[1] - whole[0])
    stage.start_us = max(whole[0], min(middle - length // 2, whole[1] - length))
    stage.end_us = stage.start_us + length
    part = (middle - whole[0]) / (whole[1] - whole[0])
    stage.habits = of_ring(habits, part, stage.rng, again=former is not None)
    stage.returning = None if former is None else (former.ring, former.controller)
    try:
        yield
    finally:
        stage.start_us, stage.end_us = whole
        stage.habits, stage.returning = Habits(), None


def _plant_alikes(stage: Stage, typology: Typology, rings: int) -> None:
    for _ in range(rings * MOST_ALIKE_GROUPS):
        fraud, alike = _counts(stage, typology.name)
        if alike >= ALIKES_PER_FRAUD * fraud or not attempt(stage, _alike_of(typology)):
            return


def _alike_of(typology: Typology) -> Callable[[Stage], None]:
    """One honest group of a typology, and the busy life it may lead besides."""

    def plant(stage: Stage) -> None:
        first = len(stage.logs.marks)
        typology.plant_alike(stage)
        enliven(stage, KINDS.get(typology.kind, ACCOUNT), first)

    return plant


def attempt(stage: Stage, plant: Callable[[Stage], None]) -> bool:
    """Plant one group whole or not at all; False when the world has too few people for it."""
    roomy = stage.population.people - int(stage.taken.sum()) > MANY_LEFT
    before = None if roomy else Savepoint.of(stage)
    try:
        plant(stage)
    except WorldTooSmallError:
        if before is None:
            raise
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
    """Distinct entities of a typology: those of its rings, victims included, and its look-alikes."""
    marks = stage.logs.marks
    if typology not in stage.words.typologies:
        return 0, 0
    mine = marks["typology"] == stage.words.typologies.index(typology)
    entity = marks["entity"] * 2 + marks["kind"]
    alike = stage.words.roles.index("alike") if "alike" in stage.words.roles else -1
    honest = marks["role"] == alike
    return len(np.unique(entity[mine & ~honest])), len(np.unique(entity[mine & honest]))
