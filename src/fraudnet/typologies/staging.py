"""What planted groups have in common: moments, sums, crews, victims, money that moves on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraudnet.contracts.scene import Desk, Ints, Scene

Range = tuple[float, float]
Span = tuple[int, int]

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
LOCAL_US = 7 * HOUR_US  # Vietnam is seven hours ahead all year
WAKING = (7.0, 22.5)
SCAMS = ("impersonation", "prize", "investment", "delivery", "romance", "job")
MACHINES = 40  # cash machines a group may choose from
BANKS = 17  # banks a group may choose from

SMALL_SUMS = (50_000, 900_000)
LINE = 10_000_000  # Decision 2345/QĐ-NHNN: a face is matched above it
LYING = (1_500, 6_000)  # minutes
ROUNDED = 0.45  # of the sums above 1 M that move on, what is sent in round hundred thousands
BELOW_LINE = (5_500_000, 9_990_000)


@dataclass(frozen=True)
class Flow:
    """Money on its way: on which account it lies, since when, how much."""

    accounts: Ints
    at_us: Ints
    amounts: Ints

    def __len__(self) -> int:
        return len(self.accounts)

    def where(self, keep: NDArray[np.bool_]) -> Flow:
        """The part of the money for which the mask holds."""
        return Flow(self.accounts[keep], self.at_us[keep], self.amounts[keep])


@dataclass(frozen=True)
class Crew:
    """A ring: its number, its days, its mules' accounts (the first `new` opened for it), its controller's account."""

    number: int
    span: Span
    mules: Ints
    new: int
    controller: Ints
    phones: Ints


def draw(scene: Scene, bounds: Range) -> int:
    """One whole number from a range, both ends included."""
    return int(scene.rng.integers(int(bounds[0]), int(bounds[1]) + 1))


def draws(scene: Scene, bounds: Range, n: int) -> Ints:
    """Whole numbers from a range, both ends included."""
    return scene.rng.integers(int(bounds[0]), int(bounds[1]) + 1, n)


def sums(scene: Scene, bounds: Range, n: int) -> Ints:
    """Amounts in đồng, log-uniform; most are round to 50,000 the way people pay, the rest to 1,000."""
    raw = np.exp(scene.rng.uniform(np.log(bounds[0]), np.log(bounds[1]), n))
    step = np.where(scene.rng.random(n) < 0.6, 50_000, 1_000)
    return np.asarray(np.maximum(np.round(raw / step), 1) * step, dtype=np.int64)


def either(scene: Scene, weights: Mapping[str, float]) -> str:
    """One of several kinds of a group, by weight."""
    share = np.array(list(weights.values()))
    return str(scene.rng.choice(list(weights), p=share / share.sum()))


def some_span(scene: Scene, days: Range) -> Span:
    """A stretch of the world's time, at a random moment."""
    return some_span_within(scene, (scene.start_us, scene.end_us), days)


def some_span_within(scene: Scene, span: Span, days: Range) -> Span:
    """A stretch of a span, at a random moment; the whole span where it is shorter."""
    length = min(draw(scene, days) * DAY_US, span[1] - span[0])
    first = span[0] + int(scene.rng.integers(0, max(span[1] - span[0] - length, 1)))
    return first, first + length


def moments(scene: Scene, span: Span, n: int, hours: Range = WAKING) -> Ints:
    """Moments inside a span at hours of Vietnam's wall clock, in random order."""
    first, last = (span[0] + LOCAL_US) // DAY_US, (span[1] + LOCAL_US) // DAY_US
    day = scene.rng.integers(first, max(last, first + 1), n) * DAY_US - LOCAL_US
    clock = (scene.rng.uniform(hours[0], hours[1], n) * HOUR_US).astype(np.int64)
    return np.asarray(np.clip(day + clock, span[0], max(span[1] - 1, span[0])), dtype=np.int64)


def days_of(span: Span, every: int = 1) -> list[int]:
    """Local midnights inside a span, every so many days."""
    first, last = (span[0] + LOCAL_US) // DAY_US + 1, (span[1] + LOCAL_US) // DAY_US
    return [int(day) * DAY_US - LOCAL_US for day in range(first, max(last, first + 1), every)]


def later(scene: Scene, at_us: Ints, minutes: Range) -> Ints:
    """The same moments some minutes on, as patient as the group is."""
    wait = scene.rng.uniform(minutes[0], minutes[1], len(at_us)) * scene.habits.waiting
    return at_us + (wait * MINUTE_US).astype(np.int64)


def times_over(scene: Scene, bounds: Range, n: int, factor: float) -> Ints:
    """How often, from a range stretched by a habit's factor."""
    low, high = round(bounds[0] * factor), round(bounds[1] * factor)
    return draws(scene, (low, max(high, low)), n)


