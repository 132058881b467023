"""Cases in words: grounds of roles, sums, names of nodes, in the reader's language."""

from __future__ import annotations

from fraudnet.messages import text
from fraudnet.rendering.numbers import HARD, decimal, whole

# Which places of a ground are sums of money.
SUMS = {"sink": (0,), "passed": (0,), "victims": (1,), "seller": (0,), "reported": (1,)}
MILLION = 1_000_000


def ground(said: str, language: str) -> str:
    """A ground of a role as a sentence: `sink:450000000:3` says how much of whose money ends there."""
    name, *numbers = said.split(":")
    sums = SUMS.get(name, ())
    parts = [money(int(one)) if place in sums else whole(int(one)) for place, one in enumerate(numbers)]
    return text(f"case.ground.{name}", language, **dict(zip("ab", parts, strict=False)))


def money(amount: int) -> str:
    """`1.234.567 đ`."""
    return f"{whole(amount)}{HARD}đ"


def short_money(amount: int) -> str:
    """In millions, for pictures: `395 tr`, `3,2 tr`."""
    millions = amount / MILLION
    return f"{decimal(millions, 1) if millions < 10 else whole(millions)}{HARD}tr"


def masked_number(number: str | None) -> str:
    """The last signs of an account or phone number: `····4471`."""
    return f"····{number[-4:]}" if number else ""


def masked_name(full: str | None) -> str:
    """`Nguyễn T. H···`: family name and initials."""
    parts = (full or "").split()
    if len(parts) < 2:
        return f"{parts[0][:1]}···" if parts else ""
    return " ".join([parts[0], *(f"{part[:1]}." for part in parts[1:-1]), f"{parts[-1][:1]}···"])
