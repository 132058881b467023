"""Two different people for the highest grades: what makes two signatures one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudnet.review.people import Person
from fraudnet.review.standing import Waiting

TOP_GRADES = ("B", "A")  # grades that allow money to be held
GROWN_UP = timedelta(hours=24)
SIGNING = ("analyst", "lead")
CONFIRMING = ("lead", "auditor")


@dataclass(frozen=True)
class Signer:
    """Somebody about to sign: the account, the session and the address it comes from, as digests."""

    person: Person
    session: str
    address: str


def needs_two(grade: str | None, outcome: str) -> bool:
    """Whether an outcome needs two people: a confirmation in a grade that allows money to be held."""
    return outcome == "confirmed" and grade in TOP_GRADES


def refused(first: Waiting, second: Signer, now: datetime) -> str | None:
    """Why a second signature does not count as another person's; None when it does.

    The id of a message: the same account, session or address, an account that the first signer made, reset or gave
    its role within a day, a role that does not sign, nobody's account any more, or one that nobody confirmed.
    """
    person = second.person
    by_first = (
        (person.created_by, person.created_at), (person.reset_by, person.reset_at), (person.role_by, person.role_at),
    )  # fmt: skip
    tests = {
        "role": not person.active or person.role not in SIGNING,
        "same_person": person.name == first.actor,
        "same_session": second.session == first.session,
        "same_address": second.address == first.address,
        "made_by_first": any(who == first.actor and now - at < GROWN_UP for who, at in by_first),
        "one_time_password": person.one_time,
        "unconfirmed": not person.confirmed_by,
    }
    return next((why for why, met in tests.items() if met), None)


def not_confirmable(one: Person, by: Person) -> str | None:
    """Why somebody may not confirm that another person holds an account; None when they may.

    The id of a message. Whoever makes accounts can use all of them, so a signature for money counts only from an
    account that a lead or auditor confirmed who neither made it, nor gave it a password or role, and is confirmed
    themselves, once its holder has chosen a password. The first auditor is confirmed by the first start.
    """
    tests = {
        "self": one.name == by.name,
        "role": not by.active or by.role not in CONFIRMING,
        "maker": by.name in one.hands,
        "unconfirmed": not by.confirmed_by,
        "done": bool(one.confirmed_by) or not one.active,
        # Until its holder chose a password, whoever made the account can open it.
        "one_time": one.one_time,
    }
    return next((why for why, met in tests.items() if met), None)
