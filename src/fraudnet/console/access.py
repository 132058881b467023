"""Who may use which page: one declared table; a route that is not in it is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping

ANYONE = "anyone"
ANALYST, LEAD, AUDITOR, ADMIN, INSTITUTION = "analyst", "lead", "auditor", "admin", "institution"
REVIEWERS = frozenset((ANALYST, LEAD))
EVERYBODY = frozenset((ANALYST, LEAD, AUDITOR, ADMIN, INSTITUTION))

ACCESS: Mapping[str, frozenset[str]] = {
    "static": frozenset((ANYONE,)),
    "login": frozenset((ANYONE,)),
    "log_in": frozenset((ANYONE,)),
    "set_language": frozenset((ANYONE,)),
    "log_out": EVERYBODY,
    "start": EVERYBODY,
    "again": EVERYBODY,
    "forget_kept": EVERYBODY,
    "me": EVERYBODY,
    "set_me": EVERYBODY,
    "set_password": EVERYBODY,
    "queue": REVIEWERS,
    "queue_export": REVIEWERS,
    "next_item": REVIEWERS,
    "item": REVIEWERS,
    "item_rows": REVIEWERS,
    "hold_item": REVIEWERS,
    "skip_item": REVIEWERS,
    "open_item": REVIEWERS,
    "decision": REVIEWERS,
    "keep_draft": REVIEWERS,
    "sign": REVIEWERS,
    "accept_item": REVIEWERS,
    "hand_over": REVIEWERS,
    "search": REVIEWERS,
    "find": REVIEWERS,
    "cases": REVIEWERS,
    "case": REVIEWERS,
    "decide_case": REVIEWERS,
    "campaign": frozenset((ANALYST, LEAD, AUDITOR)),
    "report_file": frozenset((ANALYST, LEAD, AUDITOR)),
    "team": frozenset((LEAD,)),
    "audit": frozenset((AUDITOR,)),
    "users": frozenset((ADMIN,)),
    "add_user": frozenset((ADMIN,)),
    "change_user": frozenset((ADMIN,)),
    "confirm_user": frozenset((LEAD, AUDITOR)),
    "entries": frozenset((INSTITUTION,)),
    "answer": frozenset((INSTITUTION,)),
}

STARTS: Mapping[str, str] = {ANALYST: "/queue", LEAD: "/queue", AUDITOR: "/audit", ADMIN: "/users",
                             INSTITUTION: "/entries"}  # fmt: skip


def may(role: str, route: str) -> bool:
    """Whether a role may use a route."""
    allowed = ACCESS.get(route, frozenset())
    return ANYONE in allowed or role in allowed
