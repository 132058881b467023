"""Text that is safe to put into a cell: one normal form, no hidden controls, nothing a spreadsheet would run."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

# Bidirectional controls can make a line read differently from what it holds; the others no workbook can hold.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_HIDDEN_CLASS = r"[\u{202a}-\u{202e}\u{2066}-\u{2069}\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u{fffe}\u{ffff}]"
_TRIGGER = r"(?:[\t\r\n]|[\s\u{200b}-\u{200d}\u{2060}\u{feff}]*[=+\-@＝＋－＠])"
# Leading quotes count too, or taking the guard off again would change a text that began with one.
_GUARDED = f"^(?P<start>'*{_TRIGGER})"
_UNGUARDED = f"^'(?P<rest>'*{_TRIGGER})"


def clean(column: str | pl.Expr) -> pl.Expr:
    """The text in NFC, without bidirectional controls and without characters that no workbook can hold."""
    return _text(column).str.replace_all(_HIDDEN_CLASS, "").str.normalize("NFC")


def clean_text(value: str) -> str:
    """What `clean` does, for one text of a header, on one line."""
    return " ".join(unicodedata.normalize("NFC", _HIDDEN.sub("", value)).split())


def guard(column: str | pl.Expr) -> pl.Expr:
    """Put `'` before a text that a spreadsheet might run.

    That is one which, trimmed, starts with = + - @ or their full-width forms, or which starts with TAB, CR or LF.
    Source: OWASP, CSV Injection.
    """
    return _text(column).str.replace(_GUARDED, "'${start}")


def unguard(column: str | pl.Expr) -> pl.Expr:
    """Take the `'` of `guard` off again; every other text stays as it is."""
    return _text(column).str.replace(_UNGUARDED, "${rest}")


def runs(column: str | pl.Expr) -> pl.Expr:
    """Whether a spreadsheet might run this text as a formula."""
    return _text(column).str.contains(f"^{_TRIGGER}")


def _text(column: str | pl.Expr) -> pl.Expr:
    return pl.col(column) if isinstance(column, str) else column
