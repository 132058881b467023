"""What people hold: accounts at banks, SIMs at operators, phones, before anything happens in the world."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fraudnet.contracts.scene import Desk
from fraudnet.synthetic import clock, facts, people
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.institutions import BANK_SHARES, OPERATOR_SHARES
from fraudnet.synthetic.people import Population

PERSONAL, CORPORATE, MERCHANT, WALLET, EXCHANGE = range(5)
ACCOUNT_KINDS = ("personal", "corporate", "merchant", "wallet", "exchange")
COUNTER, EKYC, AS_COMPANY = range(3)
CHANNELS = ("counter", "ekyc", "corporate")
PLANS = ("prepaid", "postpaid", "m2m")
WALLET_BANK = len(BANK_SHARES) - 1
OPENED_INSIDE = 0.3  # of the further accounts
ACTIVATED_INSIDE = 0.75  # of the further SIMs, a year
YEARS_BACK = 4.0
BRANCHES, STAFF = 40, 4  # of each bank, and members of staff at each branch
EXCHANGE_DESKS = 6
MOST_KEPT = 30  # accounts of others on one person's number
NEVER = -1


def accounts_columns() -> Columns:
    """Every account of the world."""
    return Columns(bank=np.int64, holder=np.int64, opened=np.int64, kind=np.int64, channel=np.int64,
                   branch=np.int64, staff=np.int64, sim=np.int64, closed=np.int64,
                   verified=np.int64)  # fmt: skip


def sims_columns() -> Columns:
    """Every holding of a number; `number_of` is the row whose number it took over, else itself."""
    return Columns(operator=np.int64, holder=np.int64, begun=np.int64, ended=np.int64, dealer=np.int64,
                   plan=np.int64, number_of=np.int64, service=np.int64, device=np.int64, verified=np.int64)  # fmt: skip


def devices_columns() -> Columns:
    """Every phone or modem, with the cell where it usually is."""
    return Columns(cell=np.int64, owner=np.int64)


@dataclass
class Holdings:
    """Accounts, SIMs and devices, and each person's everyday ones."""

    accounts: Columns = field(default_factory=accounts_columns)
    sims: Columns = field(default_factory=sims_columns)
    devices: Columns = field(default_factory=devices_columns)
    main_account: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    main_sim: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    main_device: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    service_sims: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    young_firms: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    silent_from: Ints = field(default_factory=lambda: np.empty(0, np.int64))  # per person, when they act no more
    dealers: int = 1
    machines: int = 40


def past_moments(n: int, start: int, rng: np.random.Generator) -> Ints:
    """Moments in the years before the world begins, at office hours."""
    back = (rng.exponential(YEARS_BACK * 365, n).astype(np.int64) % (15 * 365) + 1) * clock.DAY
    return start - back + clock.hours(n, clock.TALKING, rng)


