"""What the tests of the whole pipeline share: the finished small demo, and the command line as a user starts it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl

from children import unwatched
from fraudnet.cli import guarded
from fraudnet.cli.app import app
from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.files import sha256
from fraudnet.pipeline import Request, score_drops
from fraudnet.settings import Settings

SETTINGS = {
    "seed": 5,
    "bootstrap": 20,
    "snapshots": 2,
    "min_positives": 5,
    "capacity": 0.02,
    "maturity_days": 60,
    "threads": 1,
    # Maxima over the neighbours of a few hundred people move from month to month.
    "outside_refuse": 1.0,
}
SIZE = {"people": 700, "months": 10, "share": 0.07}
DAY_AFTER = "2026-08-01"
EARLIER = "2026-05-01"
BANK_FILES = (
    "institutions.csv",
    "identities.csv",
    "accounts.csv",
    "transfers",
    "reports_accounts.csv",
    "dispositions_accounts.csv",
)
START = "from fraudnet.cli import main; main()"


@dataclass(frozen=True)
class Demo:
    """A demo that ran to its end: where everything lies, what it said, and where what it tried to reach would stand."""

    out: Path
    home: Path
    told: dict[str, Any]
    settings: Path
    attempts: Path

    @property
    def drop(self) -> Path:
        return self.out / "world" / "drop"

    @property
    def run(self) -> Path:
        return Path(self.told["run"]["folder"])

    @property
    def models(self) -> dict[str, Path]:
        return {name.split("-")[1]: Path(m["folder"]) for m in self.told["training"]["models"] for name in [m["name"]]}

    def words(self, command: str, *more: object, home: Path | None = None) -> list[str]:
        """A command line with the settings of the demo."""
        return [command, *map(str, more), "--settings", str(self.settings), "--home", str(home or self.home)]

    def with_models(self) -> list[str]:
        """The exported models as options, last kind first."""
        return [word for kind in sorted(self.models, reverse=True) for word in ("--model", str(self.models[kind]))]


def bank_side(drop: Path, folder: Path) -> Path:
    """What banks alone would deliver of a world's drop, in a new folder."""
    folder.mkdir()
    for name in BANK_FILES:
        copy = shutil.copytree if (drop / name).is_dir() else shutil.copy
        copy(drop / name, folder / name)
    head, *tables = (drop / "mapping.toml").read_text(encoding="utf-8").split("[[tables]]")
    kept = [t for t in tables if any(f'file = "{name}' in t for name in BANK_FILES)]
    (folder / "mapping.toml").write_text("[[tables]]".join([head, *kept]), encoding="utf-8")
    return folder


def trusting(home: Path, demo: Demo) -> Path:
    """A data directory that knows by whose key the models of the demo are signed."""
    if home != demo.home:
        shutil.copytree(demo.home / "keys", home / "keys", dirs_exist_ok=True)
    return home


def scored_earlier(demo: Demo, home: Path, out: Path) -> Path:
    """A run of three months before the demo's, by its models."""
    request = Request((demo.drop,), None, start_of_day(date.fromisoformat(EARLIER)))
    models = tuple(demo.models[kind] for kind in sorted(demo.models))
    settings = Settings(home=trusting(home, demo), **SETTINGS)
    return Path(score_drops(request, settings, out, models, silent)["folder"])


def fraudnet(words: list[str], program: str = START, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, capture_output=True, text=True, env=unwatched(**env))


@dataclass(frozen=True)
class Told:
    """What a command ended with and said."""

    code: int
    out: str
    err: str


def inside(words: list[str]) -> Told:
    """Run the command line in this process."""
    out, err, before = StringIO(), StringIO(), sys.argv
    try:
        sys.argv = ["fraudnet", *words]
        with redirect_stdout(out), redirect_stderr(err):
            code = guarded(app)
    finally:
        sys.argv = before
    return Told(code, out.getvalue(), err.getvalue())


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder by its name."""
    return {p.relative_to(folder).as_posix(): sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def derived(folder: Path) -> dict[str, str]:
    """The tables of a run; its manifest names inputs and says more than the tables."""
    return {name: digest for name, digest in digests(folder).items() if name != "manifest.json"}


def only_run(out: Path) -> Path:
    """The one run below a folder."""
    found = [p for p in out.iterdir() if not p.name.startswith(".")]
    assert len(found) == 1, found
    return found[0]


def rewritten(path: Path, change: Any) -> None:
    """Read a file of the drop as text columns, change it, write it back under its name."""
    if path.suffix == ".parquet":
        change(pl.read_parquet(path)).write_parquet(path)
    else:
        change(pl.read_csv(path, infer_schema=False)).write_csv(path)
