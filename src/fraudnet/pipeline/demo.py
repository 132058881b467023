"""The whole main job on a synthetic world."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.progress import Progress
from fraudnet.errors import FraudnetError
from fraudnet.files import digest_of, write_json
from fraudnet.pipeline.batch.scoring import score_source
from fraudnet.pipeline.exchange.publication import publish_lists
from fraudnet.pipeline.reading.decided import open_history
from fraudnet.pipeline.reading.worlds import checked, make_world
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training.models import train_on
from fraudnet.runs.manifest import MANIFEST, verify, write_manifest
from fraudnet.runs.version import code_digest
from fraudnet.settings import Settings

SHARE = 0.01
FEWEST = 20  # confirmed that a demo's model learns from; so small a world has no more
REMARK = (
    "This world is invented and small: it shows how the work goes and claims nothing about precision on real data. "
    "Every entry is a request to look, not a finding."
)
USUAL = Settings.model_fields["min_positives"].default
LOWERED = f"Its models may learn from {FEWEST} confirmed of a kind; on other data it takes {USUAL}."


def run_demo(out: Path, size: Mapping[str, Any], settings: Settings, progress: Progress) -> dict[str, Any]:
    """Make a world, check, link, train, evaluate, register, score the next month, write the lists; say where to look.

    size: people, months and, unless it is the usual one, share. What an interrupted demo finished is used again. Unless
    told otherwise a model needs fewer confirmed than the settings' default, and the remark says so.
    """
    lowered = "min_positives" not in settings.model_fields_set
    if lowered:
        settings = settings.model_copy(update={"min_positives": FEWEST})
    world = world_of(out / "world", {"share": SHARE, **size}, settings, progress)
    request = Request((world / "drop",), view="both")  # a demo has ten minutes: one view
    source = open_history(request, settings, progress)
    quality = checked(source.delivery)
    trained = train_on(source, request, (settings, progress))
    run = score_source(source, request, (settings, progress), out / "runs")
    lists = publish_lists(Path(run["folder"]), out / "lists", settings, progress)
    found = {"rows": quality, "training": trained, "run": run, "lists": lists}
    write_json(out / "summary.json", found)
    remark = f"{REMARK}\n{LOWERED}" if lowered else REMARK
    return {**found, "tables": tables(found), "where": where(out, settings, found), "remark": remark}


def world_of(folder: Path, size: dict[str, Any], settings: Settings, progress: Progress) -> Path:
    """The world of this size and seed: as it stands when its bytes are whole, else made anew."""
    identity = digest_of([size, settings.seed, code_digest()])
    try:
        if verify(folder).get("identity") == identity:
            return folder
    except FraudnetError:
        pass
    if folder.exists():
        shutil.rmtree(folder)
    make_world(folder, size, settings, progress)
    write_manifest(folder, {"identity": identity})
    assert (folder / MANIFEST).is_file()  # noqa: S101
    return folder


def tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The summary: rows, entities, figures at capacity, lists by institution."""
    return [rows_table(found["rows"]), kinds_table(found), lists_table(found["lists"])]


def rows_table(quality: dict[str, Any]) -> dict[str, Any]:
    """Rows in, good and quarantined per table."""
    keys = ("table", "rows_in", "good", "quarantined")
    rows = [[row[key] for key in keys] for row in quality["tables"]]
    return {"title": "Rows", "head": ["table", "rows in", "good", "quarantined"], "rows": rows}


def kinds_table(found: dict[str, Any]) -> dict[str, Any]:
    """Entities by kind: scored, flagged, and what the evaluation forward in time saw."""
    parts = {p["kind"]: p for p in found["training"]["evaluations"] if p["rows"] == "all"}
    rows = []
    for kind in found["run"]["kinds"]:
        row = [kind["kind"], kind["scored"], kind["flagged"]]
        rows.append(
            row + [measure(parts.get(kind["kind"]), key) for key in ("precision_at_capacity", "average_precision")]
        )
    head = ["kind", "scored", "flagged", "precision at capacity (95 %)", "average precision (95 %)"]
    return {"title": f"Scored as of {found['run']['as_of']}", "head": head, "rows": rows}


def measure(part: dict[str, Any] | None, key: str) -> str:
    """A figure and its interval, or that it was not measured."""
    row = next((m for m in part["measures"] if m["key"] == key), None) if part else None
    if row is None or row["value"] is None:
        return "not measured"
    return f"{row['value']:.2f} ({row['low']:.2f} to {row['high']:.2f})"


def lists_table(lists: dict[str, Any]) -> dict[str, Any]:
    """Entries by institution."""
    frame = pl.DataFrame(lists["summary"])
    rows = [list(row) for row in frame.select("institution", "kind", "entries", "expected_honest").rows()]
    return {"title": "Lists", "head": ["institution", "kind", "entries", "expected honest"], "rows": rows}


def where(out: Path, settings: Settings, found: dict[str, Any]) -> dict[str, str]:
    """What to open next."""
    return {
        "flagged lists": found["lists"]["folder"],
        "run with its manifest": found["run"]["folder"],
        "quarantine ledger": found["rows"]["ledger"],
        "models": str(settings.home / "models"),
        "review console": f"make console FRAUDNET_HOME={settings.home} OUT={out}/runs DROP={out}/world/drop",
        "MLflow pages": f"make ui FRAUDNET_HOME={settings.home}",
        "everything as JSON": str(out / "summary.json"),
        "rings, roles, money": f"fraudnet cases {found['run']['folder']}",
        "campaign report": f"fraudnet report {found['run']['folder']} --home {settings.home} --out {out / 'reports'}",
    }
