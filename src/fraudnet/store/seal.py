"""Texts about a person, readable only while the key of that record exists."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping

KEY_BYTES, NONCE_BYTES = 32, 12
NO_TEXTS = ""


def new_key() -> bytes:
    """A key for one record."""
    return os.urandom(KEY_BYTES)


def seal(texts: Mapping[str, str], key: bytes) -> bytes:
    """The texts, unreadable without the key (ChaCha20-Poly1305, RFC 8439); a nonce is never used twice."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce = os.urandom(NONCE_BYTES)
    plain = json.dumps(dict(texts), sort_keys=True, ensure_ascii=False).encode()
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, None)


def unseal(sealed: bytes, key: bytes) -> dict[str, str]:
    """The texts again."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    plain = ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    found: dict[str, str] = json.loads(plain)
    return found


def digest_of_seal(sealed: bytes | None) -> str:
    """What the event keeps of its sealed texts; empty when it has none."""
    return NO_TEXTS if sealed is None else hashlib.sha256(sealed).hexdigest()
