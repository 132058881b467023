"""Groups that were disturbed: they burn accounts and SIMs, and some come back with others and with other habits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.synthetic import clock
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.facts import BURNED, COME_BACK
from fraudnet.synthetic.logs import ACCOUNT, SIM
from fraudnet.synthetic.stage import Stage

BURN_DAYS = (16, 60)  # after the last day of the ring, when money that lay has moved on as well
REST_DAYS = 20  # at least, between a ring's last day and its return
NOBODY = -1
MULES = ("knowing_mule", "misled_mule")


@dataclass(frozen=True)
class Former:
    """A ring that has been at work: its number, its controller's account (-1 without), its last day."""

    ring: int
    controller: int
    ends: int


@dataclass
class Past:
    """Rings by typology that may still come back, each once."""

    rings: dict[str, list[Former]] = field(default_factory=dict)

    def note(self, stage: Stage, typology: str, first: int, *, new: bool) -> None:
        """Burn some of what the ring marked since row `first` of the marks used; remember it if it is a new one."""
        rows = _guilty(stage, first)
        if not len(rows):
            return
        marks = stage.logs.marks
        heads = rows[(marks["role"][rows] == _role(stage, "controller")) & (marks["kind"][rows] == ACCOUNT)]
        head = int(marks["entity"][heads[0]]) if len(heads) else NOBODY
        former = Former(int(marks["ring"][rows[0]]), head, int(marks["ends"][rows].max()))
        if new:
            self.rings.setdefault(typology, []).append(former)
        _burn(stage, rows)

    def comeback(self, stage: Stage, typology: str, begin: int) -> Former | None:
        """A ring of this typology that rests long enough before a moment, with some probability."""
        rested = [ring for ring in self.rings.get(typology, []) if ring.ends + REST_DAYS * clock.DAY <= begin]
        if not rested or stage.rng.random() >= COME_BACK:
            return None
        self.rings[typology].remove(rested[0])
        return rested[0]


def _role(stage: Stage, name: str) -> int:
    return stage.words.roles.index(name) if name in stage.words.roles else NOBODY


def _guilty(stage: Stage, first: int) -> Ints:
    codes = [code for code, role in enumerate(stage.words.roles) if role in FRAUD_ROLES]
    rows = np.arange(first, len(stage.logs.marks))
    return rows[np.isin(stage.logs.marks["role"][rows], codes)]


def _burn(stage: Stage, rows: Ints) -> None:
    """Some mules' accounts are closed and some SIMs given up, weeks after the ring's last day."""
    marks = stage.logs.marks
    lost = stage.rng.random(len(rows)) < BURNED
    at = marks["ends"][rows] + stage.rng.integers(*BURN_DAYS, len(rows)) * clock.DAY
    lost &= at < stage.end_us
    mules = lost & np.isin(marks["role"][rows], [_role(stage, name) for name in MULES])
    accounts = mules & (marks["kind"][rows] == ACCOUNT)
    own = marks["entity"][rows[accounts]]
    extra = own >= len(stage.held.main_account)  # an everyday account that was lent lives on
    stage.close_accounts(own[extra], at[accounts][extra])
    sims = stage.held.sims
    gone = lost & (marks["kind"][rows] == SIM)
    number = marks["entity"][rows[gone]]
    fresh = (number >= len(stage.held.main_sim)) & (sims["ended"][number] < 0)
    sims["ended"][number[fresh]] = at[gone][fresh]
