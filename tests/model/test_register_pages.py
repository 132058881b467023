"""MLflow's pages are shown over the register as it lies now, also after the data directory was moved."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing

import pytest

from fraudnet.errors import MissingInputError
from fraudnet.model import pages, registry


class Server:
    """Stands for the process that MLflow's pages are; keeps what it was started with."""

    pid = 2**31 - 1  # nobody's

    def __init__(self, words, env, start_new_session):
        self.words, self.env, self.alone = words, env, start_new_session

    def wait(self, seconds):
        self.waited = seconds


def test_the_pages_open_where_the_register_lies_now(tmp_path, empty_register, monkeypatch):
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(empty_register, old)
    registry.standing(old)
    old.rename(new)
    monkeypatch.setattr(pages.subprocess, "Popen", Server)
    with pages.pages(new, 5123) as server:
        assert server.words[:4] == [sys.executable, "-m", "mlflow", "ui"] and server.alone
        assert f"sqlite:///{new / 'mlflow' / 'mlflow.db'}" in server.words and "127.0.0.1" in server.words
        assert server.env["MLFLOW_DISABLE_TELEMETRY"] == "true"
        with closing(sqlite3.connect(new / "mlflow" / "mlflow.db")) as database:
            places = [row[0] for row in database.execute("SELECT artifact_location FROM experiments")]
    assert places and all(place.startswith((new / "mlflow").as_uri()) for place in places)


def test_without_a_register_the_way_to_one_is_said(tmp_path):
    told = "nothing is registered here yet; `fraudnet train` does it"
    with pytest.raises(MissingInputError, match=told), pages.pages(tmp_path, 5123):
        pass
