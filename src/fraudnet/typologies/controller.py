"""Controller (herder): one phone works several accounts, and the same small cut of each sum comes to its own."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import money_staging, rows_of_holdings, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, per, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, MINUTE_US, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_ON_DEVICE = (1.5, 4.0)
SEEN_EVEN_CUTS = (2, 8)
SEEN_EVEN_SHARE = (0.1, 0.35)
SEEN_EACH = (0.8, 2.2)
SEEN_MANY_PAYERS = (9, 22)

PLANT_HERDERS = (1, 2)
PLANT_MULES_EACH = (3, 5)
PLANT_DAYS = (6, 18)
PLANT_CREDITS = (4, 10)
PLANT_SUMS = (3_000_000, 48_000_000)
PLANT_CUT_STEPS = (3, 16)  # of half a percent
PLANT_CUT_MINUTES = (2, 35)
PLANT_MINUTES = (40, 420)
PLANT_CUT = (0, 12)
PLANT_NEW_SHARE = 0.6

ALIKE_CUSTOMERS = (10, 26)
ALIKE_SUMS = (2_000_000, 30_000_000)
ALIKE_FEES = (1, 4)
ALIKE_KINDS = {"kiosk": 2.0, "treasurer": 1.0, "clerk": 1.0}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """On a phone with several accounts, and again and again the same small part of what a few others had just got."""
    strength = all_of(
        over("device_accounts_max", SEEN_ON_DEVICE),
        over("even_cuts_90d", SEEN_EVEN_CUTS),
        over("even_cut_share_90d", SEEN_EVEN_SHARE),
        over(per("even_cuts_90d", "cut_payers_90d"), SEEN_EACH),
    )
    kiosk = any_of(over("cut_payers_90d", SEEN_MANY_PAYERS), under(per("even_cuts_90d", "cut_payers_90d"), SEEN_EACH))
    return graded(features, strength, kiosk)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Credits from those who pay it again and again, and who else was seen on its phone."""
    return together(
        rows_of_money.small_cuts(records, hits),
        rows_of_holdings.devices(records, hits),
    )


def plant(scene: Scene) -> None:
    """Each herder works some mules' accounts on the own phone, takes the same cut of every sum, moves on the rest."""
    span = staging.some_span(scene, PLANT_DAYS)
    herders = staging.draw(scene, PLANT_HERDERS)
    mules = herders * staging.draw(scene, PLANT_MULES_EACH)
    crew = staging.gather_crew(scene, span, mules, PLANT_NEW_SHARE, (10, 140))
    bosses = np.append(crew.controller, scene.main_account(scene.people(herders - 1)))
    exits = scene.exchange_accounts(2)
    flocks = np.array_split(scene.rng.permutation(crew.mules), herders)
    for place, flock in enumerate(flocks):
        herd(scene, bosses[place : place + 1], flock, (span, exits))
    staging.mark_crew(scene, crew, "controller")
    if herders > 1:
        scene.mark_accounts(bosses[1:], "controller", "controller", crew.number, span)


def herd(scene: Scene, boss: Ints, flock: Ints, where: tuple[Span, Ints]) -> None:
    """One phone, one percentage, for some days."""
    span, exits = where
    phone = scene.new_devices(1)
    at = np.full(len(flock), span[0])
    scene.account_event(flock, at, "device_bound", phone.repeat(len(flock)))
    scene.use_account(np.append(flock, boss), phone.repeat(len(flock) + 1), np.append(at, at[:1]) + HOUR_US)
    got = money_staging.take(scene, flock, span, PLANT_CREDITS, PLANT_SUMS)
    share = staging.draw(scene, PLANT_CUT_STEPS) * 5
    cut = Flow(got.accounts, staging.later(scene, got.at_us, PLANT_CUT_MINUTES), got.amounts * share // 1000)
    staging.send(scene, cut, np.repeat(boss, len(cut)))
    rest = Flow(got.accounts, got.at_us, got.amounts - cut.amounts)
    sold = scene.rng.random(len(rest)) < 0.5
    staging.pass_on(scene, rest.where(sold), exits, PLANT_MINUTES, PLANT_CUT)
    staging.cash_out(scene, rest.where(~sold), PLANT_MINUTES)


def plant_alike(scene: Scene) -> None:
    """A kiosk that sends money for people without an app, a treasurer, a clerk who does the pay of several firms."""
    span = staging.some_span(scene, (50, 120))
    kind = staging.either(scene, ALIKE_KINDS)
    owner = scene.people(1)
    desk = scene.main_account(owner)
    others = scene.main_account(scene.people(staging.draw(scene, (2, 4))))
    customers = staging.everyday_accounts(scene, staging.draw(scene, ALIKE_CUSTOMERS))
    customers = customers[customers != desk[0]]
    helped = others if kind != "kiosk" else np.append(others, customers[:4])
    used = scene.main_device(owner).repeat(len(helped) + 1)
    scene.use_account(np.append(helped, desk), used, np.full(len(used), span[0]))
    serve(scene, desk, customers, (span, kind))
    staging.mark_alike(scene, np.append(desk, others), "controller", span)


def serve(scene: Scene, desk: Ints, customers: Ints, how: tuple[Span, str]) -> None:
    """Fees of one percent of what a customer was sent, or dues of one sum, or pay for colleagues."""
    span, kind = how
    n = len(customers)
    fee = staging.draw(scene, ALIKE_FEES) * 5
    dues = int(staging.sums(scene, (100_000, 600_000), 1)[0])
    for day in staging.days_of(span, 20 if kind == "kiosk" else 30):
        at = staging.moments(scene, (day, day + 12 * DAY_US), n)
        sent = Flow(customers, at, staging.sums(scene, ALIKE_SUMS, n))
        if kind == "kiosk":
            staging.send(scene, Flow(staging.everyday_accounts(scene, n), at, sent.amounts), customers)
            paid = Flow(customers, at + 20 * MINUTE_US, sent.amounts * fee // 1000)
            staging.send(scene, paid, np.repeat(desk, n))
        elif kind == "treasurer":
            staging.send(scene, Flow(customers, at, np.full(n, dues)), np.repeat(desk, n))
        else:
            staging.send(scene, Flow(np.repeat(desk, n), at, sent.amounts), customers)


TYPOLOGY = Typology(
    name="controller",
    number=29,
    kind="account",
    code=6,
    citation="Decision 71/QĐ-HHNH of 2025-09-30, signs 6 and 7; Europol, Money Muling (EMMA), role of the herder.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="money-transfer kiosk, treasurer, payroll clerk",
    role="controller",
)
