"""Serving the console: on this machine alone, or on the unit's network over TLS; the first accounts."""

from __future__ import annotations

import ipaddress
import logging
import traceback
from dataclasses import dataclass
from pathlib import Path

from fraudnet.console.access import ADMIN, AUDITOR
from fraudnet.console.house import House
from fraudnet.console.passwords import hashed, one_time
from fraudnet.errors import ConfigurationError, MissingInputError
from fraudnet.review.four_eyes import CONFIRMING
from fraudnet.review.people import Wanted, add, confirm, people
from fraudnet.store.event import Entry

LOOPBACK = "127.0.0.1"
FIRST_START = "first start"


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
            "--host {host}: off this machine the console is served over TLS only; give --certificate and "
            "--key (docs/console.md says how to make them)",
            host=place.host,
        )
    for path in (place.certificate, place.key):
        if path is not None and not path.is_file():
            raise MissingInputError("{path}: is not there; name a PEM file", path=path)
    if (place.certificate is None) != (place.key is None):
        raise ConfigurationError("--certificate and --key: got one of the two, expected both")
    return place


def loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def first_accounts(house: House) -> dict[str, str]:
    """Make `admin` and `auditor` where there are no accounts; their one-time passwords by name, for two people.

    The auditor confirms the accounts that the admin makes. Where nobody is left who may confirm (that account was shut
    or reset), a start makes one more auditor, or nobody could sign for money again. That it happened is recorded.
    """
    there = {one.name: one for one in people(house.desk)}
    if any(one.active and one.confirmed_by and one.role in CONFIRMING for one in there.values()):
        return {}
    anew = next(name for n in range(1, len(there) + 2) if (name := f"{AUDITOR}-{n}" if there else AUDITOR) not in there)
    roles = {anew: AUDITOR} if there else {ADMIN: ADMIN, anew: AUDITOR}
    found = {name: one_time() for name in roles}
    now = house.clock()
    for name, password in found.items():
        wanted = Wanted(name, name, roles[name], language=house.language)
        add(house.desk, wanted, hashed(password), FIRST_START, now)
    confirm(house.desk, anew, FIRST_START, now)
    key = f"{FIRST_START}:{house.store.head().number + 1}"
    house.store.append(Entry("first_start", FIRST_START, {"accounts": sorted(found)}, key), now)
    return found


class Unsaid(logging.Filter):
    """Keeps what a failure says out of the log: it may name somebody. Kind and place are enough to find it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through without the failure's words."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            spot = traceback.extract_tb(error.__traceback__)[-1]
            record.msg, record.args = "a page failed: %s in %s, line %s", (
                type(error).__name__, Path(spot.filename).name, spot.lineno,
            )  # fmt: skip
            record.exc_info = record.exc_text = None
        return True


def serve(house: House, place: Place) -> None:
    """Answer browsers until stopped."""
    import uvicorn

    from fraudnet.console.app import make_app

    logging.getLogger("uvicorn.error").addFilter(Unsaid())
    uvicorn.run(
        make_app(house), host=place.host, port=place.port, log_level="warning", access_log=False, server_header=False,
        ssl_certfile=place.certificate, ssl_keyfile=place.key, proxy_headers=False,
    )  # fmt: skip
