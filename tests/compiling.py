"""Kernels are compiled once for all processes of a run of tests, and coverage does not watch the compiler at work."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_HELD: set[Path] = set()  # locks of this process, under numba's own lock, which one thread has at a time


def shared() -> None:
    """From now on who needs a kernel that another process is compiling waits, and finds it in the common folder."""
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.dispatcher import Dispatcher

    compiled = Dispatcher.compile

    def compile_once(self: Any, signature: Any) -> Any:
        name = f"{self.py_func.__module__}.{self.py_func.__qualname__}.lock"
        with global_compiler_lock, _alone(Path(os.environ["NUMBA_CACHE_DIR"], "locks", name)), _unwatched():
            return compiled(self, signature)

    Dispatcher.compile = compile_once


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process per kernel. A kernel is locked before those it calls, and calls have no circles but to itself."""
    if lock in _HELD:
        yield
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    _HELD.add(lock)
    try:
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    finally:
        _HELD.remove(lock)


@contextmanager
def _unwatched() -> Iterator[None]:
    """The compiler runs no line of ours, and traced it takes half as long again."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
