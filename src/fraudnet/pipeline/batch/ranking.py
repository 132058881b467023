"""Every kind of a run scored and explained, with what its flags rest on and the rows behind its hits."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.graph import SCORED_KINDS
from fraudnet.contracts.progress import Progress
from fraudnet.contracts.results import Score
from fraudnet.files import sha256
from fraudnet.model.matrix import Rows
from fraudnet.model.portable import SUMS, load
from fraudnet.model.ranges import outside
from fraudnet.model.thresholds import AUDIT, MATURED, MOVED, NOT_ASKED, NOT_SHOWN, TOO_FEW, Promises
from fraudnet.model.trained import Model, Sight
from fraudnet.pipeline.batch.material import Ground, Material, ground_of
from fraudnet.pipeline.batch.unlabelled import Shown, by_patterns
from fraudnet.pipeline.casework.cases import FILES
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.reading.statements import break_notes
from fraudnet.pipeline.training.champions import EVENT, SYNTHETIC, Chosen
from fraudnet.runs.folder import Workbench
from fraudnet.runs.version import code_digest
from fraudnet.scoring.grades import graded, strongest
from fraudnet.scoring.patterns import NO_MODEL
from fraudnet.scoring.reasons import reasons
from fraudnet.scoring.score import scores_of, stands_alone
from fraudnet.scoring.support import nearest, support
from fraudnet.settings import Settings

ABSTAINED = {
    NOT_ASKED: "the model was trained without a promise",
    TOO_FEW: "too few calibration rows for a promise",
    NOT_SHOWN: "no list shows a precision of 20 % with 90 % confidence",
    MOVED: "base rates of calibration and test differ, so nothing is promised",
}
HANDS = 2  # kinds that are scored and explained at a time
BASES = {
    AUDIT: "of those reviewed by lot, with 90 % confidence",
    MATURED: "counting confirmed fraud alone, with 90 % confidence",
}


@dataclass(frozen=True)
class Job:
    """One scoring: what is read, up to when, with which models."""

    source: Source
    as_of: datetime
    chosen: Chosen
    settings: Settings
    before: Path | None = None

    @property
    def models(self) -> dict[str, Path]:
        """The exported model of each kind that has one."""
        return self.chosen.models

    @property
    def kinds(self) -> tuple[str, ...]:
        """Everything that is ranked, with and without a model, in the fixed order of the kinds."""
        return tuple(kind for kind in (*SCORED_KINDS, EVENT) if kind in self.models or kind in self.chosen.without)

    def _model(self, kind: str) -> str:
        return sha256(self.models[kind] / SUMS) if kind in self.models else NO_MODEL

    def identity(self) -> dict[str, Any]:
        """Everything that may change the result."""
        return {
            "source": self.source.digest,
            "as_of": self.as_of.isoformat(),
            "models": {kind: self._model(kind) for kind in self.kinds},
            "settings": self.settings.digestible(),
            "code": code_digest(),
            **({"cases_before": [sha256(self.before / name) for name in FILES]} if self.before else {}),
        }


@dataclass
class Ranked:
    """What has been found so far, kind by kind: scores, reasons, hits by entity, promises, and what to note."""

    scores: list[pl.DataFrame]
    why: list[pl.DataFrame]
    hits: list[pl.DataFrame]
    promises: dict[str, Promises]
    notes: list[str]


def ranked(job: Job, bench: Workbench, progress: Progress) -> Ranked:
    """Every kind scored, explained, and the rows behind its hits; the graph is let go of at the end."""
    ground = ground_of(job.source, job.as_of, job.kinds, job.settings)
    notes = [f"{kind}: its model was {SYNTHETIC}; this drop is real" for kind in job.chosen.foreign]
    notes += [*job.chosen.notes, *break_notes(job.source.delivery.breaks)]
    found = Ranked([], [], [], {}, notes)
    for kind, one in zip(job.kinds, each_kind(job, ground, bench, progress), strict=True):
        found.scores.append(one.scores)
        found.why.append(one.reasons)
        found.hits.append(one.hits)
        found.notes.extend(one.notes)
        if one.promises is not None:
            found.promises[kind] = one.promises
    keep_evidence(job, ground, found, (bench, progress))
    return found


def each_kind(job: Job, ground: Ground, bench: Workbench, progress: Progress) -> list[Shown]:
    """What is found about each kind, in order: features of all kinds first, then two kinds at a time.

    Which of several errors is told is that of the first kind, whichever was quicker; kinds not yet begun are let be.
    """
    found, waiting = list[Shown](), list[Future[Shown]]()
    progress("score", 0, len(job.kinds))
    pool = ThreadPoolExecutor(HANDS)
    try:
        for kind in job.kinds:
            waiting.append(pool.submit(shown, job, kind, ground.of(kind, bench), bench))
        for number, one in enumerate(waiting, 1):
            found.append(one.result())
            progress("score", number, len(job.kinds))
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def shown(job: Job, kind: str, material: Material, bench: Workbench) -> Shown:
    """One kind as its model sees it, or its patterns where it has none."""
    if kind in job.models:
        return by_model(job, kind, material, bench)
    return by_patterns(kind, material, job.settings, bench)


def keep_evidence(job: Job, ground: Ground, found: Ranked, tools: tuple[Workbench, Progress]) -> None:
    """The rows behind the hits of the flagged of every kind, kept on the bench; tools: the bench and who is told."""
    bench, progress = tools
    flagged = [suspected(one, told) for one, told in zip(found.scores, found.hits, strict=True)]
    every = pl.concat([one["node"] for one in flagged]).unique().sort()
    for number, (kind, mine) in enumerate(zip(job.kinds, flagged, strict=True)):
        progress("evidence", number, len(job.kinds))
        bench.table(f"evidence-{kind}", partial(ground.behind, mine, every))
    progress("evidence", len(job.kinds), len(job.kinds))


def by_model(job: Job, kind: str, material: Material, bench: Workbench) -> Shown:
    """One kind as its model sees it: scores, reasons and what each flag rests on."""
    folder = job.models[kind]
    model = load(folder)
    sight = seen(model, material.matrix)
    notes = strangeness(kind, model, sight, job)
    one = bench.table(f"scores-{kind}", partial(scored, model, material, sight, job, folder))
    told = material.hits.join(material.nodes.select("node", "entity_id"), on="node", maintain_order="left")
    why = bench.table(f"reasons-{kind}", partial(explained, model, material, (one, told), job))
    bench.table(f"support-{kind}", partial(rested, model, material, one, told))
    return Shown(one, why, told, [*notes, promise_note(kind, model.promises)], model.promises)


def strangeness(kind: str, model: Model, sight: Sight, job: Job) -> list[str]:
    """What lies outside the ranges that the model was trained on."""
    found = outside(model, sight, job.settings)
    return [f"{kind}: {one.share:.1%} of {one.feature} outside training" for one in found]


def seen(model: Model, rows: Rows) -> Sight:
    """Everybody of one kind as the model sees them."""
    return model.sight_of(rows)


def scored(model: Model, material: Material, sight: Sight, job: Job, folder: Path) -> pl.DataFrame:
    """Contract Score of one kind, graded by whoever else names an entity."""
    name = named(model, folder) + (f" ({SYNTHETIC})" if model.facts.get("kind") in job.chosen.foreign else "")
    judged = material.matrix.keys, sight.raw
    found = scores_of(model, judged, material.nodes, material.at_risk, job.settings.capacity, name)
    return Score.validate(
        graded(found, strongest(material.statements, material.nodes)).select(Score.column_names()), cast=True
    )


def suspected(scores: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """The hits of the flagged of one kind."""
    return hits.join(scores.filter("flagged").select("entity_id"), on="entity_id", how="semi").sort("node", "typology")


def rested(model: Model, material: Material, scores: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """Contract Support of the flagged of one kind."""
    who = material.nodes.select("node", "entity_id")
    told = material.statements.join(who, on="node", maintain_order="left")
    flagged = scores.filter("flagged")
    near = nearest(flagged, material.links, material.seeds, who)
    return support(scores, stands_alone(model, material.matrix, scores), hits, told, near)


def promise_note(kind: str, promises: Promises) -> str:
    """What a list of a kind promises, or that it promises nothing and why."""
    kept = [one for one in promises.made if one.raw is not None]
    if not kept:
        return f"{kind}: {ABSTAINED[promises.made[0].why]}; flagged up to the capacity, with no promised precision"
    best = kept[-1].level
    return f"{kind}: promises a precision of {kept[0].level:.0%}, at the top {best:.0%} ({BASES[promises.basis]})"


def named(model: Model, folder: Path) -> str:
    """The model's name and the first digits of its digest."""
    return f"{model.name}@{sha256(folder / SUMS)[:10]}"


def explained(model: Model, material: Material, found: tuple[pl.DataFrame, pl.DataFrame], job: Job) -> pl.DataFrame:
    """Contract Reason of the flagged of one kind."""
    return reasons(model, material.matrix, found[0], found[1], job.settings.language)
