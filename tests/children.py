"""Processes that tests start and whose lines nobody counts."""

from __future__ import annotations

import os

FOLLOWED = "COVERAGE_PROCESS_CONFIG"  # by this a process that coverage runs asks those it starts to be watched as well


def unwatched(**more: str) -> dict[str, str]:
    """The environment of a process that coverage need not watch: it is killed, or does what others do in sight of it."""
    return {name: value for name, value in os.environ.items() if name != FOLLOWED} | more
