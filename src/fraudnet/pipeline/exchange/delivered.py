"""A delivery of answers as it came: decrypted, read without trust, its signature held against the trusted keys."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fraudnet.errors import MissingInputError, TamperedError, WrongKeyError
from fraudnet.lists.exchange.keys import load_keys, verified
from fraudnet.lists.tables import read_table
from fraudnet.pipeline.exchange.keyring import key_folder, ring_of
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.settings import Settings
from fraudnet.store.repository import Store

SIGNATURE = ".sig"


@dataclass(frozen=True)
class Delivery:
    """One file of answers: from which institution, its detached signature, how it words things."""

    path: Path
    institution: str
    signature: Path | None = None
    wording: Path | None = None


def plain_bytes(path: Path, settings: Settings) -> bytes:
    """The bytes of a file; one that ends in .age is decrypted with our own keys first."""
    if not path.is_file():
        raise MissingInputError("{path}: is not there; name a file of answers", path=path)
    content = path.read_bytes()
    if path.suffix != ".age":
        return content
    import pyrage
    from pyrage import x25519

    with open_store(settings) as store:
        # Who has not seen our newest keys yet encrypts to the ones before.
        ours = [load_keys(key_folder(settings, mark)).identity() for mark in ring_of(store).usable_own()]
    try:
        return bytes(pyrage.decrypt(content, [x25519.Identity.from_str(one) for one in ours]))
    except pyrage.DecryptError:
        raise TamperedError("{name}: was changed, or is not for our keys; ask for it again", name=path.name) from None


def table_in(path: Path, content: bytes) -> pl.DataFrame:
    """The rows of a delivery as text. Raises InputError."""
    name = path.name.removesuffix(".age")
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / (f"answers{Path(name).suffix}" if Path(name).suffix else "answers.csv")
        plain.write_bytes(content)
        return read_table(plain)


def signed(store: Store, delivery: Delivery, content: bytes) -> bool:
    """Whether the institution signed these bytes. Raises WrongKeyError, TamperedError when it says so and did not."""
    path = delivery.signature or delivery.path.with_name(delivery.path.name.removesuffix(".age") + SIGNATURE)
    if not path.is_file():
        if delivery.signature is not None:
            raise MissingInputError("{path}: is not there; name the detached signature, or leave it out", path=path)
        return False
    trusted = ring_of(store).trusted(delivery.institution)
    if not trusted:
        raise WrongKeyError(
            "keys of {institution}: none is trusted here; its answers cannot be verified",
            institution=delivery.institution,
        )
    if not any(verified(keys, content, path.read_bytes()) for keys in trusted):
        raise TamperedError(
            "{name}: does not fit the answers of {institution}; ask for them again",
            name=path.name,
            institution=delivery.institution,
        )
    return True
