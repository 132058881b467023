"""Finding the files of a drop without ever leaving its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fraudnet.errors import ConfigurationError, InputError, MissingInputError
from fraudnet.files import sha256
from fraudnet.sources.formats import FORMATS, SUFFIXES
from fraudnet.sources.mapping import Table
from fraudnet.sources.near import near

TRUTH = "truth"


@dataclass(frozen=True)
class Input:
    """One file of a drop as it was when its digest was taken."""

    name: str  # relative to the drop folder, with the folder's name in front when there are several
    path: Path
    size: int
    sha256: str


def check_folder(folder: Path) -> Path:
    """The real path of a drop folder. Raises MissingInputError, or InputError when it is a folder of truths."""
    if not folder.is_dir():
        raise MissingInputError("{folder}: there is no such drop folder; check the path", folder=folder)
    real = folder.resolve()
    if real.name.lower() == TRUTH:
        raise InputError(
            "{folder}: a folder named 'truth' holds answers and is never read; name the drop itself", folder=folder
        )
    return real


def find(folder: Path, table: Table, where: str) -> list[Path]:
    """The files that a table of the mapping names, sorted by name; folders named `truth` are passed over.

    Raises MissingInputError when there is none and InputError when one lies outside the drop folder.
    """
    found = sorted(
        (path for path in folder.glob(table.file) if path.is_file() or path.is_symlink()),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    found = [path for path in found if TRUTH not in [part.lower() for part in path.relative_to(folder).parts]]
    if not found:
        there = [path.relative_to(folder).as_posix() for path in sorted(folder.glob("*")) if path.name != TRUTH]
        raise MissingInputError(
            "{where}: no file matches {file!r} of table {table!r}{near}",
            where=where,
            file=table.file,
            table=table.table,
            near=near(table.file, there),
        )
    for path in found:
        _check_inside(folder, path, where)
    return found


def _check_inside(folder: Path, path: Path, where: str) -> None:
    name = path.relative_to(folder).as_posix()
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise InputError(
            "{where}/{name}: the link leads nowhere; put the file itself into the drop", where=where, name=name
        ) from None
    if not real.is_relative_to(folder) or TRUTH in [part.lower() for part in real.relative_to(folder).parts]:
        raise InputError(
            "{where}/{name}: leads out of the drop folder; put the file itself into the drop", where=where, name=name
        )
    if not real.is_file():
        raise InputError("{where}/{name}: is no plain file; put the file itself into the drop", where=where, name=name)


def labels(folders: Sequence[Path]) -> list[str]:
    """What stands in front of the file names of each folder: nothing for one, else different folder names."""
    if len(folders) == 1:
        return [""]
    names = [folder.name for folder in folders]
    return [f"{name}/" if names.count(name) == 1 else f"{at}-{name}/" for at, name in enumerate(names, 1)]


def digest(path: Path, name: str) -> Input:
    """Take the digest of a file."""
    return Input(name, path, path.stat().st_size, sha256(path))


def format_of(table: Table, path: Path, where: str) -> str:
    """The format of a file: what the mapping says, else its suffix. Raises ConfigurationError when neither tells."""
    if table.format is not None:
        return table.format
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ConfigurationError(
            "{where}: the suffix {suffix!r} tells no format; say `format` in the mapping: {known}",
            where=where,
            suffix=suffix,
            known=", ".join(FORMATS),
        )
    return SUFFIXES[suffix]
