"""A compact world for the tests of the typologies: ordinary life, and a Scene that typologies plant into."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import polars as pl

from fraudnet.contracts.scene import Habits

DAY_US = 86_400_000_000
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
END_US = int(AS_OF.timestamp()) * 1_000_000
HISTORY_DAYS = 240
# Nodes of one kind never meet those of another.
SIM, IDENTITY, DEVICE = 1_000_000, 2_000_000, 3_000_000
SERVICES = 3
EXCHANGES, SHOPS = 5, 60  # the first accounts are exchange desks, those after them old shops
FIRM = 10_000_000  # holders from here on are firms


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
    planted: dict[str, tuple[dict[str, int], dict[str, int]]] = field(default_factory=dict)
    rings: int = 0
    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        self.taken = np.arange(self.n) < SHOPS
        self.household = np.sort(self.rng.integers(0, self.n // 3, self.n))
        people = np.arange(self.n)
        self.account_owner, self.opened = people, END_US - self.rng.integers(300, 3_000, self.n) * DAY_US
        self.account_sim = people
        self.sim_owner, self.begun = people, END_US - self.rng.integers(200, 3_000, self.n) * DAY_US
        self.dealer = self.rng.integers(0, 30, self.n)
        self.devices = self.n
        self.firm_owner, self.firm_founded, self.firm_capital = (np.array([], int) for _ in range(3))
        self.account_kind = np.where(people < EXCHANGES, "exchange", np.where(people < SHOPS, "merchant", "personal"))
        self.account_holder = people  # who the account belongs to in the books: a person, or a firm from FIRM on
        self.desk = np.stack([self.rng.integers(0, size, self.n) for size in (17, 40, 4, 2)], axis=1)
        self.sim_number, self.sim_ended = people, np.full(self.n, -1)
        self.twin = np.zeros(self.n, bool)
        self.closed: list[list[np.ndarray]] = []
        self.paid: list[tuple[int, int, int]] = []

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

    def controller(self) -> np.ndarray:
        return self.main_account(self.people(1))

    def owner_of_account(self, accounts: np.ndarray) -> np.ndarray:
        return self.account_owner[accounts]

    def opened_us(self, accounts: np.ndarray) -> np.ndarray:
        return self.opened[accounts]

    def colleagues_of(self, person: int) -> np.ndarray:
        return np.arange(person // 30 * 30, min(person // 30 * 30 + 30, self.n))

    def contacts_of(self, person: int) -> np.ndarray:
        return (person + np.arange(1, 9)) % self.n

    def twins(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        elder = self.rng.choice(self.n // 2, n, replace=False) * 2
        self.twin[elder] = self.twin[elder + 1] = True
        return elder, elder + 1

    def share_face(self, people) -> None:
        self.rows.setdefault("faces", []).append(several(people, people[0]))

    def set_status(self, people, status: str, at_us) -> None:
        self.rows.setdefault(f"status:{status}", []).append(several(people, at_us))

    def misfile(self, accounts, fields: tuple[str, ...], as_people=None) -> None:
        for name in fields:
            self.rows.setdefault(f"misfiled:{name}", []).append(
                several(accounts, -1 if as_people is None else as_people)
            )

    def found_firms(self, owners, at_us, capital) -> np.ndarray:
        owners, at_us, capital = several(owners, at_us, capital)
        firms = FIRM + len(self.firm_owner) + np.arange(len(owners))
        self.firm_founded = np.append(self.firm_founded, at_us)
        self.firm_capital = np.append(self.firm_capital, capital)
        self.firm_owner = np.append(self.firm_owner, owners)
        return firms

    def exchange_accounts(self, n: int) -> np.ndarray:
        return self.rng.choice(np.arange(EXCHANGES), n)

    def shop_accounts(self, n: int) -> np.ndarray:
        return self.rng.choice(np.arange(EXCHANGES, SHOPS), n)

    def close_accounts(self, accounts, at_us) -> None:
        self.closed.append(several(accounts, at_us))

    def register_phone(self, accounts, sims, at_us) -> None:
        self.add("registrations", at_us, accounts, sims)
        self.account_sim = self.account_sim.copy()
        self.account_sim[accounts] = sims
        self.account_event(accounts, at_us, "phone_changed")

    def recycle_sims(self, sims, people, at_us) -> np.ndarray:
        taken = self.activate_sims(people, at_us)
        self.sim_number[taken] = self.sim_number[sims]
        self.sim_ended[sims] = np.asarray(at_us) - 60 * DAY_US
        return taken

    def advertise_accounts(self, accounts, at_us) -> None:
        self.add("adverts:account", at_us, accounts)

    def advertise_sims(self, sims, at_us) -> None:
        self.add("adverts:sim", at_us, sims)

    def open_accounts(self, people, at_us, *, kind: str = "personal", sims=None, desk=None) -> np.ndarray:
        people, at_us = several(people, at_us)
        self.account_holder = np.append(self.account_holder, people)
        firm = people >= FIRM
        people[firm] = self.firm_owner[people[firm] - FIRM]
        first = len(self.account_owner)
        self.account_owner = np.append(self.account_owner, people)
        self.opened = np.append(self.opened, at_us)
        self.account_sim = np.append(self.account_sim, people if sims is None else sims)
        self.account_kind = np.append(self.account_kind, np.full(len(people), kind))
        self.desk = np.concatenate([self.desk, self.at_desk(desk, len(people))])
        return np.arange(first, first + len(people))

    def at_desk(self, desk, n: int) -> np.ndarray:
        """Bank, branch, member of staff and whether it was opened online, one row an account."""
        drawn = np.stack([self.rng.integers(0, size, n) for size in (17, 40, 4, 2)], axis=1)
        if desk is not None:
            channel = None if desk.channel is None else int(desk.channel == "ekyc")
            for place, given in enumerate((desk.bank, desk.branch, desk.staff, channel)):
                if given is not None:
                    drawn[:, place] = given
        return drawn

    def activate_sims(self, people, at_us, *, dealer=None, operator=None, plan=None) -> np.ndarray:
        people, at_us = several(people, at_us)
        first = len(self.sim_owner)
        self.sim_owner, self.begun = np.append(self.sim_owner, people), np.append(self.begun, at_us)
        shops = self.rng.integers(0, 30, len(people)) if dealer is None else np.full(len(people), dealer)
        self.dealer = np.append(self.dealer, shops)
        self.sim_number = np.append(self.sim_number, np.arange(first, first + len(people)))
        self.sim_ended = np.append(self.sim_ended, np.full(len(people), -1))
        return np.arange(first, first + len(people))

    def new_devices(self, n: int) -> np.ndarray:
        self.devices += n
        return np.arange(self.devices - n, self.devices)

    def use_account(self, accounts, devices, at_us) -> None:
        self.add("account_uses", at_us, accounts, devices)

    def use_sim(self, sims, devices, at_us) -> None:
        self.add("sim_uses", at_us, sims, devices)

    def transfer(self, payers, payees, at_us, amounts, *, memo=None) -> np.ndarray:
        assert len(payers), "an empty transfer"
        assert (np.asarray(payers) != payees).all(), "a transfer to oneself"
        assert (np.asarray(at_us) >= self.start_us).all() and (np.asarray(at_us) < self.end_us).all()
        assert (self.opened[payers] <= at_us).all() and (self.opened[payees] <= at_us).all(), "before it was opened"
        assert (np.asarray(amounts) > 0).all()
        self.add("transfers", at_us, payers, payees, amounts)
        self.paid.extend(zip(*several(payers, payees, amounts), strict=True))
        return np.arange(len(self.paid) - len(self.rows["transfers"][-1][0]), len(self.paid))

    def refund(self, transfers, at_us, amounts=None) -> np.ndarray:
        payer, payee, amount = np.array([self.paid[row] for row in transfers]).T
        self.add("refunds", at_us, payee, payer, amount)
        return self.transfer(payee, payer, at_us, amount if amounts is None else amounts)

    def cash(self, accounts, at_us, amounts, machine: int, *, cards=None) -> None:
        self.add("cash", at_us, accounts, machine, amounts)

    def call(self, callers, callees, at_us, kind: str, duration_s) -> None:
        if kind == "otp":
            callers = self.rng.integers(0, SERVICES, len(callees))
        self.add(kind, at_us, callers, callees, duration_s)

    def suspects(self, n: int) -> np.ndarray:
        paid = np.unique(self.table("losses", ("payer", "payee", "at", "amount"))["payee"].to_numpy())
        return self.rng.choice(paid, min(n, len(paid)), replace=False).astype(int)

    def account_event(self, accounts, at_us, event: str, devices=None, *, values=None) -> None:
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
    shops = np.append(rng.choice(n, n // 40, replace=False), np.arange(EXCHANGES, SHOPS))
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
