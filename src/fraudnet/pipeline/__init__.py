"""The stages in order, and nothing but their order: drops, events once, snapshots, models, scores, lists."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fraudnet.pipeline.demo import run_demo
    from fraudnet.pipeline.models import evaluate_models, registered_models, train_models
    from fraudnet.pipeline.publication import known_runs, publish_lists
    from fraudnet.pipeline.request import Request
    from fraudnet.pipeline.scoring import score_drops
    from fraudnet.pipeline.worlds import check_drops, make_world

__all__ = [
    "Request",
    "check_drops",
    "evaluate_models",
    "known_runs",
    "make_world",
    "publish_lists",
    "registered_models",
    "run_demo",
    "score_drops",
    "train_models",
]

# A command loads only the stages that it uses: a wrong word on the command line is answered at once.
HOMES = {
    "demo": ("run_demo",),
    "models": ("evaluate_models", "registered_models", "train_models"),
    "publication": ("known_runs", "publish_lists"),
    "request": ("Request",),
    "scoring": ("score_drops",),
    "worlds": ("check_drops", "make_world"),
}


def __getattr__(name: str) -> Any:
    """Load the stage that a name lives in."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"fraudnet.pipeline.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
