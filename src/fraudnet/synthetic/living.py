"""Who does an everyday thing with which account or SIM, given who holds what and since when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraudnet.contracts.scene import Memo
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.stage import Stage

SAID = 0.5  # of the payers write what it is for
Flags = NDArray[np.bool_]
MAIN_HABIT = 2.5  # the higher, the more of a person's life goes through the first account or SIM


@dataclass(frozen=True)
class Index:
    """The things of each holder, the everyday one first."""

    order: Ints
    start: Ints
    count: Ints

    @classmethod
    def over(cls, table: Columns, holders: int) -> Index:
        """Sort a table of holdings by holder."""
        order = np.argsort(table["holder"], kind="stable")
        count = np.bincount(table["holder"], minlength=holders)
        return cls(order, np.cumsum(count) - count, count)

    def pick(self, holders: Ints, rng: np.random.Generator, habit: float = MAIN_HABIT) -> Ints:
        """One thing per holder, mostly the everyday one."""
        place = (self.count[holders] * rng.random(len(holders)) ** habit).astype(np.int64)
        return np.asarray(self.order[self.start[holders] + place])


@dataclass
class Life:
    """A stage whose structure is complete, with what ordinary life needs to look up."""

    stage: Stage
    rng: np.random.Generator
    accounts: Index
    sims: Index

    @classmethod
    def of(cls, stage: Stage, rng: np.random.Generator) -> Life:
        """Look at everything that was settled and planted."""
        size = len(stage.population)
        return cls(stage, rng, Index.over(stage.held.accounts, size), Index.over(stage.held.sims, size))

    @property
    def span(self) -> tuple[int, int]:
        """The world's time."""
        return self.stage.start_us, self.stage.end_us

    @property
    def days(self) -> int:
        """Whole days of the world."""
        return (self.stage.end_us - self.stage.start_us) // 86_400_000_000

    def account(self, holders: Ints, at_us: Ints) -> Ints:
        """An account of each holder that is open at that time; the everyday one where the chosen one is not."""
        chosen = self.accounts.pick(holders, self.rng)
        return np.where(self.open_at(chosen, at_us), chosen, self.stage.held.main_account[holders])

    def open_at(self, accounts: Ints, at_us: Ints) -> Flags:
        """Whether accounts are open at a moment."""
        table = self.stage.held.accounts
        closed = table["closed"][accounts]
        return (table["opened"][accounts] <= at_us) & ((closed < 0) | (closed > at_us))

    def sim(self, holders: Ints, at_us: Ints) -> Ints:
        """A SIM of each holder that is alive at that time; the everyday one where the chosen one is not."""
        chosen = self.sims.pick(holders, self.rng)
        sims = self.stage.held.sims
        alive = (sims["begun"][chosen] <= at_us) & ((sims["ended"][chosen] < 0) | (sims["ended"][chosen] > at_us))
        return np.where(alive, chosen, self.stage.held.main_sim[holders])

    def pay(
        self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints, *, most: int | None = None, text: str = ""
    ) -> int:
        """Write transfers between open accounts inside the world's time, of living people; returns how many were kept.

        text: what they are for, one of TEXT_CLASSES; half of the payers write it.
        """
        held = self.stage.held
        silent = np.append(held.silent_from, self.stage.end_us)
        payer = np.minimum(held.accounts["holder"][payers], len(held.silent_from))
        keep = (payers != payees) & self.open_at(payers, at_us) & self.open_at(payees, at_us)
        keep &= (at_us >= self.stage.start_us) & (at_us < silent[payer])
        rows = np.flatnonzero(keep)[:most]
        if not len(rows):
            return 0
        said = self.rng.random(len(rows)) < SAID if text else np.zeros(len(rows), bool)
        for part, memo in ((rows[said], Memo(text=text)), (rows[~said], None)):
            if len(part):
                self.stage.transfer(payers[part], payees[part], at_us[part], amounts[part], memo=memo)
        return len(rows)

    def pay_people(self, payers: Ints, payees: Ints, at_us: Ints, amounts: Ints, *, text: str = "") -> int:
        """Transfers between holders, each with one of their accounts."""
        return self.pay(self.account(payers, at_us), self.account(payees, at_us), at_us, amounts, text=text)
