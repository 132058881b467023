"""The register of runs and models: MLflow over one SQLite file under the data directory; nothing else imports it."""

from __future__ import annotations

import fcntl
import logging
import math
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fraudnet.errors import IntegrityError, MissingInputError, ModelMismatchError
from fraudnet.model.golden import SCORES, refuse_other_answers
from fraudnet.model.opened import (
    CHALLENGER,
    CHAMPION,
    Store,
    crown,
    described,
    end_left_behind,
    forget_bytecode,
    forget_paths,
    holder,
    intact,
    known,
    line_of,
    put,
    ran,
)
from fraudnet.model.portable import load, verify
from fraudnet.model.relocate import relocate
from fraudnet.model.trained import Model
from fraudnet.model.trainers import mine

EXPERIMENT, ARTIFACT = "fraudnet", "portable"
# Handed over as a file and never imported: it asks whose keys are trusted, which floors above this one know.
SERVED = Path(__file__).parents[1] / "pipeline" / "training" / "served.py"
QUIET = ("alembic", "mlflow", "sqlalchemy")
# MLflow reports home, and copies lock files into models, unless told not to before it is imported.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOG_UV_FILES": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
# Who ran it and from which path stays out of the register; MLflow would note both.
TAGS = {"mlflow.source.name": "fraudnet", "mlflow.source.type": "LOCAL", "mlflow.user": "fraudnet"}


def register(
    home: Path,
    folder: Path,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    inputs: Mapping[str, str],
    plots: tuple[Path, ...] = (),
) -> str:
    """Log a run, register a portable model folder under the name on its card as challenger; returns the version.

    inputs: name to digest of what went in. The alias is given only after the model was loaded back from the register
    and gave its golden scores; else ModelMismatchError or IntegrityError, and the challenger of before stays. No
    champion changes here.
    """
    model = load(folder)
    with _opened(home, alone=True) as store:
        end_left_behind(store)
        tags = {**TAGS, **mine()}
        with store.mlflow.start_run(experiment_id=store.experiment, run_name=model.name, tags=tags):
            store.mlflow.log_params({key: str(value) for key, value in params.items()})
            store.mlflow.log_metrics({key: float(value) for key, value in metrics.items() if not math.isnan(value)})
            store.mlflow.log_dict(dict(inputs), "inputs.json")
            for plot in plots:
                store.mlflow.log_artifact(str(plot), "plots")
            number = _log_model(store, folder, model)
        store.client.set_model_version_tag(model.name, number, "digest", verify(folder))
        _prove(store, number, model)
        store.client.set_registered_model_alias(model.name, CHALLENGER, number)
    return number


def log_evaluation(home: Path, metrics: Mapping[str, float], params: Mapping[str, Any], page: str) -> str:
    """Log what an evaluation measured, with its report as one page; returns the run. No model is registered."""
    with _opened(home, alone=True) as store:
        end_left_behind(store)
        tags = {**TAGS, **mine()}
        with store.mlflow.start_run(experiment_id=store.experiment, run_name="evaluation", tags=tags) as run:
            store.mlflow.log_params({key: str(value) for key, value in params.items()})
            store.mlflow.log_metrics({key: float(value) for key, value in metrics.items() if not math.isnan(value)})
            store.mlflow.log_text(page, "evaluation.html")
            return str(run.info.run_id)


def promote(home: Path, name: str, number: str, why: Mapping[str, str]) -> str:
    """Make a version champion and write why beside it; returns the version that was champion before, or "none".

    Raises ModelMismatchError when the register's copy gives other answers than at training or reads other columns than
    its card names, MissingInputError when there is no such version; the champion stays then.
    """
    folder = exported(home, name, number)
    with _opened(home, alone=True) as store:
        model = load(folder)
        _prove(store, number, model)
        _refuse_other_signature(store, number, model)
        line = [*line_of(store, name)]
        if not line or line[-1] != number:
            crown(store, name, [*line, number])
        _write(store, name, number, why)
    return line[-1] if line else "none"


def roll_back(home: Path, name: str, why: Mapping[str, str], trusted: Callable[[Path], Path]) -> tuple[str, str]:
    """Make the champion of before champion again, after the same proof; returns the version left and the one taken.

    Raises MissingInputError when there was none before, and what `trusted` raises of a folder that nobody known signed.
    """
    with _opened(home, alone=True) as store:
        line = line_of(store, name)
        if len(line) < 2:
            raise MissingInputError(
                "{name}: there is no champion of before to go back to; `fraudnet models` lists all", name=name
            )
    folder = trusted(exported(home, name, line[-2]))
    with _opened(home, alone=True) as store:
        _prove(store, line[-2], load(folder))
        crown(store, name, line[:-1])
        _write(store, name, line[-1], why)
    return line[-1], line[-2]


def note(home: Path, name: str, number: str, why: Mapping[str, str]) -> None:
    """Write beside a version why it was not promoted."""
    with _opened(home, alone=True) as store:
        _write(store, name, number, why)


def champion(home: Path, name: str) -> Path:
    """The portable folder of a name's champion: checked, taken from the register once, kept under `home`/models.

    Raises MissingInputError when there is no champion, IntegrityError when the register's copy was changed.
    """
    with _opened(home) as store:
        return _exported(store, home, holder(store, name, CHAMPION))


def exported(home: Path, name: str, number: str) -> Path:
    """The portable folder of any version, like `champion`."""
    with _opened(home) as store:
        from mlflow.exceptions import MlflowException

        try:
            found = store.client.get_model_version(name, number)
        except MlflowException:
            raise MissingInputError(
                "{name}: has no version {number}; `fraudnet models` lists all", name=name, number=number
            ) from None
        return _exported(store, home, found)


