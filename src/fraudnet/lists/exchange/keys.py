"""Keys of an institution: one pair to sign with (Ed25519, RFC 8032), one pair to receive with (age, X25519)."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fraudnet.errors import ConfigurationError, InputError, MissingInputError, WriteFailedError
from fraudnet.files import write_json

SIGN, AGE, PUBLIC, PUBLIC_SIGN = "sign.pem", "age.txt", "public.json", "sign.pub.pem"
PRIVATE_MODE, FOLDER_MODE, OTHERS = 0o600, 0o700, 0o077
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class PublicKeys:
    """What others may know: whose keys they are, the key that checks signatures (PEM), the age recipient."""

    owner: str
    sign: str
    age: str

    @property
    def fingerprint(self) -> str:
        """Short digest of both keys and their owner, to be read out on the telephone: eight groups of four."""
        digest = hashlib.sha256("\n".join((self.owner, self.sign.strip(), self.age.strip())).encode()).hexdigest()[:32]
        return "-".join(digest[place : place + 4] for place in range(0, 32, 4))

    def plain(self) -> dict[str, str]:
        """As `public.json` holds it."""
        return {"owner": self.owner, "sign": self.sign, "age": self.age, "fingerprint": self.fingerprint}


@dataclass(frozen=True)
class PrivateKeys:
    """An institution's own keys, in a folder that nobody else may read."""

    public: PublicKeys
    folder: Path

    def signature(self, content: bytes) -> bytes:
        """The Ed25519 signature of some bytes: 64 bytes."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key: object = load_pem_private_key(_secret(self.folder / SIGN), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigurationError(f"{self.folder / SIGN}: is no Ed25519 key; make keys with `fraudnet keys make`")
        return key.sign(content)

    def identity(self) -> str:
        """The secret that opens what was encrypted to this institution."""
        from pyrage import x25519
        from pyrage.pyrage import IdentityError

        lines = _secret(self.folder / AGE).decode("utf-8", "replace").splitlines()
        found = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
        try:
            x25519.Identity.from_str(found[0])
        except (IndexError, IdentityError):
            raise ConfigurationError(
                f"{self.folder / AGE}: holds no age identity; make one with `age-keygen`"
            ) from None
        return found[0]


def make_keys(owner: str, folder: Path) -> PrivateKeys:
    """Make both pairs in a new folder: `sign.pem` and `age.txt` readable by their owner alone, `public.json` for all.

    Raises ConfigurationError for a name that cannot stand in a file, WriteFailedError when keys are there already.
    """
    from cryptography.hazmat.primitives import serialization as written
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from pyrage import x25519

    if not NAME.fullmatch(owner):
        raise ConfigurationError("keys, name: got other characters, expected letters, digits, '.', '_' and '-'")
    key, identity = Ed25519PrivateKey.generate(), x25519.Identity.generate()
    form = written.PrivateFormat.PKCS8
    secret = key.private_bytes(written.Encoding.PEM, form, written.NoEncryption())
    public = key.public_key().public_bytes(written.Encoding.PEM, written.PublicFormat.SubjectPublicKeyInfo).decode()
    keys = PublicKeys(owner, public, str(identity.to_public()))
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    _write_secret(folder / SIGN, secret)
    _write_secret(folder / AGE, f"# public key: {keys.age}\n{identity}\n".encode())
    (folder / PUBLIC_SIGN).write_text(keys.sign, encoding="ascii")
    write_json(folder / PUBLIC, keys.plain())
    return PrivateKeys(keys, folder)


def load_keys(folder: Path) -> PrivateKeys:
    """An institution's own keys. Raises MissingInputError when they are not there."""
    return PrivateKeys(load_public(folder / PUBLIC), folder)


def load_public(path: Path) -> PublicKeys:
    """Somebody's public keys from `public.json`. Raises MissingInputError, InputError."""
    import json

    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise MissingInputError(f"{path}: cannot be read; name a public.json that `fraudnet keys make` wrote") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: is no JSON; name a public.json that `fraudnet keys make` wrote") from None
    return public_from(said, str(path))


def public_from(said: object, where: str) -> PublicKeys:
    """Public keys from a plain value, each checked to be one. Raises InputError."""
    from pyrage import x25519
    from pyrage.pyrage import RecipientError

    facts: Mapping[str, Any] = said if isinstance(said, dict) else {}
    owner, sign, age = (str(facts.get(name, "")) for name in ("owner", "sign", "age"))
    if not NAME.fullmatch(owner):
        raise InputError(f"{where}, owner: got none that can be used, expected letters, digits, '.', '_' and '-'")
    _checking_key(sign, where)
    try:
        x25519.Recipient.from_str(age.strip())
    except RecipientError:
        raise InputError(f"{where}, age: got something else, expected an age recipient (age1…)") from None
    return PublicKeys(owner, sign, age.strip())


def verified(keys: PublicKeys, content: bytes, signature: bytes) -> bool:
    """Whether these bytes were signed by the owner of the keys."""
    from cryptography.exceptions import InvalidSignature

    try:
        _checking_key(keys.sign, "public keys").verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _checking_key(pem: str, where: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{where}, sign: got something else, expected an Ed25519 public key in PEM")
    return key


def _write_secret(path: Path, content: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
    except FileExistsError:
        raise WriteFailedError(f"{path}: is there already; rotate keys instead of making them again") from None
    except OSError as error:
        raise WriteFailedError(f"{path}: could not be written ({error.strerror}); check the folder's rights") from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _secret(path: Path) -> bytes:
    """A private key. Raises ConfigurationError when others on this machine may read it."""
    try:
        if path.stat().st_mode & OTHERS:
            raise ConfigurationError(f"{path}: others may read this private key; run `chmod 600` on it, or rotate it")
        return path.read_bytes()
    except OSError:
        raise MissingInputError(f"{path}: is not there; make keys with `fraudnet keys make`") from None
