"""Contracts of the learning target: population, labels, clusters."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import choice, instant, key, text
from fraudnet.contracts.judgements import ROLES


class Population(dy.Schema):
    """Who can be scored at a snapshot."""

    node = key("Entity")
    entity_id = text("Entity id")
    kind = text("Kind")
    institution = text("Institution that lists it", nullable=True)


class Excluded(dy.Schema):
    """How many entities were left out, by reason."""

    kind = text("Kind")
    reason = text("Why they are not in the population or not in the labels")
    n = dy.Int64(min=0, description="How many")


class Label(dy.Schema):
    """The answer for one entity at one snapshot, as known at the time of training."""

    entity_id = text("Entity id")
    kind = text("Kind")
    at = instant("Snapshot", nullable=True)
    y = dy.Int8(min=0, max=1, description="1 when a review confirmed fraud around the snapshot")
    reviewed = dy.Bool(description="Whether somebody looked; false is only presumed honest")
    spared = dy.Bool(description="Victim or good faith: out of training, a wrong flag in evaluation")
    role = choice("Role", ROLES, nullable=True)
    cluster = text("Strong cluster: never on both sides of a split")
    fold = text("train, validation or test where the mapping declares them", nullable=True)