def settle(population: Population, span: tuple[int, int], rng: np.random.Generator) -> Holdings:
    """Give everybody accounts, SIMs and phones."""
    held = Holdings(dealers=max(population.people // 150, 5), machines=max(population.people // 250, 40))
    _give_sims(held, population, span, rng)
    _give_devices(held, population, span[0], rng)
    _give_accounts(held, population, span, rng)
    return held


def _give_sims(held: Holdings, population: Population, span: tuple[int, int], rng: np.random.Generator) -> None:
    n, size = population.people, len(population)
    first = activate(held, np.arange(size), past_moments(size, span[0], rng), rng)
    held.main_sim = first
    held.sims["plan"][first[n:]] = 1
    draw = rng.random(n)
    few = 1 - facts.MANY_SIMS - facts.SOME_SIMS
    more = np.select([draw < 0.76, draw < 0.93], [0, 1], 2)
    heavy = np.where(draw >= 1 - facts.MANY_SIMS, rng.integers(9, 40, n), rng.integers(3, 9, n))
    further = np.repeat(np.arange(n), np.where(draw >= few, heavy, more))
    fleets = np.repeat(np.arange(n, size), rng.geometric(0.25, size - n))
    holders = np.concatenate([further, fleets])
    begun = past_moments(len(holders), span[0], rng)
    inside = rng.random(len(holders)) < ACTIVATED_INSIDE
    begun = np.where(inside, clock.moments(len(holders), span, clock.TALKING, rng), begun)
    activate(held, holders, begun, rng)
    held.service_sims = activate(
        held, np.full(len(BANK_SHARES), n), np.full(len(BANK_SHARES), span[0] - clock.DAY), rng
    )
    held.sims["service"][held.service_sims] = 1


def activate(held: Holdings, holders: Ints, begun: Ints, rng: np.random.Generator) -> Ints:
    """Activate one SIM per holder, at an operator and a point of sale by their shares, in the holder's own phone."""
    n = len(holders)
    popular = 1 / np.arange(1, held.dealers + 1) ** 0.8
    base = len(held.sims)
    return held.sims.add(
        operator=rng.choice(len(OPERATOR_SHARES), n, p=OPERATOR_SHARES), holder=holders, begun=begun, ended=NEVER,
        dealer=rng.choice(held.dealers, n, p=popular / popular.sum()), plan=(rng.random(n) < 0.09).astype(np.int64),
        number_of=base + np.arange(n), service=0,
        device=held.main_device[holders] if len(held.main_device) else NEVER, verified=NEVER,
    )  # fmt: skip


def _give_devices(held: Holdings, population: Population, start: int, rng: np.random.Generator) -> None:
    """One phone each, except where someone in the household lends theirs; then every SIM its phone."""
    size = len(population)
    own = held.devices.add(cell=population.home * 100 + population.commune % 100, owner=np.arange(size))
    heads = np.searchsorted(population.household[: population.people], population.household[: population.people])
    lends = (rng.random(population.people) < 0.09) & (heads != np.arange(population.people))
    held.main_device = own.copy()
    held.main_device[: population.people] = np.where(lends, own[heads], own[: population.people])
    holder = held.sims["holder"]
    second = rng.random(len(held.sims)) < np.where(held.sims["begun"] >= start, 0.85, 0.25)
    second[: len(held.main_sim)] = False
    extra = held.devices.add(cell=held.devices["cell"][own[holder[second]]], owner=holder[second])
    held.sims["device"][:] = held.main_device[holder]
    held.sims["device"][second] = extra


def _give_accounts(held: Holdings, population: Population, span: tuple[int, int], rng: np.random.Generator) -> None:
    n, size = population.people, len(population)
    opened = past_moments(size, span[0], rng)
    kind = np.where(np.arange(size) < n, PERSONAL, CORPORATE)
    held.main_account = open_accounts(held, np.arange(size), opened, kind, rng)
    further = np.repeat(np.arange(n), np.minimum(rng.poisson(0.92, n), 6))
    sellers = np.flatnonzero(population.job[:n] == people.SELLER)
    shops = sellers[rng.random(len(sellers)) < 0.5]
    firms = np.repeat(np.arange(n, size), rng.integers(0, 3, size - n))
    desks = np.repeat(np.arange(max(size - EXCHANGE_DESKS, n), size), 2)
    holders = np.concatenate([further, shops, firms, desks])
    parts = [len(further), len(shops), len(firms), len(desks)]
    kinds = np.repeat([PERSONAL, MERCHANT, CORPORATE, EXCHANGE], parts)
    begun = past_moments(len(holders), span[0], rng)
    inside = (rng.random(len(holders)) < OPENED_INSIDE) & (kinds != EXCHANGE)
    begun = np.where(kinds == EXCHANGE, begun - 500 * clock.DAY, begun)
    begun = np.where(inside, clock.moments(len(holders), span, clock.TALKING, rng), begun)
    accounts = open_accounts(held, holders, begun, kinds, rng)
    _register_phones(held, population, np.concatenate([held.main_account, accounts]), rng)


def open_accounts(held: Holdings, holders: Ints, opened: Ints, kind: Ints, rng: np.random.Generator) -> Ints:
    """Open one account per holder at a bank by its share; wallets are opened by telephone."""
    n = len(holders)
    bank = rng.choice(len(BANK_SHARES), n, p=BANK_SHARES)
    bank = np.where((bank == WALLET_BANK) & (kind != PERSONAL), 0, bank)
    by_phone = (rng.random(n) < 0.45) | (bank == WALLET_BANK)
    branch = rng.integers(0, BRANCHES, n)
    clerk = branch * STAFF + rng.integers(0, STAFF, n)
    return held.accounts.add(
        bank=bank, holder=holders, opened=opened, kind=np.where(bank == WALLET_BANK, WALLET, kind),
        channel=np.where(kind == CORPORATE, AS_COMPANY, np.where(by_phone, EKYC, COUNTER)),
        branch=branch, staff=np.where(by_phone | (kind == CORPORATE), NEVER, clerk),
        sim=held.main_sim[holders], closed=NEVER, verified=NEVER,
    )  # fmt: skip


def at_desk(held: Holdings, accounts: Ints, desk: Desk) -> None:
    """Say where these accounts were opened, as far as the desk says it."""
    table = held.accounts
    if desk.bank is not None:
        table["bank"][accounts] = desk.bank % WALLET_BANK
        table["kind"][accounts] = np.where(table["kind"][accounts] == WALLET, PERSONAL, table["kind"][accounts])
    if desk.branch is not None:
        table["branch"][accounts] = desk.branch % BRANCHES
    if desk.channel is not None:
        table["channel"][accounts] = CHANNELS.index(desk.channel)
    if desk.staff is not None:
        table["staff"][accounts] = table["branch"][accounts] * STAFF + desk.staff % STAFF


def _register_phones(held: Holdings, population: Population, accounts: Ints, rng: np.random.Generator) -> None:
    """Most accounts are registered on the holder's own number, some on a relative's or on another one of their own."""
    holder = held.accounts["holder"][accounts]
    n = population.people
    draw = rng.random(len(accounts))
    relative = np.where(holder + 1 < n, holder + 1, holder)
    same = (holder < n) & (population.household[relative] == population.household[holder])
    order = np.argsort(held.sims["holder"], kind="stable")
    ends = np.searchsorted(held.sims["holder"][order], holder, side="right") - 1
    sim = np.where((draw < 0.07) & same, held.main_sim[relative], held.main_sim[holder])
    held.accounts["sim"][accounts] = np.where(draw > 0.94, order[ends], sim)
    _kept_for_others(held, population, accounts, rng)


def _kept_for_others(held: Holdings, population: Population, accounts: Ints, rng: np.random.Generator) -> None:
    """Some people's number stands in the accounts of those around them, who trust them with the codes."""
    adults = np.flatnonzero(population.age[: population.people] >= people.ADULT)
    keepers = rng.choice(adults, round(facts.KEEPERS * len(adults)), replace=False)
    keeper = np.repeat(keepers, np.minimum(rng.geometric(1 / facts.KEPT_FOR, len(keepers)) + 1, MOST_KEPT))
    around = keeper + rng.geometric(1 / facts.KEPT_FOR / 3, len(keeper)) * rng.choice([-1, 1], len(keeper))
    mine = accounts[np.argsort(held.accounts["holder"][accounts], kind="stable")]
    place = np.searchsorted(held.accounts["holder"][mine], around % population.people)
    held.accounts["sim"][mine[place + rng.integers(0, 2, len(place))]] = held.main_sim[keeper]
