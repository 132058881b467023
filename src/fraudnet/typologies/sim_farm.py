"""SIM farm: many SIMs in a few modems that only receive one-time codes for strangers and never talk."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_holdings, sim_staging, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, HOUR_US, Span
from fraudnet.typologies.typology import Typology

SEEN_SIMS = (3, 7)
SEEN_HOLDERS = (1, 3)
SEEN_CODES = (3, 12)
SEEN_CODES_A_DAY = (1, 4)
SEEN_TALK = (3, 14)
SEEN_COMPANY_HOLDERS = (1, 3)
SEEN_REAL_TALK = (2, 20)

PLANT_SIMS = (9, 24)
PLANT_MODEMS = (2, 3)
PLANT_DAYS = (9, 24)
PLANT_PER_HOLDER = 5
PLANT_CODES = (5, 24)
PLANT_RENTED_DAYS = (5, 13)
PLANT_BOUGHT_DAYS = (3, 30)

ALIKE_GATEWAY_SIMS = (10, 26)
ALIKE_LAB_SIMS = (8, 16)
ALIKE_BENCH_PHONES = (8, 20)
ALIKE_WALLET_DAY = (8, 18)


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """SIMs of several holders in one device, many codes in, hardly a call out."""
    strength = all_of(
        over("device_sims_max", SEEN_SIMS),
        over("device_sim_holders_max", SEEN_HOLDERS),
        any_of(over("otp_in_30d", SEEN_CODES), over("peak_otp_in_1d", SEEN_CODES_A_DAY)),
        under("out_calls_all", SEEN_TALK),
    )
    company = under("device_sim_holders_max", SEEN_COMPANY_HOLDERS)
    alike = all_of(over("device_sims_max", SEEN_SIMS), any_of(company, over("out_calls_all", SEEN_REAL_TALK)))
    return graded(features, strength, alike)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its own row, its devices and the other SIMs in the fullest one, and the codes it received."""
    return together(
        rows_of_holdings.sim(records, hits),
        rows_of_holdings.devices(records, hits),
        rows_of_holdings.codes(records, hits),
    )


def plant(scene: Scene) -> None:
    """A farm buys SIMs in batches, sets them in modems and rents each out for some days of codes."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_SIMS)
    bought = span[0] - staging.draw(scene, PLANT_BOUGHT_DAYS) * DAY_US
    sims, _ = sim_staging.batch(scene, n, max(2, n // PLANT_PER_HOLDER), bought, (1, 90))
    modems = scene.new_devices(staging.draw(scene, PLANT_MODEMS))
    slots = modems[np.arange(n) % len(modems)]
    scene.use_sim(sims, slots, np.full(n, span[0]))
    for third in np.array_split(np.arange(n), 3):
        days = staging.some_span_within(scene, span, PLANT_RENTED_DAYS)
        sim_staging.codes_arrive(scene, sims[third], days, PLANT_CODES)
        scene.use_sim(sims[third], slots[third], np.full(len(third), days[0] + HOUR_US))
    sim_staging.chatter(scene, sims[scene.rng.random(n) < 0.2], span, (1, 3))
    scene.mark_sims(sims, "sim_farm", "sim_farm", scene.next_ring(), span)


def plant_alike(scene: Scene) -> None:
    """Honest SIMs that share a device: a message gateway, a test lab, a repair shop's bench, a wallet stall."""
    span = staging.some_span(scene, (30, 90))
    makers = (gateway, lab, bench, wallet_stall)
    sims = makers[staging.draw(scene, (0, len(makers) - 1))](scene, span)
    scene.mark_sims(sims, "alike", "sim_farm", scene.next_ring(), span)


def gateway(scene: Scene, span: Span) -> Ints:
    """One company's SIMs in one modem, messages out to its customers, now and then a code in."""
    n = staging.draw(scene, ALIKE_GATEWAY_SIMS)
    sims, _ = sim_staging.batch(scene, n, 1, span[0] - 40 * DAY_US, (2, 9))
    scene.use_sim(sims, scene.new_devices(1), np.full(n, span[0]))
    customers = scene.main_sim(scene.people(60, fresh=False))
    senders = np.repeat(sims, staging.draws(scene, (20, 50), n))
    at = staging.moments(scene, span, len(senders))
    sim_staging.talk(scene, senders, scene.rng.choice(customers, len(senders)), at, "sms")
    sim_staging.codes_arrive(scene, sims, span, (0, 4))
    return sims


def lab(scene: Scene, span: Span) -> Ints:
    """An app maker's test SIMs, in one name, that receive codes all day."""
    n = staging.draw(scene, ALIKE_LAB_SIMS)
    sims, _ = sim_staging.batch(scene, n, 1, span[0] - 30 * DAY_US, (1, 15))
    scene.use_sim(sims, scene.new_devices(1), np.full(n, span[0]))
    sim_staging.codes_arrive(scene, sims, span, (25, 110))
    return sims


def wallet_stall(scene: Scene, span: Span) -> Ints:
    """Workers' data-only SIMs, set one after the other into the stall's phone to sign up for wallets and bonuses."""
    n = staging.draw(scene, ALIKE_WALLET_DAY)
    sims, people = sim_staging.batch(scene, n, n, span[0] - 20 * DAY_US, (5, 600))
    scene.use_sim(sims, scene.new_devices(1), np.full(n, span[0]))
    scene.use_sim(sims, scene.main_device(people), np.full(n, span[0] + DAY_US))
    sim_staging.codes_arrive(scene, sims, (span[0], span[0] + 2 * DAY_US), (2, 8))
    sim_staging.codes_arrive(scene, sims, span, (0, 4))
    sim_staging.chatter(scene, sims, span, (0, 20))
    return sims


def bench(scene: Scene, span: Span) -> Ints:
    """Customers' SIMs tried in the repair shop's phone for a minute."""
    people = scene.people(staging.draw(scene, ALIKE_BENCH_PHONES))
    sims = scene.main_sim(people)
    at = staging.moments(scene, span, len(sims), (9, 18))
    scene.use_sim(sims, scene.new_devices(1), at)
    scene.use_sim(sims, scene.main_device(people), at + HOUR_US)
    sim_staging.codes_arrive(scene, sims, span, (2, 9))
    sim_staging.chatter(scene, sims, span, (8, 40))
    return sims


TYPOLOGY = Typology(
    name="sim_farm",
    number=20,
    kind="sim",
    code=None,
    citation="Decree 163/2024/NĐ-CP Art. 15-18; Hải Dương case of 2023: 60,290 cards in 40 GSM devices.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="company SMS gateway, test lab, repair shop",
)
