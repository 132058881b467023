"""Gambling collector: many small evening payments into an account that is used for a few days only."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.scene import Ints, Scene
from fraudnet.typologies import money_staging, rows_of_money, staging
from fraudnet.typologies.grades import all_of, any_of, graded, over, per, under
from fraudnet.typologies.rows import together
from fraudnet.typologies.staging import DAY_US, MINUTE_US, Crew, Flow, Span
from fraudnet.typologies.typology import Typology

SEEN_EVENING = (0.4, 0.7)
SEEN_PAYERS_A_DAY = (4, 13)
SEEN_MEAN_SUM = (650_000, 1_700_000)
SEEN_ONE_WEEK = (0.25, 0.6)
SEEN_LEFT = (0.5, 0.85)
SEEN_BUSY_DAYS = (22, 55)
SEEN_REPEAT_PAYERS = (0.15, 0.4)

PLANT_ACCOUNTS = (4, 8)
PLANT_USED_DAYS = (2, 5)
PLANT_PLAYERS = (14, 42)
PLANT_POOL = 110
PLANT_STAKES = (50_000, 1_200_000)
PLANT_HOURS = (18.2, 22.9)
PLANT_WINNERS = 0.12
PLANT_MINUTES = (8, 600)
PLANT_CUT = (0, 50)
PLANT_NEW_SHARE = 0.7

ALIKE_AGENTS = (2, 4)
ALIKE_BETS = (20_000, 900_000)
ALIKE_KINDS = {"lottery": 1.0, "pitch": 1.0, "top_up": 1.0, "opening": 0.7}


def hits(features: pl.LazyFrame) -> pl.LazyFrame:
    """Dozens of small evening payers a day, nearly all of its life's credits within one week, and the money gone."""
    strength = all_of(
        over("in_evening_share_90d", SEEN_EVENING),
        over("peak_in_payers_1d", SEEN_PAYERS_A_DAY),
        under(per("in_amount_30d", "in_count_30d"), SEEN_MEAN_SUM),
        over(per("peak_in_count_7d", "in_count_all"), SEEN_ONE_WEEK),
        over("out_in_ratio_30d", SEEN_LEFT),
    )
    steady = any_of(over("active_days_90d", SEEN_BUSY_DAYS), over("repeat_payer_share_all", SEEN_REPEAT_PAYERS))
    return graded(features, strength, steady)


def evidence(records: Records, motifs: pl.LazyFrame, hits: pl.LazyFrame) -> pl.LazyFrame:
    """The day with most payers, first-time payers, and what was gone within the hour."""
    return together(
        rows_of_money.busy_day(records, hits, "in"),
        rows_of_money.new_partners(records, hits, "in"),
        rows_of_money.passed_on(motifs, hits),
    )


def plant(scene: Scene) -> None:
    """A betting house takes stakes on one account after the other, each for a few evenings; players follow."""
    used = staging.draw(scene, PLANT_ACCOUNTS)
    span = staging.some_span(scene, (used * PLANT_USED_DAYS[0], used * PLANT_USED_DAYS[1]))
    crew = staging.gather_crew(scene, span, used, PLANT_NEW_SHARE, (6, 90))
    players = staging.everyday_accounts(scene, PLANT_POOL)
    days = np.array_split(np.array(staging.days_of(span), dtype=np.int64), len(crew.mules))
    for account, evenings in zip(crew.mules, days, strict=True):
        for evening in evenings:
            play(scene, crew, account[None], (int(evening), players))
    begins = np.array([int(d[0]) if len(d) else span[0] for d in days])[: crew.new]
    staging.hand_over(scene, crew.mules[: crew.new], crew.phones, begins)
    staging.mark_crew(scene, crew, "gambling_collector")


def play(scene: Scene, crew: Crew, account: Ints, evening: tuple[int, Ints]) -> None:
    """One evening: stakes come in, a few win, the house takes the rest away in the night."""
    day, players = evening
    n = staging.draw(scene, PLANT_PLAYERS)
    who = scene.rng.choice(players, n)
    clock = (scene.rng.uniform(PLANT_HOURS[0] * 60, PLANT_HOURS[1] * 60, n)).astype(np.int64) * MINUTE_US
    stakes = Flow(np.repeat(account, n), day + clock, staging.sums(scene, PLANT_STAKES, n))
    keep = who != account[0]
    staging.send(scene, Flow(who, stakes.at_us, stakes.amounts).where(keep), stakes.accounts[keep])
    won = keep & (scene.rng.random(n) < PLANT_WINNERS)
    prize = Flow(stakes.accounts[won], stakes.at_us[won] + 40 * MINUTE_US, stakes.amounts[won] * 2)
    staging.send(scene, prize, who[won])
    rest = max(int(stakes.amounts[keep].sum() - prize.amounts.sum()), 0) // 1_000 * 1_000
    night = np.array([day + staging.draw(scene, (23 * 60, 24 * 60)) * MINUTE_US])
    staging.drain(scene, crew, Flow(account, night, np.array([rest])), PLANT_MINUTES, PLANT_CUT)


def plant_alike(scene: Scene) -> None:
    """A lottery agent, the booking of a football pitch, a seller of game credit, a newly opened evening shop."""
    kind = staging.either(scene, ALIKE_KINDS)
    span = staging.some_span(scene, (8, 25) if kind == "opening" else (50, 125))
    agents = scene.main_account(scene.people(staging.draw(scene, ALIKE_AGENTS)))
    for agent in agents:
        evenings(scene, agent, span, kind)
    staging.mark_alike(scene, agents, "gambling_collector", span)


def evenings(scene: Scene, agent: int, span: Span, kind: str) -> None:
    """Small sums every evening; the company or the owner is paid every few days."""
    hours = {"lottery": (16, 19), "pitch": (16, 22), "top_up": (10, 24), "opening": (17, 23)}[kind]
    a_day = {"lottery": (6, 24), "pitch": (2, 9), "top_up": (4, 20), "opening": (6, 22)}[kind]
    sold = money_staging.sales(scene, int(agent), span, a_day, ALIKE_BETS, hours=hours)
    money_staging.supplied(scene, sold, staging.everyday_accounts(scene, 2), staging.draw(scene, (1, 5)), 850)
    closing = (max(span[1] - DAY_US, span[0]), span[1])
    staging.small_life(scene, np.array([agent]), closing, (0, 2))


TYPOLOGY = Typology(
    name="gambling_collector",
    number=17,
    kind="account",
    code=3,
    citation="Penal Code Art. 321 and 322; Decision 71/QĐ-HHNH of 2025-09-30, sign 3.",
    hits=hits,
    evidence=evidence,
    plant=plant,
    plant_alike=plant_alike,
    alike="lottery agent, booking of a pitch, seller of game credit",
)
