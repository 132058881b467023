from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from children import unwatched
from fraudnet.contracts.progress import silent
from fraudnet.errors import ConfigurationError, WriteFailedError
from fraudnet.files import sha256
from fraudnet.synthetic.world import WorldPlan, write_planned

PLAN = WorldPlan(people=400, months=3, share=0.03, seed=11)
SCRIPT = """
import sys
from pathlib import Path
from fraudnet.synthetic.world import WorldPlan, write_planned
write_planned(Path(sys.argv[1]), WorldPlan(people=400, months=3, share=0.03, seed=11))
"""


def digests(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return write_planned(tmp_path_factory.mktemp("once") / "w", PLAN)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_same_seed_gives_the_same_bytes_whatever_the_threads(once, tmp_path, threads):
    environment = unwatched(POLARS_MAX_THREADS=threads, PYTHONHASHSEED=threads, TZ="America/Lima")
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / "w")], env=environment, check=True)
    assert digests(tmp_path / "w") == digests(once.folder)


def test_another_seed_gives_another_world(once, tmp_path):
    other = write_planned(tmp_path / "w", WorldPlan(people=400, months=3, share=0.03, seed=12))
    assert digests(other.folder)["drop/accounts.csv"] != digests(once.folder)["drop/accounts.csv"]


def test_progress_is_told_and_nothing_partial_is_left(tmp_path):
    steps = []
    write_planned(tmp_path / "w", WorldPlan(people=200, months=1, seed=3), progress=lambda *step: steps.append(step[0]))
    assert {"planting rings", "living an ordinary life", "writing files"} <= set(steps)
    assert [p.name for p in tmp_path.iterdir()] == ["w"]
    assert (tmp_path / "w" / "README.md").read_text()


def test_a_world_without_fraud_has_no_fraud(tmp_path):
    summary = write_planned(tmp_path / "w", WorldPlan(people=200, months=1, share=0.0, seed=3), progress=silent)
    assert sum(p.fraud + p.alike for p in summary.planted.values()) == 0


def test_an_existing_folder_is_left_alone(tmp_path):
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "note").write_text("mine")
    with pytest.raises(WriteFailedError, match="is there already"):
        write_planned(tmp_path / "w", WorldPlan(people=200, months=1, seed=3))
    assert (tmp_path / "w" / "note").read_text() == "mine"


@pytest.mark.parametrize(
    "wrong", [{"people": 5}, {"months": 0}, {"start": date(2025, 10, 3)}, {"share": 0.5}, {"share": -0.1}]
)
def test_arguments_that_make_no_world_are_refused(tmp_path, wrong):
    with pytest.raises(ConfigurationError, match="expected at least"):
        write_planned(tmp_path / "w", WorldPlan(**{"people": 200, "months": 1, "seed": 3, **wrong}))


def test_the_committed_sample_is_what_the_generator_makes(tmp_path):
    """After a change of the world: `fraudnet synth data/synthetic/sample` as in data/synthetic/DATASHEET.md."""
    made = write_planned(tmp_path / "sample", WorldPlan(people=300, months=6, share=0.06, seed=20261002))
    assert digests(made.folder) == digests(Path(__file__).parents[2] / "data" / "synthetic" / "sample")
