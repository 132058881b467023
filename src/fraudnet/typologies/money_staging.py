"""What several rings do with victims' money, and what honest businesses are paid."""

from __future__ import annotations

import numpy as np

from fraudnet.contracts.scene import Ints, Memo, Scene
from fraudnet.typologies import staging
from fraudnet.typologies.staging import DAY_US, MINUTE_US, WAKING, Flow, Range, Span

OPENED_BEFORE = 90


def take(scene: Scene, accounts: Ints, span: Span, credits_each: Range, sums: Range, *, hours: Range = WAKING) -> Flow:
    """Victims pay into each account on random days of a span."""
    payees = np.repeat(accounts, staging.draws(scene, credits_each, len(accounts)))
    at = staging.moments(scene, span, len(payees), hours)
    return staging.victims_pay(scene, payees, at, staging.sums(scene, sums, len(payees)))


def sales(scene: Scene, shop: int, span: Span, a_day: Range, basket: Range, *, hours: Range = WAKING) -> Flow:
    """Customers, some of them regular, pay a shop on every day of a span; returns what came in."""
    days = staging.days_of(span)
    which = np.repeat(np.array(days, dtype=np.int64), staging.draws(scene, a_day, len(days)))
    if not len(which):
        return Flow(which, which, which)
    clock = scene.rng.uniform(hours[0] * 60, hours[1] * 60, len(which)).astype(np.int64) * MINUTE_US
    regulars = staging.everyday_accounts(scene, 12)
    others = staging.everyday_accounts(scene, len(which))
    buyers = np.where(scene.rng.random(len(which)) < 0.3, scene.rng.choice(regulars, len(which)), others)
    sold = Flow(np.full(len(which), shop), which + clock, staging.sums(scene, basket, len(which)))
    return bought(scene, buyers, sold)


def bought(scene: Scene, buyers: Ints, sold: Flow) -> Flow:
    """Buyers pay for goods; nobody pays an account of their own. Returns what came in."""
    keep = (buyers != sold.accounts) & (sold.at_us < scene.end_us) & (sold.at_us >= scene.start_us)
    keep &= (scene.opened_us(buyers) < sold.at_us) & (scene.opened_us(sold.accounts) < sold.at_us)
    arrived = sold.where(keep)
    if len(arrived):
        scene.transfer(buyers[keep], arrived.accounts, arrived.at_us, arrived.amounts, memo=Memo(text="goods"))
    return arrived


def supplied(scene: Scene, sold: Flow, suppliers: Ints, every_days: int, permille: int) -> None:
    """Part of what a shop took is paid to suppliers every few days."""
    if not len(sold):
        return
    last = sold.at_us.max()
    for begin in range(int(sold.at_us.min()), int(last) + 1, every_days * DAY_US):
        inside = (sold.at_us >= begin) & (sold.at_us < begin + every_days * DAY_US)
        amount = int(sold.amounts[inside].sum()) * permille // 1_000_000 * 1_000
        when = min(begin + every_days * DAY_US + staging.draw(scene, (30, 600)) * MINUTE_US, scene.end_us - 1)
        paid = Flow(sold.accounts[:1], np.array([when]), np.array([amount]))
        staging.send(scene, paid, scene.rng.choice(suppliers, 1))


def new_shops(scene: Scene, owners: Ints, opened_us: Ints) -> Ints:
    """A shop's account for each owner, on the owner's own phone."""
    shops = scene.open_accounts(owners, opened_us, kind="merchant")
    scene.use_account(shops, scene.main_device(owners), opened_us + staging.HOUR_US)
    return shops


def open_by(scene: Scene, accounts: Ints, moment: int) -> Ints:
    """Those of the accounts that existed at a moment."""
    return accounts[scene.opened_us(accounts) < moment]
