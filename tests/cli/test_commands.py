"""The command line: quick help, one sentence per failure, no traceback, no personal value."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("demo", "synth", "check", "train", "evaluate", "score", "lists", "runs", "models")


def fraudnet(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from fraudnet.cli import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env={**os.environ, **env})


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = fraudnet("--help")
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert used < 3 * 0.6
    probe = "import fraudnet.cli.app, sys; print(sorted({'mlflow','sklearn','lightgbm','polars','pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = fraudnet(command, "--help")
    assert done.returncode == 0 and f"fraudnet {command}" in done.stdout and "--json" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("scor",), 2, "Did you mean 'score'"),
        (("score",), 78, "none is registered"),
        ((), 2, "Usage: fraudnet"),
        (("score", "no-such-folder"), 66, "no-such-folder"),
        (("check", "no-such-folder"), 66, "no-such-folder"),
        (("score", ".", "--as-of", "tomorrow"), 78, "--as-of"),
        (("score", ".", "--as-of", "0001-01-01"), 78, "from 1900 to 2100"),
        (("score", ".", "--as-of", "9999-12-31"), 78, "from 1900 to 2100"),
        (("train", ".", "--kind", "phone"), 78, "phone"),
        (("train", ".", "--without", "trees"), 78, "trees"),
        (("lists", "no-such-run"), 66, "no-such-run"),
        (("runs", "--settings", "no.toml"), 0, ""),
        (("models", "--settings", "no.toml"), 78, "no.toml"),
    ],
)
def test_a_failure_is_one_sentence_and_a_code(tmp_path: Path, words: tuple[str, ...], code: int, says: str) -> None:
    done = fraudnet(*words, cwd=tmp_path, FRAUDNET_HOME=str(tmp_path / "var"))
    assert done.returncode == code, done.stderr
    assert says in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert code == 0 or done.stderr.count("\n") == 1 or "Usage" in done.stdout


def test_settings_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("capacitty = 0.1\nseed = -1\n")
    done = fraudnet("models", "--settings", str(tmp_path / "s.toml"), FRAUDNET_HOME=str(tmp_path))
    assert done.returncode == 78
    assert "capacitty" in done.stderr and "seed" in done.stderr


def test_common_options_may_stand_anywhere() -> None:
    from fraudnet.cli.options import hoisted

    assert hoisted(["score", "d", "--json", "--home", "h", "--out", "o"]) == [
        "--json", "--home", "h", "score", "d", "--out", "o",
    ]  # fmt: skip
    assert hoisted(["check", "--seed=3", "--", "--json"]) == ["--seed=3", "check", "--", "--json"]
    assert hoisted(["runs", "--home"]) == ["--home", "runs"]


def test_an_unexpected_error_names_a_place_and_no_value(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    from fraudnet.cli import guarded

    monkeypatch.setattr(sys, "argv", ["fraudnet"])

    def broken(*_: object, **__: object) -> None:
        raise ValueError("0912345678")

    assert guarded(broken) == 70
    told = capsys.readouterr().err
    assert "0912345678" not in told and "ValueError" in told and "cli/__init__.py:" in told
