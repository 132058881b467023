"""Keys of cases that stay as members join and leave."""

from __future__ import annotations

import hashlib

import polars as pl

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letters that are misread (Crockford's base 32)
SAME = 0.5
LETTERS = 6


def fresh_key(members: list[str]) -> str:
    """`V-` and six letters from the members a case was found with; equal members give equal keys."""
    number = int.from_bytes(hashlib.sha256("\n".join(sorted(members)).encode()).digest()[:8], "big")
    return "V-" + "".join(ALPHABET[(number >> (5 * place)) % 32] for place in range(LETTERS))


def keys(groups: dict[int, set[str]], earlier: pl.DataFrame) -> dict[int, tuple[str, list[str]]]:
    """The key of each group and the keys of the earlier cases it took in.

    earlier: case_id, found_at, entity_id of the run before. A group keeps the key of the earlier case whose members it
    shares by half or more (Jaccard), the oldest when there are several; a case goes to the group that shares most.
    """
    before, born = {}, {}
    for (case,), rows in earlier.group_by("case_id", maintain_order=True):
        before[str(case)] = set(rows["entity_id"])
        born[str(case)] = rows["found_at"][0]
    meets = meetings(groups, before)
    claims = []
    for group, cases in meets.items():
        for case in cases:
            members, old = groups[group], before[case]
            shared = len(members & old) / len(members | old)
            if shared >= SAME:
                claims.append((born[case], -shared, case, group))
    kept: dict[int, str] = {}
    given: set[str] = set()
    for _, _, case, group in sorted(claims, key=lambda claim: (claim[0], claim[1], claim[2], min(groups[claim[3]]))):
        if group not in kept and case not in given:
            kept[group] = case
            given.add(case)
    return _with_absorbed(groups, kept, before, meets)


def meetings(groups: dict[int, set[str]], before: dict[str, set[str]]) -> dict[int, set[str]]:
    """The earlier cases with which each group shares any member."""
    homes: dict[str, set[str]] = {}
    for case, members in before.items():
        for member in members:
            homes.setdefault(member, set()).add(case)
    return {group: set().union(*(homes.get(one, set()) for one in members)) for group, members in groups.items()}


def _with_absorbed(
    groups: dict[int, set[str]], kept: dict[int, str], before: dict[str, set[str]], meets: dict[int, set[str]]
) -> dict[int, tuple[str, list[str]]]:
    given = set(kept.values())
    taken = given | set(before)
    found = {}
    for group in sorted(groups, key=lambda one: min(groups[one])):
        members = groups[group]
        key = kept.get(group) or unused(sorted(members), taken)
        taken.add(key)
        inside = [c for c in meets[group] - given if len(members & before[c]) > SAME * len(before[c])]
        found[group] = (key, sorted(inside))
    return found


def unused(members: list[str], taken: set[str]) -> str:
    """A fresh key that no other case has."""
    key = fresh_key(members)
    return unused([*members, key], taken) if key in taken else key