def standing(home: Path) -> dict[str, dict[str, str]]:
    """Every name with the versions that hold its aliases: champion and challenger, where there are any."""
    if not (home / "mlflow" / "mlflow.db").exists():
        return {}
    with _opened(home) as store:
        found = sorted(store.client.search_registered_models(), key=lambda one: str(one.name))
        return {str(one.name): {alias: str(number) for alias, number in dict(one.aliases).items()} for one in found}


def champions(home: Path) -> frozenset[str]:
    """The names that have a champion."""
    return frozenset(name for name, aliases in standing(home).items() if CHAMPION in aliases)


def models(home: Path) -> list[dict[str, Any]]:
    """Every registered version: name, version, aliases, digest, tags, created (UTC), its run's params and metrics."""
    with _opened(home) as store:
        found = store.client.search_model_versions(order_by=["name ASC", "version_number DESC"])
        aliases = {m.name: dict(m.aliases) for m in store.client.search_registered_models()}
        return [described(store, one, aliases.get(one.name, {})) for one in found]


def runs(home: Path) -> list[dict[str, Any]]:
    """Every run, newest first: run, name, status, started (UTC), metrics."""
    with _opened(home) as store:
        found = store.client.search_runs([store.experiment], order_by=["attributes.start_time DESC"])
        return [ran(one) for one in found]


@contextmanager
def _opened(home: Path, alone: bool = False) -> Iterator[Store]:
    """alone: one writer at a time; SQLite would otherwise refuse the second after a few seconds."""
    os.environ.update(ENVIRONMENT)
    import mlflow

    for noisy in QUIET:
        logging.getLogger(noisy).setLevel(logging.ERROR)
    place = home.resolve() / "mlflow"
    place.mkdir(parents=True, exist_ok=True)
    artifacts = (place / "artifacts").as_uri()
    relocate(place / "mlflow.db", EXPERIMENT, artifacts)
    address = f"sqlite:///{place / 'mlflow.db'}"
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    mlflow.set_tracking_uri(address)
    mlflow.set_registry_uri(address)
    try:
        # MLflow warns about type hints and examples that a signature makes needless.
        with warnings.catch_warnings(action="ignore"):
            client = mlflow.MlflowClient(address, address)
            found = client.get_experiment_by_name(EXPERIMENT)
            experiment = found.experiment_id if found else client.create_experiment(EXPERIMENT, artifacts)
            if not found:
                relocate(place / "mlflow.db", EXPERIMENT, artifacts)
            with _alone(place) if alone else nullcontext():
                yield Store(mlflow, client, experiment)
    finally:
        forget_bytecode(place / "artifacts")
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    with (place / ".writer").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _log_model(store: Store, folder: Path, model: Model) -> str:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    reads = Schema([ColSpec("double", name, required=True) for name in model.names])
    gives = Schema([ColSpec("double", name) for name in SCORES])
    with tempfile.TemporaryDirectory() as place:
        staged = Path(place) / ARTIFACT
        shutil.copytree(folder, staged)
        logged = store.mlflow.pyfunc.log_model(
            name=model.name,
            python_model=str(SERVED),
            artifacts={ARTIFACT: str(staged)},
            signature=ModelSignature(reads, gives),
            pip_requirements=[f"{part}=={version(part)}" for part in ("fraudnet", "lightgbm", "polars")],
        )
    store.client.set_logged_model_tags(logged.model_id, TAGS)
    forget_paths(store, logged.model_id)
    if known(store, model.name) is None:
        store.client.create_registered_model(model.name)
    source, run = f"models:/{logged.model_id}", store.mlflow.active_run().info.run_id
    made = store.client.create_model_version(model.name, source, run, model_id=logged.model_id)
    return str(made.version)


def _prove(store: Store, number: str, model: Model) -> None:
    uri = f"models:/{model.name}/{number}"
    answers = store.mlflow.pyfunc.load_model(uri, suppress_warnings=True).predict(model.golden.drop(SCORES).to_pandas())
    raw, probability = (answers[name].to_numpy() for name in SCORES)
    refuse_other_answers(f"{model.name} version {number}", model.golden, raw, probability)


def _refuse_other_signature(store: Store, number: str, model: Model) -> None:
    info = store.mlflow.models.get_model_info(f"models:/{model.name}/{number}")
    found = [(str(part.name), str(part.type.name)) for part in info.signature.inputs.inputs]
    expected = [(name, "double") for name in model.names]
    if found != expected:
        differing = sorted({name for name, _ in set(found) ^ set(expected)}) or ["their order"]
        raise ModelMismatchError(
            "{name} version {number}: its signature in the register and its card differ in {differing}; "
            "expected the same columns in the same order; train again",
            name=model.name,
            number=number,
            differing=", ".join(differing[:5]),
        )


def _write(store: Store, name: str, number: str, why: Mapping[str, str]) -> None:
    for key, value in why.items():
        store.client.set_model_version_tag(name, number, key, value)


def _exported(store: Store, home: Path, found: Any) -> Path:
    kept, uri = home / "models" / f"{found.name}-{found.version}", f"models:/{found.name}/{found.version}"
    expected = found.tags.get("digest")
    if not intact(kept, expected):
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=kept.parent) as place:
            whole = Path(store.mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=place))
            put(whole / "artifacts" / ARTIFACT, kept, uri)
    if verify(kept) != expected:
        raise IntegrityError(
            "{name} version {version}: the register holds another model than was registered; train again",
            name=found.name,
            version=found.version,
        )
    return kept
