"""The register of delivered drops: what was brought when, and which file replaced which."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fraudnet.errors import ConfigurationError, InputError
from fraudnet.files import write_json
from fraudnet.settings import Settings

REGISTER = "drops.json"


@dataclass(frozen=True)
class Registered:
    """The folders of all registered drops, the newest first; the files that were replaced later, and by what."""

    folders: tuple[Path, ...]
    superseded: frozenset[tuple[Path, str]]
    corrections: tuple[Mapping[str, Any], ...]


def entries(settings: Settings) -> list[dict[str, Any]]:
    """The register as it stands, the oldest first. Raises InputError when it cannot be read."""
    path = settings.home / REGISTER
    if not path.exists():
        return []
    try:
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["drops"]
    except (OSError, ValueError, KeyError):
        raise InputError(
            "{path}: cannot be read; restore it from a backup, or add the drops again", path=path
        ) from None
    return found


def registered(settings: Settings) -> Registered:
    """What a command without folders reads. Raises ConfigurationError when nothing is registered."""
    found = entries(settings)
    if not found:
        raise ConfigurationError("no drop folder was named and none is registered; name one, or `fraudnet add` it")
    gone = {(folder_of(one["drop"], settings), one["file"]) for each in found for one in each["supersedes"]}
    folders = tuple(folder_of(each["folder"], settings) for each in reversed(found))
    return Registered(folders, frozenset(gone), tuple(one for each in found for one in each["supersedes"]))


def record(folder: Path, told: dict[str, Any], settings: Settings) -> None:
    """Write one more drop into the register, with what it replaced."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = {"folder": spelled(folder, settings), "added_at": now, **told}
    write_json(settings.home / REGISTER, {"drops": [*entries(settings), entry]})


def spelled(folder: Path, settings: Settings) -> str:
    """A folder as the register keeps it: relative where it lies in the data directory, so that both can move."""
    real, home = folder.resolve(), settings.home.resolve()
    return real.relative_to(home).as_posix() if real.is_relative_to(home) else str(real)


def folder_of(kept: str, settings: Settings) -> Path:
    """The folder that an entry names."""
    return (settings.home.resolve() / kept).resolve()
