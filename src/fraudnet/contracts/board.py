"""Contracts of what reviewers are shown: items, reasons, movements, ties, records, made from one run."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import choice, count, day, instant, key, money, text
from fraudnet.contracts.grades import ACTIONS, BANDS, FLAG_SOURCES, GRADES
from fraudnet.contracts.graph import NODE_KINDS, SCORED_KINDS
from fraudnet.contracts.judgements import SELECTIONS
from fraudnet.contracts.results import SUPPORTS

MOVED = ("transfer_in", "transfer_out", "cash_in", "cash_out")


class BoardItem(dy.Schema):
    """Something that was scored; those with a place are in the queue. `node` is its number on every page."""

    node = key("Number inside this run")
    entity_id = text("Entity id")
    reference = text("Id that decisions name: of an identity, the first record it was made of")
    kind = choice("Kind", SCORED_KINDS)
    institution = text("Institution that lists it", nullable=True)
    number = text("Account or phone number", nullable=True)
    holder = key("Node of the identity that holds it", nullable=True)
    holder_name = text("Holder's name as the institution delivered it", nullable=True)
    holder_kind = text("person or organisation", nullable=True)
    birth_date = day("Birth date of the holder, or founding date", nullable=True)
    province = text("Two-digit province of the holder's address", nullable=True)
    opened_at = instant("Opened or activated", nullable=True)
    probability = dy.Float64(
        min=0.0, max=1.0, nullable=True, description="Calibrated probability, none without a model"
    )
    at_risk = money("Money that came in over 30 days")
    position = count("Place in the order of its kind by the model")
    flagged = dy.Bool(description="Whether it is flagged")
    source = choice("Strongest source that names it", FLAG_SOURCES)
    band = choice("Precision that a list down to its score promises", BANDS)
    grade = choice("Grade, A the highest", GRADES, nullable=True)
    action = choice("Largest action that the grade allows", ACTIONS, nullable=True)
    expires_on = day("Day from which the flag no longer stands", nullable=True)
    value = dy.Float64(description="What one look at it is expected to bring, in đồng")
    place = count("Place in the queue, from 1", nullable=True)
    blind = dy.Bool(description="Whether score, grade, rank and patterns show only after a first judgement")
    selected_by = choice("Why it is reviewed", SELECTIONS)
    case = text("Case that it belongs to", nullable=True)


class BoardReason(dy.Schema):
    """A reason for or against, with what a sentence in another language is made of."""

    node = key("Item")
    position = count("Place, from 1")
    source = text("model, typology, look_alike or history")
    name = text("Feature or typology")
    in_favour = dy.Bool(description="Whether it speaks for the entity")
    value = dy.Float64(nullable=True, description="The entity's own value")
    contribution = dy.Float64(description="Log-odds that it adds to the score")
    text = text("Sentence in the language of the run")


class BoardMove(dy.Schema):
    """Money that came or went, on the side of one item."""

    node = key("Item")
    at = instant("When")
    kind = choice("What", MOVED)
    amount = money("Amount, never negative", low=0)
    other = text("Entity on the other side, or the place of the cash", nullable=True)
    row = text("Delivery and row")


class BoardContact(dy.Schema):
    """A call, message or one-time code on the side of one item."""

    node = key("Item")
    at = instant("When")
    kind = choice("voice, sms or otp", ("voice", "sms", "otp"))
    outgoing = dy.Bool(description="Whether the item called")
    other = text("The other number", nullable=True)


class BoardHappening(dy.Schema):
    """Something dated on the way: a change of phone or device, a report, an advert."""

    node = key("Item")
    at = instant("When")
    kind = text("device_bound, phone_changed, swap, report, advert and the like")
    row = text("Delivery and row")


class BoardTie(dy.Schema):
    """A link of an item to something else, with its dates."""

    node = key("Item")
    other = key("The other node")
    other_kind = choice("Kind of the other", NODE_KINDS)
    other_id = text("Entity id of the other")
    kind = text("owner, registered_phone, uses, transfer, call, or link:<kind>")
    outgoing = dy.Bool(description="Whether it goes from the item to the other")
    n = count("How many records")
    amount = money("Sum of the amounts")
    first_at = instant("First record", nullable=True)
    last_at = instant("Last record", nullable=True)
    valid_from = instant("From when", nullable=True)
    valid_to = instant("Until when, exclusive", nullable=True)


class BoardRecord(dy.Schema):
    """One source's record of the identity behind items."""

    holder = key("Node of the identity")
    source = text("Source of the record")
    source_id = text("Key of the record")
    full_name = text("Name as delivered", nullable=True)
    birth_date = day("Birth date, or founding date", nullable=True)
    id_number = text("Number of the identity document", nullable=True)
    phone = text("Contact number", nullable=True)
    address = text("Address", nullable=True)
    reason = text("What joined the record to the identity")


class BoardSupport(dy.Schema):
    """One thing that the flag of an item rests on."""

    node = key("Item")
    kind = choice("What it is", SUPPORTS)
    ref_id = text("The model, row, typology or known fraudulent entity")
    basis = text("What kind of evidence it is")
    weight = dy.Float64(min=0.0, description="Strength, comparable within one kind")
    known_at = instant("Since when it is known", nullable=True)


class BoardHit(dy.Schema):
    """A typology seen on an item."""

    node = key("Item")
    typology = text("Name of the typology")
    strength = dy.Float64(min=0.0, max=1.0, description="How clearly the pattern shows")
    alike_strength = dy.Float64(min=0.0, max=1.0, description="How clearly the honest look-alike shows")


class BoardProof(dy.Schema):
    """One delivered row that a typology seen on an item is made of."""

    node = key("Item")
    typology = text("Name of the typology")
    position = count("Place among the rows of this typology, in order of time")
    what = text("What the row shows")
    table = text("Table of the drop")
    row_id = text("File and row number inside the delivery")
    at = instant("When it happened", nullable=True)


class BoardSaid(dy.Schema):
    """What somebody said or decided about an item before the cut-off."""

    node = key("Item")
    kind = text("report or disposition")
    ref_id = text("The delivery and its key")
    source = choice("How strong a source it makes", FLAG_SOURCES)
    basis = text("What it rests on")
    known_at = instant("Since when it is known", nullable=True)
    in_favour = dy.Bool(description="Whether it speaks for the entity")


class BoardShift(dy.Schema):
    """How an item stood in the run before, where it stands otherwise now, and why."""

    node = key("Item")
    run = text("The run before")
    what = choice("What became of it", ("came", "went", "graded", "moved"))
    grade_before = choice("Its grade then", GRADES, nullable=True)
    source_before = choice("The strongest source then", FLAG_SOURCES, nullable=True)
    band_before = choice("The band of its score then", BANDS, nullable=True)
    place_before = count("Its place in the order of its kind then", nullable=True)
    place = count("Its place now", nullable=True)
    causes = dy.List(dy.String(), description="data, mapping, code, settings, model, threshold or list")


TABLES: dict[str, type[dy.Schema]] = {
    "items": BoardItem,
    "reasons": BoardReason,
    "moves": BoardMove,
    "contacts": BoardContact,
    "happenings": BoardHappening,
    "ties": BoardTie,
    "records": BoardRecord,
    "support": BoardSupport,
    "hits": BoardHit,
    "proofs": BoardProof,
    "said": BoardSaid,
    "shifts": BoardShift,
}
