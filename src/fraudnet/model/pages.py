"""MLflow's own pages over the local register, as a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fraudnet.errors import MissingInputError
from fraudnet.model.registry import ENVIRONMENT, standing

LOOPBACK, PATIENCE = "127.0.0.1", 5.0
ALONE = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # pages for one reader: no queues of jobs beside them


@contextmanager
def pages(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """MLflow's pages on this machine while the block runs; a data directory that was moved is put right before.

    Raises MissingInputError when nothing has been registered yet.
    """
    database = home.resolve() / "mlflow" / "mlflow.db"
    if not database.exists():
        raise MissingInputError("{home}: nothing is registered here yet; `fraudnet train` does it", home=home)
    standing(home)  # opening the register moves its places along
    words = ["ui", "--host", LOOPBACK, "--port", str(port), "--workers", "1"]
    words += ["--backend-store-uri", f"sqlite:///{database}"]
    # A session of its own: the server starts others, and all of them end with the block.
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "mlflow", *words], env={**os.environ, **ENVIRONMENT, **ALONE}, start_new_session=True
    )
    try:
        yield process
    finally:
        for signal_ in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal_)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
