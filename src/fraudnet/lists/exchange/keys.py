"""Keys of an institution: one pair to sign with (Ed25519, RFC 8032), one pair to receive with (age, X25519)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fraudnet import signing
from fraudnet.errors import ConfigurationError, InputError, MissingInputError
from fraudnet.files import write_json
from fraudnet.signing import SIGN, checking_key, make_pair, secret, write_secret

AGE, PUBLIC = "age.txt", "public.json"
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
        return signing.signature(self.folder / SIGN, content)

    def identity(self) -> str:
        """The secret that opens what was encrypted to this institution."""
        from pyrage import x25519
        from pyrage.pyrage import IdentityError

        lines = secret(self.folder / AGE).decode("utf-8", "replace").splitlines()
        found = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
        try:
            x25519.Identity.from_str(found[0])
        except (IndexError, IdentityError):
            raise ConfigurationError(
                "{path}: holds no age identity; make one with `age-keygen`", path=self.folder / AGE
            ) from None
        return found[0]


def make_keys(owner: str, folder: Path) -> PrivateKeys:
    """Make both pairs in a new folder: `sign.pem` and `age.txt` readable by their owner alone, `public.json` for all.

    Raises ConfigurationError for a name that cannot stand in a file, WriteFailedError when keys are there already.
    """
    from pyrage import x25519

    if not NAME.fullmatch(owner):
        raise ConfigurationError("keys, name: got other characters, expected letters, digits, '.', '_' and '-'")
    identity = x25519.Identity.generate()
    keys = PublicKeys(owner, make_pair(folder), str(identity.to_public()))
    write_secret(folder / AGE, f"# public key: {keys.age}\n{identity}\n".encode())
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
        raise MissingInputError(
            "{path}: cannot be read; name a public.json that `fraudnet keys make` wrote", path=path
        ) from None
    except (ValueError, RecursionError):
        raise InputError("{path}: is no JSON; name a public.json that `fraudnet keys make` wrote", path=path) from None
    return public_from(said, str(path))


def public_from(said: object, where: str) -> PublicKeys:
    """Public keys from a plain value, each checked to be one. Raises InputError."""
    from pyrage import x25519
    from pyrage.pyrage import RecipientError

    facts: Mapping[str, Any] = said if isinstance(said, dict) else {}
    owner, sign, age = (str(facts.get(name, "")) for name in ("owner", "sign", "age"))
    if not NAME.fullmatch(owner):
        raise InputError(
            "{where}, owner: got none that can be used, expected letters, digits, '.', '_' and '-'", where=where
        )
    checking_key(sign, where)
    try:
        x25519.Recipient.from_str(age.strip())
    except RecipientError:
        raise InputError("{where}, age: got something else, expected an age recipient (age1…)", where=where) from None
    return PublicKeys(owner, sign, age.strip())


def verified(keys: PublicKeys, content: bytes, signature: bytes) -> bool:
    """Whether these bytes were signed by the owner of the keys."""
    return signing.verified(keys.sign, content, signature)
