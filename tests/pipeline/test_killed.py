"""Whoever kills a scoring finds the state before or the state after, and the same command goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_world import DAY_AFTER, START, Demo, digests, fraudnet, only_run

from fraudnet.runs.manifest import verify

# The process kills itself at the n-th flush to disk, or just before or behind the rename that publishes the run.
KILLER = """
import os, signal, sys
when, number = sys.argv.pop(1).split(":")
left = int(number)
sync, rename = os.fsync, os.rename

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def fsync(handle):
    global left
    left -= when == "flush"
    if when == "flush" and left == 0:
        die()
    sync(handle)

def renamed(source, target, **more):
    publishes = ".partial-2" in str(source)
    if publishes and when == "before":
        die()
    rename(source, target, **more)
    if publishes and when == "behind":
        die()

os.fsync, os.rename = fsync, renamed
from fraudnet.cli import main
main()
"""


def words(demo: Demo, home: Path, out: Path) -> list[str]:
    return demo.words("score", demo.drop, "--as-of", DAY_AFTER, "--out", out, *demo.with_models(), home=home)


def nothing_half(out: Path, demo: Demo) -> None:
    """Under a final name there is the whole run or nothing."""
    for path in [p for p in out.iterdir() if not p.name.startswith(".")] if out.is_dir() else []:
        verify(path)
        assert digests(path) == digests(demo.run)


@pytest.mark.parametrize("seed", [1])
def test_killed_at_random_flushes_and_around_the_rename(demo: Demo, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    out = tmp_path / "runs"
    moments = [f"flush:{chance.randint(1, 12)}", f"flush:{chance.randint(8, 40)}", "before:0", "behind:0"]
    for moment in moments:
        done = fraudnet([moment, *words(demo, demo.home, out)], program=KILLER)
        assert done.returncode == -signal.SIGKILL, (moment, done.stderr)
        nothing_half(out, demo)
    done = fraudnet(words(demo, demo.home, out))
    assert done.returncode == 0, done.stderr
    run = only_run(out)
    assert (run.name, digests(run)) == (demo.run.name, digests(demo.run))
    assert [p.name for p in out.iterdir() if p.name.startswith(".partial")] == []


def test_killed_by_the_clock_while_it_reads_and_scores(demo: Demo, tmp_path: Path) -> None:
    chance = random.Random(2)
    out, home = tmp_path / "runs", tmp_path / "home"
    command = [sys.executable, "-c", START, *words(demo, home, out)]
    for _ in range(2):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ.copy())
        deadline = time.monotonic() + 60
        while not home.exists() and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(chance.uniform(0.2, 3.0))
        child.kill()
        child.wait()
        nothing_half(out, demo)
    done = fraudnet(words(demo, home, out))
    assert done.returncode == 0, done.stderr
    run = only_run(out)
    assert (run.name, digests(run)) == (demo.run.name, digests(demo.run))