def under_line(scene: Scene, flow: Flow) -> Flow:
    """The sums that a group which shuns the face check cuts into parts below 10 M đồng, minutes apart."""
    shy = scene.habits.under_lines
    if not shy or not len(flow):
        return flow
    cut = (flow.amounts > LINE) & (scene.rng.random(len(flow)) < shy)
    part = draws(scene, BELOW_LINE, len(flow)) // 10_000 * 10_000
    count = np.where(cut, -(-flow.amounts // part), 1)
    which = np.repeat(np.arange(len(flow)), count)
    place = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    rest = flow.amounts - part * (count - 1)
    amounts = np.where(place < count[which] - 1, part[which], rest[which])
    gap = place * draws(scene, (1, 9), len(which)) * MINUTE_US
    return Flow(flow.accounts[which], flow.at_us[which] + gap, amounts)


def others(scene: Scene, targets: Ints, not_these: Ints) -> Ints:
    """For each of `not_these`, one of the targets that is another one; itself where there is no other."""
    place = scene.rng.integers(0, len(targets), len(not_these))
    chosen = targets[place]
    return np.where(chosen == not_these, targets[(place + 1) % len(targets)], chosen)


def send(scene: Scene, flow: Flow, payees: Ints) -> None:
    """Write the transfers of a flow; nothing from an account to itself, nothing after the end of the world."""
    payees = np.broadcast_to(payees, len(flow))
    keep = (flow.accounts != payees) & (flow.at_us < scene.end_us) & (flow.at_us >= scene.start_us) & (flow.amounts > 0)
    if keep.any():
        scene.transfer(flow.accounts[keep], payees[keep], flow.at_us[keep], flow.amounts[keep])


def victims_pay(scene: Scene, payees: Ints, at_us: Ints, amounts: Ints) -> Flow:
    """Strangers pay into accounts because of one scam, nobody into an account of their own; returns what arrived."""
    asked = np.maximum((amounts * scene.habits.sums).astype(np.int64) // 1000, 1) * 1000
    people = scene.people(len(payees), fresh=False)
    wanted = under_line(scene, Flow(np.arange(len(payees)), at_us, asked))
    people, payees = people[wanted.accounts], payees[wanted.accounts]
    arrived = Flow(payees, wanted.at_us, wanted.amounts)
    keep = (scene.owner_of_account(payees) != people) & (arrived.at_us >= scene.start_us)
    keep &= arrived.at_us < scene.end_us
    arrived = arrived.where(keep)
    if len(arrived):
        payers = scene.main_account(people[keep])
        scam = str(scene.rng.choice(SCAMS))
        scene.transfer(payers, arrived.accounts, arrived.at_us, arrived.amounts)
        scene.defrauded(payers, arrived.accounts, arrived.at_us, arrived.amounts, scam)
    return arrived


def pass_on(scene: Scene, flow: Flow, targets: Ints, minutes: Range, cut_permille: Range) -> Flow:
    """The money moves on to one of the targets each, less a cut; returns where it lies then."""
    kept = flow.amounts - flow.amounts * draws(scene, cut_permille, len(flow)) // 1000
    step = np.where((kept > 1_000_000) & (scene.rng.random(len(flow)) < ROUNDED), 100_000, 1_000)
    moved = under_line(scene, Flow(flow.accounts, later(scene, flow.at_us, minutes), kept // step * step))
    payees = others(scene, targets, moved.accounts)
    send(scene, moved, payees)
    return Flow(payees, moved.at_us, moved.amounts)


def in_parts(scene: Scene, flow: Flow, parts: Range) -> Flow:
    """Each sum cut into uneven parts on the same account, whole in thousands."""
    count = draws(scene, parts, len(flow))
    which = np.repeat(np.arange(len(flow)), count)
    weight = scene.rng.uniform(0.5, 1.5, len(which))
    share = weight / np.bincount(which, weights=weight, minlength=len(flow))[which]
    amounts = (flow.amounts[which] * share).astype(np.int64) // 1000 * 1000
    return Flow(flow.accounts[which], flow.at_us[which], amounts)


def cash_out(scene: Scene, flow: Flow, minutes: Range) -> None:
    """Part of the money leaves at one or two machines, in what machines pay out."""
    machines = draws(scene, (0, MACHINES - 1), 2)
    at_us = later(scene, flow.at_us, minutes)
    notes = np.minimum(flow.amounts // 100_000, 100) * 100_000
    side = scene.rng.integers(0, 2, len(flow))
    for machine in (0, 1):
        keep = (side == machine) & (notes > 0) & (at_us < scene.end_us)
        if keep.any():
            scene.cash(flow.accounts[keep], at_us[keep], -notes[keep], int(machines[machine]))


def gather_crew(scene: Scene, span: Span, mules: int, new_share: float, opened_days: Range) -> Crew:
    """Recruit a ring: some sell accounts opened for it, the others lend their everyday one; few phones work all."""
    new = round(mules * new_share)
    fresh = sold_accounts(scene, new, span, opened_days) if new else np.empty(0, np.int64)
    lent = scene.main_account(scene.people(mules - new)) if new < mules else np.empty(0, np.int64)
    return Crew(
        number=scene.next_ring(),
        span=span,
        mules=np.concatenate([fresh, lent]),
        new=new,
        controller=scene.controller(),
        phones=scene.new_devices(max(1, mules // 3)),
    )


def sold_accounts(scene: Scene, n: int, span: Span, opened_days: Range) -> Ints:
    """Accounts that young people open on their own phone some days before a span, used a little by themselves."""
    people = scene.people(n, young=True)
    aged = (draws(scene, opened_days, n) * scene.habits.aging).astype(np.int64)
    opened = span[0] - aged * DAY_US
    accounts = bought(scene, people, opened)
    scene.use_account(accounts, scene.main_device(people), opened + HOUR_US)
    small_life(scene, accounts, (int(opened.min()), span[0]), (0, 4))
    return accounts


def bought(scene: Scene, people: Ints, opened: Ints) -> Ints:
    """One account opened for sale per person, some of them a new firm's, some each at a bank of its own."""
    n, habits = len(people), scene.habits
    firms, alone = scene.rng.random(n) < habits.corporate, scene.rng.random(n) < habits.spread
    first = draw(scene, (0, BANKS - 1))
    accounts = np.zeros(n, np.int64)
    for place in range(n):
        kind = "corporate" if firms[place] else "personal"
        desk = Desk(bank=(first + place) % BANKS) if alone[place] else None
        one = slice(place, place + 1)
        accounts[one] = scene.open_accounts(people[one], opened[one], kind=kind, desk=desk)
    return accounts


def drain(scene: Scene, crew: Crew, flow: Flow, minutes: Range, cut_permille: Range) -> None:
    """A mule's money goes to a few of the ring; from there some leaves in cash, the rest to the controller."""
    lies = scene.rng.random(len(flow)) < scene.habits.keeping
    onward = np.append(scene.rng.choice(crew.mules, 2), np.repeat(crew.controller, 2))
    pass_on(scene, flow.where(lies), onward, LYING, cut_permille)
    flow = flow.where(~lies)
    moved = pass_on(scene, flow, onward, minutes, cut_permille)
    cashed = scene.rng.random(len(moved)) < scene.habits.cash
    cash_out(scene, moved.where(cashed), (20, 600))
    pass_on(
        scene, moved.where(~cashed & (moved.accounts != crew.controller[0])), crew.controller, minutes, cut_permille
    )


def hand_over(scene: Scene, accounts: Ints, phones: Ints, at_us: Ints) -> None:
    """Accounts are taken over on the ring's phones: bound, then logged in to."""
    used = phones[scene.rng.integers(0, len(phones), len(accounts))]
    scene.account_event(accounts, at_us, "device_bound", used)
    scene.use_account(accounts, used, at_us + 5 * MINUTE_US)
    scene.account_event(accounts, at_us + 5 * MINUTE_US, "login", used)


def small_life(scene: Scene, accounts: Ints, span: Span, times: Range) -> None:
    """A few small payments in and out between accounts and people around, the way any account has them."""
    span = (max(span[0], scene.start_us), min(span[1], scene.end_us))
    which = np.repeat(accounts, times_over(scene, times, len(accounts), scene.habits.warming))
    if span[1] - span[0] < DAY_US or not len(which):
        return
    around = scene.main_account(scene.people(len(which), fresh=False))
    outward = scene.rng.random(len(which)) < 0.5
    flow = Flow(np.where(outward, which, around), moments(scene, span, len(which)), sums(scene, SMALL_SUMS, len(which)))
    opened = scene.opened_us(which)
    keep = flow.at_us > opened
    send(scene, flow.where(keep), np.where(outward, around, which)[keep])


def mark_crew(scene: Scene, crew: Crew, typology: str) -> None:
    """Write the truth: sellers knew, most lenders were misled, one controls."""
    place = np.arange(len(crew.mules))
    misled = (place >= crew.new) & (scene.rng.random(len(place)) < 0.7)
    for role, accounts in (
        ("knowing_mule", crew.mules[~misled]),
        ("misled_mule", crew.mules[misled]),
        ("controller", crew.controller),
    ):
        if len(accounts):
            scene.mark_accounts(accounts, role, typology, crew.number, crew.span)


def mark_alike(scene: Scene, accounts: Ints, typology: str, span: Span) -> None:
    """Write the truth about one honest group of accounts."""
    scene.mark_accounts(accounts, "alike", typology, scene.next_ring(), span)


def everyday_accounts(scene: Scene, n: int) -> Ints:
    """Everyday accounts of n different people who go on with their lives."""
    return scene.main_account(scene.people(n, fresh=False))
