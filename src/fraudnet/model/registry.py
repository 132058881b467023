"""The register of runs and models: MLflow over one SQLite file under the data directory; nothing else imports it."""

from __future__ import annotations

import logging
import math
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fraudnet.errors import IntegrityError, MissingInputError
from fraudnet.files import publish_folder, write_bytes
from fraudnet.model.golden import SCORES, refuse_other_answers
from fraudnet.model.portable import load, verify
from fraudnet.model.relocate import relocate
from fraudnet.model.trained import Model

EXPERIMENT, CHAMPION, ARTIFACT = "fraudnet", "champion", "portable"
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


@dataclass(frozen=True)
class _Store:
    mlflow: Any
    client: Any
    experiment: str


def register(
    home: Path,
    folder: Path,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    inputs: Mapping[str, str],
    plots: tuple[Path, ...] = (),
) -> str:
    """Log a run, register a portable model folder under the name on its card, make it champion; returns the version.

    inputs: name to digest of what went in. The alias moves only after the model was loaded back from the register and
    gave its golden scores; else ModelMismatchError or IntegrityError, and the old champion stays.
    """
    model = load(folder)
    with _opened(home) as store:
        _end_left_behind(store)
        with store.mlflow.start_run(experiment_id=store.experiment, run_name=model.name, tags=TAGS):
            store.mlflow.log_params({key: str(value) for key, value in params.items()})
            store.mlflow.log_metrics({key: float(value) for key, value in metrics.items() if not math.isnan(value)})
            store.mlflow.log_dict(dict(inputs), "inputs.json")
            for plot in plots:
                store.mlflow.log_artifact(str(plot), "plots")
            number = _log_model(store, folder, model)
        store.client.set_model_version_tag(model.name, number, "digest", verify(folder))
        _prove(store, number, model)
        store.client.set_registered_model_alias(model.name, CHAMPION, number)
    return number


def champion(home: Path, name: str) -> Path:
    """The portable folder of a name's champion: checked, taken from the register once, kept under `home`/models.

    Raises MissingInputError when there is no champion, IntegrityError when the register's copy was changed.
    """
    with _opened(home) as store:
        found = _champion_version(store, name)
        kept = home / "models" / f"{name}-{found.version}"
        expected = found.tags.get("digest")
        if not _intact(kept, expected):
            _export(store, f"models:/{name}/{found.version}", kept)
        if verify(kept) != expected:
            raise IntegrityError(
                f"{name} version {found.version}: the register holds another model than was registered; train again"
            )
    return kept


def champions(home: Path) -> frozenset[str]:
    """The names that have a champion."""
    if not (home / "mlflow" / "mlflow.db").exists():
        return frozenset()
    with _opened(home) as store:
        return frozenset(m.name for m in store.client.search_registered_models() if CHAMPION in dict(m.aliases))


def models(home: Path) -> list[dict[str, Any]]:
    """Every registered version: name, version, aliases, digest, created (UTC), and its run's params and metrics."""
    with _opened(home) as store:
        found = store.client.search_model_versions(order_by=["name ASC", "version_number DESC"])
        aliases = {m.name: dict(m.aliases) for m in store.client.search_registered_models()}
        return [_described(store, one, aliases.get(one.name, {})) for one in found]


def runs(home: Path) -> list[dict[str, Any]]:
    """Every run, newest first: run, name, status, started (UTC), metrics."""
    with _opened(home) as store:
        found = store.client.search_runs([store.experiment], order_by=["attributes.start_time DESC"])
        return [
            {
                "run": one.info.run_id,
                "name": one.info.run_name,
                "status": one.info.status,
                "started": _moment(one.info.start_time),
                "metrics": dict(sorted(one.data.metrics.items())),
            }
            for one in found
        ]


@contextmanager
def _opened(home: Path) -> Iterator[_Store]:
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
            yield _Store(mlflow, client, experiment)
    finally:
        _forget_bytecode(place / "artifacts")
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])


