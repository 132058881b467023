"""Puts a list into one signed and encrypted file, the inner bytes equal for equal lists."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from fraudnet.errors import WriteFailedError
from fraudnet.files import sha256, sync_folder, write_bytes
from fraudnet.lists.exchange.keys import PrivateKeys, PublicKeys
from fraudnet.lists.exchange.manifest import MANIFEST, MANIFEST_SIGNATURE, OUTER, SUMS, SUMS_SIGNATURE, Manifest

LEVEL = 6  # of compression
FILE_MODE = 0o600 << 16


def package_name(manifest: Manifest) -> str:
    """The file name of a package: nothing but its recipient and its place in the row."""
    return f"{manifest.recipient}-{manifest.sequence:06d}.age"


def complete(folder: Path, manifest: Manifest, keys: PrivateKeys) -> Manifest:
    """Write manifest, checksums and both signatures beside the files of a list; returns the manifest with its files.

    `SHA256SUMS` covers the manifest too, so that `openssl` and `sha256sum` alone can check a package.
    """
    names = sorted(path.name for path in folder.iterdir() if path.name not in OUTER)
    files = {name: {"bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)} for name in names}
    whole = replace(manifest, files=files, signed_with=keys.public.fingerprint)
    sums = {**{name: str(facts["sha256"]) for name, facts in files.items()}, MANIFEST: whole.digest}
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode()
    for name, signature, content in (
        (MANIFEST, MANIFEST_SIGNATURE, whole.content()),
        (SUMS, SUMS_SIGNATURE, lines),
    ):
        write_bytes(folder / name, content)
        write_bytes(folder / signature, keys.signature(content))
    return whole


def seal(folder: Path, manifest: Manifest, recipient: PublicKeys, to: Path) -> str:
    """Encrypt a completed folder to its recipient as `to`; returns the SHA-256 of what lies inside the envelope.

    The envelope differs each time, as it must; what is inside is equal to the byte for equal folders.
    """
    import pyrage
    from pyrage import x25519

    inner = to.with_name(f".{to.name}.{os.getpid()}.zip")
    outer = inner.with_suffix(".tmp")
    try:
        digest = zipped(folder, [*OUTER, *sorted(manifest.files)], manifest.created, inner)
        pyrage.encrypt_file(str(inner), str(outer), [x25519.Recipient.from_str(recipient.age)])
        outer.chmod(0o600)
        with outer.open("rb") as stream:
            os.fsync(stream.fileno())
        outer.replace(to)
        sync_folder(to.parent)
    except (OSError, pyrage.EncryptError) as error:
        raise WriteFailedError(
            "{to}: could not be written ({error}); nothing was sent, run again", to=to, error=error
        ) from None
    finally:
        inner.unlink(missing_ok=True)
        outer.unlink(missing_ok=True)
    return digest


def zipped(folder: Path, names: list[str], day: date, to: Path) -> str:
    """Write the named files into a ZIP with one date and one order; returns its SHA-256."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name in names:
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, FILE_MODE
            archive.writestr(info, (folder / name).read_bytes())
    return hashlib.sha256(to.read_bytes()).hexdigest()
