"""Whether the rows to be scored look like the rows a model was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from fraudnet.errors import ModelMismatchError
from fraudnet.model.trained import Model, Sight
from fraudnet.settings import Settings

WARN = 0.01


@dataclass(frozen=True)
class Outside:
    """A feature of which more than 1 % of the rows lie outside the range that training saw."""

    feature: str
    share: float


def outside(model: Model, rows: pl.DataFrame | Sight, settings: Settings) -> tuple[Outside, ...]:
    """The features to warn about, the worst first; those that grow by themselves are capped and never counted.

    Raises ModelMismatchError when a share is above `settings.outside_refuse`. Unknown values are not outside.
    """
    found = sorted(_shares(model, rows), key=lambda part: (-part.share, part.feature))
    refused = [part for part in found if part.share > settings.outside_refuse]
    if refused:
        named = ", ".join(f"{part.feature} ({part.share:.0%} of the rows)" for part in refused[:5])
        raise ModelMismatchError(
            "features: {count} lie outside the ranges of {name}: {named}; expected at most {most:.0%}; "
            "check units and mapping of the drop, or train on newer data",
            count=len(refused),
            name=model.name,
            named=named,
            most=settings.outside_refuse,
        )
    return tuple(found)


def _shares(model: Model, rows: pl.DataFrame | Sight) -> list[Outside]:
    n = rows.height if isinstance(rows, pl.DataFrame) else len(rows.raw)
    beyond = model.outside(model.values(rows)) if isinstance(rows, pl.DataFrame) else rows.beyond
    shares = beyond / max(n, 1)
    return [Outside(part.name, float(share)) for part, share in zip(model.inputs, shares, strict=True) if share > WARN]
