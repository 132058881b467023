"""Training and measuring forward in time: the ordinary way, for drops whose labels have dates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from fraudnet.errors import TooFewLabelsError
from fraudnet.expressions import local_day
from fraudnet.features.extras_account import made_of_transfers
from fraudnet.files import digest_of
from fraudnet.labels.audit import audited
from fraudnet.labels.draws import order_of
from fraudnet.labels.splits import Snapshots, snapshots
from fraudnet.labels.witnesses import witnesses
from fraudnet.model.attributes import attributes
from fraudnet.model.evaluate import Evaluation, evaluate
from fraudnet.model.leak import guard
from fraudnet.model.matrix import KEYS
from fraudnet.model.rows import Part
from fraudnet.model.sampling import row_names
from fraudnet.model.trained import Model
from fraudnet.model.trial import Proof
from fraudnet.pipeline.training.examples import Teacher
from fraudnet.pipeline.training.fits import fitted
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.pipeline.training.promising import LATER, base, later, promising, sentence


def plan(teacher: Teacher, as_of: datetime) -> Snapshots:
    """When a model that knows everything before `as_of` is trained and calibrated."""
    return snapshots(teacher.source.first_moment(), as_of, teacher.settings)


def prepare(teacher: Teacher, as_of: datetime, keep: bool) -> Teacher:
    """Make every snapshot that will be asked for, several at a time, and gather what was known where it is measured.

    A model that is kept is used on the cut-off itself next, so its snapshot is made as well.
    """
    last = plan(teacher, as_of)
    moments = {last.calibration}
    if keep:
        moments.update((*last.training, as_of))
    try:
        earlier = plan(teacher, last.calibration)
        moments.update((*earlier.training, earlier.calibration))
    except TooFewLabelsError:  # said by `measure`, for each kind
        pass
    teacher.make(sorted(moments))
    return replace(teacher, before=teacher.as_of(last.calibration))


@dataclass(frozen=True)
class Tested:
    """The recipe as of a test snapshot, measured on it; seen: what became of its promises; facts: as on the card."""

    at: datetime
    model: Model
    found: Evaluation
    facts: dict[str, Any]
    seen: dict[str, Any]


def test_at(teacher: Teacher, kind: str, moment: datetime) -> tuple[Tested, Part, Part]:
    """Train as of a snapshot on what was decided before it, and measure on what was decided about it since.

    Returns what came of it, the rows it learned from and those it was tested on. Raises TooFewLabelsError when there
    was not enough to learn from.
    """
    # What was decided after the test began must not touch what the model learns from.
    earlier = teacher.as_of(moment)
    model, learned, facts = recipe(earlier, kind, plan(earlier, moment))
    test, _ = teacher.part(kind, (moment,))
    found = evaluate(model, test, teacher.settings, learned.answers)
    model, seen = later(model, facts["calibration_rows"], found.scored)
    return Tested(moment, model, found, facts, seen), learned, test


def measure(teacher: Teacher, kind: str, as_of: datetime) -> Outcome:
    """The recipe as of the last snapshot whose labels are mature now, measured on that snapshot."""
    try:
        last, _, test = test_at(teacher, kind, plan(teacher, as_of).calibration)
    except TooFewLabelsError as error:
        return Outcome(kind, None, notes=(f"{kind}: not measured: {error}",))
    months = ", ".join(str(local_day(t)) for t in last.facts["training_moments"])
    calibrated = local_day(last.facts["calibration_moment"])
    note = f"trained on {months}; calibrated on {calibrated}; tested on {local_day(last.at)}"
    notes = (note, sentence([last.seen]))
    proof = Proof(test, last.model, witnesses(teacher.known), last.at)
    facts = {**last.facts, LATER: [last.seen]}
    return Outcome(kind, last.model, (last.found,), f"{kind}, forward in time", notes, facts, proof)


def train(teacher: Teacher, kind: str, as_of: datetime, chosen: dict[str, Any] | None) -> Outcome:
    """The model to use from `as_of` on; settings that were already chosen are not searched for again."""
    model, _, facts = recipe(teacher, kind, plan(teacher, as_of), chosen)
    return Outcome(kind, model, facts=facts)


def recipe(
    teacher: Teacher, kind: str, when: Snapshots, chosen: dict[str, Any] | None = None
) -> tuple[Model, Part, dict[str, Any]]:
    """Fit on the training snapshots, choose and calibrate on the calibration snapshot; the guard looks first."""
    # What transfers' attributes come to is looked at in everybody before training; else the drawn rows are enough.
    extras = bool(teacher.source.records.extras("transfers"))
    learned, excluded = teacher.part(kind, when.training, lessons=not extras)
    held, _ = teacher.part(kind, (when.calibration,))
    allowed = check_leaks(teacher, kind, (learned, held))
    moments = [str(moment) for moment in (*when.training, when.calibration)]
    place = digest_of([teacher.source.digest, kind, teacher.known.as_of.isoformat(), moments])[:16]
    model = fitted(place, learned, held, teacher.settings, chosen)
    model = promising(model, held, audited(teacher.known, when.calibration, teacher.settings), teacher.settings)
    facts = {
        "training_moments": list(when.training),
        "calibration_moment": when.calibration,
        "positives": int(learned.answers["y"].sum()),
        "rows": learned.answers.height,
        "calibration_rows": base(held),
        "excluded": excluded.to_dicts(),
        "leaks_allowed": allowed,
        "outcomes": {table: list(names) for table, names in teacher.source.records.outcome_extras.items()},
    }
    return model, learned, facts


def check_leaks(teacher: Teacher, kind: str, parts: tuple[Part, ...]) -> list[str]:
    """Stop before training on a column that tells the outcome; returns those that the mapping allows with a reason.

    Looks at the attributes of the entities and at what their transfers' attributes come to, one row per entity.
    """
    known = attributes(teacher.known, kind)
    made_of = made_of_transfers(parts[0].matrix.columns)
    ever = _one_each(parts, list(made_of))
    rows = ever.join(known, on="entity_id", how="inner", maintain_order="left")
    if not rows.height:
        return []
    declared = dict(teacher.source.records.allowed_extras)
    found = guard(rows.drop("entity_id", "y"), rows["y"].to_numpy(), (), declared, made_of)
    return [f"{leak.sentence(made_of)}; allowed: {leak.reason}" for leak in found]


def _one_each(parts: tuple[Part, ...], names: list[str]) -> pl.DataFrame:
    """Each entity once: y over all snapshots, and the named columns of one snapshot in which it has that y."""
    answers = pl.concat([part.answers.select(*KEYS, "y") for part in parts])
    if not names:
        return answers.group_by("entity_id").agg(pl.col("y").max()).sort("entity_id")
    # By lot among the snapshots: those found out leave the later ones, so the last one would tell them by its date.
    drawn = answers.with_columns(draw=order_of(row_names(answers), "leak")).sort("entity_id", "y", "draw", "at")
    chosen = drawn.unique("entity_id", keep="last", maintain_order=True).drop("draw")
    values = pl.concat([part.matrix.frame.select(*KEYS, *names) for part in parts])
    return chosen.join(values, on=list(KEYS), how="left", nulls_equal=True, maintain_order="left").drop("at")
