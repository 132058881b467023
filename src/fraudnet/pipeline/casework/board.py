"""From a finished run to what reviewers are shown of it: a folder of tables below the data directory."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.board import TABLES
from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.contracts.drop import Records
from fraudnet.contracts.features import Column
from fraudnet.contracts.progress import Progress
from fraudnet.errors import FraudnetError
from fraudnet.files import digest_of, publish_folder, sha256
from fraudnet.pipeline.batch.finished import Finished, finished
from fraudnet.pipeline.casework.board_evidence import evidence_of
from fraudnet.pipeline.casework.board_items import items_of
from fraudnet.pipeline.casework.board_shifts import shifts
from fraudnet.pipeline.casework.campaign import KEPT as REPORTS
from fraudnet.pipeline.casework.cases import run_before
from fraudnet.pipeline.reading.register import entries
from fraudnet.pipeline.reading.source import open_drops
from fraudnet.pipeline.request import Request
from fraudnet.review.board import Board, Facts, read_board, write_board
from fraudnet.runs.manifest import MANIFEST
from fraudnet.runs.version import code_digest
from fraudnet.settings import Settings

PER_DAY = 60
MOVEMENTS = ("transfers", "cash", "calls")


def prepare_review(
    run: Path, request: Request, settings: Settings, progress: Progress, per_day: int = PER_DAY
) -> Board:
    """What the reviewers of a run are shown, made once and kept below the data directory.

    request: the drops that the run was scored from, for movements and records; without any those that are registered,
    and without these there are no timelines and no names. Raises IntegrityError when bytes of the run have changed.
    """
    found = finished(run)
    known = [str(drop) for drop in request.drops] or entries(settings)
    before = run_before(found.folder.parent, datetime.fromisoformat(found.manifest["as_of"]))
    earlier = sha256(before / MANIFEST) if before else ""
    identity = digest_of([sha256(found.folder / MANIFEST), known, code_digest(), per_day, earlier])
    folder = settings.home / "review" / f"{found.folder.name}-{identity[:8]}"
    try:
        return read_board(folder)
    except FraudnetError:
        shutil.rmtree(folder, ignore_errors=True)
    records = open_drops(request, settings, progress).records if known else Records({})
    progress("prepare the review", 0, 1)
    board = board_of(found, records, per_day, before)
    partial = folder.with_name(f".partial-{folder.name}")
    for older in folder.parent.glob(f"*{found.folder.name}-*"):
        shutil.rmtree(older)
    write_board(partial, board)
    publish_folder(partial, folder)
    progress("prepare the review", 1, 1)
    return read_board(folder)


def newest_figures(settings: Settings) -> dict[str, Any]:
    """What the newest campaign report reckoned, for the console's campaign page; empty where there is none."""
    for path in sorted((settings.home / REPORTS).glob("*.json"), reverse=True):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(told, dict) and "whole" in told and "saved" in told:
            return told
    return {}


def board_of(run: Finished, records: Records, per_day: int = PER_DAY, before: Path | None = None) -> Board:
    """The tables of `contracts.board`, from a run and the records it was made of, and the run before it."""
    as_of = datetime.fromisoformat(run.manifest["as_of"])
    items = items_of(run, records, as_of)
    tables = {"items": items, **evidence_of(run, records, (items, as_of)), "shifts": shifts(run, before, items)}
    tables = {name: frame.select(TABLES[name].column_names()) for name, frame in tables.items()}
    known = run.table("institutions").to_dicts() if run.has("institutions") else []
    facts = Facts(
        run.folder.name, as_of, run.language,
        {row["institution"]: (str(row["kind"]), row["name"] or row["institution"]) for row in known}, per_day,
        {kind: columns_of(run, kind) for kind in run.kinds},
        tuple(name for name in MOVEMENTS if not records.has(name)),
    )  # fmt: skip
    cases = {name: run.table(name) for name in CASE_TABLES if run.has(name)}
    return Board(facts, with_cases(tables, cases), cases)


def with_cases(tables: dict[str, pl.DataFrame], cases: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with the case of each item, where the run has cases."""
    if "case_members" not in cases:
        return tables
    members = cases["case_members"].filter("flagged").select("entity_id", case="case_id").unique("entity_id")
    items = tables["items"].drop("case").join(members, on="entity_id", how="left", maintain_order="left")
    return {**tables, "items": items.select(TABLES["items"].column_names())}


def columns_of(run: Finished, kind: str) -> dict[str, Column]:
    """The feature columns of a kind that some reason names."""
    named = set(run.table(f"reasons-{kind}")["name"]) | {"age_days", "sim_age_days"}
    told: list[dict[str, Any]] = json.loads((run.folder / f"columns-{kind}.json").read_text(encoding="utf-8"))
    return {
        one["name"]: Column(**{**one, "categories": tuple(one["categories"])}) for one in told if one["name"] in named
    }
