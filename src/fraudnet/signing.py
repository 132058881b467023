"""Signatures (Ed25519, RFC 8032): private keys that nobody else may read, what they sign, and who checks it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fraudnet.errors import ConfigurationError, InputError, MissingInputError, WriteFailedError

SIGN, PUBLIC_SIGN = "sign.pem", "sign.pub.pem"
PRIVATE_MODE, FOLDER_MODE, OTHERS = 0o600, 0o700, 0o077


def make_pair(folder: Path) -> str:
    """Make `sign.pem`, readable by its owner alone, and `sign.pub.pem` in a folder; returns the public key (PEM).

    Raises WriteFailedError when a key is there already.
    """
    from cryptography.hazmat.primitives import serialization as written
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(written.Encoding.PEM, written.PrivateFormat.PKCS8, written.NoEncryption())
    public = key.public_key().public_bytes(written.Encoding.PEM, written.PublicFormat.SubjectPublicKeyInfo).decode()
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    write_secret(folder / SIGN, secret)
    (folder / PUBLIC_SIGN).write_text(public, encoding="ascii")
    return public


def signature(key: Path, content: bytes) -> bytes:
    """The signature of some bytes by the private key in a file: 64 bytes. Raises ConfigurationError for another key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found: object = load_pem_private_key(secret(key), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise ConfigurationError("{key}: is no Ed25519 key; make keys with `fraudnet keys make`", key=key)
    return found.sign(content)


def verified(public: str, content: bytes, signed: bytes) -> bool:
    """Whether these bytes were signed by the holder of a public key (PEM)."""
    from cryptography.exceptions import InvalidSignature

    try:
        checking_key(public, "public key").verify(signed, content)
    except InvalidSignature:
        return False
    return True


def checking_key(pem: str, where: str) -> Any:
    """The key that checks signatures, from its PEM. Raises InputError when it is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("{where}, sign: got something else, expected an Ed25519 public key in PEM", where=where)
    return key


def write_secret(path: Path, content: bytes) -> None:
    """Write what only its owner may read. Raises WriteFailedError; what is there already is never replaced."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
    except FileExistsError:
        raise WriteFailedError(
            "{path}: is there already; rotate keys instead of making them again", path=path
        ) from None
    except OSError as error:
        raise WriteFailedError(
            "{path}: could not be written ({reason}); check the folder's rights", path=path, reason=error.strerror
        ) from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def secret(path: Path) -> bytes:
    """A private key. Raises ConfigurationError when others on this machine may read it."""
    try:
        if path.stat().st_mode & OTHERS:
            raise ConfigurationError(
                "{path}: others may read this private key; run `chmod 600` on it, or rotate it", path=path
            )
        return path.read_bytes()
    except OSError:
        raise MissingInputError("{path}: is not there; make keys with `fraudnet keys make`", path=path) from None
