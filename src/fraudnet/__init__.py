"""fraudnet: SIM cards, bank accounts and identities in one dated graph, ranked for a human review.

A notebook needs few functions: `load` drops, `link` them as of a day, ask for a `feature_table` or for `examples` with
their answers, `fit` a model to look at, `evaluate` the recipe, `train` and register, `score`.
Nothing heavy is imported before one of them is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import polars as pl

    from fraudnet.contracts.graph import Linked
    from fraudnet.model.rows import Part
    from fraudnet.model.trained import Model
    from fraudnet.pipeline.reading.source import Source
    from fraudnet.pipeline.training.examples import Teacher

__version__ = "0.1.0"
__all__ = ["evaluate", "examples", "feature_table", "fit", "link", "load", "score", "train"]


def load(*drops: str | Path, mapping: str | Path | None = None) -> Source:
    """Read one or more drop folders as one history, every row under its contract, every event once.

    The data directory is FRAUDNET_HOME (./var when it is not set). Raises FraudnetError with one clear sentence.

    >>> source = load("data/synthetic/sample/drop")
    >>> source.records.has("transfers"), source.records.has("cash")
    (True, True)
    """
    from pathlib import Path

    from fraudnet.contracts.progress import silent
    from fraudnet.pipeline.reading.source import open_drops
    from fraudnet.pipeline.request import Request
    from fraudnet.settings import load_settings

    asked = Request(tuple(Path(drop) for drop in drops), None if mapping is None else Path(mapping))
    return open_drops(asked, load_settings(), silent)


def link(source: Source, as_of: str) -> Linked:
    """The dated graph of everything strictly before a day (00:00 in Vietnam): nodes, links, linked records.

    >>> linked = link(load("data/synthetic/sample/drop"), "2026-03-01")
    >>> sorted(linked.nodes.collect()["kind"].cast(str).unique())
    ['account', 'device', 'identity', 'sim']
    """
    from fraudnet.graph.link import link as link_records

    return link_records(source.records, _moment(as_of))


def feature_table(source: Source, as_of: str, kind: str) -> pl.DataFrame:
    """Every feature of every listed entity of a kind (account, sim or identity) strictly before a day.

    Returns entity_id and one column per feature, sorted by entity_id.

    >>> table = feature_table(load("data/synthetic/sample/drop"), "2026-03-01", "account")
    >>> table.columns[0], "in_payers_30d" in table.columns, table["entity_id"].is_unique().all()
    ('entity_id', True, True)
    """
    from fraudnet.features.compute import feature_table as table_of
    from fraudnet.labels.seeds import seeds

    linked = link(source, as_of)
    table = table_of(linked, kind, seeds(linked)).frame
    named = table.join(linked.nodes.select("node", "entity_id").collect(), on="node")
    return named.drop("node").select("entity_id", *(c for c in table.columns if c != "node")).sort("entity_id")


def examples(source: Source, at: str, kind: str, known_before: str, **settings: Any) -> Part:
    """Features of everybody who can be scored at a snapshot beside what reviews had answered before a later day.

    Returns a Part: `rows()` is one table, `matrix.names` its features, `answers` follow contract Label.
    """
    guide, _ = _teacher(source, known_before, kind, settings)
    return guide.part(kind, (_moment(at),))[0]


def fit(source: Source, as_of: str, kind: str, **settings: Any) -> Model:
    """The model that `train` would make of what was known before a day, for looking at; nothing is registered.

    Raises TooFewLabelsError when there is not enough to learn from.
    """
    from fraudnet.pipeline.training.dated import plan, recipe

    guide, moment = _teacher(source, as_of, kind, settings)
    model, _, facts = recipe(guide, kind, plan(guide, moment))
    return model.with_facts(**facts)


def evaluate(
    source: Source, as_of: str, kinds: tuple[str, ...] = (), folds: int = 4, **settings: Any
) -> dict[str, Any]:
    """Measure the training recipe forward in time on what had become known before a day; nothing is kept.

    Returns `evaluations` (measures with intervals, per kind) and `reports` (curves, breakdowns, label rates, per kind).
    """
    from fraudnet.contracts.progress import silent
    from fraudnet.pipeline.request import Request
    from fraudnet.pipeline.training.evaluation import Wanted
    from fraudnet.pipeline.training.models import evaluate_on
    from fraudnet.settings import load_settings

    tools = (load_settings(None, **settings), silent)
    return evaluate_on(source, Request((), None, _moment(as_of), kinds), tools, Wanted(folds, None, log=False))


def train(source: Source, as_of: str, kinds: tuple[str, ...] = (), **settings: Any) -> dict[str, Any]:
    """Train, measure forward in time and register one model per kind; returns figures and registered models.

    settings: any key of docs/settings.md. Raises TooFewLabelsError when no kind has enough decided entities.
    """
    from fraudnet.contracts.progress import silent
    from fraudnet.pipeline.request import Request
    from fraudnet.pipeline.training.models import train_on
    from fraudnet.settings import load_settings

    request = Request((), None, _moment(as_of), kinds, view="both")
    return train_on(source, request, (load_settings(None, **settings), silent))


def score(source: Source, as_of: str, out: str | Path = "runs", **settings: Any) -> dict[str, Any]:
    """Score everybody with the champions and publish a run folder below `out`; returns what it says about itself."""
    from pathlib import Path

    from fraudnet.contracts.progress import silent
    from fraudnet.pipeline.batch.scoring import score_source
    from fraudnet.pipeline.request import Request
    from fraudnet.settings import load_settings

    tools = (load_settings(None, **settings), silent)
    return score_source(source, Request((), None, _moment(as_of)), tools, Path(out))


def _teacher(source: Source, as_of: str, kind: str, settings: dict[str, Any]) -> tuple[Teacher, datetime]:
    from fraudnet.contracts.progress import silent
    from fraudnet.pipeline.training.examples import teacher
    from fraudnet.settings import load_settings

    moment = _moment(as_of)
    return teacher(source, moment, (kind,), False, (load_settings(None, **settings), silent)), moment


def _moment(as_of: str) -> datetime:
    from datetime import date

    from fraudnet.expressions import start_of_day

    return start_of_day(date.fromisoformat(as_of))
