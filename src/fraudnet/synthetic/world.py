"""Write a whole synthetic world: settle, plant, live, find out, and leave a drop and the truth apart from it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from fraudnet.contracts.progress import Progress, silent
from fraudnet.errors import ConfigurationError, WriteFailedError
from fraudnet.files import publish_folder
from fraudnet.synthetic import (
    batches,
    churn,
    clock,
    episodes,
    fates,
    gatherings,
    habits,
    holdings,
    people,
    planting,
    spending,
    talking,
    trades,
    wages,
)  # fmt: skip
from fraudnet.synthetic.deciding import decisions
from fraudnet.synthetic.fraud_habits import checked
from fraudnet.synthetic.living import Life
from fraudnet.synthetic.planting import Planted
from fraudnet.synthetic.reporting import complaints
from fraudnet.synthetic.stage import Stage
from fraudnet.synthetic.truth import truth_of
from fraudnet.synthetic.writing import Found, write_world
from fraudnet.typologies import typologies
from fraudnet.typologies.typology import Typology

START = date(2025, 10, 1)
LEAST_PEOPLE, LEAST_DAYS = 100, 30
(SETTLING, CHURN, PLANTING, MONEY, HABITS, TALK, REPORTS, DECISIONS, WRITING, FATES) = range(10)


@dataclass(frozen=True)
class WorldPlan:
    """How large a world is, when it begins, how much fraud it holds, and the seed of every choice in it.

    dirt: how messy the records of people are, as a factor (1 as usual, 0 clean). habits: how organised groups behave,
    `a` (as until 2025) or `b` (as after enforcement). days: how long it lasts, instead of whole months. calls: calls
    and messages of a person and day; fewer than are planted and a third of the usual rate are never written.
    """

    people: int = 20_000
    months: int = 12
    start: date = START
    share: float = 0.01
    seed: int = 20261001
    dirt: float = 1.0
    habits: str = "a"
    days: int | None = None
    calls: float = talking.PER_PERSON_DAY

    @property
    def end(self) -> date:
        """The day after the last day."""
        if self.days is not None:
            return self.start + timedelta(days=self.days)
        month = self.start.month - 1 + self.months
        return date(self.start.year + month // 12, month % 12 + 1, self.start.day)


@dataclass(frozen=True)
class WorldSummary:
    """What was written: rows per table, rows that are bad on purpose, and what was planted per typology."""

    folder: Path
    plan: WorldPlan
    rows: Mapping[str, int]
    bad_rows: Mapping[str, int]
    planted: Mapping[str, Planted]


def write_planned(
    folder: Path, plan: WorldPlan, known: Sequence[Typology] | None = None, progress: Progress = silent
) -> WorldSummary:
    """Write `<folder>/drop` (files and mapping.toml) and `<folder>/truth` of a world with planted fraud.

    plan: `people` at least 100, `start` the first of a month, `share` the share of accounts that are mule accounts
    (seven tenths of it for SIMs). known: the typologies to plant, all registered ones by default. The same arguments
    give the same bytes, whatever the number of threads. Raises ConfigurationError for a plan that makes no world and
    WriteFailedError when the folder is there already.
    """
    _check(folder, plan)
    stage = _settled(plan)
    progress("planting rings", 0, None)
    way = plan.share, plan.habits
    planted = planting.plant_all(stage, typologies() if known is None else known, way, progress)
    found = _lived(stage, plan, progress)
    pen = np.random.default_rng([plan.seed, WRITING]), plan.dirt
    partial = folder.with_name(f".partial-{folder.name}-{os.getpid()}")
    try:
        rows, bad = write_world(stage, found, partial, pen, progress)
        publish_folder(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return WorldSummary(folder, plan, rows, bad, planted)


def _check(folder: Path, plan: WorldPlan) -> None:
    checked(plan.habits)
    long = plan.months >= 1 if plan.days is None else plan.days >= LEAST_DAYS
    if plan.people < LEAST_PEOPLE or not long or plan.start.day != 1 or not 0 <= plan.share <= 0.2 or plan.calls < 0:
        raise ConfigurationError(
            "world: people {people}, months {months}, days {days}, start {start}, share {share}, calls "
            "{calls}; expected at least {least_people} people, 1 month or {least_days} days, a start on "
            "the first of a month, a share from 0 to 0.2 and calls from 0",
            people=plan.people,
            months=plan.months,
            days=plan.days,
            start=plan.start,
            share=plan.share,
            calls=plan.calls,
            least_people=LEAST_PEOPLE,
            least_days=LEAST_DAYS,
        )
    if folder.exists():
        raise WriteFailedError("{folder}: is there already; name a new folder or remove this one first", folder=folder)


def _settled(plan: WorldPlan) -> Stage:
    rng = np.random.default_rng([plan.seed, SETTLING])
    span = clock.midnight_us(plan.start), clock.midnight_us(plan.end)
    population = people.populate(plan.people, plan.start.year, rng)
    held = holdings.settle(population, span, rng)
    batches.open_together(held, population, span, rng)
    batches.buy_together(held, span, len(held.main_sim), rng)
    stage = Stage(population, held, np.random.default_rng([plan.seed, PLANTING]), *span)
    churn.end_and_recycle(stage, np.random.default_rng([plan.seed, CHURN]))
    fates.all_fates(stage, np.random.default_rng([plan.seed, FATES]))
    return stage


def _lived(stage: Stage, plan: WorldPlan, progress: Progress) -> Found:
    """Ordinary life around what was planted, then complaints and decisions."""
    seed = plan.seed
    progress("living an ordinary life", 0, None)
    life = Life.of(stage, np.random.default_rng([seed, MONEY]))
    wages.every_month(life)
    gatherings.all_gatherings(life)
    trades.all_trades(life)
    episodes.all_episodes(life)
    spending.fill(life)
    habits.all_habits(Life.of(stage, np.random.default_rng([seed, HABITS])))
    talking.fill(Life.of(stage, np.random.default_rng([seed, TALK])), plan.calls)
    truth = truth_of(stage)
    reports = complaints(stage, truth, np.random.default_rng([seed, REPORTS]))
    return Found(truth, reports, decisions(stage, truth, reports, np.random.default_rng([seed, DECISIONS])))
