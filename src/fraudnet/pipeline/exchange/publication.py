"""From a run to each institution's list, and what runs there are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.progress import Progress
from fraudnet.errors import FraudnetError, MissingInputError
from fraudnet.expressions import local_day
from fraudnet.files import digest_of, sha256
from fraudnet.lists.folder import SUMS
from fraudnet.lists.publish import Manner, publish, summary
from fraudnet.pipeline.batch.scoring import entries_of
from fraudnet.pipeline.exchange.harming import refuse_harm
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.pipeline.exchange.outbox import state
from fraudnet.pipeline.exchange.recovery import refuse_after_restore
from fraudnet.pipeline.exchange.terms import PUBLISHED, TERMS, accept_terms, terms_of
from fraudnet.runs.folder import list_runs
from fraudnet.runs.manifest import MANIFEST, read_manifest, verify
from fraudnet.scoring.patterns import NO_MODEL
from fraudnet.settings import Settings
from fraudnet.store.event import Entry, Head
from fraudnet.store.repository import Store


def publish_lists(run: Path, out: Path | None, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Write and check every institution's list of a run (or of the newest run below a folder), all or nothing."""
    folder = newest(run)
    if not _is_run(folder):
        raise MissingInputError("{folder}: is not a run folder; name one that `fraudnet score` made", folder=folder)
    progress("write lists", 0, 1)
    manifest = verify(folder)
    entries = entries_of(folder)
    known = pl.read_parquet(folder / "institutions.parquet")
    target = (out or folder.parent / "lists") / folder.name
    day = local_day(datetime.fromisoformat(manifest["as_of"]))
    key = f"list_published:{digest_of([sha256(folder / MANIFEST), settings.language])}"
    with open_store(settings) as store:
        refuse_after_restore(store)
        refuse_harm(store, state(store, settings), datetime.now(UTC), settings)
        terms = terms_of(folder, settings)
        changed = accept_terms(store, terms, settings)
        before = earlier_head(store, key)
        files = publish(entries, known, target, day, manner=Manner(settings.language, (before.number, before.digest)))
        body = {**publication(folder.name, before, files), TERMS: terms}
        store.append(Entry(PUBLISHED, actor(settings), body, f"{key}:{digest_of(terms)}"))
    progress("write lists", 1, 1)
    told = {"folder": str(target), "summary": summary(entries).to_dicts(), "files": files.to_dicts()}
    return {**told, "changed": changed}


def earlier_head(store: Store, key: str) -> Head:
    """The end of the chain, or what it was when these lists were published before: equal lists have equal bytes."""
    said = next((event.body["head"] for event in store.events(PUBLISHED) if event.key.startswith(key)), None)
    return store.head() if said is None else Head(said["number"], said["digest"])


def publication(run: str, before: Head, files: pl.DataFrame) -> dict[str, Any]:
    """What is recorded of a publication: the run, the chain before it, the checksums of each institution's files."""
    sums = files.filter(pl.col("file").str.ends_with(SUMS)).sort("institution")
    return {
        "run": run,
        "head": {"number": before.number, "digest": before.digest},
        "institutions": {row["institution"]: row["sha256"] for row in sums.to_dicts()},
    }


def newest(run: Path) -> Path:
    """The run folder itself, or the newest run below it. Raises MissingInputError when there is none."""
    if (run / MANIFEST).is_file():
        return run
    found = runs_in(run)
    if not found:
        raise MissingInputError("{run}: no finished run here; make one with `fraudnet score DROP --out {run}`", run=run)
    dated = [folder for folder in found if folder.name[:1].isdigit()]
    return max(dated or found, key=lambda folder: (folder.name[:10], (folder / MANIFEST).stat().st_mtime_ns))


def runs_in(out: Path) -> list[Path]:
    """The run folders below a folder; a damaged manifest still counts, another kind of folder does not."""
    return [folder for folder in list_runs(out) if _is_run(folder)]


def _is_run(folder: Path) -> bool:
    try:
        return read_manifest(folder).get("what") == "run"
    except FraudnetError:
        return True


def known_runs(out: Path) -> list[dict[str, Any]]:
    """Every finished run: its cut-off, models, flagged entities, and whether its bytes are unchanged."""
    return [_described(folder) for folder in runs_in(out)]


def _described(folder: Path) -> dict[str, Any]:
    try:
        verify(folder)
        state = "whole"
        manifest = read_manifest(folder)
    except FraudnetError as error:
        return {"run": folder.name, "as_of": None, "models": None, "flagged": None, "state": str(error)}
    return {
        "run": folder.name,
        "as_of": str(local_day(datetime.fromisoformat(manifest["as_of"]))),
        "models": ", ".join(
            kind if digest != NO_MODEL else f"{kind} ({NO_MODEL})" for kind, digest in manifest["models"].items()
        ),
        "flagged": sum(row["flagged"] for row in manifest["kinds"]),
        "state": state,
    }
