"""Files are whole or absent, whatever operation fails."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest

from fraudnet import files
from fraudnet.errors import WriteFailedError


def failing_at(monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    """Make the n-th of all fsync, rename and write calls fail, whichever it is."""
    seen = {"n": 0}

    def wrap(original):
        def wrapped(*args, **kwargs):
            seen["n"] += 1
            if seen["n"] == nth:
                raise OSError(28, "No space left on device")
            return original(*args, **kwargs)

        return wrapped

    monkeypatch.setattr(os, "fsync", wrap(os.fsync))
    monkeypatch.setattr(Path, "replace", wrap(Path.replace))
    monkeypatch.setattr(Path, "write_bytes", wrap(Path.write_bytes))


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_the_old_content_stands_until_the_new_one_is_whole(tmp_path: Path, nth: int) -> None:
    target = tmp_path / "a.json"
    files.write_json(target, {"old": 1})
    with pytest.MonkeyPatch.context() as monkeypatch:
        failing_at(monkeypatch, nth)
        with pytest.raises(WriteFailedError) as caught:
            files.write_json(target, {"new": 2})
    assert caught.value.exit_code == 74
    assert str(target) in str(caught.value) and "free some space" in str(caught.value)
    # The fourth operation flushes the folder: the new file already has its name then, whole.
    assert target.read_text() in ('{\n  "old": 1\n}\n', '{\n  "new": 2\n}\n')
    assert nth == 4 or '"old"' in target.read_text()
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_full_disk_leaves_no_partial_parquet(tmp_path: Path) -> None:
    program = (
        "import polars as pl, pathlib, sys\n"
        "from fraudnet.files import write_parquet\n"
        "from fraudnet.errors import WriteFailedError\n"
        "frame = pl.DataFrame({'a': pl.int_range(0, 500_000, eager=True).hash(7)})\n"
        "try:\n    write_parquet(pathlib.Path(sys.argv[1]), frame)\n"
        "except WriteFailedError as error:\n    print(error); sys.exit(error.exit_code)\n"
    )

    def small_files_only() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    target = tmp_path / "t.parquet"
    done = subprocess.run(
        [sys.executable, "-c", program, str(target)], preexec_fn=small_files_only, capture_output=True, text=True
    )
    assert done.returncode == 74, done.stderr
    assert str(target) in done.stdout and done.stdout.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": range(1000), "b": [str(i) for i in range(1000)]})
    pieces = pl.concat([frame[:300], frame[300:]], rechunk=False)
    one = files.write_parquet(tmp_path / "1.parquet", frame)
    two = files.write_parquet(tmp_path / "2.parquet", pieces)
    assert files.sha256(one) == files.sha256(two)


def test_digest_of_does_not_depend_on_the_order_of_keys() -> None:
    assert files.digest_of({"a": 1, "b": [2]}) == files.digest_of({"b": [2], "a": 1})
    assert files.digest_of({"a": 1}) != files.digest_of({"a": 2})


def test_two_threads_write_one_file_at_once(tmp_path: Path) -> None:
    both = Barrier(2)

    def write(temporary: Path) -> None:
        temporary.write_bytes(b"the same")
        both.wait(timeout=30)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(files.write_with, tmp_path / "a.json", write) for _ in range(2)]:
            done.result()
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
