"""The whole main job opens no connection and asks no name server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_world import Demo

TRIES = {
    "connect": "socket.socket().connect(('192.0.2.1', 80))",
    "getaddrinfo": "socket.getaddrinfo('example.org', 80)",
    "create_connection": "socket.create_connection(('192.0.2.1', 80))",
}


def test_the_demo_opens_no_connection(demo: Demo) -> None:
    assert demo.models, "nothing was trained, so nothing was watched"
    assert not demo.attempts.exists(), demo.attempts.read_text()


@pytest.mark.parametrize("what", TRIES)
def test_whoever_tries_is_seen(what: str, tmp_path: Path) -> None:
    log = tmp_path / "attempts.txt"
    program = f"import socket; from pathlib import Path; from without_network import guard\nguard(Path({str(log)!r}))\n"
    done = subprocess.run(
        [sys.executable, "-c", program + TRIES[what]], cwd=Path(__file__).parent, capture_output=True, text=True
    )
    assert "is forbidden here" in done.stderr
    assert log.read_text().startswith(what)
