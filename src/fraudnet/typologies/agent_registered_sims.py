"""Agent-registered SIMs: one point of sale activates many SIMs in the same few names, minutes apart, for resale."""

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

SEEN_SAME_HOUR = (3, 10)
SEEN_ON_ONE_NAME = (2, 5)
SEEN_IN_ONE_PHONE = (2, 6)
SEEN_TALK = (6, 24)
SEEN_REAL_TALK = (4, 24)
SEEN_OWN_NAME = (1, 4)

PLANT_SIMS = (9, 22)
PLANT_PER_HOLDER = (5, 9)
PLANT_MINUTES_APART = (0.4, 3.2)
PLANT_DAYS = (4, 22)
PLANT_CODES = (0, 11)

ALIKE_VILLAGERS = (14, 36)
ALIKE_FLEET = (12, 30)
ALIKE_MINUTES_APART = (0.7, 4.5)
ALIKE_HOUSES = (4, 8)
ALIKE_SIMS_A_HOUSE = 4


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Many SIMs of one point of sale within the hour, on few names or in one phone, and hardly used to talk."""
    strength = all_of(
        over("dealer_same_hour_count", SEEN_SAME_HOUR),
        any_of(over("holder_sims_count", SEEN_ON_ONE_NAME), over("device_sims_max", SEEN_IN_ONE_PHONE)),
        under("out_calls_all", SEEN_TALK),
    )
    used = any_of(over("out_calls_all", SEEN_REAL_TALK), under("holder_sims_count", SEEN_OWN_NAME))
    return graded(features, strength, all_of(over("dealer_same_hour_count", SEEN_SAME_HOUR), used))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its own row, SIMs sold beside it within the hour, SIMs in the same name, and its devices."""
    return together(
        rows_of_holdings.sim(records, hits),
        rows_of_holdings.same_sale(records, hits),
        rows_of_holdings.same_name(records, hits),
        rows_of_holdings.devices(records, hits),
    )


def plant(scene: Scene) -> None:
    """An agent registers a batch on a few people's documents, tries all in one phone, and sells them on."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_SIMS)
    holders = max(1, n // staging.draw(scene, PLANT_PER_HOLDER))
    opening = span[0] + staging.draw(scene, (8, 16)) * HOUR_US
    sims, _ = sim_staging.batch(scene, n, holders, opening, PLANT_MINUTES_APART)
    scene.use_sim(sims, scene.new_devices(1), np.full(n, opening + 3 * HOUR_US))
    buyers = sim_staging.phones_in_hand(scene, max(2, n // 3))
    sold = np.full(n, opening) + staging.draws(scene, (1, 4), n) * DAY_US
    scene.use_sim(sims, buyers[scene.rng.integers(0, len(buyers), n)], np.minimum(sold, scene.end_us - 1))
    sim_staging.codes_arrive(scene, sims, (opening + DAY_US, span[1]), PLANT_CODES)
    sim_staging.chatter(scene, sims[scene.rng.random(n) < 0.4], (opening + DAY_US, span[1]), (1, 9))
    scene.mark_sims(sims, "agent_registered", "agent_registered_sims", scene.next_ring(), span)


def plant_alike(scene: Scene) -> None:
    """Honest batches: a sales day of the village agent, for one each or for whole houses, or a company's fleet."""
    span = staging.some_span(scene, (25, 90))
    opening = span[0] + staging.draw(scene, (8, 15)) * HOUR_US
    makers = (village, houses, fleet)
    sims = makers[staging.draw(scene, (0, len(makers) - 1))](scene, opening, span)
    scene.mark_sims(sims, "alike", "agent_registered_sims", scene.next_ring(), span)


def village(scene: Scene, opening: int, span: Span) -> Ints:
    """Villagers queue for a SIM each and go on to use it."""
    n = staging.draw(scene, ALIKE_VILLAGERS)
    sims, people = sim_staging.batch(scene, n, n, opening, ALIKE_MINUTES_APART)
    scene.use_sim(sims, scene.main_device(people), np.full(n, opening + 3 * HOUR_US))
    sim_staging.chatter(scene, sims, (opening + DAY_US, span[1]), (2, 40))
    return sims


def houses(scene: Scene, opening: int, span: Span) -> Ints:
    """Heads of households buy for children, elders and a camera; the agent tries them all in the shop's phone."""
    n = staging.draw(scene, ALIKE_HOUSES)
    sims, people = sim_staging.batch(scene, n * ALIKE_SIMS_A_HOUSE, n, opening, ALIKE_MINUTES_APART)
    scene.use_sim(sims, scene.new_devices(1), np.full(len(sims), opening + 3 * HOUR_US))
    own, first = np.unique(people, return_index=True)
    scene.use_sim(sims[first], scene.main_device(own), np.full(len(own), opening + 9 * HOUR_US))
    sim_staging.chatter(scene, sims, (opening + DAY_US, span[1]), (0, 45))
    return sims


def fleet(scene: Scene, opening: int, span: Span) -> Ints:
    """A company's drivers get their SIMs in one name and call customers every day."""
    n = staging.draw(scene, ALIKE_FLEET)
    sims, _ = sim_staging.batch(scene, n, 1, opening, ALIKE_MINUTES_APART)
    scene.use_sim(sims, scene.new_devices(n), np.full(n, opening + 5 * HOUR_US))
    sim_staging.chatter(scene, sims, (opening + DAY_US, span[1]), (25, 120))
    return sims


TYPOLOGY = Typology(
    name="agent_registered_sims",
    number=22,
    kind="sim",
    code=None,
    citation="Decree 163/2024/NĐ-CP Art. 15-18; Circular 08/2026/TT-BKHCN; Hải Dương case of 2023: 29 agents.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="village agent, enterprise fleet",
)
