"""What else people do with accounts, SIMs and phones: log in, change phones, lose and renew SIMs, take cash."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fraudnet.synthetic import clock, episodes, people
from fraudnet.synthetic.columns import Columns, Ints
from fraudnet.synthetic.facts import DEVICE_RULE_FROM as RULE_US
from fraudnet.synthetic.facts import SIM_REVIEW
from fraudnet.synthetic.living import Life
from fraudnet.synthetic.logs import ACCOUNT_EVENT, SIM_EVENT

LOGINS, CASH = 0.05, 0.02  # per person and day
SIGHTINGS = 0.004  # per account or SIM and day, beside the first
NEW_PHONES, SECOND_HAND = 0.3, 0.2  # phones changed per person and year, and how many of them were somebody's
RULE_FACTOR = 3.0
REVIEWED, STOPPED_IN_REVIEW = 0.4, 0.05  # of the SIMs; the rest was confirmed before
TRIED_AT_DEALER = 0.8
SHOP_PHONE_US = 20 * clock.DAY  # how long a point of sale keeps one phone for it
YEAR_US = 365 * clock.DAY
ON_RELATIVES_PHONE, ON_TABLET, IN_REPAIR = 0.04, 0.3, 0.02
TABLETS, REPAIR_SHOPS = 120, 20
LIMITS = np.array([20, 50, 100, 200, 500, 1_000]) * 1_000_000
ACCOUNT_RATES = {"limit_raised": 0.15, "password_reset": 0.2, "phone_changed": 0.06, "reactivated": 0.03}
SIM_RATES = {"swap": 0.07, "suspend": 0.05, "verify": 0.3, "port_in": 0.01, "disown": 0.004}


@dataclass(frozen=True)
class Phones:
    """Which phone each holder uses when: the old one until `changed`, then the new one."""

    old: Ints
    new: Ints
    changed: Ints

    def at(self, holders: Ints, moments: Ints) -> Ints:
        """The phone each holder has in hand at a moment."""
        return np.where(moments >= self.changed[holders], self.new[holders], self.old[holders])


def rates(life: Life, per_person_day: float) -> int:
    """How many events a daily rate makes in this world."""
    return max(round(per_person_day * life.stage.population.people * life.days), 1)


def change_phones(life: Life) -> Phones:
    """People buy phones, new or second-hand; far more of them once the new rule makes everybody look at theirs."""
    population, held, rng = life.stage.population, life.stage.held, life.rng
    size = len(population)
    after = max(life.span[1] - max(RULE_US, life.span[0]), 0)
    exposure = (life.span[1] - life.span[0] - after) + RULE_FACTOR * after
    changes = rng.random(size) < NEW_PHONES * exposure / YEAR_US
    late = rng.random(size) < RULE_FACTOR * after / max(exposure, 1)
    begin = np.where(late, max(RULE_US, life.span[0]), life.span[0])
    end = np.where(late, life.span[1], max(min(RULE_US, life.span[1]), life.span[0] + clock.DAY))
    day = begin + (rng.random(size) * ((end - begin) // clock.DAY)).astype(np.int64) * clock.DAY
    changed = np.where(changes, day + clock.hours(size, clock.TALKING, rng), life.span[1])
    bought = held.devices.add(cell=held.devices["cell"][held.main_device], owner=np.arange(size))
    used = rng.permutation(held.main_device)
    new = np.where(rng.random(size) < SECOND_HAND, used, bought)
    return Phones(held.main_device, new, changed)


def note_changes(life: Life, phones: Phones) -> None:
    """A change of phone binds accounts anew and, since June 2026, stops a SIM until the face is checked."""
    accounts, sims = life.stage.held.accounts, life.stage.held.sims
    for table, rate in ((accounts, 0.7), (sims, 0.9)):
        holder = table["holder"]
        rows = np.flatnonzero((phones.changed[holder] < life.span[1]) & (life.rng.random(len(table)) < rate))
        at = phones.changed[holder[rows]] + life.rng.integers(60, 80_000, len(rows)) * clock.SECOND
        device = phones.new[holder[rows]]
        begun = table["opened" if table is accounts else "begun"][rows]
        rows, at, device = rows[begun < at], at[begun < at], device[begun < at]
        if table is accounts:
            episodes.after_new_phones(life, holder[rows], at)
            life.stage.account_event(rows, at, "device_bound", device)
            life.stage.use_account(rows, device, at)
            continue
        life.stage.logs.sim_uses.add(sim=rows, device=device, at=at)
        life.stage.sim_event(rows, at, "device_change")
        checked = at >= RULE_US
        life.stage.sim_event(rows[checked], at[checked] + 1_200 * clock.SECOND, "face_check")
        stopped = checked & (life.rng.random(len(rows)) < 0.12)
        life.stage.sim_event(rows[stopped], at[stopped] + 7_200 * clock.SECOND, "suspend")
        life.stage.sim_event(rows[stopped], at[stopped] + 90_000 * clock.SECOND, "resume")


def see_devices(life: Life, phones: Phones) -> None:
    """Apps and SIMs are seen on phones: one's own, a relative's, a branch tablet, a repair shop's tester."""
    held, rng = life.stage.held, life.rng
    for table, begun, log in (
        (held.accounts, "opened", life.stage.logs.account_uses),
        (held.sims, "begun", life.stage.logs.sim_uses),
    ):
        rows, at = _sightings(life, table, begun)
        holder = table["holder"][rows]
        own = phones.at(holder, at)
        if table is held.sims:
            fixed = table["device"][rows]
            own = np.where(fixed == held.main_device[holder], own, fixed)
        relative = life.stage.population.contacts[holder % life.stage.population.people, 0]
        lent = rng.random(len(rows)) < ON_RELATIVES_PHONE
        device = np.where(lent, phones.at(relative, at), own)
        name = "account" if table is held.accounts else "sim"
        log.add(**{name: rows, "device": device, "at": at})
    _at_the_dealer(life)
    _shared_desks(life)


