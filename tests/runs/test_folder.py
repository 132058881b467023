"""A run is published whole, found again, resumed after a kill, and refused when a byte has changed."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from children import unwatched
from fraudnet.errors import BusyError, IntegrityError, MissingInputError
from fraudnet.files import sha256
from fraudnet.runs.folder import list_runs, run_name, workbench
from fraudnet.runs.manifest import read_manifest, verify
from lengths import lasting

IDENTITY = {"inputs": ["a"], "seed": 1}


def frame(seed: int) -> pl.DataFrame:
    return pl.DataFrame({"a": pl.int_range(0, 20_000, eager=True).hash(seed)})


def make(out: Path, calls: list[str] | None = None) -> Path:
    calls = [] if calls is None else calls

    def stage(name: str, seed: int) -> pl.DataFrame:
        calls.append(name)
        return frame(seed)

    with workbench(out, "2026-10-01", IDENTITY) as bench:
        if bench.finished():
            return bench.final
        for seed, name in enumerate(("nodes", "features", "scores")):
            bench.table(name, lambda name=name, seed=seed: stage(name, seed))
        bench.document("counts", lambda: {"rows": 1})
        return bench.publish({"seed": 1})


def test_a_run_has_a_manifest_that_names_every_file(tmp_path: Path) -> None:
    run = make(tmp_path)
    manifest = read_manifest(run)
    assert run.name == run_name("2026-10-01", IDENTITY)
    assert sorted(manifest["outputs"]) == ["counts.json", "features.parquet", "nodes.parquet", "scores.parquet"]
    assert all(manifest["outputs"][name]["sha256"] == sha256(run / name) for name in manifest["outputs"])
    assert list_runs(tmp_path) == [run]
    assert verify(run)["seed"] == 1


def test_a_second_time_nothing_is_made_again(tmp_path: Path) -> None:
    make(tmp_path)
    again: list[str] = []
    make(tmp_path, again)
    assert again == []


def test_two_processes_do_not_make_the_same_run(tmp_path: Path) -> None:
    with workbench(tmp_path, "2026-10-01", IDENTITY), pytest.raises(BusyError, match="another process"):
        make(tmp_path)


def test_two_hundred_flipped_bits_are_all_refused(tmp_path: Path) -> None:
    run = make(tmp_path)
    rng = random.Random(5)
    names = sorted(read_manifest(run)["outputs"])
    refused = 0
    flips = lasting(200, 2000)
    for _ in range(flips):
        path = run / rng.choice(names)
        good = path.read_bytes()
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        path.write_bytes(bad)
        try:
            verify(run)
        except IntegrityError as error:
            refused += path.name in str(error)
        path.write_bytes(good)
    assert refused == flips
    verify(run)


def test_missing_and_damaged_manifests_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"manifest\.json"):
        read_manifest(tmp_path)
    run = make(tmp_path)
    (run / "scores.parquet").unlink()
    with pytest.raises(IntegrityError, match=r"scores\.parquet"):
        verify(run)
    for damage in ("{", "[]", "{}"):
        (run / "manifest.json").write_text(damage)
        with pytest.raises(IntegrityError, match=r"manifest\.json"):
            read_manifest(run)


# Forked before Polars has threads of its own; each child dies just before its n-th flush or rename, the last one lives.
PROGRAM = """
import os, pathlib, signal, sys
sys.path[:0] = sys.argv[2:]
import test_folder

def dying(operation):
    def counted(*given, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return operation(*given, **more)
    return counted

os.fsync, os.replace, os.rename = map(dying, (os.fsync, os.replace, os.rename))
left, ended, kills = 0, signal.SIGKILL, 0
while ended:
    kills += 1
    child = os.fork()
    if not child:
        left = kills
        test_folder.make(pathlib.Path(sys.argv[1], str(kills)))
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(kills - 1)
"""


def test_killed_at_any_moment_and_run_again_the_bytes_are_the_same(tmp_path: Path) -> None:
    """kill -9 before every flush and every rename: the final folder is absent or whole, and ends byte-identical."""
    whole = make(tmp_path / "whole")
    expected = {p.name: sha256(p) for p in whole.iterdir()}
    here = Path(__file__).parent
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(here), str(here.parent)]
    done = subprocess.run(command, capture_output=True, text=True, env=unwatched(), timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 12
    for attempt in range(1, int(done.stdout) + 1):
        out = tmp_path / str(attempt)
        for run in list_runs(out):
            verify(run)
        run = make(out)
        assert {p.name: sha256(p) for p in run.iterdir()} == expected
        assert not list(out.rglob("*.tmp"))


def test_a_stage_is_reused_only_when_its_bytes_still_match(tmp_path: Path) -> None:
    calls: list[str] = []
    with workbench(tmp_path, "x", IDENTITY) as bench:
        bench.table("nodes", lambda: frame(1))
        assert bench.table("nodes", lambda: calls.append("again") or frame(2)).equals(frame(1))
        path = bench.partial / "nodes.parquet"
        path.write_bytes(path.read_bytes()[:-9] + b"\0" * 9)
        assert bench.table("nodes", lambda: calls.append("again") or frame(1)).equals(frame(1))
    assert calls == ["again"]
