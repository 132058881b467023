"""Clean (sạch): no row twice, no placeholder where a value belongs, text in one readable encoding.

Measures: `no_duplicates` rows that did not repeat a key or come from an earlier file again; `no_placeholders` rows of
which no text says nothing ("N/A", "khong co", "xxx"), no number is one digit repeated or 123456789, no birth date is
the first day of 1900 or 1970; `encoding` rows whose texts hold no mojibake (UTF-8 read as Latin-1, letters of TCVN3
and VNI inside words, U+FFFD), no control or invisible characters and no combining marks (Vietnamese in NFC has none).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from fraudnet.sources.quality.material import Material
from fraudnet.sources.quality.part import Counts, Criterion, given, part

TEXTS = {
    "institutions": ("name",),
    "identities": ("full_name", "address", "commune"),
    "accounts": ("holder_name", "branch"),
    "sims": ("holder_name", "dealer"),
}
NUMBERS = {
    "identities": ("id_number", "old_id_number", "tax_code", "phone"),
    "accounts": ("account_number", "id_number", "phone"),
    "sims": ("number", "id_number", "iccid", "imsi"),
}
NOTHING = (
    r"(?i)^(?:n/?a|nan|null|nil|none|unknown|undefined|test(?:ing)?|x{2,}|\?+|-+|\.+|\*+|0+"
    r"|khong|khong (?:co|ro|biet)|không|không (?:có|rõ|biết)|chua (?:co|ro|cap nhat)|chưa (?:có|rõ|cập nhật))$"
)
SAME_DIGIT = "^(?:84)?0?(?:" + "|".join(f"{digit}{{7,}}" for digit in range(10)) + ")$"
COUNTED_UP = r"^(?:84)?0?(?:123456789[0-9]*|987654321[0-9]*)$"
FIRST_DAYS = (date(1900, 1, 1), date(1970, 1, 1))
LATIN_1 = r"Ã[\x{80}-\x{BF}]|[ÂÄÅÆ][\x{80}-\x{BF}‚-›€™]|á[º»¼][\x{80}-\x{BF}€-™]?|Ä[‘ƒ]|Æ[°¡]"
# Signs that a Vietnamese word never holds, and that TCVN3 and VNI put into its middle.
OLD_FONTS = r"\p{L}[¨©ª«¬®¯°±²³µ¶·¸¹º»¼½¾¿×÷¤¥¦§]|[¨©ª«¬®¯°±²³µ¶·¸¹º»¼½¾¿×÷¤¥¦§]\p{L}"
MARKS = r"\p{M}|\p{Cf}|[\x{00}-\x{1F}\x{7F}-\x{9F}]|\x{FFFD}"
UNREADABLE = f"{LATIN_1}|{OLD_FONTS}|{MARKS}"


def _counts(table: str, material: Material) -> Counts:
    texts, numbers = TEXTS.get(table, ()), NUMBERS.get(table, ())
    found: dict[str, tuple[pl.Expr, pl.Expr]] = {}
    empty = [pl.col(name).str.contains(NOTHING) for name in (*texts, *numbers)]
    empty += [pl.col(name).str.contains(f"{SAME_DIGIT}|{COUNTED_UP}") for name in numbers]
    if table == "identities":
        empty.append(pl.col("birth_date").is_in(FIRST_DAYS))
    if empty:
        found["no_placeholders"] = (~_any(empty), given("source"))
    if texts:
        found["encoding"] = (~_any([pl.col(name).str.contains(UNREADABLE) for name in texts]), given("source"))
    return found


def _any(tests: list[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal([test.fill_null(False) for test in tests])


def _compared(material: Material) -> list[pl.DataFrame]:
    twice = material.turned.filter(pl.col("why") == "duplicate").select(pl.exclude("why", "rows"), again="rows")
    keys = ["source", "institution", "table"]
    both = material.rows.join(twice, on=keys, how="full", coalesce=True, nulls_equal=True)
    both = both.filter(pl.col("source").is_not_null()).with_columns(pl.col("rows", "again").fill_null(0))
    return [part(both, None, "no_duplicates", pl.col("rows"), pl.col("rows") + pl.col("again"))]


CRITERION = Criterion("clean", _counts, _compared, "nothing_to_check")
