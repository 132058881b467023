"""One small demo for all tests of the pipeline, and a smaller drop that trains quickly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_world import SETTINGS, SIZE, Demo, bank_side

from fraudnet.contracts.progress import silent
from fraudnet.pipeline import run_demo
from fraudnet.settings import Settings


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, empty_register: Path) -> Demo:
    """The whole main job on a small world in which accounts, SIMs and identities all get a model."""
    out = tmp_path_factory.mktemp("demo")
    shutil.copytree(empty_register, out / "home")
    file = out / "settings.toml"
    file.write_text("".join(f"{key} = {value}\n" for key, value in SETTINGS.items()))
    told = run_demo(out, SIZE, Settings(home=out / "home", **SETTINGS), silent)
    return Demo(out, out / "home", told, file)


@pytest.fixture(scope="session")
def bank_drop(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What banks alone would deliver of that world; never change it, copy it."""
    return bank_side(demo.drop, tmp_path_factory.mktemp("bank") / "drop")
