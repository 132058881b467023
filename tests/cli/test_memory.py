"""Freed arrays go back to the system, also those between others that are kept."""

from __future__ import annotations

import subprocess
import sys

from children import unwatched

HOLES = """
import {module}
import numpy as np
from pathlib import Path

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20

np.ones(3 << 20)  # freed at once: from now on glibc alone would put all smaller ones into its heap
before, freed, kept = resident(), [], []
for _ in range(60):
    freed.append(np.ones(1 << 20))
    kept.append(np.ones(1 << 10))
del freed
print(resident() - before)
"""


def held(module: str) -> int:
    """Megabytes that a process still holds after it has freed 480 of them."""
    words = [sys.executable, "-c", HOLES.format(module=module)]
    return int(subprocess.run(words, capture_output=True, text=True, check=True, env=unwatched()).stdout)


def test_the_command_line_holds_no_array_that_was_freed() -> None:
    # Left to itself glibc holds all 480 here; a machine whose own allocator gives back sees no difference.
    assert held("fraudnet.cli") < 40
