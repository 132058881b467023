"""Train, measure and register: one model per kind and view."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fraudnet.contracts.progress import Progress
from fraudnet.errors import ConfigurationError, TooFewLabelsError
from fraudnet.expressions import local_day
from fraudnet.files import digest_of
from fraudnet.messages.telling import Joined
from fraudnet.model.card import model_name
from fraudnet.model.opened import CHALLENGER, CHAMPION
from fraudnet.model.pages import pages
from fraudnet.model.plots import plots
from fraudnet.model.portable import save
from fraudnet.model.registry import exported, models, register
from fraudnet.pipeline.reading.decided import open_history
from fraudnet.pipeline.reading.horizon import check, default_as_of
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.reading.views import compared, viewed, views_to_train
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training import dated, events, undated
from fraudnet.pipeline.training.evaluation import Wanted, evaluate_dated, publish
from fraudnet.pipeline.training.examples import scorable_kinds, teacher, view_of
from fraudnet.pipeline.training.model_keys import sign_trained
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.pipeline.training.promising import followed
from fraudnet.pipeline.training.promotion import challenge, crown_the_first, same_as_registered
from fraudnet.runs.version import code_version
from fraudnet.settings import Settings

Tools = tuple[Settings, Progress]
USUAL = Wanted()


def evaluate_models(request: Request, settings: Settings, progress: Progress, wanted: Wanted = USUAL) -> dict[str, Any]:
    """Measure the training recipe on what it has not seen; nothing is registered.

    wanted: how many tests forward in time, where the drop has dates and the history is long enough, and what becomes of
    the report.
    """
    source = open_history(request, settings, progress)
    return evaluate_on(source, request, (settings, progress), wanted)


def evaluate_on(source: Source, request: Request, tools: Tools, wanted: Wanted = USUAL) -> dict[str, Any]:
    """As `evaluate_models`, on drops that are already open."""
    if source.delivery.mapping.score.unit == "transfers" or not source.records.dated:
        return told(outcomes(source, request, tools, keep=False))
    as_of = cut_off(source, request)
    check(source, as_of, allow_gap=request.allow_gap)
    kinds = wanted_kinds(source, request)
    found = evaluate_dated(teacher(source, as_of, kinds, request.without_graph, tools), kinds, as_of, wanted.folds)
    about = {"as_of": str(local_day(as_of)), "source": source.digest[:16]}
    run = publish(found, about, tools[0], wanted)
    reports = {outcome.kind: outcome.facts["report"] for outcome in found if "report" in outcome.facts}
    return {**told(found), "reports": reports, "page": str(wanted.html) if wanted.html else None, "mlflow_run": run}


def train_models(request: Request, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Measure the recipe, train the models to use from the cut-off on, register each as challenger.

    The first model of a name becomes champion; later ones wait for `promote_models`.
    Raises TooFewLabelsError when no kind has enough decided entities.
    """
    source = open_history(request, settings, progress)
    return train_on(source, request, (settings, progress))


def train_on(source: Source, request: Request, tools: Tools) -> dict[str, Any]:
    """As `train_models`, on drops that are already open: one model per kind and view that the drop can feed."""
    first, *others = views_to_train(source, request)
    found, registered = _seen_as(first, source, request, tools)
    if not registered:
        raise TooFewLabelsError("{notes}", notes=Joined(" ", (note for outcome in found for note in outcome.notes)))
    said: dict[str, Any] = {**told(found), "views": {}}
    alike = replace(request, as_of=cut_off(source, request))  # the other views end where the whole does
    for view in others:
        more, also = _seen_as(view, source, alike, tools)
        registered += also
        said["views"][view] = told(more)["evaluations"]
        said["notes"] += [f"{view} data alone: {note}" for one in more if one.model is None for note in one.notes]
    lost = compared(registered, registered_models(tools[0]))
    return {**said, "notes": [*said["notes"], *lost], "models": registered}


def _seen_as(view: str, source: Source, request: Request, tools: Tools) -> tuple[list[Outcome], list[dict[str, Any]]]:
    """What comes of training on one view of the drops, and the models that were registered."""
    seen, settings = viewed(source, view), tools[0]

    def progress(step: str, done: int, total: int | None) -> None:
        tools[1](step if seen is source else f"{step} ({view} data alone)", done, total)

    found = outcomes(seen, request, (settings, progress), keep=True)
    kept = [outcome for outcome in found if outcome.model is not None]
    registered = []
    for number, outcome in enumerate(kept):
        progress("register models", number, len(kept))
        registered.append(enrol(seen, outcome, cut_off(seen, request), settings))
    progress("register models", len(kept), len(kept))
    return found, registered


def outcomes(source: Source, request: Request, tools: Tools, keep: bool) -> list[Outcome]:
    """One outcome per kind, by the way of training that suits the drop."""
    if source.delivery.mapping.score.unit == "transfers":
        return [_of_events(source, request, tools[0], keep)]
    if not source.records.dated:
        return [_of_undated(source, kind, request, tools) for kind in wanted_kinds(source, request)]
    return _of_dated(source, request, tools, keep)


def wanted_kinds(source: Source, request: Request) -> tuple[str, ...]:
    """The kinds asked for on the command line, else in the mapping, else all that the drop lists."""
    found = scorable_kinds(source.records, request.kinds or tuple(source.delivery.mapping.score.kinds))
    if not found:
        raise ConfigurationError("the drop lists no entity of the kinds asked for; map accounts, sims or identities")
    return found


