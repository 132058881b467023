"""What reviews find out, late, incompletely and now and then wrongly: the labels as they come."""

from __future__ import annotations

import numpy as np

from fraudnet.contracts.judgements import BASES, ROLES, SOURCES
from fraudnet.synthetic import clock
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.logs import ACCOUNT, SIM
from fraudnet.synthetic.stage import Stage
from fraudnet.synthetic.truth import Truth

CONFIRMED, CLEARED, UNSURE = range(3)
OUTCOMES = ("confirmed", "cleared", "unsure")
SELECTIONS = ("queue", "random", "report", "bank")
QUEUE, RANDOM, REPORT, BANK = range(4)
NO_ROLE = -1
# How many of the fraudulent are ever confirmed: reported themselves; in a ring of which one was reported; neither.
# SIMs are seldom reported by name, so operators find more of them by themselves.
REPORTED, IN_A_REPORTED_RING, UNREPORTED = (0.92, 0.92), (0.80, 0.85), (0.58, 0.76)
WRONG, UNSURE_SHARE = 0.02, 0.03
CLEARED_ALIKES, CLEARED_PAYERS, GOOD_FAITH = 0.12, 0.05, 0.3
AUDIT_PER_MONTH, AUDIT_FINDS = 0.002, 0.9
DELAY = (3, 60)


def decisions_columns() -> Columns:
    """Dispositions: entity, result, role (index into ROLES or -1), when, activity, who, why."""
    return Columns(kind=np.int64, entity=np.int64, outcome=np.int64, role=np.int64, at=np.int64, begins=np.int64,
                   ends=np.int64, source=np.int64, basis=np.int64, selected=np.int64)  # fmt: skip


def _delay(n: int, rng: np.random.Generator) -> Ints:
    days = np.clip(np.exp(np.log(13) + 0.7 * rng.standard_normal(n)), *DELAY)
    return np.asarray((days * 86_400).astype(np.int64) * clock.SECOND)


def decisions(stage: Stage, truth: Truth, reports: Columns, rng: np.random.Generator) -> Columns:
    """Every decision taken before the world ends, in order of time."""
    made = decisions_columns()
    fraud = truth.where(truth.grade == 0)
    _find(stage, fraud, (reports, made), rng)
    _spare(stage, truth, made, rng)
    _err(stage, made, rng)
    _audit(stage, fraud, made, rng)
    order = np.lexsort((made["selected"], made["entity"], made["kind"], made["at"]))
    order = order[(made["at"][order] < stage.end_us) & (made["at"][order] >= stage.start_us)]
    kept = decisions_columns()
    kept.add(**{name: made[name][order] for name in made.names})
    return kept


def first_reports(fraud: Truth, reports: Columns) -> Ints:
    """When each was first reported; the largest number where never."""
    first = np.full(len(fraud), np.iinfo(np.int64).max)
    key = fraud.entity * 2 + fraud.kind
    reported = reports["entity"] * 2 + reports["kind"]
    order = np.argsort(key)
    place = np.minimum(np.searchsorted(key[order], reported), max(len(key) - 1, 0))
    known = (key[order][place] == reported) if len(key) else np.zeros(len(reported), bool)
    np.minimum.at(first, order[place[known]], reports["at"][known])
    return first


def _roles(stage: Stage, rows: Truth) -> Ints:
    known = [ROLES.index(role) if role in ROLES else NO_ROLE for role in stage.words.roles]
    return np.array([*known, NO_ROLE])[rows.role]


def _find(stage: Stage, fraud: Truth, tables: tuple[Columns, Columns], rng: np.random.Generator) -> None:
    reports, made = tables
    n, never = len(fraud), np.iinfo(np.int64).max
    own = first_reports(fraud, reports)
    of_ring = np.full(max(stage.rings + 2, int(fraud.ring.max(initial=0)) + 1), never)
    np.minimum.at(of_ring, fraud.ring, own)
    ring = of_ring[fraud.ring]
    how = np.where(own < never, 0, np.where(ring < never, 1, 2))
    found = rng.random(n) < np.array([REPORTED, IN_A_REPORTED_RING, UNREPORTED])[how, fraud.kind]
    trigger = np.select([how == 0, how == 1], [own, ring], fraud.ends)
    at = np.maximum(trigger, fraud.begins + 2 * clock.DAY) + _delay(n, rng)
    is_sim = fraud.kind == SIM
    police, bank = SOURCES.index("police"), np.where(is_sim, SOURCES.index("operator"), SOURCES.index("bank"))
    source = np.where((how < 2) & (rng.random(n) < 0.5), police, bank)
    basis = np.select(
        [source == police, how == 0],
        [BASES.index("police_file"), BASES.index("victim_report")], BASES.index("own_review"),
    )  # fmt: skip
    basis = np.where((how == 2) & (rng.random(n) < 0.5), BASES.index("own_documents"), basis)
    begins = fraud.begins + rng.integers(0, 4 * 86_400, n) * clock.SECOND
    outcome = np.where(rng.random(n) < UNSURE_SHARE, UNSURE, CONFIRMED)
    made.add(**_only(found, {
        "kind": fraud.kind, "entity": fraud.entity, "outcome": outcome, "role": _roles(stage, fraud), "at": at,
        "begins": np.minimum(begins, fraud.ends), "ends": np.maximum(np.minimum(fraud.ends, at), begins + clock.DAY),
        "source": source, "basis": basis, "selected": np.select([how == 0, how == 1], [REPORT, QUEUE], BANK),
    }))  # fmt: skip


