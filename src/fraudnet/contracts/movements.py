"""Contracts of what moves: money, calls, generic links and events."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import Record, choice, count, instant, money, text


class Transfer(Record):
    """One credit transfer as one institution reports it; the same one may come from both sides."""

    transfer_id = text("The source's key of the transfer")
    at = instant("When it was booked")
    payer = text("Account that pays")
    payee = text("Account that is paid")
    amount = money("Amount", low=0)
    currency = text("ISO 4217 code")
    rail_ref = text("Reference of the payment rail, the same on both sides", nullable=True)
    rail = text("Payment rail", nullable=True)
    channel = text("Channel", nullable=True)
    device = text("Device entity", nullable=True)
    place = text("Place", nullable=True)
    fee = money("Fee", nullable=True)
    balance_after = money("Balance afterwards on the reporting side", nullable=True)
    text_class = text("Class of the narrative", nullable=True)
    refund_of = text("transfer_id that this refunds", nullable=True)


class Statement(Record):
    """One line of the statement of one account, as its bank keeps it; the other side may be known or not.

    The sum stands in `debit` or `credit`, or in `amount`: with its sign, or with `direction`.
    """

    own = text("Account whose statement it is")
    at = instant("When it was booked; midnight in Viet Nam where only the day is told")
    debit = money("What went out", nullable=True)
    credit = money("What came in", nullable=True)
    amount = money("In +, out -, or without a sign beside a direction", nullable=True)
    direction = choice("Which way", ("in", "out"), nullable=True)
    currency = text("ISO 4217 code")
    balance_after = money("Balance after the line", nullable=True)
    opening = money("Balance before the first line of the file", nullable=True)
    closing = money("Balance after the last line of the file", nullable=True)
    counterparty = text("The other account", nullable=True)
    counterparty_number = text("Number of the other account where its bank is not told", nullable=True)
    rail_ref = text("Reference of the payment rail, the same on both sides", nullable=True)


class Cash(Record):
    """Cash paid in (+) or taken out (-)."""

    cash_id = text("The source's key")
    at = instant("When")
    entity = text("Account")
    amount = money("Amount, in +, out -")
    place_kind = choice("Where", ("atm", "counter", "agent"), nullable=True)
    place = text("Machine or branch", nullable=True)
    card = text("Card key", nullable=True)


class Call(Record):
    """One call or message as one operator reports it."""

    at = instant("When")
    caller = text("Calling number")
    callee = text("Called number")
    kind = choice("Voice, message or one-time code", ("voice", "sms", "otp"))
    duration_s = count("Seconds", nullable=True)
    cell = text("Cell of the caller", nullable=True)
    ended_by = text("Which side ended it", nullable=True)
    answered = dy.Bool(nullable=True, description="Whether it was answered")


class GenericLink(Record):
    """Any other relation between two entities."""

    source_entity = text("From")
    target_entity = text("To")
    kind = text("Kind of the relation")
    directed = dy.Bool(description="Whether the direction means something")
    at = instant("When", nullable=True)
    valid_from = instant("From when", nullable=True)
    valid_to = instant("Until when, exclusive", nullable=True)
    weight = dy.Float64(nullable=True, min=0.0, description="Strength")


class Event(Record):
    """Any other thing that happened to an entity."""

    event_id = text("The source's key")
    at = instant("When")
    entity = text("Entity")
    counterparty = text("Other side", nullable=True)
    amount = money("Amount", nullable=True)
    kind = text("Kind of the event")
    place = text("Place", nullable=True)
