"""Contracts of what the pipeline makes: hits, scores, reasons, list entries."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import choice, count, day, instant, key, money, text
from fraudnet.contracts.grades import ACTIONS, BANDS, FLAG_SOURCES, GRADES

SUPPORTS = ("own", "report", "disposition", "hit", "seed")


class Hit(dy.Schema):
    """A typology seen on an entity, with how far its honest look-alike explains the same."""

    node = key("Entity")
    typology = text("Name of the typology")
    strength = dy.Float64(min=0.0, max=1.0, description="How clearly the pattern shows")
    alike_strength = dy.Float64(min=0.0, max=1.0, description="How clearly the honest look-alike shows")


class Score(dy.Schema):
    """What the model says about one entity at one snapshot."""

    entity_id = text("Entity id")
    kind = text("Kind")
    institution = text("Institution that lists it", nullable=True)
    number = text("Account or phone number", nullable=True)
    raw = dy.Float64(description="Raw model output, the order of the list")
    probability = dy.Float64(
        min=0.0, max=1.0, nullable=True, description="Calibrated probability, never 0 or 1; none without a model"
    )
    at_risk = dy.Int64(min=0, description="Money that came in over 30 days, second key of the order")
    position = count("Place in the order of its kind, from 1")
    flagged = dy.Bool(description="Whether it is inside the capacity and, where there is one, above the promised line")
    source = choice("Strongest source that names it, the model itself where nobody else does", FLAG_SOURCES)
    band = choice("Precision that a list down to its score promises", BANDS)
    grade = choice("Grade of the flag, A the highest", GRADES, nullable=True)
    action = choice("Largest action that the flag allows", ACTIONS, nullable=True)
    expires_on = day("Day from which the flag no longer stands", nullable=True)
    model = text("Name and version of the model")
    as_of = instant("Snapshot")


class Reason(dy.Schema):
    """One reason for a score of a flagged entity."""

    entity_id = text("Entity id")
    position = count("Place, from 1")
    source = text("model, typology, look_alike, history or salary")
    name = text("Feature or typology")
    in_favour = dy.Bool(description="Whether it speaks for the entity")
    value = dy.Float64(nullable=True, description="The entity's own value")
    contribution = dy.Float64(description="Log-odds that it adds to the score")
    text = text("Sentence for the analyst")


class Statement(dy.Schema):
    """What somebody said or decided about an entity before the snapshot."""

    node = key("Entity")
    kind = choice("What it is", ("report", "disposition"))
    ref_id = text("The delivery and its key of the report, or when it was decided")
    source = choice("How strong a source it makes; model where it adds nothing", FLAG_SOURCES)
    basis = text("What it rests on")
    weight = dy.Float64(min=0.0, description="Strength of the evidence")
    known_at = instant("Since when it is known", nullable=True)
    in_favour = dy.Bool(description="Whether it speaks for the entity")


class Support(dy.Schema):
    """One thing that a flag rests on."""

    flag_id = text("The flag: entity id and snapshot")
    kind = choice("What it is: the entity's own behaviour, a report, a decision, a pattern, known fraud", SUPPORTS)
    ref_id = text("The model, row, typology or known fraudulent entity")
    basis = text("What kind of evidence it is")
    weight = dy.Float64(min=0.0, description="Strength, comparable within one kind")
    known_at = instant("Since when it is known", nullable=True)


class ListEntry(dy.Schema):
    """One line of an institution's flagged list."""

    institution = text("Recipient")
    entity_id = text("Entity id")
    kind = text("account or sim")
    number = text("Account or phone number")
    holder_name = text("Holder as this institution itself names it", nullable=True)
    holder_kind = text("person or organisation", nullable=True)
    cif = text("The bank's own customer number, when the bank itself delivered it", nullable=True)
    status = dy.Int8(nullable=True, description="Account status as this institution itself delivered it")
    code = dy.Int8(min=0, max=8, description="SIMO code, for accounts", nullable=True)
    note = text("Reasons in one text of at most 500 characters")
    reasons = dy.List(dy.String(), description="Reasons, one sentence each")
    probability = dy.Float64(
        min=0.0, max=1.0, nullable=True, description="Calibrated probability, none without a model"
    )
    grade = choice("Grade, A the highest", GRADES)
    action = choice("Largest action that the grade allows", ACTIONS)
    hold = money(
        "Smallest amount that stops what is traced, if a hold is decided; none where none is", nullable=True, low=1
    )
    references = dy.List(
        dy.String(), nullable=True, description="Rail references of the account's own transfers behind it"
    )
    source = choice("Strongest source that names it", FLAG_SOURCES)
    band = choice("Precision that a list down to its score promises", BANDS)
    position = count("Place in the order of its kind")
    as_of = instant("Cut-off of the data")
    expires_on = day("Day from which the entry no longer stands")
    model = text("Name and version of the model")


EVIDENCE = (
    "new_payer", "new_payee", "busy_day_in", "busy_day_out", "large_credit", "passed_on_in", "passed_on_out",
    "main_payer", "main_payee", "near_line", "probe", "after_probe", "night_credit", "to_exchange", "cash_out",
    "at_machine", "from_known", "to_known", "small_cut", "after_change", "after_gone", "change", "use", "company",
    "opening", "opened_beside", "number_owner", "served", "file", "register", "face", "gone", "advert", "sim",
    "same_name", "same_sale", "code", "busy_day_calls", "holder_before", "old_account", "swap",
)  # fmt: skip


class HitEvidence(dy.Schema):
    """One delivered row that a hit of a flagged entity is made of."""

    entity_id = text("Entity")
    typology = text("Typology that it shows")
    position = count("Place among the rows of this hit, in order of time, from 1")
    what = choice("What the row shows", EVIDENCE)
    table = text("Table of the drop")
    row_id = text("File and row number inside the delivery")
    also_row_id = text("The rows by which other institutions told the same", nullable=True)
    at = instant("When it happened", nullable=True)


class Passed(dy.Schema):
    """One payment out beside the credit that its payer had before it, at most two days earlier."""

    node = key("Account that passed it on")
    source = key("Who had paid it", nullable=True)
    target = key("Whom it paid")
    credit = text("row_id of the credit")
    debit = text("row_id of the payment")
    credit_also = text("The rows by which other institutions told the credit", nullable=True)
    debit_also = text("The rows by which other institutions told the payment", nullable=True)
    came_at = instant("When the credit came")
    at = instant("When it went on")
    came = dy.Int64(description="The credit", metadata={"unit": "minor"})
    went = dy.Int64(description="The payment", metadata={"unit": "minor"})
