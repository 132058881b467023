"""What an institution does with a package: decrypt, verify, hold against what it opened before, unpack."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from fraudnet.errors import (
    ExpiredError,
    IntegrityError,
    MissingInputError,
    OlderSequenceError,
    ReplayedError,
    SignatureMissingError,
    TamperedError,
    WriteFailedError,
    WrongKeyError,
    WrongRecipientError,
)
from fraudnet.files import publish_folder, write_json
from fraudnet.lists.exchange.archive import extracted, opened, small
from fraudnet.lists.exchange.keys import PrivateKeys, PublicKeys, verified
from fraudnet.lists.exchange.manifest import (
    MANIFEST,
    MANIFEST_SIGNATURE,
    OUTER,
    SUMS,
    SUMS_SIGNATURE,
    Manifest,
    manifest_from,
)

MEMORY = ".opened.json"
AGAIN = "ask the sender for the package again"


@dataclass(frozen=True)
class Opener:
    """Who opens: with which own keys, which senders' keys are trusted, on which day."""

    own: PrivateKeys
    senders: tuple[PublicKeys, ...]
    today: date


def open_package(package: Path, opener: Opener, into: Path) -> tuple[Manifest, Path]:
    """Unpack a package as `<into>/<list id>` when everything about it is right; returns its manifest and that folder.

    Raises WrongRecipientError, TamperedError, UnsafePackageError, SignatureMissingError, WrongKeyError, ExpiredError,
    ReplayedError or OlderSequenceError, each with its own exit code; nothing is then unpacked. What was opened is kept
    in `<into>/.opened.json`: the highest sequence of each sender and the digests of all manifests.
    """
    with _decrypted(package, opener) as inner, opened(inner) as archive:
        manifest = _signed(archive, opener)
        _in_order(manifest, opener, into)
        folder = into / manifest.list_id
        _unpack(archive, manifest, folder)
    _remember(manifest, into)
    return manifest, folder


@contextmanager
def _decrypted(package: Path, opener: Opener) -> Iterator[Path]:
    import pyrage
    from pyrage import x25519

    if not package.is_file():
        raise MissingInputError("{package}: is not there; name a package, such as bank-000001.age", package=package)
    identity = x25519.Identity.from_str(opener.own.identity())
    with tempfile.TemporaryDirectory() as scratch:
        inner = Path(scratch) / "package"
        try:
            pyrage.decrypt_file(str(package), str(inner), [identity])
        except pyrage.DecryptError as error:
            if "No matching keys" in str(error):
                raise WrongRecipientError(
                    "{name}: cannot be opened with the keys of {owner}; it was made for somebody else, or for "
                    "keys that were replaced",
                    name=package.name,
                    owner=opener.own.public.owner,
                ) from None
            raise TamperedError("{name}: is cut or changed; {again}", name=package.name, again=AGAIN) from None
        except OSError:
            raise TamperedError(
                "{name}: cannot be read as a package; {again}", name=package.name, again=AGAIN
            ) from None
        yield inner


def _signed(archive: zipfile.ZipFile, opener: Opener) -> Manifest:
    """The manifest, once it is known who signed it, that it is for us, and that it names exactly the files there."""
    content, sums = small(archive, MANIFEST), small(archive, SUMS)
    if content is None or sums is None:
        raise TamperedError(
            "the package lacks its {manifest} or {sums}; {again}", manifest=MANIFEST, sums=SUMS, again=AGAIN
        )
    manifest = manifest_from(content)
    trusted = {keys.fingerprint: keys for keys in opener.senders if keys.owner == manifest.sender}
    for name, signed in ((MANIFEST_SIGNATURE, content), (SUMS_SIGNATURE, sums)):
        signature = small(archive, name)
        if not signature:
            raise SignatureMissingError("the package lacks {name}; do not use it, and tell the sender", name=name)
        if manifest.signed_with not in trusted:
            raise WrongKeyError(
                "the package was signed with a key that is not trusted here; compare the sender's fingerprint with "
                "theirs on the telephone before you trust a new key"
            )
        if not verified(trusted[manifest.signed_with], signed, signature):
            raise TamperedError("{name} does not fit; the package was changed; {again}", name=name, again=AGAIN)
    if manifest.recipient != opener.own.public.owner:
        raise WrongRecipientError("the package is for another institution than {owner}", owner=opener.own.public.owner)
    if {*OUTER, *manifest.files} != set(archive.namelist()):
        raise TamperedError(
            "the package holds other files than its {manifest} names; {again}", manifest=MANIFEST, again=AGAIN
        )
    return manifest


