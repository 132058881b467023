"""Scam call centre: young SIMs that call strangers all day long, are hardly ever called back, and are soon dropped."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import rows_of_holdings, sim_staging, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, per, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, MINUTE_US, Span
from fraudnet.typologies.typology import Typology

SEEN_CALLS_A_DAY = (10, 32)
SEEN_NEW_PEOPLE = (20, 80)
SEEN_DIFFERENT = (0.35, 0.7)
SEEN_ANSWERING_BACK = (0.06, 0.16)
SEEN_AGE_DAYS = (120, 360)
SEEN_CALLED = (0.08, 0.5)
SEEN_LONG_AGE_DAYS = (150, 700)

PLANT_SIMS = (3, 10)
PLANT_DAYS = (5, 15)
PLANT_CALLS = (8, 50)
PLANT_BOUGHT_DAYS = (1, 150)
PLANT_ACTIVE = 0.7
PLANT_CALLBACKS = (0.02, 0.18)

ALIKE_LINES = (2, 4)
ALIKE_CALLS = (18, 95)
ALIKE_CALLBACKS = {"hotline": 1.6, "clinic": 0.2, "dispatcher": 0.35, "survey": 0.09, "sales": 0.14, "canvass": 0.07}
# Canvassers of a new project: SIMs and phones of a few weeks, cold calls, most of which nobody answers or lets go on.
ALIKE_CANVASS_DAYS, ALIKE_BEGUN_DAYS = (6, 26), (2, 90)
ALIKE_UNANSWERED, ALIKE_CUT_SHORT = (0.35, 0.6), (0.3, 0.42)
ALIKE_SHORT_SECONDS = (22, 75)  # how long the longest of a team's short calls are


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Dozens of calls a day from a young SIM, nearly each to somebody new, and hardly anybody calls back."""
    strength = all_of(
        over("peak_out_calls_1d", SEEN_CALLS_A_DAY),
        over("first_callees_30d", SEEN_NEW_PEOPLE),
        over(per("callees_30d", "out_calls_30d"), SEEN_DIFFERENT),
        under("in_out_ratio_all", SEEN_ANSWERING_BACK),
        under("sim_age_days", SEEN_AGE_DAYS),
    )
    service = any_of(over("in_out_ratio_all", SEEN_CALLED), over("sim_age_days", SEEN_LONG_AGE_DAYS))
    return graded(features, strength, all_of(over("peak_out_calls_1d", SEEN_CALLS_A_DAY), service))


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Its own row, and the calls of its busiest day."""
    return together(
        rows_of_holdings.sim(records, hits),
        rows_of_holdings.busy_day_calls(records, hits),
    )


def plant(scene: Scene) -> None:
    """A room of callers works through strangers for days; most hang up, a few listen long."""
    span = staging.some_span(scene, PLANT_DAYS)
    n = staging.draw(scene, PLANT_SIMS)
    bought = span[0] - staging.draw(scene, PLANT_BOUGHT_DAYS) * DAY_US
    sims, _ = sim_staging.batch(scene, n, max(1, n // 3), bought, (2, 200))
    phones = sim_staging.phones_in_hand(scene, max(1, n // 2))
    scene.use_sim(sims, phones[np.arange(n) % len(phones)], np.full(n, span[0]))
    days = staging.days_of(span)
    for sim in sims:
        for day in scene.rng.choice(days, max(1, round(len(days) * PLANT_ACTIVE)), replace=False):
            shift(scene, int(sim), int(day))
    scene.mark_sims(sims, "call_centre", "call_centre", scene.next_ring(), span)


def shift(scene: Scene, sim: int, day: int) -> None:
    """One SIM's calls of one day, and the few who call back."""
    n = staging.draw(scene, PLANT_CALLS)
    people = scene.main_sim(scene.people(n, fresh=False))
    at = day + staging.draws(scene, (8 * 60, 19 * 60), n) * MINUTE_US
    luck = scene.rng.random(n)
    short, long = staging.draws(scene, (4, 45), n), staging.draws(scene, (240, 1_700), n)
    seconds = np.select([luck < 0.5, luck < 0.92], [np.zeros(n, np.int64), short], long)
    keep = (at >= scene.start_us) & (at < scene.end_us) & (people != sim)
    if keep.any():
        scene.call(np.full(keep.sum(), sim), people[keep], at[keep], "voice", seconds[keep])
    back = people[scene.rng.random(n) < scene.rng.uniform(*PLANT_CALLBACKS)]
    sim_staging.talk(
        scene, back, np.full(len(back), sim), day + staging.draws(scene, (9 * 60, 20 * 60), len(back)) * MINUTE_US
    )


