"""The stages in order, and nothing but their order: drops, events once, snapshots, models, scores, lists."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fraudnet.pipeline.demo import run_demo
    from fraudnet.pipeline.diffing import diff_runs
    from fraudnet.pipeline.explained_page import page_lines
    from fraudnet.pipeline.explaining import explain_entity
    from fraudnet.pipeline.ledger import events_told, restore_record, save_record, verify_record
    from fraudnet.pipeline.mapping import map_drop
    from fraudnet.pipeline.models import evaluate_models, registered_models, train_models
    from fraudnet.pipeline.monitoring import monitor_page, monitor_run
    from fraudnet.pipeline.promotion import promote_models, roll_back_models
    from fraudnet.pipeline.publication import known_runs, publish_lists
    from fraudnet.pipeline.quality import Check, check_drops, hold_expectations
    from fraudnet.pipeline.request import Request
    from fraudnet.pipeline.scoring import score_drops
    from fraudnet.pipeline.whatif import Line, what_if
    from fraudnet.pipeline.worlds import make_world

__all__ = [
    "Check",
    "Line",
    "Request",
    "check_drops",
    "diff_runs",
    "evaluate_models",
    "events_told",
    "explain_entity",
    "hold_expectations",
    "known_runs",
    "make_world",
    "map_drop",
    "monitor_page",
    "monitor_run",
    "page_lines",
    "promote_models",
    "publish_lists",
    "registered_models",
    "restore_record",
    "roll_back_models",
    "run_demo",
    "save_record",
    "score_drops",
    "train_models",
    "verify_record",
    "what_if",
]

# A command loads only the stages that it uses: a wrong word on the command line is answered at once.
HOMES = {
    "demo": ("run_demo",),
    "diffing": ("diff_runs",),
    "explained_page": ("page_lines",),
    "explaining": ("explain_entity",),
    "ledger": ("events_told", "restore_record", "save_record", "verify_record"),
    "mapping": ("map_drop",),
    "models": ("evaluate_models", "registered_models", "train_models"),
    "monitoring": ("monitor_page", "monitor_run"),
    "promotion": ("promote_models", "roll_back_models"),
    "publication": ("known_runs", "publish_lists"),
    "quality": ("Check", "check_drops", "hold_expectations"),
    "request": ("Request",),
    "scoring": ("score_drops",),
    "whatif": ("Line", "what_if"),
    "worlds": ("make_world",),
}


def __getattr__(name: str) -> Any:
    """Load the stage that a name lives in."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"fraudnet.pipeline.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
