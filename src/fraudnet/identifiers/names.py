"""Names of people in the form in which spellings of the same name meet."""

from __future__ import annotations

import polars as pl


def fold(value: pl.Expr) -> pl.Expr:
    """A name without marks, in lower case, đ as d, blanks collapsed: `NGUYỄN  Văn Đức` becomes `nguyen van duc`."""
    bare = value.str.normalize("NFKD").str.replace_all(r"\p{M}|\p{Cf}", "").str.to_lowercase()
    plain = bare.str.replace_all("đ", "d", literal=True).str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(plain != "").then(plain)
