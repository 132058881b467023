"""The model card: what a model is, what it reads, how good it was, and what it must not be used for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fraudnet.contracts.features import Column
from fraudnet.model.trained import Input, Model

LIMITS = (
    "A score is a reason to look, never a finding: no measure may rest on it without a person's review.",
    "Trained on what was reviewed and reported; fraud that nobody looks for is not learned.",
    "Labels need time to mature; the newest schemes are under-represented.",
    "Valid for entities whose institutions deliver the tables it was trained on.",
)
BUILT = ("name", "format", "features", "params", "threshold", "promises", "software", "limits")
FORMAT = 1
PREFIX = "fraudnet-"


def model_name(kind: str, view: str) -> str:
    """`fraudnet-<kind>-<view>`: one champion per kind and view."""
    return f"{PREFIX}{kind}-{view}"


def card(model: Model) -> dict[str, Any]:
    """The card as a plain value for JSON; what `Model.facts` adds (metrics, digests, leaks, counts) stands beside."""
    return {
        **model.facts,
        "name": model.name,
        "format": FORMAT,
        "features": [_feature(part) for part in model.inputs],
        "params": dict(model.params),
        "threshold": model.threshold,
        "promises": model.promises.as_json(),
        "software": {name: version(name) for name in ("fraudnet", "lightgbm")},
        "limits": list(LIMITS),
    }


def inputs_of(told: Mapping[str, Any]) -> tuple[Input, ...]:
    """The inputs that a card names, in order."""
    return tuple(_input(part) for part in told["features"])


def facts_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a card tells beyond its built parts, the name included."""
    return {"name": told["name"]} | {key: value for key, value in told.items() if key not in BUILT}


def _feature(part: Input) -> dict[str, Any]:
    return {"column": dict(vars(part.column)), "type": "float32", "low": part.low, "high": part.high}


def _input(told: Mapping[str, Any]) -> Input:
    column = Column(**{**told["column"], "categories": tuple(told["column"]["categories"])})
    return Input(column, told["low"], told["high"])