def plant_alike(scene: Scene) -> None:
    """Honest lines that call a lot: a hotline, a clinic, a dispatcher, a survey, telephone sales, canvassers."""
    kind = str(scene.rng.choice([*ALIKE_CALLBACKS, "canvass", "canvass"]))
    span = staging.some_span(scene, ALIKE_CANVASS_DAYS if kind == "canvass" else (30, 90))
    n = staging.draw(scene, ALIKE_LINES)
    if kind == "canvass":
        canvass(scene, n, span)
        return
    sims, _ = sim_staging.batch(scene, n, n, span[0] - staging.draw(scene, (3, 500)) * DAY_US, (5, 60))
    scene.use_sim(sims, scene.new_devices(n), np.full(n, span[0]))
    for sim in sims:
        line(scene, sim[None], span, kind)
    sim_staging.chatter(scene, sims, span, (5, 60))
    scene.mark_sims(sims, "alike", "call_centre", scene.next_ring(), span)


def canvass(scene: Scene, n: int, span: Span) -> None:
    """A sales team for a new project: SIMs of one batch, strangers all day, and the calls that cold calls are."""
    bought = span[0] - staging.draw(scene, ALIKE_BEGUN_DAYS) * DAY_US
    sims, _ = sim_staging.batch(scene, n, max(1, n // 2), bought, (2, 120))
    phones = sim_staging.phones_in_hand(scene, n)
    scene.use_sim(sims, phones, np.full(n, span[0]))
    ends = (
        *scene.rng.uniform(*np.transpose([ALIKE_UNANSWERED, ALIKE_CUT_SHORT])),
        staging.draw(scene, ALIKE_SHORT_SECONDS),
    )
    for sim in sims:
        for day in staging.days_of(span):
            cold_calls(scene, int(sim), day, ends)
    scene.mark_sims(sims, "alike", "call_centre", scene.next_ring(), span)


def cold_calls(scene: Scene, sim: int, day: int, ends: tuple[float, float, int]) -> None:
    """One canvasser's day; the share of calls not answered, of those cut short, and how long the latter are at most."""
    unanswered, cut_short, seconds_at_most = ends
    n = staging.draw(scene, ALIKE_CALLS) // 2
    people = fresh_people(scene, n)
    at = day + staging.draws(scene, (8 * 60, 18 * 60), n) * MINUTE_US
    luck = scene.rng.random(n)
    short, long = staging.draws(scene, (5, seconds_at_most), n), staging.draws(scene, (90, 1_100), n)
    seconds = np.select([luck < unanswered, luck < unanswered + cut_short], [np.zeros(n, np.int64), short], long)
    keep = (at >= scene.start_us) & (at < scene.end_us) & (people != sim)
    if keep.any():
        scene.call(np.full(keep.sum(), sim), people[keep], at[keep], "voice", seconds[keep])
    back = people[scene.rng.random(n) < ALIKE_CALLBACKS["canvass"]]
    at = day + staging.draws(scene, (9 * 60, 20 * 60), len(back)) * MINUTE_US
    sim_staging.talk(scene, back, np.full(len(back), sim), at)


def line(scene: Scene, sim: Ints, span: Span, kind: str) -> None:
    """Working days of one line: a clinic calls its own patients again and again, the others ever new customers."""
    own = scene.main_sim(scene.people(80, fresh=False))
    for day in staging.days_of(span, 3):
        n = staging.draw(scene, ALIKE_CALLS)
        people = own[scene.rng.integers(0, len(own), n)] if kind == "clinic" else fresh_people(scene, n)
        at = day + staging.draws(scene, (8 * 60, 18 * 60), n) * MINUTE_US
        sim_staging.talk(scene, np.repeat(sim, n), people, at)
        back = scene.rng.choice(people, int(n * ALIKE_CALLBACKS[kind]))
        at = day + staging.draws(scene, (8 * 60, 20 * 60), len(back)) * MINUTE_US
        sim_staging.talk(scene, back, np.repeat(sim, len(back)), at)


def fresh_people(scene: Scene, n: int) -> Ints:
    """Everyday SIMs of n people who may never have been called before."""
    return scene.main_sim(scene.people(n, fresh=False))


TYPOLOGY = Typology(
    name="call_centre",
    number=21,
    kind="sim",
    code=None,
    citation="Decree 91/2020/NĐ-CP on spam calls; operators' published signs of SIM boxes (over 50 calls a day).",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="hotline, clinic reminders, dispatcher",
)
