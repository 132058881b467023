"""Contracts of institutions, people and organisations, and who holds what."""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import Record, choice, day, instant, money, text

INSTITUTION_KINDS = ("bank", "wallet", "operator", "exchange")
HOLDING_ROLES = ("owner", "co_owner", "representative", "authorised", "registered_phone")
THREE_VALUED = ("yes", "no", "unknown")


class Institution(Record):
    """A bank, wallet, operator or exchange that holds entities and receives lists about them."""

    institution = text("Key of the institution")
    kind = choice("What the institution is", INSTITUTION_KINDS)
    name = text("Name of the institution", nullable=True)
    codes = dy.List(dy.String(), nullable=True, description="BINs, network or wallet codes")
    valid_from = day("First day of these codes", nullable=True)
    valid_to = day("Day after the last day of these codes", nullable=True)


class IdentityRecord(Record):
    """One source's record of a person or an organisation, not yet resolved."""

    source_id = text("The source's own key of the person")
    source_kind = choice("Who keeps the record", ("bank", "operator", "population", "police"), nullable=True)
    kind = choice("Person or organisation", ("person", "organisation"), nullable=True)
    full_name = text("Name as delivered", nullable=True)
    birth_date = day("Birth date, or founding date of an organisation", nullable=True)
    sex = dy.Int8(nullable=True, min=0, max=2, description="0 female, 1 male, 2 other")
    nationality = text("Nationality", nullable=True)
    id_number = text("Number of the identity document", nullable=True)
    id_kind = dy.Int8(nullable=True, min=1, max=7, description="Kind of the identity document, 1 to 7")
    old_id_number = text("Former document number", nullable=True)
    tax_code = text("Tax code", nullable=True)
    capital = money("Registered capital", nullable=True)
    province = text("Two-digit province of the address", nullable=True)
    commune = text("Commune of the address", nullable=True)
    address = text("Address", nullable=True)
    phone = text("Contact number", nullable=True)
    face_id = text("Key of the face template", nullable=True)
    representative_id = text("source_id of the representative", nullable=True)
    status = choice("Known state of the person", ("alive", "deceased", "abroad"), nullable=True)
    status_at = instant("Since when", nullable=True)


class Holding(Record):
    """Who holds an account or a number, in which role, and when."""

    holder = text("Entity that holds")
    thing = text("Entity that is held")
    role = choice("In which role", HOLDING_ROLES)
    valid_from = instant("From when", nullable=True)
    valid_to = instant("Until when, exclusive", nullable=True)
    asserted = choice("Whether the source says yes, no or does not know", THREE_VALUED)


class Unit(Record):
    """A reviewing team or area and what it can look at."""

    unit = text("Key of the unit")
    kind = choice("Kind of the unit", ("team", "province", "commune", "ministry"))
    parent = text("Unit above", nullable=True)
    capacity = dy.Int32(nullable=True, min=0, description="Reviews per month")
    scope = dy.List(dy.String(), nullable=True, description="Institutions or provinces it may see")
