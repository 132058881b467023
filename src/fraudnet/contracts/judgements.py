"""Contracts of what people said and decided: adverts, reports, dispositions, declared splits."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import Record, choice, instant, money, text

ROLES = (
    "controller", "knowing_mule", "misled_mule", "victim", "good_faith",
    "sim_farm", "sim_box", "call_centre", "agent_registered",
)  # fmt: skip
FRAUD_ROLES = (
    "controller", "knowing_mule", "misled_mule", "sim_farm", "sim_box", "call_centre", "agent_registered",
)  # fmt: skip
SPARED_ROLES = ("victim", "good_faith")
SOURCES = ("police", "victim", "bank", "operator", "hotline", "analyst")
BASES = (
    "own_documents", "own_review", "customer_statement", "victim_report", "police_file", "list_only", "derived",
)  # fmt: skip
OUTCOMES = ("confirmed", "cleared", "unsure")
SELECTIONS = ("queue", "random", "report", "bank")
INDEPENDENT_BASES = ("own_documents", "own_review", "customer_statement", "victim_report", "police_file")


class Advert(Record):
    """An account, number or document seen offered in public."""

    ad_id = text("Key of the sighting")
    seen_at = instant("When")
    kind = choice("What was offered", ("account", "number", "id"))
    value = text("The value as shown")
    url_digest = text("Digest of the address", nullable=True)


class Report(Record):
    """A complaint about an entity."""

    report_id = text("The source's key")
    at = instant("When it was made")
    entity = text("Entity that it is about", nullable=True)
    event_at = instant("When the event took place", nullable=True)
    kind = text("Kind of the scam", nullable=True)
    amount = money("Loss", nullable=True)
    reporter = choice("Who reported", SOURCES, nullable=True)
    transfer_id = text("Transfer that it names", nullable=True)
    complainant_key = text("Keyed pseudonym of the complainant", nullable=True)


class Disposition(Record):
    """What a review decided about an entity."""

    entity = text("Entity, or identity:<source>:<source_id>")
    outcome = choice("Result", OUTCOMES)
    role = choice("Role that was found", ROLES, nullable=True)
    decided_at = instant("When; missing only in sets declared undated", nullable=True)
    activity_from = instant("First day of the fraud", nullable=True)
    activity_to = instant("Day after the last day of the fraud", nullable=True)
    decided_by = choice("Who decided", SOURCES, nullable=True)
    basis = choice("What it rests on", BASES, nullable=True)
    selected_by = choice("Why it was reviewed", SELECTIONS, nullable=True)
    rests_on = dy.List(dy.String(), nullable=True, description="Evidence or flags it rests on")


class Split(Record):
    """A declared division of the entities into training, validation and test."""

    entity = text("Entity")
    fold = choice("Part", ("train", "validation", "test"))
