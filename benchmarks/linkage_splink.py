"""The same records through splink (Fellegi-Sunter on DuckDB), with our own folding and the best settings we found."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import polars as pl
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

THRESHOLDS = (0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
BLOCKS = (
    block_on("document"),
    block_on("former"),
    "l.document = r.former",
    "l.former = r.document",
    block_on("name", "birth"),
    block_on("phone"),
    block_on("birth", "place"),
    block_on("name", "place", "year"),
)
SAME_NUMBER = "document_l = document_r or document_l = former_r or former_l = document_r or former_l = former_r"
UNLIKE_KINDS = "document_l is null or document_r is null or length(document_l) <> length(document_r)"


def prepared(persons: pl.DataFrame) -> pl.DataFrame:
    """Our normalised records in the columns that the settings name."""
    born = pl.col("birth_date")
    return persons.select(
        "name", "document", "former", "phone", "sex",
        unique_id=pl.int_range(pl.len()),
        birth=born.cast(pl.String),
        year=pl.coalesce(born.dt.year().cast(pl.String), card_year()),
        place=pl.concat_str("province", "commune", separator="|"),
    )  # fmt: skip


def card_year() -> pl.Expr:
    """The birth year that a 12-digit card tells, as text."""
    card = pl.col("document")
    century = 19 + card.str.slice(3, 1).cast(pl.Int32, strict=False) // 2
    return pl.when(card.str.len_chars() == 12).then(pl.format("{}{}", century, card.str.slice(4, 2)))


def settings(*, number_known: bool) -> SettingsCreator:
    """Levels after ours. number_known: numbers of unlike kinds (9 and 12 digits) count as unknown, not as different."""
    unknown = levels.CustomLevel(UNLIKE_KINDS).configure(is_null_level=True)
    number = [
        levels.CustomLevel(SAME_NUMBER, label_for_charts="same"),
        unknown if number_known else levels.NullLevel("document"),
        levels.LevenshteinLevel("document", 1),
        levels.ElseLevel(),
    ]
    day = [
        levels.NullLevel("birth"), levels.ExactMatchLevel("birth", term_frequency_adjustments=True),
        levels.DamerauLevenshteinLevel("birth", 1), levels.CustomLevel("year_l = year_r"), levels.ElseLevel(),
    ]  # fmt: skip
    name = [
        levels.NullLevel("name"), levels.ExactMatchLevel("name", term_frequency_adjustments=True),
        levels.JaroWinklerLevel("name", 0.92), levels.ElseLevel(),
    ]  # fmt: skip
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            comparisons.CustomComparison(name, output_column_name="name"),
            comparisons.CustomComparison(day, output_column_name="birth"),
            comparisons.CustomComparison(number, output_column_name="document"),
            comparisons.ExactMatch("phone").configure(term_frequency_adjustments=True),
            comparisons.ExactMatch("place").configure(term_frequency_adjustments=True),
            comparisons.ExactMatch("sex"),
        ],
        blocking_rules_to_generate_predictions=list(BLOCKS),
    )


def trained(persons: pl.DataFrame, *, number_known: bool) -> Linker:
    """A linker whose u come from random pairs and whose m come from expectation maximisation in two blocks."""
    linker = Linker(
        DuckDBAPI().register(prepared(persons).to_arrow()), settings(number_known=number_known), log_level=logging.ERROR
    )
    sure = [block_on("document"), block_on("name", "birth", "phone"), block_on("name", "birth", "place")]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.95)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("document"), block_on("name", "birth"), block_on("phone")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


def partitions(linker: Linker) -> Iterator[tuple[float, pl.Series]]:
    """The group of each record at each threshold, in the order of the records."""
    scored = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    for threshold in THRESHOLDS:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(
            scored, threshold_match_probability=threshold
        )
        table = pl.DataFrame(found.as_record_list()).sort("unique_id")
        yield threshold, table["cluster_id"].cast(pl.String)
