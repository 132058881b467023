"""The whole main job opens no connection and asks no name server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

GUARD = """
import socket, sys

def refuse(what):
    def refused(*args, **kwargs):
        with open(LOG, "a") as log:
            log.write(f"{what} {args[:2]}\\n")
        raise OSError(f"{what} is forbidden here")
    return refused

LOOPBACK = ("127.0.0.1", "::1", "localhost", None, "")
connect, lookup = socket.socket.connect, socket.getaddrinfo

def guarded_connect(self, address):
    if self.family == socket.AF_UNIX or (isinstance(address, tuple) and address[0] in LOOPBACK):
        return connect(self, address)
    return refuse("connect")(address)

def guarded_lookup(host, *rest, **more):
    return lookup(host, *rest, **more) if host in LOOPBACK else refuse("getaddrinfo")(host)

socket.socket.connect = guarded_connect
socket.socket.connect_ex = guarded_connect
socket.getaddrinfo = guarded_lookup
for name in ("gethostbyname", "gethostbyname_ex", "create_connection"):
    setattr(socket, name, refuse(name))
sys.argv = ["fraudnet", "--json", *sys.argv[1:]]
from fraudnet.cli import main
main()
"""


def test_the_demo_opens_no_connection(tmp_path: Path) -> None:
    log = tmp_path / "attempts.txt"
    program = f"LOG = {str(log)!r}\n{GUARD}"
    words = ["demo", "--out", str(tmp_path / "demo"), "--people", "1000", "--months", "10"]
    env = {k: v for k, v in os.environ.items() if k not in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK")}
    # So small a world has few confirmed: three snapshots and a short wait let its accounts have the five that a model
    # needs at the least. So few examples span narrow ranges, which is not what is tested here.
    env |= {"FRAUDNET_SEED": "6", "FRAUDNET_SNAPSHOTS": "3", "FRAUDNET_MATURITY_DAYS": "30"}
    env |= {"FRAUDNET_MIN_POSITIVES": "5", "FRAUDNET_BOOTSTRAP": "20", "FRAUDNET_OUTSIDE_REFUSE": "1"}
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert not log.exists(), log.read_text()
