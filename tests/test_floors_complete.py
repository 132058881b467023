"""The import floors name every registered family and typology."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from fraudnet.features import FAMILIES
from fraudnet.typologies import TYPOLOGIES

FLOORS = Path(__file__).parents[1] / ".importlinter"


@pytest.mark.parametrize(
    ("contract", "folder", "names"), [("families", "features", FAMILIES), ("typologies", "typologies", TYPOLOGIES)]
)
def test_every_registered_thing_stands_apart(contract: str, folder: str, names: tuple[str, ...]) -> None:
    read = configparser.ConfigParser()
    read.read(FLOORS, encoding="utf-8")
    listed = set(read[f"importlinter:contract:{contract}"]["modules"].split())
    assert listed == {f"fraudnet.{folder}.{name}" for name in names}
