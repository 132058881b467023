"""Who complains about what: a third of the victims, late; people called by a call centre; and some who are mistaken."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic import clock, people
from fraudnet.synthetic.columns import Columns
from fraudnet.synthetic.facts import VICTIMS_WHO_REPORT
from fraudnet.synthetic.logs import ACCOUNT, SIM, VOICE
from fraudnet.synthetic.stage import Stage
from fraudnet.synthetic.truth import Truth

DELAY_DAYS, DELAY_SIGMA = 5.0, 1.2
CALLED_WHO_REPORT = 0.004
MISTAKEN = 0.15  # of all reports: quarrels with honest sellers and neighbours
NO_TRANSFER = -1


def reports_columns() -> Columns:
    """Complaints: what kind of entity, which, when, about which transfer (row number, -1 for none)."""
    return Columns(kind=np.int64, entity=np.int64, at=np.int64, event_at=np.int64, amount=np.int64, scam=np.int64,
                   transfer=np.int64, complainant=np.int64)  # fmt: skip


def delays(n: int, rng: np.random.Generator) -> np.ndarray:
    """Days to weeks until somebody goes to the police, in microseconds."""
    days = np.exp(np.log(DELAY_DAYS) + DELAY_SIGMA * rng.standard_normal(n))
    return np.asarray((days * 86_400).astype(np.int64) * clock.SECOND)


def match_losses(stage: Stage) -> np.ndarray:
    """The row of the transfer log for every noted loss, -1 where the transfer lies outside the world's time."""
    log, lost = stage.logs.transfers, stage.logs.losses
    paid_to = np.zeros(len(stage.held.accounts), bool)
    paid_to[lost["payee"]] = True
    rows = np.flatnonzero(paid_to[log["payee"]])
    order = rows[np.lexsort((log["amount"][rows], log["payer"][rows], log["payee"][rows], log["at"][rows]))]
    both = {name: np.concatenate([log[name][order], lost[name]]) for name in ("at", "payee", "payer", "amount")}
    side = np.repeat([0, 1], [len(order), len(lost)])
    joint = np.lexsort((side, both["amount"], both["payer"], both["payee"], both["at"]))
    changes = np.zeros(len(joint), bool)
    changes[:1] = True
    for column in both.values():
        changes[1:] |= column[joint][1:] != column[joint][:-1]
    head = joint[np.maximum.accumulate(np.where(changes, np.arange(len(joint)), 0))]
    found = np.full(len(joint), NO_TRANSFER)
    found[joint] = np.where(head < len(order), head, NO_TRANSFER)
    place = found[len(order) :]
    return np.where(place < 0, NO_TRANSFER, order[np.maximum(place, 0)] if len(order) else NO_TRANSFER)


def complaints(stage: Stage, truth: Truth, rng: np.random.Generator) -> Columns:
    """Every complaint made before the world ends."""
    made = reports_columns()
    _by_victims(stage, made, rng)
    _by_called(stage, truth, made, rng)
    _mistaken(stage, made, rng)
    order = np.lexsort((made["entity"], made["kind"], made["at"]))
    order = order[(made["at"][order] < stage.end_us) & (made["at"][order] >= stage.start_us)]
    sorted_rows = reports_columns()
    sorted_rows.add(**{name: made[name][order] for name in made.names})
    return sorted_rows


def _by_victims(stage: Stage, made: Columns, rng: np.random.Generator) -> None:
    lost, row = stage.logs.losses, match_losses(stage)
    says = np.flatnonzero((rng.random(len(lost)) < VICTIMS_WHO_REPORT) & (row >= 0))
    made.add(
        kind=ACCOUNT, entity=lost["payee"][says], at=lost["at"][says] + delays(len(says), rng),
        event_at=lost["at"][says], amount=lost["amount"][says], scam=lost["scam"][says], transfer=row[says],
        complainant=stage.held.accounts["holder"][lost["payer"][says]],
    )  # fmt: skip


def _by_called(stage: Stage, truth: Truth, made: Columns, rng: np.random.Generator) -> None:
    """Only calls made while the SIM was at work for the ring; its holder's later life offends nobody."""
    guilty = truth.where((truth.kind == SIM) & (truth.grade == 0))
    begins, ends = np.full(len(stage.held.sims), stage.end_us), np.zeros(len(stage.held.sims), np.int64)
    begins[guilty.entity], ends[guilty.entity] = guilty.begins, guilty.ends
    calls = stage.logs.calls
    at_work = (calls["at"] >= begins[calls["caller"]]) & (calls["at"] < ends[calls["caller"]])
    says = np.flatnonzero(at_work & (calls["kind"] == VOICE) & (rng.random(len(calls)) < CALLED_WHO_REPORT))
    made.add(
        kind=SIM, entity=calls["caller"][says], at=calls["at"][says] + delays(len(says), rng) // 3,
        event_at=calls["at"][says], amount=0, scam=-1, transfer=NO_TRANSFER,
        complainant=stage.held.sims["holder"][calls["callee"][says]],
    )  # fmt: skip


def _mistaken(stage: Stage, made: Columns, rng: np.random.Generator) -> None:
    """Quarrels: a customer reports an honest seller, a called person an honest hotline."""
    transfers, n = stage.logs.transfers, round(len(made) * MISTAKEN)
    if not n or not len(transfers):
        return
    rows = rng.integers(0, len(transfers), n * 6)
    payee = stage.held.accounts["holder"][transfers["payee"][rows]]
    rows = rows[(stage.population.job[payee] == people.SELLER) & (transfers["at"][rows] >= stage.start_us)][:n]
    made.add(
        kind=ACCOUNT, entity=transfers["payee"][rows], at=transfers["at"][rows] + delays(len(rows), rng),
        event_at=transfers["at"][rows], amount=transfers["amount"][rows], scam=-1, transfer=rows,
        complainant=stage.held.accounts["holder"][transfers["payer"][rows]],
    )  # fmt: skip
