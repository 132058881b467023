"""How long a test lasts: as long as everyday work allows, or as `make torture` asks."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
LONG = "FRAUDNET_TORTURE"


def lasting(usual: T, long: T) -> T:
    """The usual measure, or the long one where the environment asks for it."""
    return long if os.environ.get(LONG) else usual
