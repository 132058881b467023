"""Which code made a result: the whole package, or one module with everything that it imports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
# Texts and not syntax trees: CPython 3.11 may not make two of these at a time (python/cpython#106905).
FOR_TYPES = re.compile(r"^( *)if TYPE_CHECKING:\n(?:\1 +.*\n|\n)+", re.MULTILINE)
IMPORT = re.compile(r"^ *(?:from +(fraudnet[\w.]*) +import +(\([^)]*\)|.*)|import +(fraudnet[\w.]*))", re.MULTILINE)
NAME = re.compile(r"(?:^|[,(])\s*(\w+)")


@cache
def code_digest() -> str:
    """SHA-256 over every source and data file of the package, in order of their names."""
    return _digest(path for path in sorted(PACKAGE.rglob("*")) if path.suffix in {".py", ".toml"})


def code_version() -> str:
    """Version of the package and the first digits of its code's digest."""
    return f"{version('fraudnet')}+{code_digest()[:12]}"


@cache
def code_of(*modules: str) -> str:
    """SHA-256 over some modules of the package and all that they import of it, data files beside them included.

    What nothing of it imports does not matter, so that a result kept under this digest outlives changes elsewhere.
    Imports are read from the sources, those for type checkers left out; a module that is loaded by its name as a text
    must be named here as well.
    """
    found, waiting = set[Path](), [PACKAGE.parent.joinpath(*name.split(".")) for name in modules]
    while waiting:
        path = _source(waiting.pop())
        if path is not None and path not in found:
            found.add(path)
            waiting.extend(_imported(path))
    folders = {path.parent for path in found} - {PACKAGE}
    return _digest(sorted({*found, *(data for folder in folders for data in folder.rglob("*.toml"))}))


def _digest(paths: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _source(place: Path) -> Path | None:
    """The file of a module or of a package; none where the last part of the name is a thing inside a module."""
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    """The places of everything that a file imports from the package, at its top or inside its functions."""
    text, names = FOR_TYPES.sub("", path.read_text(encoding="utf-8")), set[str]()
    for module, things, whole in IMPORT.findall(text):
        names.add(module or whole)
        names.update(f"{module}.{name}" for name in NAME.findall(things) if module)
    return tuple(PACKAGE.parent.joinpath(*name.split(".")) for name in sorted(names - {PACKAGE.name}))