def cut_off(source: Source, request: Request) -> datetime:
    """The moment asked for, else the end of the data."""
    if request.as_of is not None and source.records.dated:
        return request.as_of
    return default_as_of(source) if source.records.dated else undated.after_last(source)


def _of_dated(source: Source, request: Request, tools: Tools, keep: bool) -> list[Outcome]:
    as_of = cut_off(source, request)
    check(source, as_of, allow_gap=request.allow_gap)
    kinds = wanted_kinds(source, request)
    guide = teacher(source, as_of, kinds, request.without_graph, tools)
    ready = dated.prepare(guide, as_of, keep)  # a history that is too short is said once, not for every kind

    def one(kind: str) -> Outcome:
        return _one_kind(lambda kind: _train_and_measure(ready, kind, as_of, tools, keep), kind)

    with ThreadPoolExecutor(tools[0].snapshots_at_once) as pool:
        return list(pool.map(one, kinds))


def _train_and_measure(guide: Any, kind: str, as_of: datetime, tools: Tools, keep: bool) -> Outcome:
    tools[1](f"train {kind}", 0, 2)
    measured = dated.measure(guide, kind, as_of)
    tools[1](f"train {kind}", 1, 2)
    chosen = dict(measured.model.params) if measured.model else None
    kept = followed(dated.train(guide, kind, as_of, chosen), measured) if keep else measured
    tools[1](f"train {kind}", 2, 2)
    model = kept.model if keep else None
    return Outcome(kind, model, measured.evaluations, measured.title, measured.notes, kept.facts, measured.proof)


def _one_kind(make: Callable[[str], Outcome], kind: str) -> Outcome:
    try:
        return make(kind)
    except TooFewLabelsError as error:
        return Outcome(kind, None, notes=(f"{kind}: no model: {error}",))


def _of_undated(source: Source, kind: str, request: Request, tools: Tools) -> Outcome:
    step = f"train {kind}"
    tools[1](step, 0, 2)
    ground = undated.prepare(source, kind, request.without_graph, tools[0])
    tools[1](step, 1, 2)
    found = undated.run(ground, tools[0], undated.divided(ground))
    tools[1](step, 2, 2)
    return found


def _of_events(source: Source, request: Request, settings: Settings, keep: bool) -> Outcome:
    until = request.as_of or default_as_of(source)
    if keep:
        return events.train(events.stream(source, until), until, settings)
    return events.measure(events.stream(source, until), settings)


def enrol(source: Source, outcome: Outcome, as_of: datetime, settings: Settings) -> dict[str, Any]:
    """Give a model its name and card, export it, register it as challenger and keep its trial against the champion.

    The first of its name becomes champion; what is the champion or challenger over again is not registered again.
    """
    assert outcome.model is not None  # noqa: S101  # callers keep only outcomes with a model
    name = model_name(outcome.kind, view_of(source.records))
    figures = outcome.flat()
    model = outcome.model.with_facts(
        name=name,
        kind=outcome.kind,
        as_of=as_of,
        code=code_version(),
        source=source.digest,
        synthetic=source.delivery.any_synthetic,
        seed=settings.seed,
        metrics=figures,
        settings=settings.digestible(),
        **outcome.facts,
    )
    params = {**outcome.model.params, "as_of": as_of.isoformat(), "code": code_version()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = save(model, Path(scratch) / name)
        sign_trained(folder, settings)
        digests = {str(n): digest for n, (_, _, digest) in enumerate(source.delivery.inputs)}
        again = same_as_registered(settings, name, folder)
        if again is not None:
            alias, version = again
            if alias == CHALLENGER:  # the champion may be another one than it met
                challenge(settings, version, model, outcome.proof)
            return registered(settings, name, version, alias) | {"digest": digest_of(digests)}
        drawn = plots(model, outcome.evaluations[0].scored, Path(scratch) / "plots") if outcome.evaluations else []
        version = register(settings.home, folder, params, figures, digests, tuple(drawn))
    challenge(settings, version, model, outcome.proof)
    alias = CHAMPION if crown_the_first(settings, name, version) else CHALLENGER
    return registered(settings, name, version, alias) | {"digest": digest_of(digests)}


def registered(settings: Settings, name: str, version: str, alias: str) -> dict[str, Any]:
    """Where a version's portable folder is, and which alias it holds."""
    folder = exported(settings.home, name, version)
    return {"name": name, "version": version, "alias": alias, "folder": str(folder)}


def told(found: list[Outcome]) -> dict[str, Any]:
    """Outcomes as plain values."""
    parts = [part for outcome in found for part in outcome.told()]
    loose = [note for outcome in found if not outcome.evaluations for note in outcome.notes]
    return {"evaluations": parts, "notes": loose}


def show_register(settings: Settings, port: int) -> None:
    """Serve MLflow's pages over the register on this machine until they are stopped."""
    with pages(settings.home, port) as process:
        process.wait()


def registered_models(settings: Settings) -> list[dict[str, Any]]:
    """Every registered version with its alias and its figure of merit."""
    if not (settings.home / "mlflow" / "mlflow.db").exists():
        return []
    return [
        {
            "name": row["name"],
            "version": row["version"],
            "alias": ", ".join(row["aliases"]),
            "as_of": str(local_day(datetime.fromisoformat(row["params"]["as_of"]))),
            "average_precision": row["metrics"].get("average_precision"),
        }
        for row in models(settings.home)
    ]
