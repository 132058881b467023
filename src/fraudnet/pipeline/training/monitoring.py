"""A run held against the card of its model, or against an earlier run."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.errors import ConfigurationError, MissingInputError
from fraudnet.expressions import local_day
from fraudnet.files import sha256, write_bytes
from fraudnet.model.matrix import Matrix, build
from fraudnet.model.portable import SUMS, load
from fraudnet.model.reference import SCORE, Bins, bins_of, counted, referred
from fraudnet.model.registry import exported, models
from fraudnet.model.trained import Model
from fraudnet.monitor.drift import ALARM, EXPECTED, QUIET, WATCH, drift
from fraudnet.monitor.labels import confirmed_by_month, label_drift
from fraudnet.monitor.outcome import Span, outcome
from fraudnet.monitor.page import page
from fraudnet.monitor.regimes import regimes
from fraudnet.pipeline.exchange.publication import newest
from fraudnet.runs.manifest import verify
from fraudnet.scoring.patterns import NO_MODEL
from fraudnet.settings import Settings
from fraudnet.typologies import typologies

CARD = "card"


@dataclass(frozen=True)
class Run:
    """A finished run whose bytes are the ones it was published with."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def as_of(self) -> datetime:
        """Its cut-off."""
        return datetime.fromisoformat(self.manifest["as_of"])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds it scored with a model."""
        return tuple(kind for kind, digest in self.manifest["models"].items() if digest != NO_MODEL)

    def table(self, name: str) -> pl.DataFrame:
        """One of its tables."""
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def matrix(self, kind: str) -> Matrix:
        """What the model read of everybody of a kind."""
        told = json.loads((self.folder / f"columns-{kind}.json").read_text(encoding="utf-8"))
        columns = tuple(Column(**{**one, "categories": tuple(one["categories"])}) for one in told)
        names = tuple(one.name for one in typologies() if one.kind == kind)
        tables = self.table(f"features-{kind}"), columns, self.table(f"hits-{kind}"), self.table("nodes")
        return build(*tables, self.as_of, names).of(self.table(f"population-{kind}"))


def monitor_run(run: Path, against: str, settings: Settings) -> dict[str, Any]:
    """What has moved between the reference and a run, per kind, and the worst level of all as `level`.

    against: `card` for the population that each model was calibrated on, else an earlier run's folder; then what became
    of those it flagged is told too. Raises MissingInputError, IntegrityError, or ConfigurationError where a run has no
    dates, where nothing was kept to compare with, or where the other run is no earlier one.
    """
    now = opened(run)
    then = None if against == CARD else opened(Path(against))
    if then is not None and then.as_of >= now.as_of:
        raise ConfigurationError(
            "--against: got a run as of {got}, expected one before {expected}",
            got=local_day(then.as_of),
            expected=local_day(now.as_of),
        )
    kinds = [of_kind(now, then, kind, settings) for kind in now.kinds]
    by_month = confirmed_by_month(now.table("seeds"), now.table("nodes"), now.as_of)
    labels = label_drift(by_month)
    levels = [level for one in kinds for level in one["levels"]] + labels["level"].to_list()
    return {
        "run": now.folder.name,
        "as_of": str(local_day(now.as_of)),
        "against": CARD if then is None else then.folder.name,
        "level": next((one for one in (ALARM, WATCH, EXPECTED) if one in levels), QUIET),
        "kinds": kinds,
        "labels": [_plain(row) for row in labels.to_dicts()],
        "labels_by_month": [_plain(row) for row in by_month.to_dicts()],
    }


def monitor_page(found: dict[str, Any], path: Path) -> Path:
    """Write what `monitor_run` found as one page of HTML, whole or not at all."""
    return write_bytes(path, page(found).encode())


def opened(run: Path) -> Run:
    """A run folder, or the newest run below a folder, checked. Raises ConfigurationError where it has no dates."""
    folder = newest(run)
    manifest = verify(folder)
    if manifest.get("what") != "run" or not manifest.get("dated") or "event" in manifest["models"]:
        raise ConfigurationError(
            "{folder}: expected a dated run of accounts, SIMs or identities; only these drift by month", folder=folder
        )
    if not Run(folder, manifest).kinds:
        raise ConfigurationError(
            "{folder}: was ranked without a model, so there is none to monitor; train one first", folder=folder
        )
    return Run(folder, manifest)


def of_kind(now: Run, then: Run | None, kind: str, settings: Settings) -> dict[str, Any]:
    """Drift of one kind's columns and scores, the changes of rules in between, and the outcome of the earlier run."""
    digest = now.manifest["models"][kind]
    model = load(folder_of(digest, settings))
    matrix, scores = now.matrix(kind), now.table(f"scores-{kind}")
    before, since = _of_card(model) if then is None else _of_run(then, kind, digest)
    counts = counted(before, matrix.frame)
    if SCORE in before:
        counts[SCORE] = before[SCORE].count(scores["raw"].to_numpy())
    changes = regimes(local_day(since), local_day(now.as_of))
    growing = [column.name for column in matrix.columns if column.growing]
    table = drift(before, counts, growing, changes, leans(model))
    told = _outcome(now, then, kind, model)
    return {
        "kind": kind,
        "model": model.name,
        "since": str(local_day(since)),
        "rows": matrix.frame.height,
        "columns": [_plain(row) for row in table.to_dicts()],
        "counts": {level: table.filter(pl.col("level") == level).height for level in (ALARM, WATCH, EXPECTED, QUIET)},
        "regimes": [{"on": str(one.on), "what": one.what, "source": one.source} for one in changes],
        "outcome": told,
        "levels": sorted({*table["level"].to_list(), *([told["level"]] if told else [])}),
    }


