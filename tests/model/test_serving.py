"""`mlflow models serve` answers with the champion's scores and names a missing column."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy import part

from children import unwatched
from fraudnet.model.portable import save
from fraudnet.model.registry import promote, register
from fraudnet.pipeline.training.model_keys import sign_trained
from fraudnet.settings import Settings

NAME = "fraudnet-account-both"
PATIENCE = 120


@pytest.fixture(scope="module")
def address(trained, tmp_path_factory, empty_register) -> Iterator[str]:
    """The champion, served on a free port of this machine."""
    home = tmp_path_factory.mktemp("served") / "var"
    shutil.copytree(empty_register, home)
    folder = save(trained, home.parent / "account-both")
    sign_trained(folder, Settings(home=home))
    number = register(home, folder, trained.params, {}, {})
    promote(home, NAME, number, {})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tracking = f"sqlite:///{home / 'mlflow' / 'mlflow.db'}"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    words = [sys.executable, "-m", "mlflow", "models", "serve", "-m", f"models:/{NAME}@champion", "--env-manager",
             "local", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]  # fmt: skip
    env = unwatched(MLFLOW_TRACKING_URI=tracking, MLFLOW_REGISTRY_URI=tracking, PATH=path)
    log = home.parent / "served.log"
    with log.open("w") as told:
        server = subprocess.Popen(words, env=env, stdout=told, stderr=told)
    try:
        yield wait_for(f"http://127.0.0.1:{port}", server, log)
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/ping", timeout=5) as answer:
                if answer.status == 200:
                    return url
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"the server did not come up: {log.read_text()[-1_500:]}")


def asked(url: str, columns: list[str]) -> tuple[int, str]:
    rows = part(3).matrix.frame.head(5).select(columns)
    body = json.dumps({"dataframe_split": {"columns": columns, "data": [list(row) for row in rows.iter_rows()]}})
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/invocations", body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_answers_with_the_models_own_scores(trained, address) -> None:
    status, said = asked(address, list(trained.names))
    told = json.loads(said)["predictions"]
    raw = trained.raw(part(3).matrix.frame.head(5).select(trained.names))
    assert status == 200
    assert [one["raw"] for one in told] == pytest.approx(raw, abs=1e-12)
    assert [one["probability"] for one in told] == pytest.approx(trained.probability(raw), abs=1e-12)


def test_a_missing_column_is_refused_by_its_name(trained, address) -> None:
    status, said = asked(address, [name for name in trained.names if name != "noise_2"])
    assert status == 400
    assert "noise_2" in said
