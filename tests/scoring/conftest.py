"""The small world that features are tried on is what their sentences are tried on too."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "features"))
