"""The functions a notebook uses: their examples run, and importing the package stays quick."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import fraudnet

ROOT = Path(__file__).parents[2]


def test_the_examples_of_the_public_functions_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("FRAUDNET_HOME", str(tmp_path))
    found = doctest.testmod(fraudnet)
    assert found.attempted >= 6
    assert found.failed == 0


def test_importing_the_package_loads_nothing_heavy() -> None:
    probe = (
        "import fraudnet, sys; print([m for m in ('polars','numpy','mlflow','lightgbm','sklearn') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True).stdout.strip() == "[]"


def test_only_the_public_names_are_promised() -> None:
    assert all(callable(getattr(fraudnet, name)) for name in fraudnet.__all__)
