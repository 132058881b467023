"""What is done inside an open register, by its client alone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fraudnet.errors import IntegrityError, MissingInputError
from fraudnet.files import publish_folder, write_bytes
from fraudnet.model.portable import verify
from fraudnet.model.trainers import dead

CHAMPION, CHALLENGER = "champion", "challenger"
# The versions that were champion, in order, as a tag of the registered model.
LINE = "champions"


@dataclass(frozen=True)
class Store:
    """MLflow as it was imported, its client on our database, and our experiment."""

    mlflow: Any
    client: Any
    experiment: str


def end_left_behind(store: Store) -> None:
    """Close the runs of processes that were killed while they trained; others may be at work."""
    for one in store.client.search_runs([store.experiment], "attributes.status = 'RUNNING'"):
        if dead(one.data.tags):
            store.client.set_terminated(one.info.run_id, "KILLED")


def forget_bytecode(artifacts: Path) -> None:
    """Loading a model may compile its code file beside it: bytes nobody registered, with a path of this machine."""
    for compiled in artifacts.rglob("__pycache__"):
        shutil.rmtree(compiled, ignore_errors=True)


def forget_paths(store: Store, model_id: str) -> None:
    """MLflow writes from which absolute path code and artifacts came; only the last part may stay."""
    place = store.client.get_logged_model(model_id).artifact_location
    described = Path(store.mlflow.artifacts.download_artifacts(artifact_uri=f"{place}/MLmodel"))
    text = described.read_text(encoding="utf-8")
    write_bytes(described, re.sub(r"((?:uri|artifact_path|model_code_path): )\S*/([^/\s]+)", r"\1\2", text).encode())


def known(store: Store, name: str) -> Any:
    """The registered model of a name, none when there is none."""
    found = store.client.search_registered_models(f"name = '{name}'")
    return found[0] if found else None


def holder(store: Store, name: str, alias: str) -> Any:
    """The version that holds an alias. Raises MissingInputError when none does."""
    one = known(store, name)
    number = dict(one.aliases).get(alias) if one else None
    if number is None:
        advice = "train one first: `fraudnet train`" if alias == CHAMPION else "`fraudnet train` makes one"
        raise MissingInputError(
            "{name}: has no {alias} in the register; {advice}", name=name, alias=alias, advice=advice
        )
    return store.client.get_model_version(name, number)


def line_of(store: Store, name: str) -> list[str]:
    """The versions that were champion, the present one last."""
    one = known(store, name)
    told = json.loads(dict(one.tags or {}).get(LINE, "[]")) if one else []
    present = dict(one.aliases).get(CHAMPION) if one else None
    # A register from before there was a line knows its present champion only.
    return told or ([str(present)] if present is not None else [])


def crown(store: Store, name: str, line: list[str]) -> None:
    """Make the last of a line champion; what was a challenger until now is none any more."""
    number = line[-1]
    store.client.set_registered_model_alias(name, CHAMPION, number)
    store.client.set_registered_model_tag(name, LINE, json.dumps(line))
    if str(dict(known(store, name).aliases).get(CHALLENGER)) == number:
        store.client.delete_registered_model_alias(name, CHALLENGER)


def intact(kept: Path, expected: str | None) -> bool:
    """Whether an exported folder still is the model of that digest."""
    try:
        return verify(kept) == expected
    except (MissingInputError, IntegrityError):
        return False


def put(fresh: Path, kept: Path, uri: str) -> None:
    """Publish a model folder that was taken from the register. Raises IntegrityError when it is damaged."""
    try:
        verify(fresh)
    except MissingInputError:
        raise IntegrityError("{uri}: the register's copy of the model is damaged; train again", uri=uri) from None
    shutil.rmtree(kept, ignore_errors=True)
    publish_folder(fresh, kept)


def described(store: Store, one: Any, aliases: Mapping[str, Any]) -> dict[str, Any]:
    """A version as a plain value, with its run's params and metrics."""
    run = store.client.get_run(one.run_id).data if one.run_id else None
    return {
        "name": one.name,
        "version": str(one.version),
        "aliases": sorted(alias for alias, number in aliases.items() if str(number) == str(one.version)),
        "digest": one.tags.get("digest"),
        "tags": dict(sorted(one.tags.items())),
        "created": moment(one.creation_timestamp),
        "params": dict(sorted(run.params.items())) if run else {},
        "metrics": dict(sorted(run.metrics.items())) if run else {},
    }


def ran(one: Any) -> dict[str, Any]:
    """A run as a plain value."""
    return {
        "run": one.info.run_id,
        "name": one.info.run_name,
        "status": one.info.status,
        "started": moment(one.info.start_time),
        "metrics": dict(sorted(one.data.metrics.items())),
    }


def moment(milliseconds: int) -> datetime:
    """MLflow's times, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
