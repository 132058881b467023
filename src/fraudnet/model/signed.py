"""Who stands behind a model: a signature over the digests of its folder, and its refusal where nobody known does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fraudnet import signing
from fraudnet.errors import UntrustedModelError
from fraudnet.files import write_bytes
from fraudnet.model.portable import SUMS, load

SIGNATURE = f"{SUMS}.sig"


def sign(folder: Path, key: Path) -> Path:
    """Sign a model folder by a private key (Ed25519), after every byte and its golden rows were checked.

    Writes `SHA256SUMS.sig` (64 bytes, as openssl checks them) beside the digests; one that is there is replaced.
    """
    load(folder)
    return write_bytes(folder / SIGNATURE, signing.signature(key, (folder / SUMS).read_bytes()))


def refuse_untrusted(folder: Path, trusted: Sequence[str]) -> None:
    """Raise UntrustedModelError unless a trusted key (PEM) signed the digests of a model folder.

    The bytes themselves are held against the digests by `load`.
    """
    try:
        signed, sums = (folder / SIGNATURE).read_bytes(), (folder / SUMS).read_bytes()
    except OSError:
        raise UntrustedModelError(
            "{folder}: has no {signature}, expected a model that `fraudnet train` signed; look where it "
            "comes from, then sign it with `fraudnet keys sign`, or train again",
            folder=folder,
            signature=SIGNATURE,
        ) from None
    if not any(signing.verified(key, sums, signed) for key in trusted):
        raise UntrustedModelError(
            "{folder}: {signature} is by none of the {count} keys trusted here, or {sums} was changed "
            "since; export the model again, or take in its unit's keys with `fraudnet keys add`",
            folder=folder,
            signature=SIGNATURE,
            count=len(trusted),
            sums=SUMS,
        )
