"""One unit for all tests of a file that change little."""

from __future__ import annotations

from pathlib import Path

import pytest
from visitors import Unit


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    """A fresh console."""
    return Unit(tmp_path / "store")