def _in_order(manifest: Manifest, opener: Opener, into: Path) -> None:
    if manifest.expires < opener.today:
        raise ExpiredError(
            "list {list_id} expired on {expires}; ask the sender for the current one",
            list_id=manifest.list_id,
            expires=manifest.expires,
        )
    before = remembered(into).get(manifest.sender, Seen())
    if manifest.digest in before.opened:
        raise ReplayedError(
            "list {list_id} was opened here before; its folder is {folder}",
            list_id=manifest.list_id,
            folder=into / manifest.list_id,
        )
    if manifest.sequence <= before.highest:
        raise OlderSequenceError(
            "list {list_id} has number {sequence}, and number {highest} was opened before; use that one",
            list_id=manifest.list_id,
            sequence=manifest.sequence,
            highest=before.highest,
        )
    if _another_before(manifest, before):
        raise TamperedError(
            "list {list_id} follows another list than number {highest}, which was opened here; call the sender before "
            "you use it",
            list_id=manifest.list_id,
            highest=before.highest,
        )


def _another_before(manifest: Manifest, before: Seen) -> bool:
    """Whether the next package names another one before it; after a restore a sender names none."""
    following = bool(before.opened) and manifest.sequence == before.highest + 1
    return following and bool(manifest.previous) and manifest.previous != before.opened[-1]


def _unpack(archive: zipfile.ZipFile, manifest: Manifest, folder: Path) -> None:
    """Write every file into a hidden folder, then give it its name; what a killed process left there is replaced."""
    partial = folder.with_name(f".in-{manifest.list_id}")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(mode=0o700, parents=True)
        for name in (*OUTER, *sorted(manifest.files)):
            size, digest = extracted(archive, name, partial / name)
            facts = manifest.files.get(name, {"bytes": size, "sha256": digest})
            if (size, digest) != (facts["bytes"], facts["sha256"]):
                raise TamperedError("{name}: is not the file that was signed; {again}", name=name, again=AGAIN)
        if (folder / MANIFEST).is_file():
            shutil.rmtree(folder)
        publish_folder(partial, folder)
    except OSError as error:
        raise WriteFailedError(
            "{folder}: could not be written ({reason}); open the package again", folder=folder, reason=error.strerror
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@dataclass(frozen=True)
class Seen:
    """What was opened of one sender."""

    highest: int = 0
    opened: tuple[str, ...] = ()


def remembered(into: Path) -> dict[str, Seen]:
    """Per sender the highest sequence and the manifests that were opened. Raises IntegrityError when it is damaged."""
    path = into / MEMORY
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): Seen(int(f["highest"]), tuple(f["opened"])) for name, f in found.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise IntegrityError(
            "{path}: is damaged; restore it, or older lists could be opened as new ones", path=path
        ) from None


def missing(manifest: Manifest, before: Seen) -> int:
    """How many packages of this sender came before it and were not opened here."""
    return max(manifest.sequence - before.highest - 1, 0)


def _remember(manifest: Manifest, into: Path) -> None:
    found = remembered(into)
    before = found.get(manifest.sender, Seen())
    now = {**found, manifest.sender: Seen(manifest.sequence, (*before.opened, manifest.digest))}
    write_json(into / MEMORY, {name: asdict(seen) for name, seen in now.items()})
