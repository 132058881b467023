"""One small demo for all tests of the pipeline, and a smaller drop that trains quickly."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_world import SETTINGS, SIZE, Demo, bank_side, scored_earlier

from children import unwatched
from fraudnet.contracts.progress import silent
from fraudnet.pipeline import Request
from fraudnet.pipeline.reading.source import Source, open_drops
from fraudnet.settings import Settings

PROGRAM = Path(__file__).with_name("without_network.py")
SILENCERS = ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK")  # the command sets them itself


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, empty_register: Path) -> Demo:
    """The whole main job on a small world in which accounts, SIMs and identities all get a model; without a network."""
    if "PYTEST_XDIST_WORKER" in os.environ:  # fails when another process of this run makes one as well
        (tmp_path_factory.getbasetemp().parent / "the-only-demo").mkdir()
    out = tmp_path_factory.mktemp("demo")
    shutil.copytree(empty_register, out / "home")
    file = out / "settings.toml"
    file.write_text("".join(f"{key} = {value}\n" for key, value in SETTINGS.items()))
    attempts = out / "attempts.txt"
    words = [PROGRAM, attempts, out, json.dumps(SIZE), json.dumps(SETTINGS)]
    env = {name: value for name, value in unwatched().items() if name not in SILENCERS}
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return Demo(out, out / "home", json.loads((out / "told.json").read_text()), file, attempts)


@pytest.fixture(scope="session")
def bank_drop(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What banks alone would deliver of that world; never change it, copy it."""
    return bank_side(demo.drop, tmp_path_factory.mktemp("bank") / "drop")


@pytest.fixture(scope="session")
def earlier(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same models' scores three months before, by a data directory that had read nothing; copy before you change."""
    place = tmp_path_factory.mktemp("earlier")
    return scored_earlier(demo, place / "home", place / "runs")


@pytest.fixture(scope="module")
def source(demo: Demo) -> Source:
    """The drop of that world, opened again from where the main job has read it."""
    return open_drops(Request((demo.drop,)), Settings(home=demo.home), silent)
