"""A model as a folder that any machine can check and load: text, JSON, Parquet and their digests."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import IntegrityError, MissingInputError, ModelMismatchError
from fraudnet.files import publish_folder, sha256, write_bytes, write_json, write_parquet
from fraudnet.model.calibrate import Calibration
from fraudnet.model.card import FORMAT, card, facts_of, inputs_of
from fraudnet.model.golden import SCORES, refuse_other_answers
from fraudnet.model.thresholds import Promises
from fraudnet.model.trained import Model

CARD = "card.json"
PARTS = ("calibration.json", CARD, "golden.parquet", "model.txt")
SUMS = "SHA256SUMS"


def save(model: Model, folder: Path) -> Path:
    """Write model.txt, calibration.json, card.json, golden.parquet and SHA256SUMS, all or nothing.

    Equal models give equal bytes. A folder that stands there already is replaced.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".partial-{folder.name}-", dir=folder.parent))
    try:
        write_bytes(partial / "model.txt", model.text.encode())
        write_json(partial / "calibration.json", model.calibration.as_json())
        write_json(partial / CARD, card(model))
        write_parquet(partial / "golden.parquet", model.golden)
        write_bytes(partial / SUMS, _sums(partial))
        if folder.exists():
            shutil.rmtree(folder)
        return publish_folder(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def load(folder: Path) -> Model:
    """Read a model after checking every byte, and check that it still answers as it did at training.

    Raises MissingInputError, IntegrityError, or ModelMismatchError naming the features that differ.
    """
    verify(folder)
    told = json.loads((folder / CARD).read_text(encoding="utf-8"))
    calibration = Calibration.from_json(json.loads((folder / "calibration.json").read_text(encoding="utf-8")))
    text = (folder / "model.txt").read_text(encoding="utf-8")
    golden = pl.read_parquet(folder / "golden.parquet")
    _refuse_newer(folder, told)
    promises = Promises.from_json(told.get("promises"))
    parts = (told["params"], told["threshold"], golden, facts_of(told), promises)
    model = Model(text, calibration, inputs_of(told), *parts)
    _refuse_other_shape(folder, model)
    raw = model.raw(golden.drop(SCORES))
    refuse_other_answers(str(folder), golden, raw, model.probability(raw))
    return model


def verify(folder: Path) -> str:
    """Check a model folder against its SHA256SUMS and return the digest that names the whole folder.

    Raises MissingInputError when it is no model folder, IntegrityError when a byte, a file or a name has changed.
    """
    sums = folder / SUMS
    if not sums.is_file():
        raise MissingInputError(
            "{folder}: holds no {sums}, so it is no model folder; name an exported model", folder=folder, sums=SUMS
        )
    missing = [name for name in PARTS if not (folder / name).is_file()]
    if missing:
        raise IntegrityError(
            "{folder}: {missing} missing; expected {parts}; export it again",
            folder=folder,
            missing=", ".join(missing),
            parts=", ".join(PARTS),
        )
    if sums.read_bytes() != (expected := _sums(folder)):
        changed = [line.split()[1] for line in expected.decode().splitlines() if line.encode() not in sums.read_bytes()]
        raise IntegrityError(
            "{folder}: {changed} is not what {sums} names; the model was changed or damaged; export it "
            "again from the registry",
            folder=folder,
            changed=", ".join(changed) or SUMS,
            sums=SUMS,
        )
    return sha256(sums)


def _sums(folder: Path) -> bytes:
    return "".join(f"{sha256(folder / name)}  {name}\n" for name in PARTS).encode()


def _refuse_newer(folder: Path, told: dict[str, Any]) -> None:
    if told.get("format", FORMAT) > FORMAT:
        raise ModelMismatchError(
            "{folder}: card.json has format {format}, expected at most {known}; the model was exported "
            "by a newer fraudnet: score with that version, or train again",
            folder=folder,
            format=told["format"],
            known=FORMAT,
        )


def _refuse_other_shape(folder: Path, model: Model) -> None:
    expected = (*model.names, *SCORES)
    if tuple(model.golden.columns) != expected:
        differing = sorted(set(model.golden.columns) ^ set(expected)) or ["their order"]
        raise ModelMismatchError(
            "{folder}: card.json and golden.parquet differ in {differing}; expected the same features in "
            "the same order; the parts do not belong together: export the model again",
            folder=folder,
            differing=", ".join(differing[:5]),
        )
