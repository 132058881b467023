"""Too many SIMs on one identity: a straw man's document carries SIM after SIM that strangers use."""

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

SEEN_NOW = (4, 10)
SEEN_IN_A_MONTH = (3, 8)
SEEN_AMONG_THEMSELVES = (2, 12)
SEEN_TALK = (10, 40)
SEEN_FAMILY_TALK = (1, 8)
SEEN_FIRM = (0, 1)
SEEN_OVER_YEARS = (2, 6)

PLANT_NAMES = (1, 2)
PLANT_PER_NAME = (5, 16)
PLANT_DAYS = (6, 24)
PLANT_CODES = (0, 9)
PLANT_CALLS = (1, 33)
PLANT_CALLING = 0.5

ALIKE_PARENTS = (4, 9)
ALIKE_SIMS = (3, 11)
ALIKE_YEARS_DAYS = 900
ALIKE_CALLS = (0, 24)
ALIKE_CAMERAS, ALIKE_ALL_CAMERAS = 0.35, 0.2
ALIKE_AT_SCHOOL = 0.7
ALIKE_COLLECTION = (9, 16)
ALIKE_SPREE_DAYS = 25


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """More SIMs in force than a family needs, most within a month, that never call each other and hardly anybody."""
    strength = all_of(
        over("holder_sims_now_count", SEEN_NOW),
        over("holder_sims_peak_30d_count", SEEN_IN_A_MONTH),
        under("holder_sims_calls_all", SEEN_AMONG_THEMSELVES),
        under("out_calls_all", SEEN_TALK),
        under("holder_is_firm", SEEN_FIRM),
    )
    family = any_of(
        over("holder_sims_calls_all", SEEN_FAMILY_TALK), under("holder_sims_peak_30d_count", SEEN_OVER_YEARS)
    )
    return graded(features, strength, all_of(over("holder_sims_now_count", SEEN_NOW), family))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its own row, and the other SIMs of its holder."""
    return together(
        rows_of_holdings.sim(records, hits),
        rows_of_holdings.same_name(records, hits),
    )


def plant(scene: Scene) -> None:
    """One or two people sell their names: a SIM a day or more, at any operator, passed on to buyers at once."""
    span = staging.some_span(scene, PLANT_DAYS)
    spread = scene.habits.names
    names = scene.people(max(1, round(staging.draw(scene, PLANT_NAMES) * spread)))
    each = np.maximum((staging.draws(scene, PLANT_PER_NAME, len(names)) / spread**0.5).astype(np.int64), 4)
    holders = np.repeat(names, each)
    at = np.sort(staging.moments(scene, span, len(holders), (8, 20)))
    sims = scene.activate_sims(holders, at)
    buyers = sim_staging.phones_in_hand(scene, max(2, len(sims) // 2))
    used_at = np.minimum(at + staging.draws(scene, (2, 60), len(sims)) * HOUR_US, scene.end_us - 1)
    scene.use_sim(sims, buyers[scene.rng.integers(0, len(buyers), len(sims))], used_at)
    sim_staging.codes_arrive(scene, sims, (span[0] + DAY_US, span[1]), PLANT_CODES)
    calling = sims[scene.rng.random(len(sims)) < PLANT_CALLING]
    sim_staging.chatter(scene, calling, (span[0] + DAY_US, span[1]), PLANT_CALLS)
    scene.mark_sims(sims, "agent_registered", "too_many_sims", scene.next_ring(), span)


def plant_alike(scene: Scene) -> None:
    """Parents who took SIMs for children, elders and cameras, over years or at once, or a collector of numbers."""
    span = staging.some_span(scene, (30, 90))
    sims = collector(scene, span) if scene.rng.random() < 0.25 else parents(scene, span)
    scene.mark_sims(sims, "alike", "too_many_sims", scene.next_ring(), span)


def parents(scene: Scene, span: Span) -> Ints:
    """Some SIMs of each came when school began; children call home; a camera's or a fish pond's SIM never calls."""
    people = scene.people(staging.draw(scene, ALIKE_PARENTS))
    holders = np.repeat(people, staging.draws(scene, ALIKE_SIMS, len(people)))
    back = staging.draws(scene, (1, ALIKE_YEARS_DAYS), len(holders)) * DAY_US
    school = np.isin(holders, people[::2]) & (scene.rng.random(len(holders)) < ALIKE_AT_SCHOOL)
    sims = scene.activate_sims(
        holders, span[0] - np.where(school, staging.draws(scene, (1, 12), len(holders)) * DAY_US, back)
    )
    scene.use_sim(sims, scene.new_devices(len(sims)), np.full(len(sims), span[0]))
    farmers = people[scene.rng.random(len(people)) < ALIKE_ALL_CAMERAS]
    camera = (scene.rng.random(len(sims)) < ALIKE_CAMERAS) | np.isin(holders, farmers)
    children, heads = sims[~camera], scene.main_sim(holders[~camera])
    which = np.repeat(np.arange(len(children)), staging.draws(scene, ALIKE_CALLS, len(children)))
    if len(which):
        sim_staging.talk(scene, children[which], heads[which], staging.moments(scene, span, len(which)))
        sim_staging.chatter(scene, children, span, ALIKE_CALLS)
    return sims


def collector(scene: Scene, span: Span) -> Ints:
    """One lover of fine numbers, who buys them over years or on a spree, and rings himself up from some."""
    holder = scene.people(1)
    n = staging.draw(scene, ALIKE_COLLECTION)
    days = (1, ALIKE_SPREE_DAYS if scene.rng.random() < 0.5 else ALIKE_YEARS_DAYS)
    sims = scene.activate_sims(np.repeat(holder, n), span[0] - staging.draws(scene, days, n) * DAY_US)
    scene.use_sim(sims, np.repeat(scene.main_device(holder), n), np.full(n, span[0]))
    which = np.repeat(sims, staging.draws(scene, (0, 1), n))
    if len(which):
        own = np.repeat(scene.main_sim(holder), len(which))
        sim_staging.talk(scene, which, own, staging.moments(scene, span, len(which)))
    return sims


TYPOLOGY = Typology(
    name="too_many_sims",
    number=23,
    kind="sim",
    code=None,
    citation="Decree 163/2024/NĐ-CP Art. 17-18; Circular 08/2026/TT-BKHCN; India's line of nine SIMs.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="parent of children and elders, cameras, collector of numbers",
)
