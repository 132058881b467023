"""A bank opens a package where nothing that trains or keeps models is installed."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = ("mlflow", "lightgbm", "sklearn", "numba", "networkx", "scipy", "sknetwork", "matplotlib", "pandas")
START = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {WITHOUT!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from fraudnet.cli import main
main()
"""


def run(*words: str) -> str:
    told = subprocess.run([sys.executable, "-c", START, *words], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_a_package_is_opened_checked_and_filled_in_without_model_or_register(tmp_path):
    try_ = tmp_path / "try"
    run("lists", "sample", str(try_), "--on", "2026-10-05")
    opened = run("lists", "open", str(try_ / "bank_sample-000001.age"), "--keys", str(try_ / "bank_sample"),
                 "--sender", str(try_ / "sample_unit" / "public.json"), "--into", str(tmp_path / "in"), "--on", "2026-10-05")  # fmt: skip
    assert "add 3" in opened and not (tmp_path / "var").exists()
    draft = next((tmp_path / "in").glob("*/simo_002-0001.json"))
    assert "nothing is wrong" in run("lists", "check", str(draft), "--level", "draft")
