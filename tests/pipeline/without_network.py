"""Run the small demo where every connection and every question to a name server is refused and written down."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOPBACK = ("127.0.0.1", "::1", "localhost", None, "")


def guard(log: Path) -> None:
    """From now on this process reaches only itself; whatever else it tries stands in the log."""
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def refuse(what: str) -> Callable[..., Any]:
        def refused(*args: Any, **kwargs: Any) -> Any:
            with log.open("a") as file:
                file.write(f"{what} {args[:2]}\n")
            raise OSError(f"{what} is forbidden here")

        return refused

    def guarded_connect(self: socket.socket, address: Any) -> Any:
        if self.family == socket.AF_UNIX or (isinstance(address, tuple) and address[0] in LOOPBACK):
            return connect(self, address)
        return refuse("connect")(address)

    def guarded_lookup(host: Any, *rest: Any, **more: Any) -> Any:
        return lookup(host, *rest, **more) if host in LOOPBACK else refuse("getaddrinfo")(host)

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, guarded_connect)
    socket.getaddrinfo = guarded_lookup
    for name in ("gethostbyname", "gethostbyname_ex", "create_connection"):
        setattr(socket, name, refuse(name))


def main() -> None:
    """Arguments: the log, the folder of the demo, its size and settings as JSON; what the demo tells is written to told.json."""
    log, out, size, settings = Path(sys.argv[1]), Path(sys.argv[2]), *map(json.loads, sys.argv[3:5])
    guard(log)
    import fraudnet.cli  # as the command does: it sets what the libraries below read

    sys.path.append(str(Path(__file__).parents[1]))
    import compiling
    from fraudnet.contracts.progress import silent
    from fraudnet.pipeline import run_demo
    from fraudnet.settings import Settings

    assert fraudnet.cli.main
    compiling.shared()
    told = run_demo(out, size, Settings(home=out / "home", **settings), silent)
    (out / "told.json").write_text(json.dumps(told, default=str), encoding="utf-8")


if __name__ == "__main__":
    main()
