"""Who gets on a list, with which code and whose words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import list_examples as made
import polars as pl
import pytest

from fraudnet.lists.select import select, without_recipient
from fraudnet.scoring.grades import graded


def one(entries: pl.DataFrame, number: str) -> dict[str, object]:
    return entries.row(by_predicate=pl.col("number") == number, named=True)


def chosen(**changes: object) -> pl.DataFrame:
    given = {"scores": made.scores(), "reasons": made.reasons(), "hits": made.hits(), "records": made.records(),
             "codes": made.CODES, "settings": made.settings()}  # fmt: skip
    return select(**{**given, **changes})


def test_only_flagged_accounts_and_sims_of_an_institution_are_listed():
    entries = chosen()
    assert sorted(entries["entity_id"]) == sorted(row[0] for row in made.SCORES if row[6] and row[1] != "identity")
    assert set(entries["kind"]) == {"account", "sim"}


def test_flagged_without_institution_or_number_is_counted_not_listed():
    rows = [
        ("account:a:1", "account", None, "1", 1.0, 0.5, True),
        ("account:a:2", "account", "a", None, 1.0, 0.5, True),
        ("account:a:3", "account", "a", "3", 1.0, 0.5, True),
    ]
    scores = made.scores(rows)
    assert chosen(scores=scores)["number"].to_list() == ["3"]
    assert without_recipient(scores).rows() == [("account", 2)]


def test_row_order_changes_nothing():
    shuffled = chosen(
        scores=made.scores(made.SCORES[::-1]), reasons=made.reasons(made.REASONS[::-1]), hits=made.hits(made.HITS[::-1])
    )
    assert shuffled.equals(chosen())


def test_nothing_flagged_gives_an_empty_table_of_the_contract():
    empty = chosen(scores=made.scores([(*row[:6], False) for row in made.SCORES]))
    assert empty.height == 0
    assert empty.columns == chosen().columns


@pytest.mark.parametrize(
    ("hits", "code"),
    [
        ([("pass_through", 0.9), ("shared_device", 0.95)], 7),
        ([("pass_through", 0.9), ("shared_device", 0.9)], 3),  # equal strengths go by name
        ([("contagion", 1.0)], 8),
        ([("contagion", 1.0), ("pass_through", 0.1)], 3),
        ([("warning", 1.0)], 8),
        ([("taken_over", 1.0)], 8),
        ([("taken_over", 1.0), ("shared_device", 0.2)], 7),
        ([("pass_through", 0.0)], 8),
        ([("never_heard_of", 1.0)], 8),
        ([], 8),
    ],
)
def test_code_is_the_strongest_hits_never_4_or_5(hits: list[tuple[str, float]], code: int):
    number = "00710001112223"
    rows = [(f"account:bank_north:{number}", name, strength) for name, strength in hits]
    table = pl.DataFrame(
        rows, schema={"entity_id": pl.String, "typology": pl.String, "strength": pl.Float64}, orient="row"
    )
    entry = one(chosen(hits=table), number)
    assert entry["code"] == code
    assert entry["note"].startswith("Dấu hiệu khác") == (code == 8)


def test_a_sim_has_no_simo_code():
    assert one(chosen(), "84911112222")["code"] is None


@pytest.mark.parametrize(
    ("moment", "day"), [((2026, 9, 30, 16, 59), date(2026, 10, 30)), ((2026, 9, 30, 17, 0), date(2026, 10, 31))]
)
def test_an_entry_expires_by_the_local_day(moment: tuple[int, ...], day: date):
    scores = made.scores().with_columns(as_of=pl.lit(datetime(*moment, tzinfo=UTC)))
    again = graded(scores, made.SOURCES.clear()).select(scores.columns)
    assert set(chosen(scores=again)["expires_on"]) == {day}


def test_grade_action_and_expiry_are_those_of_the_score():
    named, top = one(chosen(), "00710009998887"), one(chosen(), "00710001112223")
    assert (named["grade"], named["action"], named["source"]) == ("B", "hold_traced_12h", "victim")
    assert named["expires_on"] == date(2026, 12, 30)
    assert (top["grade"], top["action"], top["band"]) == ("D", "review", "40_to_70")
    assert one(chosen(), "84900000001")["action"] == "observe"


def test_the_settings_can_only_shorten_an_entry():
    dates = chosen(settings=made.settings(entry_days=45))["expires_on"]
    assert sorted(set(dates)) == [date(2026, 10, 31), date(2026, 11, 15)]


def test_what_is_unknown_stays_out_of_the_note_and_in_the_reasons():
    number, text = "19001234567890", "Số lần đổi số điện thoại: không rõ."
    unknown = (f"account:bank_south:{number}", 2, "model", "phone_changes_all", None, 0.7, text)
    entry = one(chosen(reasons=made.reasons([*made.REASONS, unknown])), number)
    assert text in entry["reasons"]
    assert text not in entry["note"]


def test_sentences_for_the_entity_stay_out_of_the_note_and_in_the_reasons():
    entry = one(chosen(), "00710001112223")
    assert entry["note"] == "Nhận tiền từ 14 người rồi chuyển đi 96 % trong 7 phút. 40 % số lần nhận tiền vào ban đêm."
    assert entry["reasons"][2] == "Tài khoản đã mở 900 ngày."


def test_note_is_in_the_language_of_the_settings():
    assert one(chosen(settings=made.settings(language="fr")), "84900000001")["note"].startswith("Autre signe")


class TestHolder:
    """Names, customer numbers and states come from the recipient's own delivery or not at all."""

    def test_own_row_and_own_record_of_the_holder(self):
        person, company = one(chosen(), "00710001112223"), one(chosen(), "00710009998887")
        assert (person["holder_name"], person["holder_kind"], person["cif"], person["status"]) == (
            "Trần Thị Bịa",
            "person",
            "C000451",
            1,
        )
        assert (company["holder_name"], company["holder_kind"]) == ("Công ty TNHH Ví Dụ", "organisation")

    @pytest.mark.parametrize("source", ["south", "elsewhere"])
    def test_a_source_that_lists_several_institutions_is_none_of_them(self, source: str):
        accounts = made.records().table("accounts").with_columns(source=pl.lit(source))
        entry = one(chosen(records=made.records().with_tables(accounts=accounts)), "00710001112223")
        assert (entry["holder_name"], entry["cif"], entry["status"]) == (None, None, None)

    def test_a_newer_row_of_the_police_reaches_no_bank(self):
        accounts = made.records().table("accounts")
        told = accounts.filter(pl.col("account_number") == "00710001112223").with_columns(
            source=pl.lit("police"),
            holder_name=pl.lit("Nguồn Tin Mật"),
            cif=pl.lit("CASE-7"),
            known_at=pl.lit(made.AS_OF).dt.offset_by("-1d").cast(pl.Datetime("us", "UTC")),
        )
        both = pl.concat([accounts, told], how="vertical_relaxed")
        entry = one(chosen(records=made.records().with_tables(accounts=both)), "00710001112223")
        assert (entry["holder_name"], entry["cif"]) == ("Trần Thị Bịa", "C000451")

    @pytest.mark.parametrize("keeper", ["population", "police"])
    def test_a_record_of_the_state_is_not_used(self, keeper: str):
        identities = (
            made.records()
            .table("identities")
            .with_columns(source_kind=pl.lit(keeper).cast(pl.Enum(["bank", "operator", "population", "police"])))
        )
        entry = one(chosen(records=made.records().with_tables(identities=identities)), "00710009998887")
        assert (entry["holder_name"], entry["holder_kind"]) == (None, "organisation")  # the account itself is corporate

    def test_the_same_number_at_another_institution_lends_nothing(self):
        accounts = made.records().table("accounts").with_columns(institution=pl.lit("bank_other"))
        entry = one(chosen(records=made.records().with_tables(accounts=accounts)), "00710001112223")
        assert (entry["holder_name"], entry["cif"], entry["status"]) == (None, None, None)

    def test_what_became_known_later_is_not_used(self):
        accounts = made.records().table("accounts").with_columns(known_at=pl.lit(made.AS_OF))
        assert one(chosen(records=made.records().with_tables(accounts=accounts)), "00710001112223")["cif"] is None


def test_the_amount_to_hold_is_the_sum_over_cases_and_none_where_nothing_would_be_held():
    found = {row["number"]: row["hold"] for row in made.entries().to_dicts()}
    assert found.pop("00710001112223") == 12_400_000
    assert set(found.values()) == {None}
