"""The stages in order, and nothing but their order: drops, events once, snapshots, models, scores, lists."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fraudnet.pipeline.acknowledging import record_acknowledgement
    from fraudnet.pipeline.adding import add_drop
    from fraudnet.pipeline.answers import confirm_answers, known_deliveries, receive_answers, undo_answers
    from fraudnet.pipeline.campaign import Ask, campaign_report
    from fraudnet.pipeline.case_bundle import bundle_case
    from fraudnet.pipeline.case_import import import_case
    from fraudnet.pipeline.casework import case_dossier, export_case, known_cases, tell_case
    from fraudnet.pipeline.contest_page import write_contest_page
    from fraudnet.pipeline.contesting import Complaint, contest_paused, contests_told, decide_contest, open_contest
    from fraudnet.pipeline.coverage import drops_told
    from fraudnet.pipeline.delivered import Delivery
    from fraudnet.pipeline.demo import run_demo
    from fraudnet.pipeline.diffing import diff_runs
    from fraudnet.pipeline.dossier import write_dossier
    from fraudnet.pipeline.evaluation import Wanted
    from fraudnet.pipeline.exchange import Order, pack_lists
    from fraudnet.pipeline.explained_page import page_lines
    from fraudnet.pipeline.explaining import explain_entity
    from fraudnet.pipeline.foresight import foresee
    from fraudnet.pipeline.harming import harm_told
    from fraudnet.pipeline.keyring import (
        confirm_keys,
        known_keys,
        make_own_keys,
        offer_keys,
        revoke_keys,
        rotate_own_keys,
    )
    from fraudnet.pipeline.ledger import events_told, save_record, verify_record
    from fraudnet.pipeline.lookup import look_up, looked_up
    from fraudnet.pipeline.mapping import map_drop
    from fraudnet.pipeline.model_keys import sign_brought
    from fraudnet.pipeline.models import evaluate_models, registered_models, show_register, train_models
    from fraudnet.pipeline.monitoring import monitor_page, monitor_run
    from fraudnet.pipeline.openings import note_opening
    from fraudnet.pipeline.promotion import promote_models, roll_back_models
    from fraudnet.pipeline.publication import known_runs, newest, publish_lists
    from fraudnet.pipeline.quality import Check, check_drops, hold_expectations
    from fraudnet.pipeline.rebuilding import rebuild_list
    from fraudnet.pipeline.recalling import recalls_told, rule_on
    from fraudnet.pipeline.receiving import check_list_file, fill, open_list, read_authority
    from fraudnet.pipeline.recovery import release_restored
    from fraudnet.pipeline.request import Request
    from fraudnet.pipeline.restoring import restore_record
    from fraudnet.pipeline.review import newest_figures, prepare_review
    from fraudnet.pipeline.sampling import sample_package
    from fraudnet.pipeline.scoring import score_drops
    from fraudnet.pipeline.terms import approve_terms, waiting_terms
    from fraudnet.pipeline.tracing import report, trace_money
    from fraudnet.pipeline.whatif import Line, what_if
    from fraudnet.pipeline.worlds import make_world, world_size

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
    "foresight": ("foresee",),
    "campaign": ("Ask", "campaign_report"),
    "case_bundle": ("bundle_case",),
    "case_import": ("import_case",),
    "casework": ("case_dossier", "export_case", "known_cases", "tell_case"),
    "rebuilding": ("rebuild_list",),
    "harming": ("harm_told",),
    "dossier": ("write_dossier",),
    "contesting": (
        "Complaint",
        "contest_paused",
        "contests_told",
        "decide_contest",
        "open_contest",
    ),
    "contest_page": ("write_contest_page",),
    "adding": ("add_drop",),
    "coverage": ("drops_told",),
    "review": ("newest_figures", "prepare_review"),
    "sampling": ("sample_package",),
    "recovery": ("release_restored",),
    "terms": ("approve_terms", "waiting_terms"),
    "receiving": (
        "check_list_file",
        "fill",
        "open_list",
        "read_authority",
    ),
    "recalling": (
        "recalls_told",
        "rule_on",
    ),
    "keyring": (
        "confirm_keys",
        "known_keys",
        "make_own_keys",
        "offer_keys",
        "revoke_keys",
        "rotate_own_keys",
    ),
    "exchange": (
        "Order",
        "pack_lists",
    ),
    "delivered": ("Delivery",),
    "answers": (
        "confirm_answers",
        "known_deliveries",
        "receive_answers",
        "undo_answers",
    ),
    "acknowledging": ("record_acknowledgement",),
    "demo": ("run_demo",),
    "diffing": ("diff_runs",),
    "evaluation": ("Wanted",),
    "explained_page": ("page_lines",),
    "explaining": ("explain_entity",),
    "ledger": ("events_told", "save_record", "verify_record"),
    "restoring": ("restore_record",),
    "lookup": ("look_up", "looked_up"),
    "mapping": ("map_drop",),
    "model_keys": ("sign_brought",),
    "models": ("evaluate_models", "registered_models", "show_register", "train_models"),
    "monitoring": ("monitor_page", "monitor_run"),
    "openings": ("note_opening",),
    "promotion": ("promote_models", "roll_back_models"),
    "publication": ("known_runs", "newest", "publish_lists"),
    "quality": ("Check", "check_drops", "hold_expectations"),
    "request": ("Request",),
    "scoring": ("score_drops",),
    "tracing": ("report", "trace_money"),
    "whatif": ("Line", "what_if"),
    "worlds": ("make_world", "world_size"),
}


def __getattr__(name: str) -> Any:
    """Load the stage that a name lives in."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"fraudnet.pipeline.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
