"""Whoever kills a scoring finds the state before or the state after, and the same command goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_world import DAY_AFTER, START, Demo, digests, fraudnet, inside, only_run, trusting

from children import unwatched
from fraudnet.runs.manifest import verify
from lengths import lasting

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


@pytest.fixture(scope="module")
def whole(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The undisturbed run, of one kind for speed."""
    out = tmp_path_factory.mktemp("whole")
    done = inside(words(demo, demo.home, out))
    assert done.code == 0, done.err
    return only_run(out)


def words(demo: Demo, home: Path, out: Path) -> list[str]:
    model = demo.models["sim"]
    return demo.words(
        "score", demo.drop, "--as-of", DAY_AFTER, "--out", out, "--model", model, home=trusting(home, demo)
    )


def nothing_half(out: Path, whole: Path) -> None:
    """Under a final name there is the whole run or nothing."""
    for path in [p for p in out.iterdir() if not p.name.startswith(".")] if out.is_dir() else []:
        verify(path)
        assert digests(path) == digests(whole)


def goes_on(demo: Demo, home: Path, out: Path, whole: Path) -> None:
    """The same command ends with the run that nobody disturbed, and leaves nothing else behind."""
    done = inside(words(demo, home, out))
    assert done.code == 0, done.err
    run = only_run(out)
    assert (run.name, digests(run)) == (whole.name, digests(whole))
    assert [p.name for p in out.iterdir()] == [run.name]


def test_killed_at_random_flushes_and_around_the_rename(demo: Demo, whole: Path, tmp_path: Path) -> None:
    chance = random.Random(1)
    out = tmp_path / "runs"
    flushes = [f"flush:{chance.randint(*span)}" for span in lasting(1, 10) * ((1, 12), (8, 24))]
    moments = [*flushes, "before:0", "behind:0"]
    for moment in moments:
        done = fraudnet([moment, *words(demo, demo.home, out)], program=KILLER)
        assert done.returncode == -signal.SIGKILL, (moment, done.stderr)
        nothing_half(out, whole)
    goes_on(demo, demo.home, out, whole)


def test_killed_by_the_clock_while_it_reads_and_scores(demo: Demo, whole: Path, tmp_path: Path) -> None:
    chance = random.Random(2)
    out, home = tmp_path / "runs", tmp_path / "home"
    command = [sys.executable, "-c", START, *words(demo, home, out)]
    for _ in range(lasting(2, 20)):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=unwatched())
        deadline = time.monotonic() + 60
        while not home.exists() and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(chance.uniform(0.2, 3.0))
        child.kill()
        child.wait()
        nothing_half(out, whole)
    goes_on(demo, home, out, whole)
