"""Contracts of the dated graph: nodes, links, seeds, and linked records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import dataframely as dy
import polars as pl

from fraudnet.contracts.columns import choice, count, instant, key, money, text
from fraudnet.contracts.drop import Records

SCORED_KINDS = ("account", "sim", "identity")
NODE_KINDS = (*SCORED_KINDS, "device", "other")


class Node(dy.Schema):
    """An entity of one snapshot; `node` is dense from 0 in order of `entity_id`."""

    node = key("Dense key inside this snapshot")
    entity_id = text("Entity id with its kind as prefix")
    kind = choice("Kind", NODE_KINDS)
    institution = text("Institution that holds it", nullable=True)
    number = text("Account or phone number as text", nullable=True)
    holder = key("Node of the identity that holds it", nullable=True)
    valid_from = instant("Opened or activated", nullable=True)
    valid_to = instant("Closed or ended", nullable=True)
    listed = dy.Bool(description="Whether its own institution lists it; mere counterparties are never scored")


class Link(dy.Schema):
    """All relations of one kind between two entities, before the snapshot."""

    source = key("From")
    target = key("To")
    kind = text("owner, registered_phone, uses, transfer, call, or link:<kind>")
    directed = dy.Bool(description="Whether the direction means something")
    n = count("How many records")
    amount = money("Sum of the amounts, 0 where there are none")
    weight = dy.Float64(min=0.0, description="Strength: amount for money, seconds + 1 for calls, given weight, else n")
    first_at = instant("First record", nullable=True)
    last_at = instant("Last record", nullable=True)
    valid_from = instant("From when", nullable=True)
    valid_to = instant("Until when, exclusive", nullable=True)


class Seed(dy.Schema):
    """An entity that independent evidence calls fraudulent, as known before the snapshot."""

    node = key("Entity")
    weight = dy.Float64(min=0.0, description="Strength of the evidence")
    basis = text("What it rests on")
    known_at = instant("Since when", nullable=True)


class Hub(dy.Schema):
    """A node that meets so many others that being linked to it tells nothing."""

    node = key("Entity")
    reason = choice("What there is too much of", ("counterparties_30d", "strong_links"))
    n = count("How many different others")


class GroupSize(dy.Schema):
    """How many identities were made of how many records."""

    size = count("Records of one identity")
    identities = count("Identities of that size")
    parted = count("Of these, how many had something kept out because it contradicts them")


# Why two records were taken for one person, then why not.
MERGED_FOR = (
    "document", "former_document", "tax_code", "name_birth_phone", "name_birth_commune", "name_birth_near_document",
    "name_phone_commune",
)  # fmt: skip
REFUSED_FOR = (
    "two_birth_dates", "two_sexes", "two_documents", "borrowed_document", "two_kinds", "contradiction_in_group",
    "names_differ", "birth_unknown", "name_birth_only", "too_little",
)  # fmt: skip
MERGE_REASONS = (*MERGED_FOR, *REFUSED_FOR)


def weight(description: str) -> dy.Float64:
    """Evidence in bits: above 0 for one person, below 0 against, 0 where a side says nothing."""
    return dy.Float64(description=description, metadata={"unit": "bits"})


class MergeEvidence(dy.Schema):
    """Two records that were compared: what each field says, from `prior` to `total`, what was decided, and why.

    Every merge is here, every merge that a contradiction forbade, and every other refusal that had the odds for it
    (total above 0). total = prior + the fields; a total above 6.63 bits means odds of 99 to 1.
    """

    source_a = text("Source of the first record")
    source_id_a = text("Key of the first record")
    source_b = text("Source of the second record")
    source_id_b = text("Key of the second record")
    merged = dy.Bool(description="Whether they were taken for one person")
    reason = choice("Why, or why not", MERGE_REASONS)
    prior = weight("Before comparing: one partner among all records")
    name = weight("Names, by how frequent this very name is")
    birth_date = weight("Birth dates; where one is missing, the years that cards tell")
    sex = weight("Sexes")
    document = weight("Card numbers, former ones included")
    tax_code = weight("Tax codes")
    phone = weight("Contact numbers")
    commune = weight("Communes")
    total = weight("Sum of all")


class IdentityMap(dy.Schema):
    """Which source records were taken for one identity, and why."""

    source = text("Source of the record")
    source_id = text("Key of the record")
    entity_id = text("Resolved identity")
    node = key("Node of the resolved identity")
    reason = text("Keys that joined it to its group")


@dataclass(frozen=True)
class Linked:
    """One snapshot's graph: everything strictly before `as_of`, with dense keys in place of ids.

    `records` holds the same tables as the drop; columns that name entities are Int64 node keys:
    accounts.entity/holder, sims.entity/holder, identities.entity, holdings.holder/thing, uses.entity/device,
    sim_events.entity, account_events.entity, transfers.payer/payee, cash.entity, calls.caller/callee,
    links.source_entity/target_entity, events.entity/counterparty, reports.entity, dispositions.entity, splits.entity.
    `evidence`: contract MergeEvidence.
    """

    as_of: datetime
    nodes: pl.LazyFrame
    links: pl.LazyFrame
    records: Records
    identities: pl.LazyFrame
    evidence: pl.LazyFrame = field(default_factory=lambda: MergeEvidence.create_empty().lazy())
