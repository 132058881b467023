"""Contracts of bank and wallet accounts, SIM holdings, devices and their events."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import Record, choice, count, instant, text

ACCOUNT_KINDS = ("personal", "corporate", "merchant", "wallet", "exchange")
SIM_EVENTS = (
    "activate", "swap", "port_in", "port_out", "device_change", "face_check",
    "suspend", "resume", "verify", "recycle", "disown",
)  # fmt: skip
ACCOUNT_EVENTS = ("login", "device_bound", "limit_raised", "password_reset", "phone_changed", "reactivated")


class Account(Record):
    """An account as its own institution lists it."""

    institution = text("Institution that holds the account")
    account_number = text("Number as text")
    holder_source_id = text("source_id of the holder in the same source", nullable=True)
    holder_name = text("Holder's name as delivered", nullable=True)
    cif = text("Customer number inside the bank", nullable=True)
    id_number = text("Document number of the holder", nullable=True)
    opened_at = instant("When it was opened", nullable=True)
    closed_at = instant("When it was closed", nullable=True)
    channel = choice("How it was opened", ("counter", "ekyc", "corporate"), nullable=True)
    branch = text("Branch", nullable=True)
    staff = text("Key of the member of staff", nullable=True)
    phone = text("Number registered for the service", nullable=True)
    kind = choice("Kind of the account", ACCOUNT_KINDS, nullable=True)
    currency = text("ISO 4217 code")
    verified_at = instant("When the holder's face was checked", nullable=True)
    status = dy.Int8(
        nullable=True, min=1, max=5, description="OUTCOME: 1 active, 2 paused, 3 locked, 4 frozen, 5 closed"
    )
    status_at = instant("OUTCOME: since when", nullable=True)


class Sim(Record):
    """One holding of a number, as its own operator lists it."""

    institution = text("Operator that serves the number")
    number = text("Number as text")
    valid_from = instant("When this holding began", nullable=True)
    ended_at = instant("When it ended", nullable=True)
    iccid = text("Card number", nullable=True)
    imsi = text("Subscriber number", nullable=True)
    holder_source_id = text("source_id of the holder in the same source", nullable=True)
    holder_name = text("Holder's name as delivered", nullable=True)
    id_number = text("Document number of the holder", nullable=True)
    channel = text("How it was registered", nullable=True)
    dealer = text("Point of sale", nullable=True)
    plan = choice("Plan", ("prepaid", "postpaid", "m2m"), nullable=True)
    verified_at = instant("When the holder was verified", nullable=True)


class Use(Record):
    """An account or number seen on a device."""

    entity = text("Account or SIM")
    device = text("Device entity")
    seen_at = instant("When it was seen", nullable=True)
    valid_from = instant("From when", nullable=True)
    valid_to = instant("Until when, exclusive", nullable=True)
    place = text("Cell or place", nullable=True)
    n = dy.Int32(nullable=True, min=0, description="How often")
    randomised = dy.Bool(nullable=True, description="Whether the address is randomised and proves nothing")


class SimEvent(Record):
    """Something that happened to a number."""

    number = text("Number as text")
    at = instant("When")
    event = choice("What", SIM_EVENTS)
    old = text("State before", nullable=True)
    new = text("State after", nullable=True)
    dealer = text("Point of sale", nullable=True)
    known_until = instant("Until when this state is certain", nullable=True)


class AccountEvent(Record):
    """Something that happened to an account other than money."""

    entity = text("Account")
    at = instant("When")
    event = choice("What", ACCOUNT_EVENTS)
    device = text("Device entity", nullable=True)
    value = count("New value where there is one", nullable=True)
