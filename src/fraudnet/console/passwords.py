"""Passwords: argon2id, and one-time ones that are easy to read out."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's minimum is 19 MiB and two passes; this is the library's own choice for interactive logins (RFC 9106, low
# memory): 64 MiB, three passes.
HASHER = PasswordHasher()
SHORTEST = 12
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def hashed(password: str) -> str:
    """What is kept of a password."""
    return HASHER.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was kept; as slow for nobody's as for somebody's."""
    try:
        return HASHER.verify(kept if kept is not None else nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobody() -> str:
    """What an unknown account is checked against."""
    return hashed(secrets.token_urlsafe(24))


def one_time() -> str:
    """A password for one login: four groups of four signs, 79 bits."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(4))
