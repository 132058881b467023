"""The analyst's main job: a run folder with everything that was derived, the manifest last."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from fraudnet.contracts.cases import CaseHold
from fraudnet.contracts.progress import Progress
from fraudnet.contracts.results import HitEvidence, ListEntry, Reason, Score
from fraudnet.errors import ConfigurationError
from fraudnet.expressions import latest, local_day, told_before
from fraudnet.graph.codes import between
from fraudnet.lists.apart import victims
from fraudnet.lists.holders import LOOKED_AT
from fraudnet.lists.live import completed
from fraudnet.lists.select import select, with_holds, with_references, without_recipient
from fraudnet.pipeline.batch.ranking import Job, ranked
from fraudnet.pipeline.casework.cases import CaseWork, keep_cases, run_before
from fraudnet.pipeline.exchange.own_legs import own_references
from fraudnet.pipeline.reading.decided import open_history
from fraudnet.pipeline.reading.horizon import check
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training.champions import EVENT, chosen_models
from fraudnet.pipeline.training.models import cut_off
from fraudnet.runs.folder import Workbench, workbench
from fraudnet.runs.manifest import read_manifest
from fraudnet.runs.version import code_version
from fraudnet.settings import Settings
from fraudnet.sources.flat_mapping import flat_mappings
from fraudnet.typologies import typologies


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
    found = ranked(job, bench, progress)
    scores, hits, notes = pl.concat(found.scores), pl.concat(found.hits), found.notes
    holds: pl.DataFrame = CaseHold.create_empty().lazy().collect()
    if job.source.records.dated and EVENT not in job.kinds:
        progress("cases", 0, 1)
        cases = keep_cases(CaseWork(job.source.records, job.as_of, scores, hits, job.before, bench))
        holds = cases["case_holds"]
        notes += [f"{cases['cases'].height} cases among the flagged"]
        progress("cases", 1, 1)
    progress("lists", 0, 1)
    shown = behind(bench)
    own = between(told_before(job.source.records, job.as_of), "transfers", shown["entity_id"])
    traced = (holds, own_references(own, shown))
    entries = bench.table("list_entries", lambda: chosen(job, scores, pl.concat(found.why), hits, traced))
    bench.table("institutions", lambda: institutions(job))
    lost = without_recipient(Score.validate(scores, cast=True))
    notes += [f"{row['entries']} flagged {row['kind']} without an institution" for row in lost.to_dicts()]
    if apart := wronged(scores, hits).height:
        notes.append(f"{apart} flagged look like victims and are on no list")
    said = {kind: one.as_json() for kind, one in found.promises.items()}
    folder = bench.publish({**facts(job, scores, entries, notes), "promises": said})
    progress("lists", 1, 1)
    return folder


def behind(bench: Workbench) -> pl.DataFrame:
    """Contract HitEvidence of all kinds."""
    paths = sorted(bench.partial.glob("evidence-*.parquet"))
    return pl.concat([HitEvidence.create_empty().lazy().collect(), *map(pl.read_parquet, paths)])


def chosen(
    job: Job, scores: pl.DataFrame, why: pl.DataFrame, hits: pl.DataFrame, traced: tuple[pl.DataFrame, pl.DataFrame]
) -> pl.DataFrame:
    """Contract ListEntry: who goes on which institution's list.

    traced: what of victims' money would be held (contract CaseHold), and each account's own transfers behind its flag.
    """
    codes = {t.name: t.code if t.alone else None for t in typologies()}
    known = latest(told_before(job.source.records, job.as_of), LOOKED_AT)
    suspected = scores.join(wronged(scores, hits), on="entity_id", how="anti", maintain_order="left")
    listed = Score.validate(suspected, cast=True)
    found = select(listed, Reason.validate(why, cast=True), hits, known, codes, job.settings)
    return with_references(with_holds(found, traced[0]), traced[1])


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
        "mapping": flat_mappings(delivery.mappings),
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
        raise ConfigurationError(
            "{folder}: the run has no entry for any institution, so there is no list to write", folder=folder
        )
    return ListEntry.validate(completed(frame, ListEntry), cast=True)
