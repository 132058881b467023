"""The digest of a module stands for it and for all that it imports, and for nothing else."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fraudnet.features import FAMILIES
from fraudnet.runs import version
from fraudnet.runs.version import PACKAGE, code_digest, code_of

FAMILY = "fraudnet.features.{}".format


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = tmp_path / "fraudnet"
    shutil.copytree(PACKAGE, place, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(version, "PACKAGE", place)
    forget()
    yield place
    forget()


def forget() -> None:
    for cached in (code_digest, code_of, version._imported):
        cached.cache_clear()


def told() -> dict[str, str]:
    return {name: code_of(FAMILY(name)) for name in FAMILIES}


def edited(path: Path) -> set[str]:
    """The families whose digests change when a line is added to a file."""
    before, whole = told(), code_digest()
    path.write_text(path.read_text(encoding="utf-8") + "\n# another line\n", encoding="utf-8")
    forget()
    assert code_digest() != whole
    return {name for name, digest in told().items() if digest != before[name]}


def test_a_family_is_told_apart_from_the_others(copy: Path) -> None:
    assert edited(copy / "features" / "cash_use.py") == {"cash_use"}


def test_what_several_share_changes_them_all(copy: Path) -> None:
    assert edited(copy / "features" / "family.py") == set(FAMILIES)
    near = {name for name in FAMILIES if name.startswith(("position", "proximity", "motifs"))}
    assert edited(copy / "features" / "position.py") == near
    assert edited(copy / "graph" / "motif_triads.py") == {"motifs_account"}


def test_what_no_family_imports_changes_none(copy: Path) -> None:
    assert edited(copy / "model" / "train.py") == set()
    assert edited(copy / "pipeline" / "batch" / "snapshot.py") == set()


@pytest.mark.parametrize("folder", ["features", "runs"])
def test_imports_are_those_of_the_syntax_tree(folder: str) -> None:
    for path in (PACKAGE / folder).rglob("*.py"):
        tree = ast.parse(path.read_bytes())
        typing = {part for node in ast.walk(tree) if _for_types(node) for part in ast.walk(node)}
        names: set[str] = set()
        for node in set(ast.walk(tree)) - typing:
            if isinstance(node, ast.Import):
                names |= {part.name for part in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{part.name}" for part in node.names)}
        places = {PACKAGE.parent.joinpath(*name.split(".")) for name in names if name.startswith("fraudnet.")}
        known = {place for place in version._imported(path) if version._source(place)}
        assert known == {place for place in places if version._source(place)}, path


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_imports_for_type_checkers_alone_are_left_out() -> None:
    """The face of the pipeline names every stage for type checkers; running it loads only what is asked for."""
    found = {
        path.relative_to(PACKAGE.parent).as_posix() for path in version._imported(PACKAGE / "pipeline/__init__.py")
    }
    assert found == set()
