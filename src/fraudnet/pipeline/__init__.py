"""The stages in order, and nothing but their order: drops, events once, snapshots, models, scores, lists."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fraudnet.pipeline.batch.diffing import diff_runs
    from fraudnet.pipeline.batch.explained_page import page_lines
    from fraudnet.pipeline.batch.explaining import explain_entity
    from fraudnet.pipeline.batch.lookup import look_up, looked_up
    from fraudnet.pipeline.batch.scoring import score_drops
    from fraudnet.pipeline.batch.whatif import Line, what_if
    from fraudnet.pipeline.casework.board import newest_figures, prepare_review
    from fraudnet.pipeline.casework.campaign import Ask, campaign_report
    from fraudnet.pipeline.casework.case_bundle import bundle_case
    from fraudnet.pipeline.casework.case_files import case_dossier, export_case, known_cases, tell_case
    from fraudnet.pipeline.casework.case_import import import_case
    from fraudnet.pipeline.casework.openings import note_opening
    from fraudnet.pipeline.casework.tracing import report, trace_money
    from fraudnet.pipeline.demo import run_demo
    from fraudnet.pipeline.exchange.acknowledging import record_acknowledgement
    from fraudnet.pipeline.exchange.answers import confirm_answers, known_deliveries, receive_answers, undo_answers
    from fraudnet.pipeline.exchange.contest_page import write_contest_page
    from fraudnet.pipeline.exchange.contesting import (
        Complaint,
        contest_paused,
        contests_told,
        decide_contest,
        open_contest,
    )
    from fraudnet.pipeline.exchange.delivered import Delivery
    from fraudnet.pipeline.exchange.dossier import write_dossier
    from fraudnet.pipeline.exchange.harming import harm_told
    from fraudnet.pipeline.exchange.keyring import (
        confirm_keys,
        known_keys,
        make_own_keys,
        offer_keys,
        revoke_keys,
        rotate_own_keys,
    )
    from fraudnet.pipeline.exchange.ledger import events_told, save_record, verify_record
    from fraudnet.pipeline.exchange.packages import Order, pack_lists
    from fraudnet.pipeline.exchange.publication import known_runs, newest, publish_lists
    from fraudnet.pipeline.exchange.rebuilding import rebuild_list
    from fraudnet.pipeline.exchange.recalling import recalls_told, rule_on
    from fraudnet.pipeline.exchange.receiving import check_list_file, fill, open_list, read_authority
    from fraudnet.pipeline.exchange.recovery import release_restored
    from fraudnet.pipeline.exchange.restoring import restore_record
    from fraudnet.pipeline.exchange.sampling import sample_package
    from fraudnet.pipeline.exchange.terms import approve_terms, waiting_terms
    from fraudnet.pipeline.reading.adding import add_drop
    from fraudnet.pipeline.reading.coverage import drops_told
    from fraudnet.pipeline.reading.foresight import foresee
    from fraudnet.pipeline.reading.mapping import map_drop
    from fraudnet.pipeline.reading.quality import Check, check_drops, hold_expectations
    from fraudnet.pipeline.reading.worlds import make_world, world_size
    from fraudnet.pipeline.request import Request
    from fraudnet.pipeline.training.evaluation import Wanted
    from fraudnet.pipeline.training.model_keys import sign_brought
    from fraudnet.pipeline.training.models import evaluate_models, registered_models, show_register, train_models
    from fraudnet.pipeline.training.monitoring import monitor_page, monitor_run
    from fraudnet.pipeline.training.promotion import promote_models, roll_back_models

__all__ = [
    "Ask",
    "Check",
    "Complaint",
    "Delivery",
    "Line",
    "Order",
    "Request",
    "Wanted",
    "add_drop",
    "approve_terms",
    "bundle_case",
    "campaign_report",
    "case_dossier",
    "check_drops",
    "check_list_file",
    "confirm_answers",
    "confirm_keys",
    "contest_paused",
    "contests_told",
    "decide_contest",
    "diff_runs",
    "drops_told",
    "evaluate_models",
    "events_told",
    "explain_entity",
    "export_case",
    "fill",
    "foresee",
    "harm_told",
    "hold_expectations",
    "import_case",
    "known_cases",
    "known_deliveries",
    "known_keys",
    "known_runs",
    "look_up",
    "looked_up",
    "make_own_keys",
    "make_world",
    "map_drop",
    "monitor_page",
    "monitor_run",
    "newest",
    "newest_figures",
    "note_opening",
    "offer_keys",
    "open_contest",
    "open_list",
    "pack_lists",
    "page_lines",
    "prepare_review",
    "promote_models",
    "publish_lists",
    "read_authority",
    "rebuild_list",
    "recalls_told",
    "receive_answers",
    "record_acknowledgement",
    "registered_models",
    "release_restored",
    "report",
    "restore_record",
    "revoke_keys",
    "roll_back_models",
    "rotate_own_keys",
    "rule_on",
    "run_demo",
    "sample_package",
    "save_record",
    "score_drops",
    "show_register",
    "sign_brought",
    "tell_case",
    "trace_money",
    "train_models",
    "undo_answers",
    "verify_record",
    "waiting_terms",
    "what_if",
    "world_size",
    "write_contest_page",
    "write_dossier",
]

# A command loads only the stages that it uses: a wrong word on the command line is answered at once.
HOMES = {
    "reading.foresight": ("foresee",),
    "casework.campaign": ("Ask", "campaign_report"),
    "casework.case_bundle": ("bundle_case",),
    "casework.case_import": ("import_case",),
    "casework.case_files": ("case_dossier", "export_case", "known_cases", "tell_case"),
    "exchange.rebuilding": ("rebuild_list",),
    "exchange.harming": ("harm_told",),
    "exchange.dossier": ("write_dossier",),
    "exchange.contesting": (
        "Complaint",
        "contest_paused",
        "contests_told",
        "decide_contest",
        "open_contest",
    ),
    "exchange.contest_page": ("write_contest_page",),
    "reading.adding": ("add_drop",),
    "reading.coverage": ("drops_told",),
    "casework.board": ("newest_figures", "prepare_review"),
    "exchange.sampling": ("sample_package",),
    "exchange.recovery": ("release_restored",),
    "exchange.terms": ("approve_terms", "waiting_terms"),
    "exchange.receiving": (
        "check_list_file",
        "fill",
        "open_list",
        "read_authority",
    ),
    "exchange.recalling": (
        "recalls_told",
        "rule_on",
    ),
    "exchange.keyring": (
        "confirm_keys",
        "known_keys",
        "make_own_keys",
        "offer_keys",
        "revoke_keys",
        "rotate_own_keys",
    ),
    "exchange.packages": (
        "Order",
        "pack_lists",
    ),
    "exchange.delivered": ("Delivery",),
    "exchange.answers": (
        "confirm_answers",
        "known_deliveries",
        "receive_answers",
        "undo_answers",
    ),
    "exchange.acknowledging": ("record_acknowledgement",),
    "demo": ("run_demo",),
    "batch.diffing": ("diff_runs",),
    "training.evaluation": ("Wanted",),
    "batch.explained_page": ("page_lines",),
    "batch.explaining": ("explain_entity",),
    "exchange.ledger": ("events_told", "save_record", "verify_record"),
    "exchange.restoring": ("restore_record",),
    "batch.lookup": ("look_up", "looked_up"),
    "reading.mapping": ("map_drop",),
    "training.model_keys": ("sign_brought",),
    "training.models": ("evaluate_models", "registered_models", "show_register", "train_models"),
    "training.monitoring": ("monitor_page", "monitor_run"),
    "casework.openings": ("note_opening",),
    "training.promotion": ("promote_models", "roll_back_models"),
    "exchange.publication": ("known_runs", "newest", "publish_lists"),
    "reading.quality": ("Check", "check_drops", "hold_expectations"),
    "request": ("Request",),
    "batch.scoring": ("score_drops",),
    "casework.tracing": ("report", "trace_money"),
    "batch.whatif": ("Line", "what_if"),
    "reading.worlds": ("make_world", "world_size"),
}


def __getattr__(name: str) -> Any:
    """Load the stage that a name lives in."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"fraudnet.pipeline.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
