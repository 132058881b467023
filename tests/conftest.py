"""What several floors' tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of third-party sets: FRAUDNET_DATA, else ../shared/data beside the repository."""
    folder = Path(os.environ.get("FRAUDNET_DATA", Path(__file__).parents[2] / "shared" / "data"))
    assert folder.is_dir(), f"{folder}: third-party sets are not there; set FRAUDNET_DATA or leave out -m real_data"
    return folder
