"""CONTRIBUTING's steps for a new feature, taken in a copy: a line, an expression, its texts, and the checks accept it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from children import unwatched

ROOT = Path(__file__).parents[2]
FAMILIES, SENTENCES = "tests/features/test_every_family.py", "tests/scoring/test_feature_sentences.py"
STEPS = {
    "probes.py": [
        ('    "Probes",\n    {\n',
         '    "Probes",\n    {\n        "probe_amount_90d": whole("money of payments of at most 10,000 đồng, last 90 days"),\n'),
        ('.agg(probe_payers_90d=pl.col("other").n_unique())',
         '.agg(probe_payers_90d=pl.col("other").n_unique(), probe_amount_90d=pl.col("amount").sum())'),
    ],
    "account.toml": [
        ('"feature.age_days"', '"feature.probe_amount" = { vi = "tổng các khoản thử {window}", '
         'fr = "montant des essais {window}" }\n"feature.age_days"'),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("copy")
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def changed(copy: Path) -> None:
    """Take the steps."""
    for name, edits in STEPS.items():
        original = next((ROOT / "src" / "fraudnet").rglob(name))
        text = original.read_text(encoding="utf-8")
        for old, new in edits:
            assert text.count(old) == 1, f"{name} has changed: write the step of this test anew"
            text = text.replace(old, new)
        (copy / original.relative_to(ROOT)).write_text(text, encoding="utf-8")


def checked(copy: Path) -> subprocess.CompletedProcess[str]:
    """Some of the checks that CONTRIBUTING names, with the copy's code."""
    which = "(probes and (order or snapshot or bounds)) or names or own_text"
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", which, FAMILIES, SENTENCES]
    # Compiling the copy's kernels would take longer than the checks on their tiny graphs.
    env = unwatched(PYTHONPATH=str(copy / "src"), NUMBA_DISABLE_JIT="1")
    return subprocess.run(words, cwd=copy, env=env, capture_output=True, text=True)


def test_the_steps_are_enough(copy: Path) -> None:
    changed(copy)
    done = checked(copy)
    assert done.returncode == 0, done.stdout[-2_000:]
    asked = "import fraudnet.features.probes as p; print('probe_amount_90d' in p.SCHEMA.columns(), p.__file__)"
    env = unwatched(PYTHONPATH=str(copy / "src"))
    told = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True).stdout.split()
    assert told == ["True", str(copy / "src" / "fraudnet" / "features" / "probes.py")]
