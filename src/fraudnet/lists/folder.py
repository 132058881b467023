"""Folders of a publication: names that stay inside it, and one step from the old state to the new one."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fraudnet.errors import WriteFailedError
from fraudnet.files import sync_folder

SUMS = "SHA256SUMS"
AT_FDCWD, EXCHANGE = -100, 2
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")
_WINDOWS = re.compile(r"(?i)con|prn|aux|nul|(com|lpt)[0-9]")


def folder_names(institutions: Iterable[str]) -> Mapping[str, str]:
    """A folder name for each institution: its key where that is plain, else its plain part and a digest.

    Keys that would meet in one folder where capitals do not count get the digest too.
    """
    keys = sorted(set(institutions))
    met = Counter(key.casefold() for key in keys)
    return {key: key if _is_plain(key) and met[key.casefold()] == 1 else _marked(key) for key in keys}


def _is_plain(key: str) -> bool:
    return _PLAIN.fullmatch(key) is not None and _WINDOWS.fullmatch(key) is None


def _marked(key: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[:32]
    # Three underscores: no plain key may look like a marked one by accident of its digest alone.
    return f"{readable or 'institution'}___{hashlib.sha256(key.encode()).hexdigest()[:16]}"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a failure of the disk into WriteFailedError that names the path."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteFailedError(
            "{path}: could not be written ({reason}); what stood there still stands", path=path, reason=reason
        ) from None


@contextmanager
def replacing(final: Path) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends well it takes the place of `final` in one step.

    When anything fails, `final` stays as it was and the partial folder goes. Raises WriteFailedError, also when `final`
    holds anything but an earlier publication: nobody's own folder is ever replaced.
    """
    _refuse_foreign(final)
    partial = final.with_name(f".partial-{final.name}")
    with explained(final):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            yield partial
            sync_folder(partial)
            _swap(partial, final)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _refuse_foreign(final: Path) -> None:
    with explained(final):
        ours = not final.is_symlink() and final.is_dir() and all((part / SUMS).is_file() for part in final.iterdir())
        if os.path.lexists(final) and not ours:
            raise WriteFailedError(
                "{final}: holds something else than lists; name a new folder or remove this one", final=final
            )


def _swap(partial: Path, final: Path) -> None:
    """One rename where nothing stands at `final`, else one exchange; undone when it cannot be made to last."""
    move = _exchange if final.exists() else _rename
    move(partial, final)
    try:
        sync_folder(final.parent)
    except OSError:
        move(final, partial)
        raise


def _rename(source: Path, target: Path) -> None:
    source.rename(target)


def _exchange(one: Path, other: Path) -> None:
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        if library.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), EXCHANGE) == 0:
            return
    _exchange_in_three(one, other)


def _exchange_in_three(one: Path, other: Path) -> None:
    """Where the system has no exchange: aside, in, away; each step is taken back when a later one fails."""
    aside = other.with_name(f".replaced-{other.name}")
    shutil.rmtree(aside, ignore_errors=True)
    other.rename(aside)
    try:
        one.rename(other)
        try:
            aside.rename(one)
        except OSError:
            other.rename(one)
            raise
    except OSError:
        aside.rename(other)
        raise
