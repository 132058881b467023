"""MLflow's own pages over the local register, as a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fraudnet.errors import MissingInputError
from fraudnet.model.registry import ENVIRONMENT, standing

LOOPBACK = "127.0.0.1"


@contextmanager
def pages(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """MLflow's pages on this machine while the block runs; a data directory that was moved is put right before.

    Raises MissingInputError when nothing has been registered yet.
    """
    database = home.resolve() / "mlflow" / "mlflow.db"
    if not database.exists():
        raise MissingInputError("{home}: nothing is registered here yet; `fraudnet train` does it", home=home)
    standing(home)  # opening the register moves its places along
    words = ["ui", "--host", LOOPBACK, "--port", str(port), "--backend-store-uri", f"sqlite:///{database}"]
    process = subprocess.Popen([sys.executable, "-m", "mlflow", *words], env={**os.environ, **ENVIRONMENT})  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
