"""The text columns of some rows without outer blanks; most are so already, and are left as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from fraudnet.sources.letters import Spelling, spelling_of
from fraudnet.sources.values import text_of

BARE = "__bare_"


@dataclass
class Texts:
    """The rows of a file beside its text columns without outer blanks; a blank text is null there.

    `spelling` tells how each text column is written.
    """

    rows: pl.DataFrame
    schema: Mapping[str, pl.DataType]
    spelling: dict[str, Spelling] = field(default_factory=dict)
    _bare: dict[str, str] = field(default_factory=dict)

    def take(self, name: str) -> None:
        """Look at a text column."""
        self.spelling[name] = spelling_of(self.rows[name])
        self._bare[name] = name if self.spelling[name].bare else BARE + name
        if not self.spelling[name].bare:
            self.rows = self.rows.with_columns(text_of(pl.col(name), pl.String()).alias(BARE + name))

    def bare(self, name: str) -> pl.Expr:
        """A column of the file; if it is one of text, without outer blanks."""
        return pl.col(self._bare.get(name, name))

    def text(self, name: str) -> pl.Expr:
        """A column of the file as text; blank is null."""
        return self.bare(name) if name in self._bare else text_of(pl.col(name), self.schema[name])

    def graphic(self, name: str) -> bool:
        """Whether a column is text of the characters ! to ~ alone."""
        return name in self.spelling and self.spelling[name].graphic

    def holds(self, name: str, sign: str) -> bool:
        """Whether : or + stands anywhere in a text column; of other columns nobody looked."""
        return name not in self.spelling or sign in self.spelling[name].signs


def texts_of(rows: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> Texts:
    """All text columns of some rows, looked at."""
    texts = Texts(rows, schema)
    for name in rows.columns:
        if schema.get(name) == pl.String:
            texts.take(name)
    return texts
