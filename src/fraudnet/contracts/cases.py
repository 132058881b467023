"""Contracts of cases: who belongs together, in which role, by which links, where the money is and what to hold.

A run folder has them as `cases`, `case_members`, `case_links`, `case_flows`, `case_holds` and `case_rows`; they may be
empty. Sentences are kept as codes with their numbers (`sink:450000000:3`), so that every language can say them:
`fraudnet.cases.wording.ground`.
"""

from __future__ import annotations

import dataframely as dy

from fraudnet.contracts.columns import choice, count, instant, money, text
from fraudnet.contracts.grades import FLAG_SOURCES, GRADES

CASE_ROLES = ("controller", "knowing_mule", "misled_mule", "taken_over", "victim", "good_faith", "unclear")
MEMBER_KINDS = ("account", "sim", "identity", "device", "exit")
# Why it is in the case: flagged by this run; called fraudulent before by somebody else; joins two of these; paid by a
# victim or paid as one; a place where money left.
PARTS = ("flagged", "known", "connector", "victim", "exit")
LINK_KINDS = ("transfer", "owner", "registered_phone", "uses", "call", "otp", "exit")
STOREYS = ("who", "money")
# Columns of the lower storey, left to right; the upper one is ordered by what hangs below it.
COLUMNS = ("victim", "first", "middle", "exit")
EXITS = ("cash", "crypto", "abroad")
RULES = ("fifo", "lifo", "proportional", "lowest")


class Case(dy.Schema):
    """Flagged entities that belong together."""

    case_id = text("Key, kept from run to run as long as half of the members stay: V- and six letters")
    found_at = instant("Cut-off of the run that found it first")
    as_of = instant("Cut-off of this run")
    absorbed = dy.List(dy.String(), description="Keys of earlier cases most of whose members are in this one now")
    members = count("Accounts, SIMs and people in it, victims and exits left out")
    flagged = count("Of these, flagged by this run")
    known = count("Of these, called fraudulent by somebody before")
    victims = count("Accounts of victims who reported")
    lost = money("What victims reported to have paid to its members, over 90 days", low=0)
    still_there = money("Of this, what every rule finds on accounts we can see (the floor)", low=0)
    to_hold = money("Smallest amount to hold so that nothing of it leaves by the ways of the last 30 days", low=0)
    hold_accounts = count("On how many accounts")
    touched = count("How many people a hold would touch")
    value = money("Probability times money at risk, added over the flagged", low=0)
    controller = text("Member most likely in control", nullable=True)
    typology = text("Pattern that most of its flagged show", nullable=True)
    grade = choice("Highest grade of its flags", GRADES, nullable=True)
    institutions = dy.List(dy.String(), description="Where its flagged accounts and numbers are held")
    provinces = dy.List(dy.String(), description="Where its members live")
    began_at = instant("First movement between its members", nullable=True)
    last_at = instant("Last movement between its members", nullable=True)


class CaseMember(dy.Schema):
    """One node of a case, with its role by evidence and its place in the picture."""

    case_id = text("Case")
    entity_id = text("Entity id; exits are exit:<kind>")
    kind = choice("Kind", MEMBER_KINDS)
    part = choice("Why it is in the case", PARTS)
    role = choice("Role that the evidence suggests; none for devices and exits", CASE_ROLES, nullable=True)
    grounds = dy.List(dy.String(), description="What the role rests on, as codes with numbers, the strongest first")
    institution = text("Institution that holds it", nullable=True)
    number = text("Account or phone number", nullable=True)
    holder = text("Identity that holds it", nullable=True)
    name = text("Name of the holder as delivered; a personal value, masked where it is shown", nullable=True)
    organisation = dy.Bool(description="Whether its holder is an organisation")
    province = text("Province of the holder, two digits", nullable=True)
    flagged = dy.Bool(description="Whether this run flags it")
    grade = choice("Grade of the flag", GRADES, nullable=True)
    source = choice("Strongest source that names it", FLAG_SOURCES, nullable=True)
    probability = dy.Float64(nullable=True, min=0.0, max=1.0, description="Calibrated probability")
    position = count("Place in the order of its kind", nullable=True)
    received = money("Came in from members and reporting victims over 90 days", low=0)
    passed_on = money("Went out to members and exits over 90 days", low=0)
    first_at = instant("First movement or link inside the case", nullable=True)
    last_at = instant("Last one", nullable=True)
    betweenness = dy.Float64(min=0.0, max=1.0, description="Share of shortest ways between members that pass it")
    pieces = count("Into how many pieces of two or more members the case falls without it")
    shown = dy.Bool(description="Whether it has a place of its own in the picture")
    folded = text("Otherwise the member beside which it is counted", nullable=True)
    storey = choice("Upper: who controls; lower: where the money goes", STOREYS)
    column = choice("Column of the lower storey", COLUMNS, nullable=True)
    x = dy.Int64(description="Centre in the picture, pixels")
    y = dy.Int64(description="Centre in the picture, pixels")


class CaseLink(dy.Schema):
    """All that is known between two nodes of a case, of one kind, over 90 days before the cut-off."""

    case_id = text("Case")
    source = text("From, entity id")
    target = text("To, entity id")
    kind = choice("Kind of the link", LINK_KINDS)
    n = count("How many records")
    amount = money("Sum of the amounts, 0 where there are none", low=0)
    first_at = instant("First record", nullable=True)
    last_at = instant("Last record", nullable=True)
    valid_from = instant("From when it holds", nullable=True)
    valid_to = instant("Until when, exclusive", nullable=True)
    certain = dy.Bool(description="False where it is inferred; drawn dashed")
    explains = dy.Bool(description="Whether it is one of the few links that explain the case; these are drawn")


class CaseFlow(dy.Schema):
    """Victims' money on its way between two nodes (first in, first out), for the bands of the trail."""

    case_id = text("Case")
    source = text("From, entity id")
    target = text("To, entity id; exits are exit:<kind>")
    n = count("How many transfers carried it")
    amount = money("Victims' money in them", low=0)
    moved = money("All money in them", low=0)
    first_at = instant("First of them")
    last_at = instant("Last of them")


class CaseHold(dy.Schema):
    """How much of the victims' money lies on an account now, under each rule, and how much of it to hold."""

    case_id = text("Case")
    entity_id = text("Account")
    received = money("Victims' money that came in, first in, first out", low=0)
    fifo = money("Still there, first in, first out", low=0)
    lifo = money("Still there, last in, first out", low=0)
    proportional = money("Still there, in proportion", low=0)
    lowest = money("Still there, lowest intermediate balance", low=0)
    floor = money("Still there under every rule", low=0)
    hold = money("Proposed to hold; never above the floor", low=0)
    stops = text("What it would stop: cash, crypto, abroad, onward; none where nothing is held", nullable=True)
    hits = dy.List(dy.String(), description="Whom and what a hold would touch, as codes with numbers")


class CaseRow(dy.Schema):
    """A record that a case rests on, and where it stands in what was delivered."""

    case_id = text("Case")
    table = text("Table of the record")
    source = text("Delivery it belongs to")
    row_id = text("File and row number inside the delivery")
    at = instant("When it happened", nullable=True)
    source_entity = text("From or about, entity id")
    target_entity = text("To, entity id", nullable=True)
    amount = money("Amount", nullable=True)
    what = text("Kind of the record")


CASE_TABLES: dict[str, type[dy.Schema]] = {
    "cases": Case,
    "case_members": CaseMember,
    "case_links": CaseLink,
    "case_flows": CaseFlow,
    "case_holds": CaseHold,
    "case_rows": CaseRow,
}
