"""Measuring a recipe honestly: forward in time, broken down, beside what a random split would have said."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fraudnet.errors import TooFewLabelsError
from fraudnet.expressions import local_day
from fraudnet.files import write_bytes
from fraudnet.labels.rates import Rates, rates
from fraudnet.model import curves
from fraudnet.model.registry import log_evaluation
from fraudnet.model.selection import selection
from fraudnet.model.slices import by, flagged
from fraudnet.pipeline.batch.at_stake import DELAYS
from fraudnet.pipeline.training.dated import Tested
from fraudnet.pipeline.training.evaluation_page import page
from fraudnet.pipeline.training.examples import Teacher
from fraudnet.pipeline.training.folding import Folds, folds, moments, needed, random_split
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.pipeline.training.promising import LATER, sentence
from fraudnet.runs.version import code_version
from fraudnet.settings import Settings

SLICES: Mapping[str, str] = {
    "institution": "institution", "province": "province", "month": "fold", "typology": "traits"
}  # fmt: skip
BESIDE = ("average_precision", "auc", "precision_at_capacity", "recall_at_1_percent_false")


@dataclass(frozen=True)
class Wanted:
    """What an evaluation shall give: how many tests at most, a page at `html`, and whether MLflow keeps its figures."""

    folds: int = 4
    html: Path | None = None
    log: bool = True


def evaluate_dated(guide: Teacher, kinds: tuple[str, ...], as_of: datetime, wanted: int) -> list[Outcome]:
    """One outcome per kind over the last tests, oldest first; its facts hold what the report shows."""
    tested = moments(guide, as_of, wanted)
    guide.make(needed(guide, tested))

    def one(kind: str) -> Outcome:
        try:
            return measured_kind(guide, kind, tested)
        except TooFewLabelsError as error:
            return Outcome(kind, None, notes=(f"{kind}: not measured: {error}",))

    with ThreadPoolExecutor(guide.settings.snapshots_at_once) as pool:
        return list(pool.map(one, kinds))


def measured_kind(guide: Teacher, kind: str, tested: tuple[datetime, ...]) -> Outcome:
    """Everything that is measured of one kind."""
    found = folds(guide, kind, tested)
    if not found.rows["y"].sum():
        days = ", ".join(str(local_day(test.at)) for test in found.tests)
        return Outcome(kind, None, notes=(f"{kind}: not measured: nobody was confirmed in the tests of {days}",))
    seen = [test.seen for test in found.tests]
    facts = report(guide, found)
    drift = facts["label_rates"]["sentence"]
    notes = (
        *([drift] if drift else []),
        audit_sentence(facts["selection"]["by_lot"]),
        *(_fold_note(fold) for fold in facts["folds"]),
        sentence(seen),
    )
    title = f"{kind}, forward in time"
    return Outcome(kind, found.tests[-1].model, (found.pooled,), title, notes, {LATER: seen, "report": facts})


def audit_sentence(by_lot: dict[str, Any]) -> str:
    """What the random audit says, in words."""
    drawn, missed = by_lot["unflagged"], by_lot["missed"]
    if not drawn["n"]:
        return "by lot: nobody was reviewed at random, so nothing is known about what is missed"
    on = by_lot["flagged"]
    told = f"{on['hits']} of {on['n']} flagged and {drawn['hits']} of {drawn['n']} others were fraud"
    return (
        f"by lot: {told}; about {missed:,.0f} missed ({by_lot['missed_low']:,.0f} to {by_lot['missed_high']:,.0f}) "
        f"among {by_lot['others']:,} not flagged"
    )


def report(guide: Teacher, found: Folds) -> dict[str, Any]:
    """The breakdowns, curves and label rates of one kind as plain values."""
    settings, rows = guide.settings, found.rows
    marked = flagged(rows, settings.capacity)
    delays = DELAYS if found.kind == "account" else ()
    label_rates = _rates(found)
    beside = random_split(guide, found.kind, found).flat()
    return {
        "kind": found.kind,
        "capacity": settings.capacity,
        "folds": [_fold(test) for test in found.tests],
        "slices": {name: by(marked, column, settings.bootstrap, settings.seed) for name, column in SLICES.items()},
        "precision_recall": curves.precision_recall(rows),
        "reliability": curves.reliability(rows),
        "gains": curves.gains(rows, delays),
        "label_rates": {"months": label_rates.months, "p": label_rates.p, "sentence": label_rates.sentence()},
        "selection": selection(marked),
        "random_split": {key: beside[key] for key in BESIDE if key in beside},
    }


def _rates(found: Folds) -> Rates:
    """The label rates of every snapshot that these tests were measured and calibrated on."""
    seen = {local_day(test.at): test.seen["test"] for test in found.tests}
    before = {local_day(test.facts["calibration_moment"]): test.facts["calibration_rows"] for test in found.tests}
    return rates([(day, *counts) for day, counts in {**before, **seen}.items()])


def _fold(test: Tested) -> dict[str, Any]:
    counts = test.found.counts.row(0, named=True)
    flat = test.found.flat()
    told = {"tested": str(local_day(test.at)), "calibrated": str(local_day(test.facts["calibration_moment"]))}
    told["trained"] = ", ".join(str(local_day(t)) for t in test.facts["training_moments"])
    told |= {key: counts[key] for key in ("entities", "positives", "flagged", "spared_flagged")}
    return told | {key: flat.get(key) for key in ("average_precision", "precision_at_capacity", "observed_expected")}


def _fold_note(fold: dict[str, Any]) -> str:
    return f"tested on {fold['tested']}: trained on {fold['trained']}; calibrated on {fold['calibrated']}"


def publish(outcomes: list[Outcome], about: dict[str, Any], settings: Settings, wanted: Wanted) -> str | None:
    """Write the report as one page and log figures and page to MLflow, where asked to; returns the run.

    about: as_of and source. Nothing is logged where nothing was measured.
    """
    kept = [outcome for outcome in outcomes if "report" in outcome.facts]
    if not kept:
        return None
    whole = page(kept, {**about, "code": code_version()})
    if wanted.html is not None:
        write_bytes(wanted.html, whole.encode())
    if not wanted.log:
        return None
    figures = {f"{o.kind}.{key}": value for o in kept for key, value in o.flat().items()}
    return log_evaluation(settings.home, figures, {**about, "code": code_version()}, whole)
