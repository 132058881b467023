"""A compact world for the tests of the typologies: ordinary life, and a Scene that typologies plant into."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import polars as pl

DAY_US = 86_400_000_000
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
END_US = int(AS_OF.timestamp()) * 1_000_000
HISTORY_DAYS = 240
# Nodes of one kind never meet those of another.
SIM, IDENTITY, DEVICE = 1_000_000, 2_000_000, 3_000_000
SERVICES = 3


def several(*columns: object) -> list[np.ndarray]:
    return [np.array(c) for c in np.broadcast_arrays(*(np.atleast_1d(c) for c in columns))]


@dataclass
class SmallScene:
    """Implements Scene over people 0..n-1, each with one account, one SIM, one phone; the first three SIMs send codes."""

    n: int
    rng: np.random.Generator
    start_us: int = END_US - 100 * DAY_US
    end_us: int = END_US
    rows: dict[str, list[list[np.ndarray]]] = field(default_factory=dict)
    marks: list[tuple[str, np.ndarray, str, str, int]] = field(default_factory=list)
    rings: int = 0

    def __post_init__(self) -> None:
        self.taken = np.zeros(self.n, bool)
        self.household = np.sort(self.rng.integers(0, self.n // 3, self.n))
        people = np.arange(self.n)
        self.account_owner, self.opened = people, END_US - self.rng.integers(300, 3_000, self.n) * DAY_US
        self.account_sim = people
        self.sim_owner, self.begun = people, END_US - self.rng.integers(200, 3_000, self.n) * DAY_US
        self.dealer = self.rng.integers(0, 30, self.n)
        self.devices = self.n

    def add(self, table: str, at_us: object, *columns: object) -> None:
        """Keep rows, the moment last; nothing may happen after the end of the world."""
        assert (np.asarray(at_us) < self.end_us).all(), f"{table}: after the end"
        columns = (*columns[:2], at_us, *columns[2:]) if len(columns) > 1 else (*columns, at_us)
        self.rows.setdefault(table, []).append(several(*columns))

    def people(self, n: int, *, young: bool = False, fresh: bool = True) -> np.ndarray:
        candidates = np.flatnonzero(~self.taken) if fresh else np.arange(self.n)
        chosen = self.rng.choice(candidates, n, replace=False)
        if fresh:
            self.taken[chosen] = True
        return chosen

    def household_of(self, person: int) -> np.ndarray:
        return np.flatnonzero(self.household == self.household[person])

    def main_account(self, people: np.ndarray) -> np.ndarray:
        return people.copy()

    main_sim = main_device = main_account

    def owner_of_account(self, accounts: np.ndarray) -> np.ndarray:
        return self.account_owner[accounts]

    def opened_us(self, accounts: np.ndarray) -> np.ndarray:
        return self.opened[accounts]

    def open_accounts(self, people, at_us, *, kind: str = "personal", sims=None) -> np.ndarray:
        people, at_us = several(people, at_us)
        first = len(self.account_owner)
        self.account_owner = np.append(self.account_owner, people)
        self.opened = np.append(self.opened, at_us)
        self.account_sim = np.append(self.account_sim, people if sims is None else sims)
        return np.arange(first, first + len(people))

    def activate_sims(self, people, at_us, *, dealer=None, operator=None) -> np.ndarray:
        people, at_us = several(people, at_us)
        first = len(self.sim_owner)
        self.sim_owner, self.begun = np.append(self.sim_owner, people), np.append(self.begun, at_us)
        shops = self.rng.integers(0, 30, len(people)) if dealer is None else np.full(len(people), dealer)
        self.dealer = np.append(self.dealer, shops)
        return np.arange(first, first + len(people))

    def new_devices(self, n: int) -> np.ndarray:
        self.devices += n
        return np.arange(self.devices - n, self.devices)

    def use_account(self, accounts, devices, at_us) -> None:
        self.add("account_uses", at_us, accounts, devices)

    def use_sim(self, sims, devices, at_us) -> None:
        self.add("sim_uses", at_us, sims, devices)

    def transfer(self, payers, payees, at_us, amounts) -> None:
        assert len(payers), "an empty transfer"
        assert (np.asarray(payers) != payees).all(), "a transfer to oneself"
        assert (np.asarray(at_us) >= self.start_us).all() and (np.asarray(at_us) < self.end_us).all()
        assert (self.opened[payers] <= at_us).all() and (self.opened[payees] <= at_us).all(), "before it was opened"
        assert (np.asarray(amounts) > 0).all()
        self.add("transfers", at_us, payers, payees, amounts)

    def cash(self, accounts, at_us, amounts, machine: int) -> None:
        assert (np.asarray(amounts) < 0).all()
        self.add("cash", at_us, accounts, machine, amounts)

    def call(self, callers, callees, at_us, kind: str, duration_s) -> None:
        if kind == "otp":
            callers = self.rng.integers(0, SERVICES, len(callees))
        self.add(kind, at_us, callers, callees, duration_s)

    def account_event(self, accounts, at_us, event: str, devices=None) -> None:
        self.add(f"event:{event}", at_us, accounts, -1 if devices is None else devices)

    def sim_event(self, sims, at_us, event: str) -> None:
        self.add(f"sim_event:{event}", at_us, sims)

    def defrauded(self, payers, payees, at_us, amounts, scam: str) -> None:
        self.add("losses", at_us, payers, payees, amounts)

    def mark_accounts(self, accounts, role: str, typology: str, ring: int, span_us) -> None:
        assert span_us[0] < span_us[1]
        self.marks.append(("account", np.asarray(accounts), role, typology, ring))

    def mark_sims(self, sims, role: str, typology: str, ring: int, span_us) -> None:
        self.marks.append(("sim", np.asarray(sims), role, typology, ring))

    def next_ring(self) -> int:
        self.rings += 1
        return self.rings

    def marked(self, kind: str, typology: str | None = None, *, alike: bool | None = None) -> set[int]:
        """Nodes that carry a mark."""
        found = [
            entities + (SIM if kind == "sim" else 0)
            for of, entities, role, name, _ in self.marks
            if of == kind and typology in (None, name) and alike in (None, role == "alike")
        ]
        return {int(node) for node in np.concatenate(found)} if found else set()

    def table(self, name: str, columns: tuple[str, ...]) -> pl.DataFrame:
        parts = self.rows.get(name, [])
        data = {c: np.concatenate([p[i] for p in parts]) if parts else [] for i, c in enumerate(columns)}
        return pl.DataFrame(data, schema=dict.fromkeys(columns, pl.Int64))


def ordinary_life(scene: SmallScene) -> None:
    """Pay, shops, friends, one's family, now and then a stranger: 0.25 transfers and 0.4 calls a person and day."""
    rng, n = scene.rng, scene.n
    start, scene.start_us = scene.start_us, END_US - HISTORY_DAYS * DAY_US
    friends = rng.integers(0, n, (n, 8))
    shops = rng.choice(n, n // 40, replace=False)
    firms = rng.choice(n, n // 60, replace=False)
    count = int(n * HISTORY_DAYS * 0.22)
    payer = rng.integers(0, n, count)
    kind = rng.random(count)
    payee = np.select(
        [kind < 0.45, kind < 0.9],
        [friends[payer, (8 * rng.random(count) ** 2).astype(int)], rng.choice(shops, count)],
        rng.integers(0, n, count),
    )
    at = scene.start_us + (rng.random(count) * HISTORY_DAYS).astype(np.int64) * DAY_US
    at = at + (rng.uniform(0, 16, count) * 3_600_000_000).astype(np.int64)
    amount = np.maximum(np.round(np.exp(rng.normal(np.log(630_000), 1.6, count)) / 10_000), 1).astype(np.int64) * 10_000
    keep = (payer != payee) & (at < END_US)
    scene.transfer(payer[keep], payee[keep], at[keep], amount[keep])
    wages = np.round(np.exp(rng.normal(np.log(9_000_000), 0.4, n)) / 100_000).astype(np.int64) * 100_000
    employer = rng.choice(firms, n)
    for month in range(HISTORY_DAYS // 30):
        days = scene.start_us + (month * 30 + 5) * DAY_US + rng.integers(0, 8 * 3_600, n) * 1_000_000
        paid = (employer != np.arange(n)) & (rng.random(n) < 0.8)
        scene.transfer(employer[paid], np.flatnonzero(paid), days[paid], wages[paid])
        home = paid & (rng.random(n) < 0.25)
        quick = days[home] + rng.integers(60, 86_400 * 2, home.sum()) * 1_000_000
        spouse = friends[np.flatnonzero(home), 0]
        ok = spouse != np.flatnonzero(home)
        scene.transfer(np.flatnonzero(home)[ok], spouse[ok], quick[ok], wages[home][ok] * 6 // 10)
    count = int(n * HISTORY_DAYS * 0.4)
    caller = rng.integers(0, n, count)
    callee = np.where(rng.random(count) < 0.85, friends[caller, rng.integers(0, 8, count)], rng.integers(0, n, count))
    at = scene.start_us + (rng.random(count) * HISTORY_DAYS * DAY_US).astype(np.int64)
    scene.call(caller, callee, at, "voice", rng.integers(0, 400, count))
    scene.call(caller[: n * 20], callee[: n * 20], at[: n * 20], "otp", 0)
    scene.use_account(np.arange(n), np.arange(n), scene.start_us + np.arange(n))
    scene.use_sim(np.arange(n), np.arange(n), scene.start_us + np.arange(n))
    scene.start_us = start
