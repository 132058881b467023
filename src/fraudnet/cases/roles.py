"""Which role the evidence suggests for each member, and what it rests on, as codes with numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SINK_SHARE = 0.3  # of all money between members
ONWARD_SHARE = 0.5  # of what it got from members that a controller may pass on to members
SHOWS = 0.5  # strength from which a pattern counts
TAKEN = ("taken_over_account", "sim_swap")
HOLDS = 3
YOUNG_DAYS, OLD_DAYS = 180, 365
PASSED = 0.7
LIFE = 10  # different others outside the case

Row = dict[str, Any]


@dataclass
class Evidence:
    """What a case knows about one member, over 90 days; amounts in minor units."""

    entity: str
    kind: str
    part: str
    seller: bool = False
    from_victims: int = 0
    victims: int = 0
    from_members: int = 0
    payers: int = 0
    to_members: int = 0
    to_exits: int = 0
    shared_devices: int = 0
    device_mates: int = 0
    things_held: int = 0
    others: int = 0
    opened_at: datetime | None = None
    first_at: datetime | None = None
    shows: dict[str, float] = field(default_factory=dict)
    reported: int = 0

    @property
    def age_days(self) -> int | None:
        """How old it was when the case's first money or link came to it."""
        if self.opened_at is None or self.first_at is None:
            return None
        return max((self.first_at - self.opened_at).days, 0)


def roles(members: list[Evidence]) -> dict[str, tuple[str | None, list[str]]]:
    """Role and grounds of every member of one case; devices and exits have none.

    Controller: the account on which money of two or more members ends, the largest of them, or whoever shows the
    herder's pattern. Taken over: shows that pattern. Good faith: a shop. Knowing mule: at least two of a shared phone,
    an account opened shortly before, money passed on. Misled mule: an old account with a life of its own on no shared
    phone. Everybody else is unclear: a suggestion, never a finding.
    """
    head = controller(members)
    return {one.entity: role_of(one, head) for one in members}


def controller(members: list[Evidence]) -> str | None:
    """The account on which most money of two or more members ends; none where no account keeps what they send."""
    among = sum(one.to_members for one in members if one.part != "victim")
    sinks = [
        (one.from_members - one.to_members, one.entity)
        for one in members
        if one.payers >= 2 and one.kind == "account" and one.part != "victim" and not one.seller
        and one.from_members >= SINK_SHARE * among and one.to_members <= ONWARD_SHARE * one.from_members
        and one.from_victims <= one.from_members
    ]  # fmt: skip
    return max(sinks, key=lambda sink: (sink[0], sink[1]))[1] if sinks else None


def role_of(one: Evidence, head: str | None) -> tuple[str | None, list[str]]:
    """Role and grounds of one member."""
    if one.kind in ("device", "exit"):
        return None, []
    if one.part == "victim" or one.seller:
        return outsider(one)
    if one.entity == head:
        return "controller", [f"sink:{one.from_members}:{one.payers}", *hints(one)]
    if any(one.shows.get(name, 0) >= SHOWS for name in TAKEN):
        return "taken_over", ["taken_over"]
    if one.kind == "identity":
        return ("controller", [f"holds:{one.things_held}"]) if one.things_held >= HOLDS else ("unclear", [])
    return mule(one)


def outsider(one: Evidence) -> tuple[str, list[str]]:
    """Whoever money only passes by: a victim, or a shop."""
    if one.part == "victim":
        return "victim", [f"reported:{one.reported}:{one.to_members}"]
    return "good_faith", [f"seller:{one.from_members}"]


def mule(one: Evidence) -> tuple[str, list[str]]:
    """Knowing, misled or unclear."""
    knows = hints(one)
    if one.kind == "sim":
        return ("knowing_mule", knows) if one.device_mates >= HOLDS else ("unclear", knows)
    old = one.age_days is not None and one.age_days >= OLD_DAYS
    got = one.from_victims + one.from_members
    if old and one.others >= LIFE and not one.shared_devices and got:
        return "misled_mule", [f"age:{one.age_days}", f"life:{one.others}", *knows]
    return ("knowing_mule", knows) if len(knows) >= 2 else ("unclear", knows)


def hints(one: Evidence) -> list[str]:
    """What speaks for knowing, the strongest first."""
    found = []
    if one.shared_devices:
        found.append(f"device:{one.shared_devices}:{one.device_mates}")
    got, gone = one.from_victims + one.from_members, one.to_members + one.to_exits
    if got and gone >= PASSED * got:
        found.append(f"passed:{min(gone, got)}:{round(100 * min(gone, got) / got)}")
    if one.age_days is not None and one.age_days <= YOUNG_DAYS:
        found.append(f"young:{one.age_days}")
    if one.victims >= 2:
        found.append(f"victims:{one.victims}:{one.from_victims}")
    return found
