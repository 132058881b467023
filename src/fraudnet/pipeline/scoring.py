"""The analyst's main job: a run folder with everything that was derived, the manifest last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from fraudnet.contracts.graph import SCORED_KINDS
from fraudnet.contracts.progress import Progress
from fraudnet.contracts.results import ListEntry, Reason, Score
from fraudnet.errors import ConfigurationError
from fraudnet.expressions import known_before, local_day
from fraudnet.files import sha256
from fraudnet.lists.apart import victims
from fraudnet.lists.select import select, without_recipient
from fraudnet.model.portable import SUMS, load
from fraudnet.model.ranges import outside
from fraudnet.model.thresholds import AUDIT, MATURED, MOVED, NOT_ASKED, NOT_SHOWN, TOO_FEW, Promises
from fraudnet.model.trained import Model
from fraudnet.pipeline.cases import FILES, CaseWork, keep_cases, run_before
from fraudnet.pipeline.champions import EVENT, SYNTHETIC, Chosen, chosen_models
from fraudnet.pipeline.decided import open_history
from fraudnet.pipeline.horizon import check
from fraudnet.pipeline.material import Ground, Material, ground_of
from fraudnet.pipeline.models import cut_off
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.source import Source
from fraudnet.pipeline.unlabelled import by_patterns
from fraudnet.runs.folder import Workbench, workbench
from fraudnet.runs.manifest import read_manifest
from fraudnet.runs.version import code_digest, code_version
from fraudnet.scoring.grades import graded, strongest
from fraudnet.scoring.patterns import NO_MODEL
from fraudnet.scoring.reasons import reasons
from fraudnet.scoring.score import score, stands_alone
from fraudnet.scoring.support import nearest, support
from fraudnet.settings import Settings
from fraudnet.typologies import typologies

ABSTAINED = {
    NOT_ASKED: "the model was trained without a promise",
    TOO_FEW: "too few calibration rows for a promise",
    NOT_SHOWN: "no list shows a precision of 20 % with 90 % confidence",
    MOVED: "base rates of calibration and test differ, so nothing is promised",
}
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


def score_drops(
    request: Request, settings: Settings, out: Path, exported: tuple[Path, ...], progress: Progress
) -> dict[str, Any]:
    """Score every entity of the drops before the cut-off and publish the run folder; returns what was found.

    The same inputs, settings, models and code give the same folder with the same bytes; a run that is there already is
    checked and told again. Kinds without a model are ranked by patterns. Raises MissingInputError when no model fits
    transfers or a drop without dates.
    """
    source = open_history(request, settings, progress)
    return score_source(source, request, (settings, progress), out, exported)


def score_source(
    source: Source, request: Request, tools: tuple[Settings, Progress], out: Path, exported: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """As `score_drops`, on drops that are already open."""
    settings, progress = tools
    as_of = cut_off(source, request)
    before = run_before(out, as_of) if source.records.dated else None
    job = Job(source, as_of, chosen_models(source, request, exported, settings), settings, before)
    if source.records.dated:
        check(source, job.as_of, allow_gap=request.allow_gap)
    label = str(local_day(job.as_of)) if source.records.dated else "undated"
    with workbench(out, label, job.identity()) as bench:
        folder = bench.final if bench.finished() else make(job, bench, progress)
    return summary(folder)


def make(job: Job, bench: Workbench, progress: Progress) -> Path:
    """All tables of a run, stage by stage, then the manifest and the rename."""
    ground = ground_of(job.source, job.as_of, job.kinds, job.settings)
    scores, why, hits, promises = [], [], [], {}
    notes = [f"{kind}: its model was {SYNTHETIC}; this drop is real" for kind in job.chosen.foreign]
    notes += job.chosen.notes
    for number, kind in enumerate(job.kinds):
        progress("score", number, len(job.kinds))
        if kind not in job.models:
            shown = by_patterns(kind, ground.of(kind, bench), job.settings, bench)
            hits.append(shown.hits)
            scores.append(shown.scores)
            why.append(shown.reasons)
            notes.append(shown.note)
            continue
        folder = job.models[kind]
        model, material = load(folder), ground.of(kind, bench)
        notes += strangeness(kind, model, material, job)
        one = bench.table(f"scores-{kind}", partial(scored, model, material, job, folder))
        told = material.hits.join(material.nodes.select("node", "entity_id"), on="node", maintain_order="left")
        hits.append(told)
        scores.append(one)
        why.append(bench.table(f"reasons-{kind}", partial(explained, model, material, (one, told), job)))
        bench.table(f"support-{kind}", partial(rested, model, material, one, told))
        promises[kind] = model.promises
        notes.append(promise_note(kind, model.promises))
    progress("score", len(job.kinds), len(job.kinds))
    for kind, one, told in zip(job.kinds, scores, hits, strict=True):
        bench.table(f"evidence-{kind}", partial(behind, ground, one, told))
    entries = bench.table("list_entries", lambda: chosen(job, pl.concat(scores), pl.concat(why), pl.concat(hits)))
    bench.table("institutions", lambda: institutions(job))
    if job.source.records.dated and EVENT not in job.kinds:
        work = CaseWork(job.source.records, job.as_of, pl.concat(scores), pl.concat(hits), job.before, bench)
        notes += [f"{keep_cases(work)['cases'].height} cases among the flagged"]
    lost = without_recipient(Score.validate(pl.concat(scores), cast=True))
    notes += [f"{row['entries']} flagged {row['kind']} without an institution" for row in lost.to_dicts()]
    if apart := wronged(pl.concat(scores), pl.concat(hits)).height:
        notes.append(f"{apart} flagged look like victims and are on no list")
    said = {kind: one.as_json() for kind, one in promises.items()}
    return bench.publish({**facts(job, pl.concat(scores), entries, notes), "promises": said})


def strangeness(kind: str, model: Model, material: Material, job: Job) -> list[str]:
    """What lies outside the ranges that the model was trained on."""
    found = outside(model, material.matrix.frame, job.settings)
    return [f"{kind}: {one.share:.1%} of {one.feature} outside training" for one in found]


def scored(model: Model, material: Material, job: Job, folder: Path) -> pl.DataFrame:
    """Contract Score of one kind, graded by whoever else names an entity."""
    capacity = job.settings.capacity
    name = named(model, folder) + (f" ({SYNTHETIC})" if model.facts.get("kind") in job.chosen.foreign else "")
    found = score(model, material.matrix, material.nodes, material.at_risk, capacity, name)
    return Score.validate(
        graded(found, strongest(material.statements, material.nodes)).select(Score.column_names()), cast=True
    )


def behind(ground: Ground, scores: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """Contract HitEvidence of the flagged of one kind: the delivered rows that their patterns are made of."""
    flagged = hits.join(scores.filter("flagged").select("entity_id"), on="entity_id", how="semi")
    return ground.behind(flagged.sort("node", "typology"))


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


def chosen(job: Job, scores: pl.DataFrame, why: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """Contract ListEntry: who goes on which institution's list."""
    codes = {t.name: t.code if t.alone else None for t in typologies()}
    known = known_before(job.source.records, job.as_of)
    suspected = scores.join(wronged(scores, hits), on="entity_id", how="anti", maintain_order="left")
    listed = Score.validate(suspected, cast=True)
    return select(listed, Reason.validate(why, cast=True), hits, known, codes, job.settings)


