"""A judgement is recorded once; the loser is told by whom; nothing decided is lost."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office import START, open_office, said, settled, subject

from fraudnet.review.deciding import LAPSES, Judgement, Result, decide
from fraudnet.review.holding import draft, keep_draft, take
from fraudnet.review.standing import (
    DISAGREED,
    SECOND_READING,
    all_standing,
    catch_up,
    read_twice,
    rests,
    standing,
    to_read_twice,
    waiting,
)
from fraudnet.store.audit import verify
from fraudnet.store.backup import back_up, restore
from fraudnet.store.dispositions import DECISION, dispositions, take_back
from record_places import Places


def test_eight_reviewers_at_once_make_one_decision_per_item_and_losers_learn_the_winner(
    places: Places, tmp_path: Path
) -> None:
    record = places()
    items, names = [f"account:b:{i}" for i in range(50)], [f"r{i}" for i in range(8)]
    first = open_office(tmp_path, record=record)
    for name in names:
        settled(first, name)
    told: dict[str, list[tuple[str, Result]]] = {name: [] for name in names}
    start = threading.Barrier(len(names))

    def work(name: str) -> None:
        office = open_office(tmp_path, record=record)
        signer = settled(office, name)
        start.wait()
        for item in items:
            keep_draft(office.desk, item, name, {"answer": f"{name} on {item}"}, START)
            told[name].append((item, decide(office, signer, subject(item), said())))

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = Counter(item for name in names for item, result in told[name] if result.what == "decided")
    assert winners == Counter(items)
    by_whom = {item: name for name in names for item, result in told[name] if result.what == "decided"}
    for name in names:
        for item, result in told[name]:
            if result.what != "decided":
                assert (result.what, result.by) in (("conflict", by_whom[item]), ("held", by_whom[item]))
                kept = draft(first.desk, item, name)
                assert kept is not None and kept[0]["answer"] == f"{name} on {item}"
    assert verify(first.store).whole
    assert len(list(first.store.events(DECISION))) == len(items)


def test_a_decision_becomes_a_disposition(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    result = decide(office, settled(office, "bao"), subject("account:b:1"), said())
    row = dispositions(office.store, START + timedelta(seconds=1)).row(0, named=True)
    assert result.what == "decided"
    assert (row["entity"], row["outcome"], row["role"]) == ("account:b:1", "confirmed", "knowing_mule")
    assert (row["decided_by"], row["basis"], row["selected_by"]) == ("analyst", "own_review", "queue")
    assert office.store.texts(result.number) == {"answer": "because confirmed"}


def test_closeness_alone_is_kept_as_list_only(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    decide(office, settled(office, "bao"), subject("account:b:1"), replace(said(), alone=True))
    assert dispositions(office.store, START + timedelta(seconds=1))["basis"].to_list() == ["list_only"]


def test_whoever_decides_on_an_old_page_is_told_who_was_quicker(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao, an = settled(office, "bao"), settled(office, "an")
    won = decide(office, bao, subject("account:b:1"), said())
    lost = decide(office, an, subject("account:b:1"), said("cleared", None))
    assert lost == Result("conflict", won.number, "bao")
    assert len(list(office.store.events(DECISION))) == 1


def test_the_same_form_sent_twice_is_one_decision(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao = settled(office, "bao")
    decide(office, bao, subject("account:b:1"), said())
    again = decide(office, bao, subject("account:b:1"), said())
    assert again.what == "conflict" and again.by == "bao"
    assert len(list(office.store.events(DECISION))) == 1


def test_a_later_change_is_a_second_judgement(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao = settled(office, "bao")
    decide(office, bao, subject("account:b:1"), said())
    office.desk.write("DELETE FROM second_readings")
    assert decide(office, bao, subject("account:b:1"), said("cleared", "good_faith", seen=1)).what == "decided"
    found = standing(office.desk, "account:b:1")
    assert found is not None and (found.round, found.outcome) == (2, "cleared")


def test_an_item_in_somebody_elses_hand_is_not_signed(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    take(office.desk, "account:b:1", "an", START)
    settled(office, "an")
    assert decide(office, settled(office, "bao"), subject("account:b:1"), said()) == Result("held", by="an")


def test_top_grades_wait_for_a_second_person(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    first = decide(office, settled(office, "bao"), subject("account:b:1", "B"), said())
    assert first.what == "waits" and not list(office.store.events(DECISION))
    second = decide(office, settled(office, "ha", "lead"), subject("account:b:1", "B"), said())
    event = next(office.store.events(DECISION))
    assert second.what == "decided"
    assert (event.actor, event.body["references"]["signed_first"]) == ("ha", str(first.number))


def test_two_who_differ_leave_it_to_a_lead_who_is_neither(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao, an, ha = settled(office, "bao"), settled(office, "an"), settled(office, "ha", "lead")
    decide(office, bao, subject("account:b:1", "A"), said())
    assert decide(office, an, subject("account:b:1", "A"), said("unsure", None)).what == "disagreed"
    assert [event.actor for event in office.store.events(DISAGREED)] == ["an"]
    assert decide(office, an, subject("account:b:1", "A"), said()).reason == "lead_settles"
    office.desk.write("DELETE FROM locks")
    assert decide(office, ha, subject("account:b:1", "A"), said()).what == "decided"


def test_a_first_signature_lapses(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao, an = settled(office, "bao"), settled(office, "an")
    decide(office, bao, subject("account:b:1", "B"), said())
    later = replace(office, now=START + LAPSES + timedelta(minutes=1))
    assert decide(later, an, subject("account:b:1", "B"), said()).what == "waits"
    assert waiting(office.desk, "account:b:1")["account:b:1"].actor == "an"


def test_clearing_a_top_grade_needs_one_person(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    assert decide(office, settled(office, "bao"), subject("account:b:1", "A"), said("cleared", None)).what == "decided"


@pytest.mark.parametrize(("days", "outcome", "back"), [(89, "cleared", False), (91, "cleared", True),
                                                       (6, "unsure", False), (8, "unsure", True)])  # fmt: skip
def test_decided_items_rest(tmp_path: Path, days: int, outcome: str, back: bool) -> None:
    office = open_office(tmp_path)
    decide(office, settled(office, "bao"), subject("account:b:1"), said(outcome, None))
    found = standing(office.desk, "account:b:1")
    assert found is not None
    now = START + timedelta(days=days)
    assert rests(found, frozenset({"report:1"}), now) is not back
    assert rests(found, frozenset({"report:1", "report:2"}), now) is False


def test_one_in_ten_is_read_again_by_somebody_else_without_changing_the_decision(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao, an = settled(office, "bao"), settled(office, "an")
    for number in range(120):
        decide(office, bao, subject(f"account:b:{number}"), said())
    drawn = to_read_twice(office.desk, "an")
    assert drawn == {e.body["entity"] for e in office.store.events(DECISION) if read_twice(e)}
    assert 4 <= len(drawn) <= 24 and to_read_twice(office.desk, "bao") == set()
    entity = sorted(drawn)[0]
    before = standing(office.desk, entity)
    result = decide(office, an, subject(entity), Judgement("cleared", "good_faith", 1))
    event = next(office.store.events(SECOND_READING))
    assert result.what == "read_twice" and event.body["outcomes"] == ["confirmed", "cleared"]
    assert standing(office.desk, entity) == before and entity not in to_read_twice(office.desk, "an")


def test_what_a_restored_backup_lost_is_open_again(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao = settled(office, "bao")
    decide(office, bao, subject("account:b:1"), said())
    back_up(office.store, tmp_path / "backup.db")
    decide(office, bao, subject("account:b:2"), said())
    office.store.close()
    restore(tmp_path / "backup.db", tmp_path / "store.db", "admin")
    again = open_office(tmp_path)
    catch_up(again.store, again.desk)
    assert set(all_standing(again.desk)) == {"account:b:1"}
    assert decide(again, bao, subject("account:b:2"), said()).what == "decided"


def test_the_desk_can_be_read_off_the_record_again(tmp_path: Path) -> None:
    office = open_office(tmp_path / "a")
    bao, an = settled(office, "bao"), settled(office, "an")
    for number in range(30):
        decide(office, bao, subject(f"account:b:{number}", "B" if number % 3 == 0 else "D"), said())
    decide(office, an, subject("account:b:0", "B"), said("unsure", None))
    office.store.copy_to(tmp_path / "copy.db")
    fresh = open_office(tmp_path / "b")
    fresh.store.close()
    (tmp_path / "copy.db").rename(tmp_path / "b" / "store.db")
    for ending in ("-wal", "-shm"):
        (tmp_path / "b" / f"store.db{ending}").unlink(missing_ok=True)
    again = open_office(tmp_path / "b")
    catch_up(again.store, again.desk)
    assert all_standing(again.desk) == all_standing(office.desk)
    assert waiting(again.desk) == waiting(office.desk)


def test_after_a_decision_was_taken_back_the_next_one_is_kept(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao = settled(office, "bao")
    first = decide(office, bao, subject("account:b:1"), said())
    take_back(office.store, first.number, "quan", "CV-1", START)
    again = decide(office, bao, subject("account:b:1"), said("cleared", "good_faith", seen=1))
    found = standing(office.desk, "account:b:1")
    assert again.what == "decided" and found is not None and found.outcome == "cleared"
    assert [event.body["outcome"] for event in office.store.events(DECISION)] == ["confirmed", "cleared"]


def test_a_second_reading_that_somebody_else_gave_first_changes_no_decision(tmp_path: Path) -> None:
    office = open_office(tmp_path)
    bao, an, ha = settled(office, "bao"), settled(office, "an"), settled(office, "ha", "lead")
    won = decide(office, bao, subject("account:b:1"), said())
    office.desk.write("INSERT OR REPLACE INTO second_readings VALUES ('account:b:1', ?, 'bao')", (won.number,))
    asked = replace(said("cleared", "good_faith", seen=1), again=True)
    assert decide(office, an, subject("account:b:1"), asked).what == "read_twice"
    assert decide(office, ha, subject("account:b:1"), asked) == Result("conflict", won.number, "bao")
    assert len(list(office.store.events(DECISION))) == 1
