"""The shape of a typology: citation, predicate, look-alike, and how to plant both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from fraudnet.contracts.scene import Scene
from fraudnet.typologies.rows import Evidence


@dataclass(frozen=True)
class Typology:
    """One named pattern of fraud.

    `hits` takes the feature table of `kind` (column `node` and features, missing columns are possible) and returns
    node, strength and alike_strength in [0, 1] for the entities where strength > 0. `evidence` takes linked records,
    contract Passed and some of those hits (node, holder, number, as_of), and returns the rows that each is made of
    (`rows.SHAPE`). `plant` writes one organised group into a world, `plant_alike` one honest group that shows nearly
    the same. `code` is the SIMO code, None for what goes to an operator. `alone` is False where the pattern by itself
    may never lead to a flag, `victim` True where it shows who was wronged, not who did it, `role` the role of those it
    finds where a group has others too, `seeded` True where its features rest on known fraud. The texts of a typology
    are the messages `typology.<name>` in vi, en and fr.
    """

    name: str
    number: int
    kind: str
    code: int | None
    citation: str
    hits: Callable[[pl.LazyFrame], pl.LazyFrame]
    evidence: Evidence
    plant: Callable[[Scene], None]
    plant_alike: Callable[[Scene], None]
    alike: str
    alone: bool = True
    victim: bool = False
    role: str = ""
    seeded: bool = False
