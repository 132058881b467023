"""Contracts of the dated graph: nodes, links, seeds, and linked records."""

from __future__ import annotations

from dataclasses import dataclass
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
    """

    as_of: datetime
    nodes: pl.LazyFrame
    links: pl.LazyFrame
    records: Records
    identities: pl.LazyFrame
