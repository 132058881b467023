"""The command line: quick help, one sentence per failure, no traceback, no personal value."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from children import unwatched
from fraudnet.cli import guarded
from fraudnet.cli.app import app

COMMANDS = ("demo", "synth", "check", "train", "evaluate", "score", "lists", "runs", "models")


def fraudnet(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, as a user starts it."""
    command = [sys.executable, "-c", "from fraudnet.cli import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=unwatched(**env))


@pytest.fixture
def ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """What a command ends with and says in this process, in a folder with nothing in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRAUDNET_HOME", str(tmp_path / "var"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fraudnet", *words])
        return guarded(app), *capsys.readouterr()

    return run


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
def test_every_command_explains_itself(command: str, ended: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = ended(command, "--help")
    assert code == 0 and f"fraudnet {command}" in out and "--json" in out


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
def test_a_failure_is_one_sentence_and_a_code(
    words: tuple[str, ...], code: int, says: str, ended: Callable[..., tuple[int, str, str]]
) -> None:
    ended_with, out, err = ended(*words)
    assert ended_with == code, err
    one_sentence(code, says, out, err)


@pytest.mark.parametrize(
    ("words", "code", "says"), [(("score",), 78, "none is registered"), ((), 2, "Usage: fraudnet")]
)
def test_no_library_adds_to_it_in_a_process_of_its_own(
    words: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    done = fraudnet(*words, cwd=tmp_path, FRAUDNET_HOME=str(tmp_path / "var"))
    assert done.returncode == code, done.stderr
    one_sentence(code, says, done.stdout, done.stderr)


def one_sentence(code: int, says: str, out: str, err: str) -> None:
    assert says in err + out
    assert "Traceback" not in err
    assert code == 0 or err.count("\n") == 1 or "Usage" in out


def test_settings_are_refused_by_name(tmp_path: Path, ended: Callable[..., tuple[int, str, str]]) -> None:
    (tmp_path / "s.toml").write_text("capacitty = 0.1\nseed = -1\n")
    code, _, err = ended("models", "--settings", str(tmp_path / "s.toml"))
    assert code == 78
    assert "capacitty" in err and "seed" in err


def test_common_options_may_stand_anywhere() -> None:
    from fraudnet.cli.options import hoisted

    assert hoisted(["score", "d", "--json", "--home", "h", "--out", "o"]) == [
        "--json", "--home", "h", "score", "d", "--out", "o",
    ]  # fmt: skip
    assert hoisted(["check", "--seed=3", "--", "--json"]) == ["--seed=3", "check", "--", "--json"]
    assert hoisted(["runs", "--home"]) == ["--home", "runs"]


def test_an_unexpected_error_names_a_place_and_no_value(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["fraudnet"])

    def broken(*_: object, **__: object) -> None:
        raise ValueError("0912345678")

    assert guarded(broken) == 70
    told = capsys.readouterr().err
    assert "0912345678" not in told and "ValueError" in told and "cli/__init__.py:" in told
