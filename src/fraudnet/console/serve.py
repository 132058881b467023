"""Serving the console: on this machine alone, or on the unit's network over TLS; the first admin."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from fraudnet.console.house import House
from fraudnet.console.passwords import hashed, one_time
from fraudnet.errors import ConfigurationError, MissingInputError
from fraudnet.review.people import Wanted, add, people

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Place:
    """Where the console listens: address, port, and off loopback its certificate and key."""

    host: str = LOOPBACK
    port: int = 8000
    certificate: Path | None = None
    key: Path | None = None

    @property
    def secure(self) -> bool:
        """Whether pages go over TLS."""
        return self.certificate is not None

    @property
    def address(self) -> str:
        """What to type into the browser."""
        return f"http{'s' if self.secure else ''}://{self.host}:{self.port}/"


def checked(place: Place) -> Place:
    """The place, if it may be served. Raises ConfigurationError off loopback without a certificate."""
    if not loopback(place.host) and (place.certificate is None or place.key is None):
        raise ConfigurationError(
            f"--host {place.host}: off this machine the console is served over TLS only; "
            "give --certificate and --key (docs/console.md says how to make them)"
        )
    for path in (place.certificate, place.key):
        if path is not None and not path.is_file():
            raise MissingInputError(f"{path}: is not there; name a PEM file")
    if (place.certificate is None) != (place.key is None):
        raise ConfigurationError("--certificate and --key: got one of the two, expected both")
    return place


def loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def first_admin(house: House) -> str | None:
    """Make the account `admin` where there is none, and return its one-time password."""
    if people(house.desk):
        return None
    password = one_time()
    add(house.desk, Wanted("admin", "admin", "admin", language=house.language), hashed(password), "first start",
        house.clock())  # fmt: skip
    return password


def serve(house: House, place: Place) -> None:
    """Answer browsers until stopped."""
    import uvicorn

    from fraudnet.console.app import make_app

    uvicorn.run(
        make_app(house), host=place.host, port=place.port, log_level="warning", access_log=False, server_header=False,
        ssl_certfile=place.certificate, ssl_keyfile=place.key, proxy_headers=False,
    )  # fmt: skip
