"""Fits that are kept beside the snapshots: what would be learned from the very same again is not learned again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fraudnet.errors import FraudnetError
from fraudnet.files import digest_of
from fraudnet.model.matrix import KEYS, TILE, numbers
from fraudnet.model.portable import load, save
from fraudnet.model.rows import Part
from fraudnet.model.train import fit
from fraudnet.model.trained import Model
from fraudnet.runs.version import code_of
from fraudnet.settings import Settings

CODE = "fraudnet.model.train"
LIBRARIES = ("lightgbm", "numpy", "polars", "scikit-learn", "scipy")


def fitted(place: str, learned: Part, held: Part, settings: Settings, chosen: Mapping[str, Any] | None = None) -> Model:
    """The model that `fit` gives, taken from the data directory where all that goes into it is as it was.

    place: whose fit this is (source, kind, moments); of each the last is kept. It lies under the digest of rows,
    answers, columns, settings, code and libraries, as a portable folder whose every byte is checked before it is used;
    a damaged one is made anew. Raises TooFewLabelsError as `fit` does.
    """
    shelf = settings.home / "cache" / "fits" / place
    folder = shelf / _digest(learned, held, settings, chosen)
    try:
        return load(folder)
    except FraudnetError:  # not there, or damaged
        pass
    model = fit(learned.matrix, learned.answers, settings, held, chosen)
    shutil.rmtree(shelf, ignore_errors=True)
    return load(save(model, folder))


def _digest(learned: Part, held: Part, settings: Settings, chosen: Mapping[str, Any] | None) -> str:
    """Everything that goes into a fit."""
    libraries = {name: version(name) for name in LIBRARIES}
    told = [settings.digestible(), chosen, code_of(CODE), libraries, _of(learned), _of(held)]
    return digest_of(told)[:32]


def _of(part: Part) -> list[Any]:
    """The columns, and digests of whose rows they are, of the numbers as a booster reads them, and of the answers."""
    frame, names = part.matrix.frame, part.matrix.names
    values = hashlib.sha256()
    for first in range(0, len(names), TILE):  # a few columns at a time, or the whole would be held twice
        values.update(numbers(frame, names[first : first + TILE]).tobytes())
    rows = [hashlib.sha256(table.write_csv().encode()).hexdigest() for table in (frame.select(KEYS), part.answers)]
    return [[vars(column) for column in part.matrix.columns], *rows, values.hexdigest()]
