"""The busy honest: look-alikes that trade like a ring, with a patron, strangers who pay and money that moves on."""

from __future__ import annotations

import numpy as np

from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.logs import ACCOUNT, SIM
from fraudnet.synthetic.stage import Stage
from fraudnet.typologies import sim_staging, staging
from fraudnet.typologies.staging import DAY_US, HOUR_US, Flow

# Collaborators of an online shop: strangers pay them, they pass it to the shop and keep a commission.
TRADES, BUSY_SIMS = 0.9, 0.6  # of the groups of accounts, of SIMs
CREDITS, SUMS = (3, 12), (350_000, 19_000_000)
USUAL, KEEPS, CASHED = 0.3, (0.0, 0.0, 0.05, 0.15, 0.35), 0.14
TILLS, TILL_DAYS = 0.6, (3, 130)  # of the accounts, which use one of their own for it, opened so long before
MINUTES, COMMISSION = {"quick": (4, 240), "daily": (60, 1_100)}, ((0, 45), (0, 45), (20, 160))
NEW_PHONE = 0.6
CODES, TALK = (2, 22), (0, 14)
PATRON_PARTNERS, PAID_BACK = 3, 0.35


def enliven(stage: Stage, kind: int, first: int) -> None:
    """Let the look-alikes marked since row `first` of the marks lead busy lives, some of them."""
    marks = stage.logs.marks
    rows = np.arange(first, len(marks))
    rows = rows[marks["kind"][rows] == kind]
    if not len(rows):
        return
    entities = np.unique(marks["entity"][rows])
    span = max(int(marks["begins"][rows].min()), stage.start_us), min(int(marks["ends"][rows].max()), stage.end_us)
    if span[1] - span[0] < DAY_US:
        return
    if kind == ACCOUNT and stage.rng.random() < TRADES:
        trade(stage, entities, span)
    if kind == SIM and stage.rng.random() < BUSY_SIMS:
        sim_staging.codes_arrive(stage, entities, span, CODES)
        sim_staging.chatter(stage, entities, span, TALK)


def trade(stage: Stage, accounts: Ints, span: tuple[int, int]) -> None:
    """Strangers and some regulars pay in; the patron and sometimes a colleague get most of it, in minutes or hours."""
    rng = stage.rng
    table = stage.held.accounts
    accounts = _tills(stage, accounts, span)
    accounts = accounts[(table["opened"][accounts] < span[1] - DAY_US) & (table["closed"][accounts] < 0)]
    if not len(accounts):
        return
    days = staging.some_span_within(stage, span, (6, 24))
    patron = staging.everyday_accounts(stage, 1)
    which = np.repeat(accounts, staging.draws(stage, CREDITS, len(accounts)))
    at = staging.moments(stage, days, len(which))
    customers = staging.everyday_accounts(stage, len(which))
    regulars = staging.everyday_accounts(stage, 3)
    payers = np.where(rng.random(len(which)) < USUAL, rng.choice(regulars, len(which)), customers)
    came = Flow(which, at, staging.sums(stage, SUMS, len(which)))
    came = came.where((table["opened"][which] < at) & (at < stage.end_us))
    payers = payers[(table["opened"][which] < at) & (at < stage.end_us)]
    kept = payers != came.accounts
    came, payers = came.where(kept), payers[kept]
    staging.send(stage, Flow(payers, came.at_us, came.amounts), came.accounts)
    _change_phones(stage, accounts, days)
    pace = MINUTES[str(rng.choice(list(MINUTES)))]
    keeps = float(rng.choice(KEEPS))
    _hand_on(stage, came.where(rng.random(len(came)) >= keeps), (accounts, patron), pace)


def _tills(stage: Stage, accounts: Ints, span: tuple[int, int]) -> Ints:
    """Some open an account of their own for the trade, as every shop advises, and use it for little else."""
    opens = stage.rng.random(len(accounts)) < TILLS
    if not opens.any():
        return accounts
    begun = span[0] - staging.draws(stage, TILL_DAYS, int(opens.sum())) * DAY_US
    tills = stage.open_accounts(stage.owner_of_account(accounts[opens]), begun)
    stage.use_account(tills, stage.main_device(stage.owner_of_account(tills)), begun + HOUR_US)
    staging.mark_alike(stage, tills, "busy_trade", span)
    return np.concatenate([accounts[~opens], tills])


def _hand_on(stage: Stage, flow: Flow, ends: tuple[Ints, Ints], pace: tuple[int, int]) -> None:
    if not len(flow):
        return
    accounts, patron = ends
    commission = COMMISSION[int(stage.rng.integers(0, len(COMMISSION)))]
    goals = np.append(stage.rng.choice(accounts, 1), np.repeat(patron, 2))
    moved = staging.pass_on(stage, flow, goals, pace, commission)
    cashed = stage.rng.random(len(moved)) < CASHED
    staging.cash_out(stage, moved.where(cashed), (30, 900))
    suppliers = np.append(staging.everyday_accounts(stage, 1), stage.shop_accounts(PATRON_PARTNERS - 1))
    rest = moved.where(~cashed)
    home = rest.where(rest.accounts != patron[0])
    staging.pass_on(stage, home, patron, pace, commission)
    _settle_up(stage, moved, ends)
    staging.pass_on(stage, rest.where(rest.accounts == patron[0]), suppliers, pace, commission)


def _settle_up(stage: Stage, moved: Flow, ends: tuple[Ints, Ints]) -> None:
    """The patron pays commissions and orders back to some of those who paid in, within hours."""
    accounts, patron = ends
    some = moved.where(stage.rng.random(len(moved)) < PAID_BACK)
    if len(some):
        back = Flow(np.repeat(patron, len(some)), some.at_us, some.amounts * 9 // 10)
        staging.pass_on(stage, back, accounts, (30, 1_000), (0, 700))


def _change_phones(stage: Stage, accounts: Ints, days: tuple[int, int]) -> None:
    """Some get a work phone for it, bound to their account as everybody's is."""
    buys = accounts[stage.rng.random(len(accounts)) < NEW_PHONE]
    opened = stage.held.accounts["opened"][buys]
    buys = buys[opened < days[0]]
    if not len(buys):
        return
    phones = stage.new_devices(max(len(buys) * 2 // 3, 1))
    used = phones[stage.rng.integers(0, len(phones), len(buys))]
    at = np.full(len(buys), days[0]) + stage.rng.integers(0, 3_600, len(buys)) * 1_000_000
    stage.account_event(buys, at, "device_bound", used)
    stage.use_account(buys, used, at + HOUR_US // 6)
    stage.account_event(buys, at + HOUR_US // 6, "login", used)
