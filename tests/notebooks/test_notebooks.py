"""The notebooks: each is made from its percent file, holds no outputs, names only public things, and runs."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient

from children import unwatched

FOLDER = Path(__file__).parents[2] / "notebooks"
sys.path.insert(0, str(FOLDER))

from pair import notebook, sources  # noqa: E402

NAMES = [source.stem for source in sources()]


def test_there_are_six() -> None:
    assert [name[:2] for name in NAMES] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_is_what_its_percent_file_makes(name: str) -> None:
    kept = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert kept == notebook(FOLDER / f"{name}.py"), "run `make notebooks`"
    assert not any(cell.get("outputs") for cell in json.loads(kept)["cells"])


@pytest.mark.parametrize("name", NAMES)
def test_it_is_short_and_asks_for_public_things_alone(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 130
    private = [
        part
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fraudnet")
        for part in [*(node.module or "").split("."), *(alias.name for alias in node.names)]
        if part.startswith("_")
    ]
    assert private == []


def test_all_of_them_run_in_order_and_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAUDNET_HOME", str(tmp_path))
    monkeypatch.delenv("FRAUDNET_DROP", raising=False)
    # One kernel for all six, its names wiped between them: starting it costs more than most of them.
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(FOLDER), extra_arguments=["--log-level=ERROR"], env=unwatched())
    try:
        for name in NAMES:
            outputs = executed(manager, nbformat.read(FOLDER / f"{name}.ipynb", as_version=4))
            assert sum("image/png" in out.get("data", {}) for out in outputs) >= 2, name
            assert not [out for out in outputs if out["output_type"] == "stream" and out["name"] == "stderr"], name
    finally:
        manager.shutdown_kernel(now=True)


def executed(manager: KernelManager, book: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Run a notebook from a clean slate and return all its outputs; an error in a cell is raised."""
    book.cells.append(nbformat.v4.new_code_cell("%reset -f"))
    NotebookClient(book, km=manager, timeout=120).execute(reset_kc=True, cleanup_kc=False)
    return [out for cell in book.cells for out in cell.get("outputs", [])]
