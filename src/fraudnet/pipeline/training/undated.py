"""Training and measuring without dates: one snapshot after the last row, parts as the mapping declares them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from fraudnet.contracts.graph import Linked
from fraudnet.contracts.labels import Label
from fraudnet.errors import ConfigurationError, InputError
from fraudnet.features import FAMILIES, families
from fraudnet.features.compute import FeatureTable, feature_table
from fraudnet.features.extras_account import made_of_transfers
from fraudnet.graph.link import link
from fraudnet.labels.population import population
from fraudnet.labels.seeds import seed_folds, seeds, without
from fraudnet.labels.splits import by_column, by_random
from fraudnet.labels.target import labels
from fraudnet.labels.witnesses import witnesses
from fraudnet.model.attributes import attributes
from fraudnet.model.evaluate import evaluate
from fraudnet.model.leak import guard
from fraudnet.model.matrix import Matrix, build, stack
from fraudnet.model.rows import Part
from fraudnet.model.train import fit
from fraudnet.model.trial import Proof
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.pipeline.training.promising import LATER, base, later, promising, sentence
from fraudnet.settings import Settings
from fraudnet.typologies import typologies
from fraudnet.typologies.detect import detect

LAST = "test"


@dataclass(frozen=True)
class Ground:
    """Everything about one kind of an undated drop that does not depend on the split."""

    source: Source
    linked: Linked
    kind: str
    base: FeatureTable
    nodes: pl.DataFrame
    hits: pl.DataFrame
    answers: pl.DataFrame
    known_fraud: pl.DataFrame
    seeded: tuple[str, ...]


def after_last(source: Source) -> datetime:
    """A moment after every dated row; the second day of the epoch where nothing has a date."""
    try:
        return source.last_moment() + timedelta(microseconds=1)
    except InputError:
        return datetime(1970, 1, 2, tzinfo=UTC)


def prepare(source: Source, kind: str, without_graph: bool, settings: Settings) -> Ground:
    """Link once, compute every family that does not read known fraud, and collect the answers."""
    linked = link(source.records, after_last(source))
    chosen = [f for f in families(FAMILIES) if f.kind == kind and not (without_graph and f.graph)]
    plain = tuple(f.name for f in chosen if not f.wants("seeds"))
    base = feature_table(linked, kind, seeds(linked).clear(), plain)
    people, _ = population(linked, kind)
    answers, _ = labels(linked, people, kind, linked.as_of, settings)
    seeded = tuple(f.name for f in chosen if f.wants("seeds"))
    nodes = linked.nodes.select("node", "entity_id", "institution", "number").collect()
    return Ground(source, linked, kind, base, nodes, detect(base.frame, kind), answers, seeds(linked), seeded)


def divided(ground: Ground) -> list[pl.DataFrame]:
    """The answers with their fold: once as declared, or once per seed of a random division."""
    split = ground.source.delivery.mapping.split
    if split.kind == "column":
        return [by_column(ground.answers)]
    if split.kind != "random" or split.train is None or split.validation is None or split.test is None:
        raise ConfigurationError(
            "[split] kind = {split!r} needs dates, and the mapping says `dated = false`; use column or random",
            split=split.kind,
        )
    shares = (split.train, split.validation, split.test)
    return [by_random(ground.answers, seed, shares) for seed in split.seeds]


def run(ground: Ground, settings: Settings, splits: Iterable[pl.DataFrame]) -> Outcome:
    """Train on each division and measure it on its test part; the model kept is that of the first."""
    check_leaks(ground)
    models, found, folds, proofs = [], [], [], []
    for answers in splits:
        matrix = seen_matrix(ground, answers, settings)
        parts = {fold: Part(matrix, part_of(answers, fold)) for fold in ("train", "validation", LAST)}
        model = fit(matrix, parts["train"].answers, settings, parts["validation"])
        model = promising(model, parts["validation"], pl.Series([], dtype=pl.String), settings)
        found.append(evaluate(model, parts[LAST], settings))
        model, seen = later(model, base(parts["validation"]), found[-1].scored)
        models.append(model)
        folds.append(seen)
        proofs.append(Proof(parts[LAST], model, witnesses(ground.linked)))
    title = f"{ground.kind}, " + ("declared split" if len(found) == 1 else f"mean of {len(found)} random splits")
    facts = {"rows": ground.answers.height, "positives": int(ground.answers["y"].sum()), LATER: folds}
    notes = ("no dates: this says nothing about next month", sentence(folds))
    return Outcome(ground.kind, models[0], tuple(found), title, notes, facts, proofs[0])


def part_of(answers: pl.DataFrame, fold: str) -> pl.DataFrame:
    """The answers of one fold, as the contract has them."""
    return answers.filter(pl.col("fold") == fold).select(Label.column_names())


def check_leaks(ground: Ground) -> None:
    """Stop before training on a column that tells the outcome, an attribute of the transfers among them."""
    rows = ground.answers.select("entity_id", "y").join(
        attributes(ground.linked, ground.kind), on="entity_id", how="inner", maintain_order="left"
    )
    made_of = made_of_transfers(ground.base.columns)
    if made_of:
        own = ground.base.frame.join(ground.nodes, on="node").select("entity_id", *made_of)
        rows = rows.join(own, on="entity_id", how="left", maintain_order="left")
    allowed = dict(ground.source.records.allowed_extras)
    guard(rows.drop("entity_id", "y"), rows["y"].to_numpy(), (), allowed, made_of)


def seen_matrix(ground: Ground, answers: pl.DataFrame, settings: Settings) -> Matrix:
    """Features in which no row sees its own answer: training rows see the known fraud of the other folds.

    Rows of validation and test see all known fraud among the training rows, and none beyond.
    """
    hidden = answers.filter(pl.col("fold") != "train")
    visible = without(ground.known_fraud, ground.nodes, hidden)
    learners = answers.filter(pl.col("fold") == "train")
    folds = seed_folds(learners, seed=settings.seed)
    parts = [matrix_with(ground, visible).of(hidden)]
    for number in sorted(folds["part"].unique()):
        own = folds.filter(pl.col("part") == number)
        parts.append(matrix_with(ground, without(visible, ground.nodes, own)).of(own))
    whole = stack(parts)
    return Matrix(whole.frame.sort("entity_id"), whole.columns)


def matrix_with(ground: Ground, known_fraud: pl.DataFrame) -> Matrix:
    """The model's input for everybody of the kind, given which fraud is known."""
    base = ground.base
    frame, columns = base.frame, base.columns
    if ground.seeded:
        near = feature_table(ground.linked, ground.kind, known_fraud, ground.seeded)
        frame, columns = frame.join(near.frame, on="node", how="left", maintain_order="left"), columns + near.columns
    names = tuple(t.name for t in typologies() if t.kind == ground.kind)
    return build(frame, columns, ground.hits, ground.nodes, ground.linked.as_of, names)
