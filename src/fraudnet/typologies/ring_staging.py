"""What rings do with accounts they got hold of, and with accounts that are not theirs; what honest accounts live on."""

from __future__ import annotations

import numpy as np

from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import staging
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Crew, Flow, Range, Span

WAGES = (5_000_000, 14_000_000)
EVERYDAY = (40_000, 3_000_000)
TAKEOVER = "impersonation"


def crew_of(scene: Scene, span: Span, accounts: Ints, phones: int = 2) -> Crew:
    """A ring around accounts that were opened for it."""
    return Crew(
        number=scene.next_ring(),
        span=span,
        mules=accounts,
        new=len(accounts),
        controller=scene.controller(),
        phones=scene.new_devices(phones),
    )


def before(scene: Scene, span: Span, days: Range, n: int) -> Ints:
    """Moments some days before a span, as long before it as the ring lets accounts age."""
    return span[0] - (staging.draws(scene, days, n) * scene.habits.aging).astype(np.int64) * DAY_US


def put_to_use(scene: Scene, crew: Crew, credits_and_sums: tuple[Range, Range], minutes: Range, cut: Range) -> None:
    """Each account takes victims' money on one or two days of the span and passes it on."""
    credits_each, sums = credits_and_sums
    for account in crew.mules:
        n = staging.draw(scene, credits_each)
        days = staging.moments(scene, crew.span, staging.draw(scene, (1, 2)))
        at = days[scene.rng.integers(0, len(days), n)] + staging.draws(scene, (0, 300), n) * MINUTE_US
        got = staging.victims_pay(scene, np.full(n, account), at, staging.sums(scene, sums, n))
        staging.drain(scene, crew, got, minutes, cut)


def robbed(scene: Scene, flow: Flow, mules: Ints) -> Flow:
    """Somebody else pays out of these accounts to a ring's; their holders find out and report. Returns what arrived."""
    wanted = staging.under_line(scene, flow)
    payees = scene.rng.choice(mules, len(wanted))
    keep = (wanted.at_us >= scene.start_us) & (wanted.at_us < scene.end_us) & (payees != wanted.accounts)
    gone, payees = wanted.where(keep), payees[keep]
    if len(gone):
        scene.transfer(gone.accounts, payees, gone.at_us, gone.amounts)
        scene.defrauded(gone.accounts, payees, gone.at_us, gone.amounts, TAKEOVER)
    return Flow(payees, gone.at_us, gone.amounts)


def taken_on(scene: Scene, accounts: Ints, phones: Ints, at_us: Ints) -> None:
    """Accounts begin to be used on other phones: password, device, log-in."""
    used = phones[scene.rng.integers(0, len(phones), len(accounts))]
    scene.account_event(accounts, at_us, "password_reset")
    scene.account_event(accounts, at_us + 2 * MINUTE_US, "device_bound", used)
    scene.use_account(accounts, used, at_us + 3 * MINUTE_US)
    scene.account_event(accounts, at_us + 3 * MINUTE_US, "login", used)


def wages(scene: Scene, accounts: Ints, span: Span, employer: Ints | None = None) -> None:
    """One employer pays all of these accounts every month of a span."""
    employer = staging.everyday_accounts(scene, 1) if employer is None else employer
    for payday in staging.days_of(span, 30):
        at = payday + staging.draws(scene, (8 * 60, 11 * 60), len(accounts)) * MINUTE_US
        paid = Flow(np.repeat(employer, len(accounts)), at, staging.sums(scene, WAGES, len(accounts)))
        staging.send(scene, paid.where(scene.opened_us(accounts) < at), accounts[scene.opened_us(accounts) < at])


def everyday(scene: Scene, accounts: Ints, span: Span, times: Range) -> None:
    """Payments out of these accounts to a few payees each, again and again."""
    circle = staging.everyday_accounts(scene, max(3, len(accounts) // 2))
    which = np.repeat(np.arange(len(accounts)), staging.draws(scene, times, len(accounts)))
    if not len(which):
        return
    payees = circle[(which + scene.rng.integers(0, 2, len(which))) % len(circle)]
    flow = Flow(accounts[which], staging.moments(scene, span, len(which)), staging.sums(scene, EVERYDAY, len(which)))
    keep = flow.at_us > scene.opened_us(flow.accounts)
    staging.send(scene, flow.where(keep), payees[keep])


def own_phones(scene: Scene, accounts: Ints, people: Ints, at_us: Ints) -> None:
    """Everybody uses the own account on the own phone."""
    phones = scene.main_device(people)
    scene.use_account(accounts, phones, at_us + HOUR_US)
    scene.account_event(accounts, at_us + HOUR_US, "login", phones)


def buy_after(scene: Scene, whose: tuple[Ints, Ints], share: float, minutes: Range, sums: Range) -> None:
    """A share of some accounts pay once or twice for something large, so many minutes after a moment of their own."""
    accounts, at_us = whose
    buying = np.flatnonzero(scene.rng.random(len(accounts)) < share)
    which = np.repeat(buying, staging.draws(scene, (1, 2), len(buying)))
    bought_at = at_us[which] + staging.draws(scene, minutes, len(which)) * MINUTE_US
    bought = Flow(accounts[which], bought_at, staging.sums(scene, sums, len(which)))
    if len(bought):
        staging.send(scene, bought, staging.everyday_accounts(scene, len(bought)))
