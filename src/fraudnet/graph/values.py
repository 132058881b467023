"""What is compared of each record, as whole numbers: equal values have equal codes, 0 is unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.graph.csr import Ints
from fraudnet.graph.numbers import Texts
from fraudnet.identifiers import cccd

SHARED = ("document", "tax_code", "phone")
HUB_NAMES = 50  # a number that stands beside more names than this belongs to a counter or an agent, not to a person


@dataclass(frozen=True)
class Values:
    """One row per record, in the order of `person_records`.

    codes: per field the code of each record's value (document and former share one code book). facts: records x 10, see
    `contradiction`. names: the text behind each name code. own_phone: whether a record's number stands beside one name
    and one birth year only.
    """

    codes: dict[str, Ints]
    facts: NDArray[np.int64]
    names: pl.Series
    own_phone: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.facts)


def values_of(persons: pl.DataFrame) -> Values:
    """The comparable values of records (`person_records`); numbers that belong to no one person are left out."""
    named = persons.with_columns(_place(persons))
    names, codes = coded(named["name"])
    books = {"name": codes, **{c: some_code(named[c]) for c in ("marked", "tax_code", "phone", "place", "kind")}}
    both = coded(pl.concat([named["document"], named["former"]]))[1]
    books["document"], books["former"] = both[: len(named)], both[len(named) :]
    for column in SHARED:
        hubs = crowded(books[column], codes)
        for name in (column, "former") if column == "document" else (column,):
            books[name][np.isin(books[name], hubs)] = 0
    told = _told(named, books)
    books |= {
        "birth": coded(named["birth_date"])[1],
        "year": told["year"].to_numpy(),
        "sex": told["sex"].to_numpy() + 1,
    }
    return Values(books, _facts(told, books), names, alone(books["phone"], books["name"], books["year"]))


def _place(persons: pl.DataFrame) -> pl.Series:
    """Province and commune; where a source leaves out the province, the only one that has a commune of that name."""
    told = persons.drop_nulls(["province", "commune"]).group_by("commune")
    one = told.agg(only=pl.col("province").min(), many=pl.col("province").n_unique() > 1)
    known = persons.select("province", "commune").join(one, on="commune", how="left", maintain_order="left")
    province = pl.coalesce("province", pl.when(~pl.col("many")).then("only"), pl.lit("?"))
    return known.select(pl.concat_str(province, "commune", separator="|").alias("place")).to_series()


def coded(column: pl.Series) -> tuple[pl.Series, Ints]:
    """The different values in order, and each row's place among them from 1; 0 where it has none."""
    if column.dtype != pl.String:
        known = column.drop_nulls().unique().sort()
        return known, column.rank("dense").cast(pl.Int64).fill_null(0).to_numpy().astype(np.int64)
    texts = Texts()
    codes = texts.numbers(column)
    known = texts.every().sort()
    place = np.zeros(len(known) + 1, np.int64)
    place[texts.numbers(known)] = np.arange(1, len(known) + 1)
    return known, place[codes]


def some_code(column: pl.Series) -> Ints:
    """A number above 0 for each different text, in no order; 0 where there is none."""
    return Texts().numbers(column).astype(np.int64) + 1


def crowded(codes: Ints, names: Ints) -> Ints:
    """The values that stand beside more than HUB_NAMES different names."""
    many = np.flatnonzero(np.bincount(codes) > HUB_NAMES)
    some = np.isin(codes, many[many > 0]) & (names > 0)
    beside = pl.DataFrame({"value": codes[some], "name": names[some]}).group_by("value").agg(pl.col("name").n_unique())
    return beside.filter(pl.col("name") > HUB_NAMES)["value"].sort().to_numpy()


def alone(phone: Ints, name: Ints, year: Ints) -> NDArray[np.bool_]:
    """Whether a record's number stands beside one name and at most one birth year in all records."""
    rows = pl.DataFrame({"phone": phone, "name": name, "year": year})
    known = {c: pl.when(pl.col(c) > 0).then(c).drop_nulls().n_unique() for c in ("name", "year")}
    shared = rows.group_by("phone").agg(**known).filter((pl.col("name") > 1) | (pl.col("year") > 1))["phone"]
    return (phone > 0) & ~np.isin(phone, shared.to_numpy())


def _told(persons: pl.DataFrame, books: dict[str, Ints]) -> pl.DataFrame:
    """Birth date (yyyymmdd), year, sex, card and old number as whole numbers, and whether the card contradicts them.

    Year and sex are the record's own, else what its card says.
    """
    kept = persons.select(
        "birth_date",
        own_sex=pl.when(pl.col("sex") < 2).then("sex"),
        document=pl.when(pl.Series(books["document"]) > 0).then("document"),
        former=pl.when(pl.Series(books["former"]) > 0).then("former"),
    )
    card = pl.col("document")
    kept = kept.with_columns(card_year=cccd.birth_year(card), card_sex=cccd.sex(card))
    birth = pl.col("birth_date")
    day = birth.dt.year().cast(pl.Int64) * 10_000 + birth.dt.month().cast(pl.Int64) * 100 + birth.dt.day()
    odd = (pl.col("card_year") != birth.dt.year()).fill_null(False) | (
        pl.col("card_sex") != pl.col("own_sex")
    ).fill_null(False)
    return kept.select(
        birth=day.fill_null(0),
        year=pl.coalesce(birth.dt.year(), "card_year").fill_null(0).cast(pl.Int64),
        sex=pl.coalesce("own_sex", "card_sex").fill_null(-1).cast(pl.Int64),
        card=_of_length("document", 12).fill_null(0),
        old=pl.coalesce(_of_length("document", 9), _of_length("former", 9)).fill_null(0),
        odd=odd.cast(pl.Int64),
    )


def _facts(told: pl.DataFrame, books: dict[str, Ints]) -> NDArray[np.int64]:
    """What `contradiction` reads of each record; nothing of birth and sex where the record's own card denies them."""
    sure = told.with_columns(pl.when(pl.col("odd") == 0).then(c).otherwise(0).alias(c) for c in ("birth", "year"))
    sure = sure.with_columns(pl.when(pl.col("odd") == 0).then("sex").otherwise(-1).alias("sex"))
    birth, year, sex, card, old, odd = (sure[c].to_numpy() for c in ("birth", "year", "sex", "card", "old", "odd"))
    columns = (birth, year, sex, books["document"], books["former"], card, old, books["name"], odd, books["kind"])
    return np.ascontiguousarray(np.column_stack(columns).astype(np.int64))


def _of_length(column: str, n: int) -> pl.Expr:
    return pl.when(pl.col(column).str.contains(rf"^[0-9]{{{n}}}$")).then(column).cast(pl.Int64, strict=False)
