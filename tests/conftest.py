"""What several floors' tests share: quiet thread pools, the third-party sets, and a count of what was left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before any thread pool is made: tests are many and their tables small, so one thread each is quickest.
for _name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# One place for compiled kernels, so that not every data directory of a test compiles them again.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "numba"))
os.environ.update(OMP_WAIT_POLICY="passive", MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")

import hypothesis  # noqa: E402  # the thread pools read these variables once
import pytest  # noqa: E402

import compiling  # noqa: E402

if os.environ.get("PYTEST_XDIST_WORKER"):
    compiling.shared()

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

if TYPE_CHECKING:
    from record_places import Places, Server

DECLARED = os.environ.get("FRAUDNET_DATA")
THIRD_PARTY = Path(DECLARED) if DECLARED else Path(__file__).parents[2] / "shared" / "data"
TOGETHER = ("pipeline",)  # folders in which many files wait for one finished demo
LEFT_OUT = "the third-party sets are not here: set FRAUDNET_DATA to their folder"
NO_SERVER = "no PostgreSQL server here: install Debian's package postgresql"
ON_SERVER = "postgresql"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of third-party sets: FRAUDNET_DATA, else ../shared/data beside the repository."""
    if not THIRD_PARTY.is_dir():
        pytest.skip(LEFT_OUT)
    return THIRD_PARTY


@pytest.fixture(scope="session")
def record_server() -> Iterator[Server]:
    """A PostgreSQL server of these tests alone."""
    from record_places import programs, server

    found = programs()
    if found is None:
        pytest.skip(NO_SERVER)
    with server(found) as started:
        yield started


@pytest.fixture(params=["file", ON_SERVER])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """Where records may lie: the same test runs on files and on the server."""
    from record_places import Places

    return Places(tmp_path, request.getfixturevalue("record_server") if request.param == ON_SERVER else None)


@pytest.fixture
def places_on_server(record_server: Server, tmp_path: Path) -> Places:
    """Where records may lie on the server."""
    from record_places import Places

    return Places(tmp_path, record_server)


@pytest.fixture(scope="session")
def empty_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with MLflow's store and nothing in it, to be copied: making one takes long."""
    from fraudnet.model.registry import models

    home = tmp_path_factory.mktemp("register")
    assert models(home) == []
    return home


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whoever reads third-party sets; begin with what shares something that takes long."""
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real_data)
    items.sort(key=lambda item: item.path.parent.name not in TOGETHER)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one file run in one process, as do those of a folder whose fixtures are made once for all its files.

    The plugin's own groups are no help: since pytest 9.2 it does not read them any more, and says nothing.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Grouped(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False  # what takes longest has few tests
    return Grouped(config, log)


def group(nodeid: str) -> str:
    """What is not divided: a file, or a folder."""
    file = nodeid.partition("::")[0]
    folder = file.rpartition("/")[0]
    return folder if folder.rpartition("/")[2] in TOGETHER else file


def _left_out(terminal: pytest.TerminalReporter, why: str) -> list[str]:
    return [str(report.nodeid) for report in terminal.stats.get("skipped", []) if why in str(report.longrepr)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were left out, none included."""
    terminalreporter.write_line(f"left out without third-party sets: {len(_left_out(terminalreporter, LEFT_OUT))}")
    if without := _left_out(terminalreporter, NO_SERVER):
        terminalreporter.write_line(f"left out without a PostgreSQL server: {len(without)}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where the sets and the server must be there, a test left out is a failure."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or os.environ.get("CI") != "true":
        return
    without = [*_left_out(terminal, NO_SERVER), *(_left_out(terminal, LEFT_OUT) if DECLARED else [])]
    if without and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
