"""What the values of a column look like, judged by their text alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

MOSTLY = 0.9
DATE_FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%Y/%m/%d", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d", "%d%m%Y", "%H:%M:%S %d/%m/%Y", "%H:%M %d/%m/%Y",
)  # fmt: skip
PHONE = r"^(?:\+?84|0084|0)?[1-9][0-9]{8,9}$"
DIGITS = r"^[0-9]+$"
MONEY = {
    "plain": r"^[+-]?[0-9]{1,18}(?:\.[0-9]{1,4})?$",
    "comma": r"^\(?[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,4})?\)?$",
    "dot": r"^\(?[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]{1,4})?\)?$",
}
UNITS = re.compile(r"(?i)(vnd|vnđ|đồng|đ|₫|\s)+")


@dataclass(frozen=True)
class Profile:
    """A column as it was seen: how many values, how many different, the shares of each look, and forms that fit."""

    seen: int
    distinct: int
    phone: float
    digits: float
    money: dict[str, float]
    date_forms: tuple[str, ...]
    letters: float
    length: float
    decimals: int  # digits behind the point, at most

    @property
    def number_style(self) -> str:
        """How its numbers are written: plain unless another style fits more of them."""
        return max(("plain", "comma", "dot"), key=lambda style: (round(self.money[style], 6), style == "plain"))

    @property
    def ambiguous_day(self) -> bool:
        """Whether day and month could change places in every value."""
        swapped = [form.replace("%d", "#").replace("%m", "%d").replace("#", "%m") for form in self.date_forms]
        return any(form in self.date_forms for form in swapped if form != form.replace("%d/%m", "%m/%d"))


def profile(values: Sequence[str | None]) -> Profile:
    """Look at the texts of one column; blank ones say nothing."""
    texts = [text.strip() for text in values if text and text.strip()]
    column = pl.Series(texts, dtype=pl.String)
    bare = column.str.replace_all(r"[\s.\-()]+", "")
    sums = pl.Series([UNITS.sub("", text) for text in texts], dtype=pl.String)
    styles = {style: _share(sums, form) for style, form in MONEY.items()}
    plain, grouped = styles["plain"], max(styles["comma"], styles["dot"])
    if grouped and plain + grouped >= MOSTLY:  # small sums have no groups: they count for the style of the others
        best = "comma" if styles["comma"] >= styles["dot"] else "dot"
        styles[best] = plain + grouped
    return Profile(
        seen=len(texts),
        distinct=column.n_unique(),
        phone=_share(bare, PHONE),
        digits=_share(bare, DIGITS),
        money=styles,
        date_forms=_forms(column),
        letters=_share(column, r"[A-Za-zÀ-ỹĐđ]"),
        length=float(column.str.len_chars().mean() or 0),  # type: ignore[arg-type]  # a mean of lengths is a number
        decimals=_decimals(sums, styles),
    )


def _decimals(sums: pl.Series, styles: dict[str, float]) -> int:
    point = "," if styles["dot"] > max(styles["plain"], styles["comma"]) else "."
    behind = sums.str.extract(rf"\{point}([0-9]{{1,4}})\)?$").str.strip_chars_end("0").str.len_chars()
    most = behind.max()
    return int(most) if isinstance(most, int) else 0


def _share(texts: pl.Series, form: str) -> float:
    return float(texts.str.contains(form).mean() or 0) if len(texts) else 0.0  # type: ignore[arg-type]


def _forms(texts: pl.Series) -> tuple[str, ...]:
    """The date forms in which nearly every value is a date from 1900 to 2100."""
    if not len(texts):
        return ()
    trimmed = texts.str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]+", "${1} ").str.replace(r"(\.[0-9]+)?Z?$", "")
    found = []
    for form in DATE_FORMS:
        given = trimmed if "T%H" not in form else texts.str.replace(r"(\.[0-9]+)?Z?$", "")
        read = given.str.to_datetime(form, strict=False) if "%H" in form else given.str.to_date(form, strict=False)
        good = read.is_not_null() & read.dt.year().is_between(1900, 2100).fill_null(False)
        if good.mean() >= 0.98:  # type: ignore[operator]  # a share is a number
            found.append(form)
    return tuple(found)


def _unique(p: Profile) -> float:
    return p.distinct / max(p.seen, 1)


LOOKS: dict[str, Callable[[Profile], float]] = {
    "moment": lambda p: 1.0 if p.date_forms else (0.5 if p.money["plain"] >= MOSTLY else 0.0),
    "money": lambda p: 1.0 if max(p.money.values()) >= MOSTLY and not _is_day(p) else 0.0,
    "number": lambda p: 1.0 if p.money["plain"] >= MOSTLY else 0.0,
    "count": lambda p: 1.0 if p.digits >= MOSTLY and p.length <= 6 else 0.0,
    "phone": lambda p: 1.0 if p.phone >= MOSTLY else (0.5 if p.digits >= MOSTLY and p.distinct > 1 else 0.0),
    "account": lambda p: 0.0 if p.date_forms and not p.digits else 1.0 if p.length >= 1 and _unique(p) > 0 else 0.0,
    "id": lambda p: 1.0 if p.length >= 8 and p.digits + p.letters > 0 else 0.3,
    "name": lambda p: 1.0 if p.letters >= MOSTLY and p.digits < 0.1 else 0.0,
    "text": lambda p: 1.0 if p.letters >= 0.5 else 0.0,
    "word": lambda p: 1.0 if _unique(p) <= 0.5 or p.seen < 8 else 0.4,
    "code": lambda p: 0.0 if p.length > 40 else 1.0,
}


def _is_day(p: Profile) -> bool:
    return bool(p.date_forms) and p.digits >= MOSTLY and p.length >= 8


def fits(look: str, seen: Profile) -> float:
    """From 0 to 1: how far the values agree with a look; an empty column neither proves nor denies."""
    return 0.8 if not seen.seen else LOOKS[look](seen)