def _only(keep: np.ndarray, columns: dict[str, Ints]) -> dict[str, Ints]:
    return {name: values[keep] for name, values in columns.items()}


def _note(made: Columns, kind: Ints, entity: Ints, at: Ints, **what: Ints | int) -> None:
    made.add(kind=kind, entity=entity, at=at, begins=-1, ends=-1, **what)


def _spare(stage: Stage, truth: Truth, made: Columns, rng: np.random.Generator) -> None:
    """Honest people who were looked at: look-alikes, people who paid, people whose account was taken over."""
    good, victim = ROLES.index("good_faith"), ROLES.index("victim")
    alikes = truth.where((truth.grade == 2) & (rng.random(len(truth)) < CLEARED_ALIKES))
    role = np.where(rng.random(len(alikes)) < GOOD_FAITH, good, NO_ROLE)
    selected = np.where(rng.random(len(alikes)) < 0.6, QUEUE, BANK)
    _note(made, alikes.kind, alikes.entity, alikes.begins + _delay(len(alikes), rng), outcome=CLEARED, role=role,
          source=SOURCES.index("analyst"), basis=BASES.index("own_review"), selected=selected)  # fmt: skip
    lost = stage.logs.losses
    rows = np.flatnonzero(rng.random(len(lost)) < CLEARED_PAYERS)
    payer, first = np.unique(lost["payer"][rows], return_index=True)
    at = lost["at"][rows][first] + _delay(len(payer), rng)
    payer_kind = np.full(len(payer), ACCOUNT)
    _note(made, payer_kind, payer, at, outcome=CLEARED, role=victim, source=SOURCES.index("police"),
          basis=BASES.index("customer_statement"), selected=REPORT)  # fmt: skip
    spared = truth.where((truth.grade == 1) & (rng.random(len(truth)) < 0.5))
    _note(made, spared.kind, spared.entity, spared.begins + _delay(len(spared), rng), outcome=CONFIRMED,
          role=_roles(stage, spared), source=SOURCES.index("bank"), basis=BASES.index("customer_statement"),
          selected=REPORT)  # fmt: skip


def _err(stage: Stage, made: Columns, rng: np.random.Generator) -> None:
    """Two in a hundred confirmations hit the wrong one; as many of the guilty are cleared."""
    rows = np.flatnonzero(made["outcome"] == CONFIRMED)
    wrong = rows[rng.random(len(rows)) < WRONG]
    size = np.array([len(stage.held.accounts), len(stage.held.sims)])[made["kind"][wrong]]
    made["entity"][wrong] = (rng.random(len(wrong)) * size).astype(np.int64)
    missed = rows[rng.random(len(rows)) < WRONG]
    made["outcome"][missed], made["role"][missed] = CLEARED, NO_ROLE


def _audit(stage: Stage, fraud: Truth, made: Columns, rng: np.random.Generator) -> None:
    """Each month two in a thousand are read whatever they look like."""
    ending = np.arange(stage.start_us + 30 * clock.DAY, stage.end_us + 1, 30 * clock.DAY)
    for kind, table, begun in ((ACCOUNT, stage.held.accounts, "opened"), (SIM, stage.held.sims, "begun")):
        guilty_from = np.full(len(table), stage.end_us)
        mine = fraud.where(fraud.kind == kind)
        guilty_from[mine.entity] = mine.begins
        role_of = np.full(len(table), NO_ROLE)
        role_of[mine.entity] = _roles(stage, mine)
        n = max(round(AUDIT_PER_MONTH * len(table)), 1)
        entity = rng.integers(0, len(table), n * len(ending))
        at = np.repeat(ending, n) - rng.integers(0, 20 * 86_400, len(entity)) * clock.SECOND
        known = (at > table[begun][entity]) & (table["holder"][entity] >= 0)
        entity, at = entity[known], at[known]
        found = (guilty_from[entity] < at) & (rng.random(len(entity)) < AUDIT_FINDS)
        _note(made, np.full(len(entity), kind), entity, at, outcome=np.where(found, CONFIRMED, CLEARED),
              role=np.where(found, role_of[entity], NO_ROLE), source=SOURCES.index("analyst"),
              basis=BASES.index("own_review"), selected=RANDOM)  # fmt: skip
