"""Personal data as they are shown until somebody opens them: masked here, on the server, never in the browser."""

from __future__ import annotations

from datetime import date

DOT = "·"


def account(number: str) -> str:
    """`····4471`."""
    return f"{DOT * 4}{number[-4:]}" if len(number) > 4 else DOT * 4


def phone(number: str) -> str:
    """`0355 ··· 214`, from any spelling that begins with 84 or 0."""
    local = "0" + number[2:] if number.startswith("84") and len(number) >= 11 else number
    return f"{local[:4]} {DOT * 3} {local[-3:]}" if len(local) >= 9 else f"{DOT * 3} {local[-3:]}"


def document(number: str) -> str:
    """`0401 ···· ··18`."""
    return f"{number[:4]} {DOT * 4} {DOT * 2}{number[-2:]}" if len(number) >= 9 else DOT * 6


def birth(day: date) -> str:
    """`··/··/2003`."""
    return f"{DOT * 2}/{DOT * 2}/{day.year}"


def name(full: str) -> str:
    """`Nguyễn T. H···`: family name, initials, three raised dots."""
    parts = full.split()
    if len(parts) < 2:
        return f"{full[:1]}{DOT * 3}"
    middle = " ".join(f"{part[:1]}." for part in parts[1:-1])
    return " ".join(word for word in (parts[0], middle, f"{parts[-1][:1]}{DOT * 3}") if word)


def number_of(kind: str, number: str) -> str:
    """The number of an account or SIM."""
    return phone(number) if kind == "sim" else account(number)


def entity(entity_id: str) -> str:
    """An entity id without what identifies it: its last signs."""
    kind, _, rest = entity_id.partition(":")
    if kind == "sim":
        return phone(rest.partition("@")[0])
    if kind == "identity":
        return f"{DOT * 3}{rest[-4:]}"
    return account(rest.rpartition(":")[2])


def address(text: str) -> str:
    """An address without the house."""
    _, comma, tail = text.partition(",")
    return f"{DOT * 3}{comma}{tail}" if tail else DOT * 3
