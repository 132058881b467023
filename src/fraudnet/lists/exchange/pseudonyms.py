"""Names that mean something to one recipient alone, so that two recipients' lists cannot be joined."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from fraudnet.errors import IntegrityError, WriteFailedError

PURPOSE = b"fraudnet.v1"
KEY_BYTES, NAME_BYTES = 32, 16


def pseudonyms(values: Iterable[str], secret: bytes, recipient: str) -> list[str]:
    """Each value's pseudonym for one recipient: BLAKE2b (RFC 7693) under a key derived from our secret.

    A digest without a key could be reversed: there are only some 10^9 phone numbers.
    """
    key = hashlib.blake2b(recipient.encode(), key=secret, person=PURPOSE, digest_size=KEY_BYTES).digest()
    digest = hashlib.blake2b
    return [digest(v.encode(), key=key, person=PURPOSE, digest_size=NAME_BYTES).hexdigest() for v in values]


def secret_at(path: Path) -> bytes:
    """Our secret, made when there is none. Raises IntegrityError when it is damaged, WriteFailedError."""
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return _made(path)
    if len(found) != KEY_BYTES:
        raise IntegrityError("{path}: is damaged; restore it, or institutions could not match their entries", path=path)
    return found


def _made(path: Path) -> bytes:
    secret = os.urandom(KEY_BYTES)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(secret)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise WriteFailedError(
            "{path}: could not be written ({reason}); check the data directory", path=path, reason=error.strerror
        ) from None
    return secret
