"""Which process a run of the register belongs to, and whether it still lives."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

PROCESS, STARTED, HOST, BOOT = "fraudnet.process", "fraudnet.started", "fraudnet.host", "fraudnet.boot"


def mine() -> dict[str, str]:
    """The tags of this process: its number, when it started, its machine and the machine's start, both as digests."""
    import psutil

    started = f"{psutil.Process().create_time():.2f}"
    return {PROCESS: str(os.getpid()), STARTED: started, HOST: _digest(socket.gethostname()), BOOT: _boot()}


def dead(tags: Mapping[str, str]) -> bool:
    """Whether the process that a run is tagged with has ended.

    A run without tags was left behind by an earlier version. A process of another machine cannot be asked and counts
    as alive; one from before the last start of this machine is dead, and so is one whose number another process has.
    """
    import psutil

    if PROCESS not in tags:
        return True
    if tags.get(HOST) != _digest(socket.gethostname()):
        return False
    if tags.get(BOOT) != _boot():
        return True
    try:
        return f"{psutil.Process(int(tags[PROCESS])).create_time():.2f}" != tags.get(STARTED)
    except (psutil.NoSuchProcess, ValueError):
        return True
    except psutil.AccessDenied:
        return False


def _boot() -> str:
    try:
        return _digest(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    except OSError:
        import psutil

        # The clock may be put right by a second or two while the machine runs.
        return _digest(str(round(psutil.boot_time() / 60)))


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()