def _sightings(life: Life, table: Columns, begun: str) -> tuple[Ints, Ints]:
    """The first time inside the world, then at random: (which row, when)."""
    n = len(table)
    first = np.maximum(table[begun] + 1_800 * clock.SECOND, life.span[0])
    early = life.rng.integers(60, 25 * 86_400, n) * clock.SECOND * (table[begun] < life.span[0])
    more = np.repeat(np.arange(n), life.rng.poisson(SIGHTINGS * life.days, n))
    at = np.concatenate([first + early, clock.moments(len(more), life.span, clock.TALKING, life.rng)])
    rows = np.concatenate([np.arange(n), more])
    keep = (at > table[begun][rows]) & (at < life.span[1])
    if begun == "begun":
        keep &= (table["ended"][rows] < 0) | (at < table["ended"][rows])
    return rows[keep], at[keep]


def _at_the_dealer(life: Life) -> None:
    """A point of sale activates new SIMs in its own phone; many are then put into a new one of their own."""
    held, rng = life.stage.held, life.rng
    new = np.flatnonzero((held.sims["begun"] >= life.span[0]) & (held.sims["device"] >= 0))
    periods = int((life.span[1] - life.span[0]) // SHOP_PHONE_US) + 1
    shops = life.stage.new_devices(held.dealers * periods)
    tried = new[rng.random(len(new)) < TRIED_AT_DEALER]
    at = held.sims["begun"][tried] + rng.integers(60, 2_400, len(tried)) * clock.SECOND
    period = (held.sims["begun"][tried] - life.span[0]) // SHOP_PHONE_US
    shop = shops[held.sims["dealer"][tried] * periods + period]
    life.stage.logs.sim_uses.add(sim=tried, device=shop, at=at)


def _shared_desks(life: Life) -> None:
    """A bank's tablet opens many accounts, a repair shop's tester meets many SIMs: honest sharing."""
    accounts, sims, rng = life.stage.held.accounts, life.stage.held.sims, life.rng
    inside = np.flatnonzero((accounts["opened"] >= life.span[0]) & (rng.random(len(accounts)) < ON_TABLET))
    tablets = life.stage.new_devices(TABLETS)
    desk = (accounts["bank"][inside] * 7 + accounts["branch"][inside] // 6) % TABLETS
    life.stage.use_account(inside, tablets[desk], accounts["opened"][inside] + 600 * clock.SECOND)
    testers = life.stage.new_devices(REPAIR_SHOPS)
    repaired = np.flatnonzero((rng.random(len(sims)) < IN_REPAIR) & (sims["begun"] < life.span[0]))
    at = clock.moments(len(repaired), life.span, clock.TALKING, rng)
    life.stage.logs.sim_uses.add(sim=repaired, device=rng.choice(testers, len(repaired)), at=at)


def log_in(life: Life, phones: Phones) -> None:
    """Logins and the rarer events of an account."""
    for event, rate in {"login": LOGINS, **{e: r / 365 for e, r in ACCOUNT_RATES.items()}}.items():
        n = rates(life, rate)
        at = clock.moments(n, life.span, clock.PAYING, life.rng)
        who = life.rng.integers(0, life.stage.population.people, n)
        account = life.account(who, at)
        if event == "phone_changed":
            life.stage.register_phone(account, life.sim(who, at), at)
            continue
        device = phones.at(who, at) if event == "login" else np.full(n, -1)
        value = life.rng.choice(LIMITS, n) if event == "limit_raised" else -1
        life.stage.logs.account_events.add(
            account=account, at=at, event=ACCOUNT_EVENT[event], device=device, value=value
        )


def live_with_sims(life: Life) -> None:
    """SIMs are activated, renewed, suspended, verified, moved between operators."""
    sims = life.stage.held.sims
    inside = np.flatnonzero(sims["begun"] >= life.span[0])
    event = np.where(sims["number_of"][inside] == inside, SIM_EVENT["activate"], SIM_EVENT["recycle"])
    life.stage.logs.sim_events.add(sim=inside, at=sims["begun"][inside], event=event)
    for name, rate in SIM_RATES.items():
        n = rates(life, rate / 365)
        at = clock.moments(n, life.span, clock.TALKING, life.rng)
        sim = life.sim(life.rng.integers(0, life.stage.population.people, n), at)
        life.stage.sim_event(sim, at, name)
        if name == "verify":
            _review(life)
        if name == "suspend":
            life.stage.sim_event(sim, at + life.rng.integers(1, 20, n) * clock.DAY, "resume")


def _review(life: Life) -> None:
    """From April to June 2026 every holder confirms name, number, birth date and face; who does not is stopped."""
    sims, rng = life.stage.held.sims, life.rng
    begin, end = max(SIM_REVIEW[0], life.span[0]), min(SIM_REVIEW[1], life.span[1])
    if begin >= end:
        return
    rows = np.flatnonzero((sims["begun"] < begin) & (sims["ended"] < 0) & (rng.random(len(sims)) < REVIEWED))
    at = begin + rng.integers(0, (end - begin) // clock.SECOND, len(rows)) * clock.SECOND
    life.stage.sim_event(rows, at, "verify")
    late = rng.random(len(rows)) < STOPPED_IN_REVIEW
    stopped = end + rng.integers(0, 20 * 86_400, int(late.sum())) * clock.SECOND
    life.stage.sim_event(rows[late], stopped, "suspend")
    life.stage.sim_event(rows[late], stopped + rng.integers(1, 30, len(stopped)) * clock.DAY, "resume")


def use_cash(life: Life) -> None:
    """Cash at the machine around the corner, often with a relative's card right after; sellers pay in at a counter."""
    population, machines = life.stage.population, life.stage.held.machines
    n = rates(life, CASH)
    at = clock.moments(n, life.span, clock.PAYING, life.rng)
    weight = np.cumsum(life.rng.permutation(population.activity[: population.people] ** 1.5))
    who = np.minimum(np.searchsorted(weight / weight[-1], life.rng.random(n)), population.people - 1)
    night = population.night_owl[who] & (life.rng.random(n) < 0.3)
    at = np.where(night, at // clock.DAY * clock.DAY + clock.hours(n, clock.EVENING, life.rng), at)
    machine = (population.home[who] * 7 + population.commune[who]) % machines
    relative = life.rng.random(n) < 0.08
    who = np.concatenate([who, population.contacts[who[relative], 0]])
    at = np.concatenate([at, at[relative] + life.rng.integers(60, 400, int(relative.sum())) * clock.SECOND])
    machine = np.concatenate([machine, machine[relative]])
    notes = -life.rng.choice([200_000, 500_000, 1_000_000, 2_000_000, 3_000_000, 5_000_000, 10_000_000], len(who))
    pays_in = (population.job[who] == people.SELLER) & (life.rng.random(len(who)) < 0.5)
    sums = np.where(pays_in, -notes, notes)
    life.stage.logs.cash.add(account=life.account(who, at), at=at, amount=sums, machine=machine, card=0)


def all_habits(life: Life) -> None:
    """Everything of this file, in a fixed order."""
    phones = change_phones(life)
    note_changes(life, phones)
    see_devices(life, phones)
    log_in(life, phones)
    live_with_sims(life)
    use_cash(life)
