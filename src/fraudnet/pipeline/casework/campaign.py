"""The campaign report of a run: read, reckoned, written as a page and a workbook, and kept for the next one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.campaign.figures import Known, changes, figures, movers
from fraudnet.campaign.report import page
from fraudnet.campaign.wave import Wave, read_wave
from fraudnet.campaign.workbook import workbook
from fraudnet.contracts.judgements import Disposition
from fraudnet.errors import FraudnetError
from fraudnet.expressions import local_day, start_of_day
from fraudnet.files import write_bytes, write_json
from fraudnet.identifiers.provinces import NAMES_2025
from fraudnet.pipeline.batch.finished import Finished, finished
from fraudnet.pipeline.casework.campaign_lines import lines_of
from fraudnet.pipeline.exchange.ledger import open_store, recorded
from fraudnet.settings import Settings
from fraudnet.sources.quality.history import given
from fraudnet.store.dispositions import dispositions, standing_decisions

WAVE_DAYS = 90
KEPT = "reports"


@dataclass(frozen=True)
class Ask:
    """What report is wanted: the run, the wave's file, the quality report, the day, and where to write."""

    run: Path
    out: Path
    wave: Path | None = None
    quality: Path | None = None
    on: date | None = None


def campaign_report(asked: Ask, settings: Settings) -> dict[str, Any]:
    """Write the report of a wave as one page and one workbook; returns its figures and the files.

    Without a wave file the wave is the 90 days from the run's cut-off with no units. The day is today unless said.
    What moved is told against the newest earlier report of the same wave in the data directory.
    """
    run = finished(asked.run)
    as_of = datetime.fromisoformat(run.manifest["as_of"])
    wave = read_wave(asked.wave) if asked.wave else default_wave(run, as_of)
    now = start_of_day(asked.on) if asked.on else datetime.now(UTC)
    scored = sum(row["scored"] for row in run.manifest["kinds"])
    tables = (entries_of(run, as_of), decided(settings, now), *case_tables(run), run.table("institutions"))
    known = Known(now, wave, *tables, quality_of(asked.quality), scored, *lines_of(run), drawn=drawn(settings, now))
    before = last_report(settings, wave, now)
    found = figures(known)
    found["since"] = movers(found, before)
    moved = changes(found, before)
    name = f"report-{local_day(now)}"
    html = write_bytes(asked.out / f"{name}.html", page(found, moved, settings.language, dict(NAMES_2025)).encode())
    book = write_bytes(asked.out / f"{name}.xlsx", workbook(found))
    write_json(settings.home / KEPT / f"{local_day(now)}-{wave.start}.json", found)
    return {**found, "changes": moved, "files": [str(html), str(book)], "run": run.folder.name}


def default_wave(run: Finished, as_of: datetime) -> Wave:
    """The wave of a run for which nobody wrote one down."""
    start = local_day(as_of)
    return Wave(run.folder.name[:10], start, start + timedelta(days=WAVE_DAYS - 1), 30, ())


def entries_of(run: Finished, as_of: datetime) -> pl.DataFrame:
    """The list entries with home and age band of the holder, value and the day they were listed."""
    entries = run.table("list_entries")
    nodes = run.table("nodes").select("node", "entity_id", "holder")
    homes = run.table("provinces").rename({"node": "home"})
    if "commune" not in homes.columns:  # runs of earlier versions
        homes = homes.with_columns(commune=pl.lit(None, pl.String))
    placed = nodes.with_columns(home=pl.coalesce("holder", "node")).join(homes, on="home", how="left")
    if run.has("ages"):
        placed = placed.join(run.table("ages").rename({"node": "home"}), on="home", how="left")
    else:
        placed = placed.with_columns(age_band=pl.lit(None, pl.String))
    scores = run.each("scores").select("entity_id", "at_risk")
    both = entries.join(placed.select("entity_id", "province", "commune", "age_band"), on="entity_id", how="left").join(
        scores, on="entity_id", how="left"
    )
    value = (pl.col("probability") * pl.col("at_risk").fill_null(0)).round().cast(pl.Int64)
    listed = pl.lit(local_day(as_of))
    return (
        both.select(
            "institution",
            "kind",
            "entity_id",
            "province",
            "commune",
            "age_band",
            "holder_kind",
            "source",
            "probability",
            value=value,
            listed_on=listed,
        )
        .with_columns(pl.col("source").cast(pl.String))
        .unique("entity_id", keep="first", maintain_order=True)
    )


def decided(settings: Settings, now: datetime) -> pl.DataFrame:
    """The standing decisions of the data directory's store; none where nothing was ever recorded."""
    if not recorded(settings):
        return Disposition.create_empty()
    with open_store(settings) as store:
        return dispositions(store, now)


def drawn(settings: Settings, now: datetime) -> frozenset[str]:
    """The entries that reviewers were shown without a score, drawn by lot, and decided."""
    if not recorded(settings):
        return frozenset()
    with open_store(settings) as store:
        told = standing_decisions(store, now)
    return frozenset(event.body["entity"] for event in told if event.body["references"].get("blind") == "1")


def case_tables(run: Finished) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Holds and cases of the run."""
    return run.table("case_holds"), run.table("cases")


def quality_of(path: Path | None) -> pl.DataFrame:
    """source, criterion, value of sources as a whole from a quality report; empty without one."""
    kinds = {"source": pl.String, "criterion": pl.String, "value": pl.Float64}
    if path is None:
        return pl.DataFrame(schema=kinds)
    report = given(path).last or {"quality": []}
    rows = [{name: row[name] for name in kinds} for row in report["quality"] if row["institution"] is None]
    return pl.DataFrame(rows, schema=kinds)


def last_report(settings: Settings, wave: Wave, now: datetime) -> dict[str, Any] | None:
    """The figures of the newest earlier report of the same wave; None when there is none that can be read."""
    today = str(local_day(now))
    for path in sorted((settings.home / KEPT).glob(f"*-{wave.start}.json"), reverse=True):
        if path.name[:10] >= today:
            continue
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, FraudnetError):
            continue
        if isinstance(told, dict) and "whole" in told and "saved" in told:
            return told
    return None
