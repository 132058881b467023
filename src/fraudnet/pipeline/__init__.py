"""The stages in order, and nothing but their order: drops, events once, snapshots, models, scores, lists."""

from __future__ import annotations

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