def leans(model: Model) -> dict[str, float]:
    """The share of each column in what the model gained in training."""
    gains = model.booster.gains()
    return {name: float(gain / max(gains.sum(), 1e-12)) for name, gain in zip(model.names, gains, strict=True)}


def folder_of(digest: str, settings: Settings) -> Path:
    """The exported model of a digest, from the data directory. Raises MissingInputError when nobody has it."""
    kept = sorted((settings.home / "models").glob("*"))
    for folder in kept:
        if (folder / SUMS).is_file() and sha256(folder / SUMS) == digest:
            return folder
    known = models(settings.home) if (settings.home / "mlflow" / "mlflow.db").exists() else []
    for one in known:
        if one["digest"] == digest:
            return exported(settings.home, one["name"], one["version"])
    raise MissingInputError(
        "{home}: holds no model with the digest {digest}… that the run was made with; name its data "
        "directory with --home",
        home=settings.home,
        digest=digest[:12],
    )


def _of_card(model: Model) -> tuple[dict[str, Bins], datetime]:
    """How the population lay that a model was calibrated on, and when."""
    found = referred(model.facts.get("reference", {}))
    moment = model.facts.get("calibration_moment")
    if not found or moment is None:
        raise ConfigurationError(
            "{name}: its card keeps no reference to compare with; train again, or name an earlier run with --against",
            name=model.name,
        )
    return found, datetime.fromisoformat(str(moment))


def _of_run(then: Run, kind: str, digest: str) -> tuple[dict[str, Bins], datetime]:
    """How the population of an earlier run lay; its scores only where the same model gave them."""
    if kind not in then.kinds:
        raise ConfigurationError(
            "{folder}: has no {kind}; name a run that scored the same kinds", folder=then.folder, kind=kind
        )
    matrix = then.matrix(kind)
    found = {name: bins_of(matrix.frame[name].fill_null(float("nan")).to_numpy()) for name in matrix.names}
    if then.manifest["models"][kind] == digest:
        found[SCORE] = bins_of(then.table(f"scores-{kind}")["raw"].to_numpy())
    return found, then.as_of


def _outcome(now: Run, then: Run | None, kind: str, model: Model) -> dict[str, Any] | None:
    if then is None:
        return None
    flagged = then.table(f"scores-{kind}").filter("flagged").select("entity_id", "probability")
    nodes = now.table("nodes").select("node", "entity_id")
    known = now.table("seeds").filter(pl.col("weight") >= 1).join(nodes, on="node").select("entity_id", "known_at")
    maturity = int(then.manifest["settings"]["maturity_days"])
    promised = model.facts.get("metrics", {}).get("precision_at_capacity")
    return outcome(flagged, known, Span(then.as_of, now.as_of, maturity), promised)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row for JSON: days as text, what is not a number as nothing."""
    return {key: _value(value) for key, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return str(value) if isinstance(value, date) else value
