"""The URL of a PostgreSQL server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from fraudnet.errors import ConfigurationError

SCHEMES = ("postgresql", "postgres")
SCHEMA = "fraudnet"
PORT = 5432
KNOWN = ("host", "schema", "sslmode", "sslrootcert")
_PLAIN = re.compile(r"(?!(public|information_schema)$|pg_)[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class ServerAddress:
    """Where a record lies on a server; `shown` is the URL without its password."""

    user: str
    password: str | None
    host: str
    port: int
    socket: str | None
    database: str
    schema: str
    encrypted: bool
    root_certificate: str | None
    shown: str


def server_address(url: str) -> ServerAddress:
    """Read `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=fraudnet`.

    `host=/folder` names a socket in a folder of this machine. Another machine is only spoken to over TLS with a
    certificate that is checked, against the file `sslrootcert` where it is named; `sslmode=disable` says otherwise, any
    other `sslmode` asks for TLS on this machine, too. The schema holds the record alone, so it is not `public`.
    Raises ConfigurationError, which never repeats the password.
    """
    try:
        said = urlsplit(url)
        port = said.port or PORT
    except ValueError:
        raise ConfigurationError("store: is no URL; expected postgresql://USER@HOST/DATABASE") from None
    more = {name: values[-1] for name, values in parse_qs(said.query).items()}
    database, schema = unquote(said.path.lstrip("/")), more.get("schema", SCHEMA)
    socket = more.get("host", "")
    mode = more.get("sslmode")
    # A password with an unescaped @ and / would end up in what is shown.
    if said.scheme not in SCHEMES or not database or "/" in database or not said.username:
        raise ConfigurationError("store: is no URL of a PostgreSQL server; expected postgresql://USER@HOST/DATABASE")
    if set(more) - set(KNOWN) or not _PLAIN.fullmatch(schema) or (socket and not socket.startswith("/")):
        raise ConfigurationError(
            "store: the URL says something that is not known; after `?` expected {known}, a schema of plain letters "
            "and a host that is a folder",
            known=", ".join(KNOWN),
        )
    host = said.hostname or "localhost"
    local = bool(socket) or host in ("localhost", "127.0.0.1", "::1")
    return ServerAddress(
        unquote(said.username),
        None if said.password is None else unquote(said.password),
        host,
        port,
        f"{socket}/.s.PGSQL.{port}" if socket else None,
        database,
        schema,
        mode != "disable" and (not local or (mode is not None and not socket)),
        more.get("sslrootcert"),
        f"postgresql://{said.username}@{socket or host}:{port}/{database} ({schema})",
    )
