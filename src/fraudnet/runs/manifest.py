"""The manifest of a folder: what went in, what made it, what came out; written last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fraudnet.errors import IntegrityError, MissingInputError
from fraudnet.files import sha256, write_json

MANIFEST = "manifest.json"


def outputs(folder: Path, taken: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Name, size and SHA-256 of every file below a folder, the manifest and the log left out.

    taken: digests by name that were taken when the files were written.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in {MANIFEST, "log.jsonl"} and not path.name.startswith("."):
            found[name] = {"bytes": path.stat().st_size, "sha256": (taken or {}).get(name) or sha256(path)}
    return found


def write_manifest(folder: Path, facts: dict[str, Any], taken: Mapping[str, str] | None = None) -> Path:
    """Write manifest.json with the facts given and the digest of every file beside it; taken: as `outputs` has it."""
    return write_json(folder / MANIFEST, {**facts, "outputs": outputs(folder, taken)})


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a folder's manifest. Raises MissingInputError or IntegrityError."""
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingInputError(
            "{folder}: has no {manifest}, so it is not a finished run; name a run folder",
            folder=folder,
            manifest=MANIFEST,
        ) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        raise IntegrityError("{path}: is damaged; delete the run folder and make it again", path=path) from None
    if not isinstance(found, dict) or "outputs" not in found:
        raise IntegrityError("{path}: lacks 'outputs'; delete the run folder and make it again", path=path)
    return found


def verify(folder: Path, names: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Check every file (or those named) of a run against its manifest and return the manifest.

    Raises IntegrityError naming the first file that is missing or whose bytes have changed.
    """
    manifest = read_manifest(folder)
    for name, facts in manifest["outputs"].items():
        if names is not None and name not in names:
            continue
        path = folder / name
        if not path.is_file():
            raise IntegrityError("{path}: is named in the manifest but missing; make the run again", path=path)
        if (got := sha256(path)) != facts["sha256"]:
            raise IntegrityError(
                "{path}: its bytes have changed (SHA-256 {got}…, expected {expected}…); restore the file or "
                "make the run again",
                path=path,
                got=got[:12],
                expected=facts["sha256"][:12],
            )
    return manifest
