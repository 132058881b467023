"""What both allocators of a process do with memory that was freed: tables are Polars', arrays are the C library's."""

from __future__ import annotations

import ctypes
import os
import sys

# Keeping freed pages for good would save a ninth of the CPU time of a run and hold two fifths more memory, of which a
# large drop leaves none.
POLARS = "dirty_decay_ms:3000,muzzy_decay_ms:0"
# Of mallopt(3), and bytes. Smaller arrays, which iterations make again and again, are cheaper from the heap; what is
# free at its end goes back above the second.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
ARRAY, SPARE = 4 << 20, 64 << 20


def give_back_at_once() -> None:
    """Let freed tables go back to the system after seconds, freed arrays of 4 MB and more at once.

    To be called before Polars is loaded. Left to itself glibc keeps arrays of up to 32 MB in its heap once it has seen
    some, which held a gigabyte of holes at 10 million transfers. Other C libraries lack mallopt and stay as they are.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", POLARS)
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(MMAP_THRESHOLD, ARRAY)
        library.mallopt(TRIM_THRESHOLD, SPARE)