def wronged(scores: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """The flagged who look like victims (entity_id): on no list, for the institution to call."""
    return victims(scores, hits, [t.name for t in typologies() if t.victim])


def institutions(job: Job) -> pl.DataFrame:
    """Key, kind and name of the institutions that the drop names."""
    table = job.source.records.table("institutions").select("institution", "kind", "name")
    return table.sort("institution", "kind", "name").unique("institution", keep="first", maintain_order=True).collect()


def facts(job: Job, scores: pl.DataFrame, entries: pl.DataFrame, notes: list[str]) -> dict[str, Any]:
    """What the manifest says beside the digests of the files."""
    delivery = job.source.delivery
    return {
        "what": "run",
        **job.identity(),
        "code_version": code_version(),
        "seed": job.settings.seed,
        "dated": job.source.records.dated,
        "inputs": [{"name": name, "bytes": size, "sha256": digest} for name, size, digest in delivery.inputs],
        "corrections": list(job.source.corrections),
        "rows": delivery.counts.select("table", "rows_in", "good", "quarantined", "not_selected").to_dicts(),
        "held_back": {
            "outcomes": {table: list(names) for table, names in job.source.records.outcome_extras.items()},
            "allowed": dict(job.source.records.allowed_extras),
        },
        "kinds": per_kind(scores),
        "entries": entries.height,
        "notes": notes,
    }


def per_kind(scores: pl.DataFrame) -> list[dict[str, Any]]:
    """How many were scored and flagged per kind, and how many of these are expected to be honest (null: no model)."""
    flagged = pl.col("flagged")
    return (
        scores.group_by("kind")
        .agg(
            scored=pl.len(),
            flagged=flagged.sum(),
            expected_at_fault=pl.col("probability").sort().filter(flagged.sort_by("probability")).sum().round(1),
            expected_honest=(1 - pl.col("probability").sort()).filter(flagged.sort_by("probability")).sum().round(1),
            told=pl.col("probability").is_not_null().any(),
        )
        .with_columns(pl.when("told").then(pl.col("expected_at_fault", "expected_honest")))
        .drop("told")
        .sort("kind")
        .to_dicts()
    )


def summary(folder: Path) -> dict[str, Any]:
    """What a finished run says about itself."""
    manifest = read_manifest(folder)
    as_of = str(local_day(datetime.fromisoformat(manifest["as_of"]))) if manifest["dated"] else "the last row"
    shown = {key: manifest[key] for key in ("kinds", "entries", "notes", "models", "rows")}
    return {"folder": str(folder), "run": folder.name, "as_of": as_of, **shown}


def entries_of(folder: Path) -> dy.DataFrame[ListEntry]:
    """The list entries of a run, under their contract."""
    frame = pl.read_parquet(folder / "list_entries.parquet")
    if frame.is_empty():
        raise ConfigurationError(f"{folder}: the run has no entry for any institution, so there is no list to write")
    return ListEntry.validate(frame, cast=True)
