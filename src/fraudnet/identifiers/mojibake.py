"""Vietnamese text that was read in the wrong encoding, put right again."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

LETTERS = (
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ"
)
MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"

# TCVN 5712 (the national 8-bit code), its bytes read as Latin-1: the small letters, then the few capitals it has.
_TCVN3 = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉËÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ®"
TCVN3: Mapping[str, str] = {
    **dict(zip(_TCVN3, LETTERS[:67], strict=True)),
    **dict(zip("¡¢£¤¥¦§", "ĂÂÊÔƠƯĐ", strict=True)),
}
# What no Vietnamese text in Unicode holds; or a capital right behind a small letter.
_SEEN_TCVN3 = r"[µ¸¶·¹¨»¾¼½Æ©ÇËÎÏÑªÖ×ØÜÞßäå«æçë¬îïñ\u00ADøö÷ûüþ®¡¤¥¦§]|\p{Ll}[ÈÉÊÌÐÒÓÔÕÝ]"
_SEEN_UTF8 = r"Ã|Ä|Æ|Å|á[º»]|Ì"


def _misread(letter: str) -> set[str]:
    """A letter's UTF-8 bytes as Windows-1252 shows them, and as Latin-1 does."""
    raw = letter.encode()
    one_by_one = (bytes([byte]) for byte in raw)
    western = "".join(b.decode("cp1252", errors="ignore") or b.decode("latin-1") for b in one_by_one)
    return {western, raw.decode("latin-1")}


UTF8: Mapping[str, str] = {seen: letter for letter in LETTERS + MARKS for seen in sorted(_misread(letter))}


def repaired(value: pl.Expr) -> pl.Expr:
    """Text as it was meant: `NguyÃªn` (UTF-8 read as Western European) or `NguyÔn` (TCVN3) become Vietnamese again.

    Text that shows neither is left alone; letters that were lost for good (`?`) stay lost.
    """
    utf8 = value.str.contains(_SEEN_UTF8) & value.str.contains(r"[\x{80}-\x{BF}–-™ŒœŠšŽžŸƒˆ˜]")
    tcvn3 = value.str.contains(_SEEN_TCVN3) & ~value.str.contains(r"[\x{0300}-\x{036F}\x{1E00}-\x{1EFF}ăđơưĂĐƠƯ]")
    return (
        pl.when(utf8)
        .then(value.str.replace_many(list(UTF8), list(UTF8.values()), leftmost=True))
        .when(tcvn3)
        .then(value.str.replace_many(list(TCVN3), list(TCVN3.values())))
        .otherwise(value)
    )