def _end_left_behind(store: _Store) -> None:
    # Whoever was killed while training could not close his run.
    for one in store.client.search_runs([store.experiment], "attributes.status = 'RUNNING'"):
        store.client.set_terminated(one.info.run_id, "KILLED")


def _log_model(store: _Store, folder: Path, model: Model) -> str:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    reads = Schema([ColSpec("double", name, required=True) for name in model.names])
    gives = Schema([ColSpec("double", name) for name in SCORES])
    with tempfile.TemporaryDirectory() as place:
        staged = Path(place) / ARTIFACT
        shutil.copytree(folder, staged)
        logged = store.mlflow.pyfunc.log_model(
            name=model.name,
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={ARTIFACT: str(staged)},
            signature=ModelSignature(reads, gives),
            pip_requirements=[f"{part}=={version(part)}" for part in ("fraudnet", "lightgbm", "polars")],
        )
    store.client.set_logged_model_tags(logged.model_id, TAGS)
    _forget_paths(store, logged.model_id)
    if not store.client.search_registered_models(f"name = '{model.name}'"):
        store.client.create_registered_model(model.name)
    source, run = f"models:/{logged.model_id}", store.mlflow.active_run().info.run_id
    made = store.client.create_model_version(model.name, source, run, model_id=logged.model_id)
    return str(made.version)


def _forget_bytecode(artifacts: Path) -> None:
    """Loading a model may compile its code file beside it: bytes nobody registered, with a path of this machine."""
    for compiled in artifacts.rglob("__pycache__"):
        shutil.rmtree(compiled, ignore_errors=True)


def _forget_paths(store: _Store, model_id: str) -> None:
    """MLflow writes from which absolute path code and artifacts came; only the last part may stay."""
    place = store.client.get_logged_model(model_id).artifact_location
    described = Path(store.mlflow.artifacts.download_artifacts(artifact_uri=f"{place}/MLmodel"))
    text = described.read_text(encoding="utf-8")
    write_bytes(described, re.sub(r"((?:uri|artifact_path|model_code_path): )\S*/([^/\s]+)", r"\1\2", text).encode())


def _prove(store: _Store, number: str, model: Model) -> None:
    uri = f"models:/{model.name}/{number}"
    answers = store.mlflow.pyfunc.load_model(uri).predict(model.golden.drop(SCORES).to_pandas())
    raw, probability = (answers[name].to_numpy() for name in SCORES)
    refuse_other_answers(f"{model.name} version {number}", model.golden, raw, probability)


def _champion_version(store: _Store, name: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return store.client.get_model_version_by_alias(name, CHAMPION)
    except MlflowException:
        raise MissingInputError(f"{name}: has no champion in the register; train one first: `fraudnet train`") from None


def _intact(kept: Path, expected: str | None) -> bool:
    try:
        return verify(kept) == expected
    except (MissingInputError, IntegrityError):
        return False


def _export(store: _Store, uri: str, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=kept.parent) as place:
        whole = Path(store.mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=place))
        fresh = whole / "artifacts" / ARTIFACT
        try:
            verify(fresh)
        except MissingInputError:
            raise IntegrityError(f"{uri}: the register's copy of the model is damaged; train again") from None
        shutil.rmtree(kept, ignore_errors=True)
        publish_folder(fresh, kept)


def _described(store: _Store, one: Any, aliases: Mapping[str, Any]) -> dict[str, Any]:
    run = store.client.get_run(one.run_id).data if one.run_id else None
    return {
        "name": one.name,
        "version": str(one.version),
        "aliases": sorted(alias for alias, number in aliases.items() if str(number) == str(one.version)),
        "digest": one.tags.get("digest"),
        "created": _moment(one.creation_timestamp),
        "params": dict(sorted(run.params.items())) if run else {},
        "metrics": dict(sorted(run.metrics.items())) if run else {},
    }


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
