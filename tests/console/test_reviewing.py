"""From the queue to a label: pages, blind items, conflicts, masks, searches, cases."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import invented
import polars as pl
import pytest
from browser import Browser
from visitors import Unit

from fraudnet.console.house import RECORD
from fraudnet.files import sha256
from fraudnet.messages import LANGUAGES, catalogue, text
from fraudnet.review.board import read_board, write_board
from fraudnet.review.openings import OPENED
from fraudnet.review.queue import queued, valued
from fraudnet.store.dispositions import DECISION, dispositions

ANSWER = "Lương dừng trước khi đổi máy, từ đó chỉ có tiền đi qua."


def _sign(browser: Browser, node: int, **form: object) -> object:
    browser.get(f"/items/{node}/decision")
    given = {"outcome": "confirmed", "role": "knowing_mule", "answer": ANSWER, "seen": "0", **form}
    return browser.post(f"/items/{node}/decision", given)


def _plain(unit: Unit, **more: object) -> dict:
    return next(item for item in unit.items(blind=False, kind="account", **more) if item["grade"] in ("C", "D", "E"))


def test_login_queue_item_decision_label(unit: Unit) -> None:
    bao = unit.visitor("bao")
    queue = bao.get("/queue").text
    assert text("console.queue.title", "vi") in queue and queue.count("data-row") == 25
    answer = bao.post("/next")
    node = int(answer.header("location").rsplit("/", 1)[1])
    page = bao.follow(answer).text
    item = unit.house.board.item(node)
    assert item is not None and item["place"] == 1
    assert text("console.leans.fraud", "vi") in page and text("console.leans.honest", "vi") in page
    plain = _plain(unit)
    assert _sign(bao, plain["node"]).status == 303
    row = dispositions(unit.house.store, unit.clock.now + timedelta(seconds=1)).row(0, named=True)
    assert (row["entity"], row["outcome"], row["decided_by"]) == (plain["reference"], "confirmed", "analyst")
    assert f'/items/{plain["node"]}"' not in bao.get("/queue").text


def test_a_blind_item_shows_nothing_of_the_score_until_a_first_judgement(unit: Unit) -> None:
    bao = unit.visitor("bao")
    for item in unit.items(blind=True):
        row = next(
            r for r in re.findall(r"<tr data-row.*?</tr>", _whole_queue(bao), re.S) if f'/items/{item["node"]}"' in r
        )
        page = bao.get(f"/items/{item['node']}").text
        form = bao.get(f"/items/{item['node']}/decision").text
        for shown in (row, page, form):
            assert 'class="map"' not in shown and "grade-map" not in shown
            assert not re.search(r"Bậc [A-E]\b", shown)
            for hit in unit.house.board.of("hits", item["node"]):
                assert text(f"typology.{hit['typology']}.title", "vi") not in shown
    first = unit.items(blind=True)[0]
    _sign(bao, first["node"], outcome="unsure", role="", answer="")
    assert "grade-map" in bao.get(f"/items/{first['node']}").text


def test_a_second_reading_looks_like_any_blind_item(unit: Unit) -> None:
    bao, an = unit.visitor("bao"), unit.visitor("an")
    item = _plain(unit)
    _sign(bao, item["node"])
    unit.house.desk.write("INSERT OR REPLACE INTO second_readings VALUES (?, 1, 'bao')", (item["reference"],))
    row = next(r for r in re.findall(r"<tr data-row.*?</tr>", _whole_queue(an), re.S) if f'/items/{item["node"]}"' in r)
    page = an.get(f"/items/{item['node']}").text
    assert 'class="map"' not in row and "grade-map" not in page and ANSWER not in page
    assert f'/items/{item["node"]}"' not in _whole_queue(bao)
    assert (
        _sign(an, item["node"], seen="1", outcome="cleared", role="good_faith")
        .header("location")
        .endswith("read_twice")
    )
    assert "kappa" in unit.visitor("ha").get("/team").text
    assert dispositions(unit.house.store, unit.clock.now + timedelta(seconds=1))["outcome"].to_list() == ["confirmed"]


def test_all_blind_items_end_on_the_same_day(unit: Unit) -> None:
    bao = unit.visitor("bao")
    blind = unit.items(blind=True)
    days = {
        re.search(r'name="expires"[^>]*value="([^"]*)"', bao.get(f"/items/{i['node']}/decision").text)[1] for i in blind
    }
    assert len(blind) >= 4 and len(days) == 1


def _whole_queue(browser: Browser) -> str:
    return "".join(browser.get(f"/queue?start={start}").text for start in (1, 26, 51))


def test_blind_items_pass_the_filters_that_would_tell(unit: Unit) -> None:
    bao = unit.visitor("bao")
    for item in unit.items(blind=True):
        for query in ("grade=A", "grade=E", "pattern=pass_through", "pattern=sim_farm"):
            pages = "".join(bao.get(f"/queue?{query}&start={start}").text for start in (1, 26, 51))
            assert f'/items/{item["node"]}"' in pages


def test_filters_and_pages(unit: Unit) -> None:
    bao = unit.visitor("bao")
    assert text("console.queue.empty", "vi") in bao.get("/queue?bank=nowhere").text
    shown = bao.get("/queue?kind=sim").text
    assert shown.count("data-row") == min(25, len(unit.items(kind="sim")))
    assert bao.get("/queue?start=100000").status == 200


def test_two_on_one_item_and_the_slower_loses_nothing(unit: Unit) -> None:
    bao, an = unit.visitor("bao"), unit.visitor("an")
    node = _plain(unit)["node"]
    an.get(f"/items/{node}/decision")
    _sign(bao, node)
    lost = an.post(f"/items/{node}/decision", {"outcome": "cleared", "role": "good_faith", "seen": "0",
                                               "answer": "Tôi nghĩ đây là người bán hàng."})  # fmt: skip
    assert lost.status == 409
    assert "Lê Quốc Bảo" in lost.text and "Tôi nghĩ đây là người bán hàng." in lost.text
    assert len(list(unit.house.store.events(DECISION))) == 1
    assert "Tôi nghĩ đây là người bán hàng." in an.get(f"/items/{node}/decision").text


def test_an_item_in_hand_is_refused_to_others_with_the_name(unit: Unit) -> None:
    bao, an = unit.visitor("bao"), unit.visitor("an")
    node = _plain(unit)["node"]
    bao.post(f"/items/{node}/hold")
    answer = an.post(f"/items/{node}/hold")
    assert answer.status == 409 and "Lê Quốc Bảo" in answer.text
    unit.clock.pass_by(minutes=31)
    an = unit.visitor("an")
    assert an.post(f"/items/{node}/hold").status == 303


def test_next_gives_everybody_another_item_and_skip_leaves_it(unit: Unit) -> None:
    bao, an = unit.visitor("bao"), unit.visitor("an")
    first, second = bao.post("/next").header("location"), an.post("/next").header("location")
    assert first != second
    assert bao.post(f"{first}/skip").header("location") == "/queue?said=skipped"
    assert bao.post("/next").header("location") != first


def test_a_wrong_form_says_what_and_keeps_what_was_typed(unit: Unit) -> None:
    bao = unit.visitor("bao")
    node = _plain(unit)["node"]
    answer = _sign(bao, node, outcome="confirmed", role="", answer="Có lẽ", expires="31/02/2027", action="as_ordered",
                   note="x" * 501)  # fmt: skip
    assert answer.status == 422 and answer.text.count('aria-invalid="true"') >= 4
    assert text("console.wrong.answer", "vi", n=5) in answer.text and "Có lẽ" in answer.text
    assert not list(unit.house.store.events(DECISION))
    assert _sign(bao, node, outcome="cleared", role="controller").status == 422
    assert _sign(bao, node, outcome="nonsense").status == 422
    assert _sign(bao, node, seen="x").status == 422


def test_a_draft_outlives_the_session(unit: Unit) -> None:
    bao = unit.visitor("bao")
    node = _plain(unit)["node"]
    bao.get(f"/items/{node}/decision")
    bao.post(f"/items/{node}/draft", {"answer": "một nửa câu"})
    unit.clock.pass_by(hours=2)
    assert "một nửa câu" in unit.visitor("bao").get(f"/items/{node}/decision").text


def test_a_top_grade_takes_two_people_on_two_machines(unit: Unit) -> None:
    bao, ha = unit.visitor("bao", "10.0.0.1"), unit.visitor("ha", "10.0.0.2")
    item = next(i for i in unit.items(blind=False, kind="account") if i["grade"] in ("A", "B"))
    assert _sign(bao, item["node"]).header("location").endswith("said=waits")
    assert not list(unit.house.store.events(DECISION))
    same = unit.visitor("an", "10.0.0.1")
    refused = _sign(same, item["node"])
    assert refused.status == 403 and text("console.decide.refused.same_address", "vi") in refused.text
    unit.clock.pass_by(minutes=31)
    ha = unit.visitor("ha", "10.0.0.2")
    assert _sign(ha, item["node"]).header("location").endswith("said=decided")


def test_personal_data_stay_masked_until_opened_and_each_opening_is_recorded(unit: Unit) -> None:
    bao = unit.visitor("bao")
    item = _plain(unit)
    page = bao.get(f"/items/{item['node']}").text
    for secret in (item["number"], invented.document(item["node"]), "05/04/2003", "84355123214", "12 Lê Lợi"):
        assert secret not in page
    if item["holder_kind"] == "person":
        assert item["holder_name"] not in page
    assert bao.post(f"/items/{item['node']}/open", {"purpose": "case"}).status == 422
    bao.post(f"/items/{item['node']}/hold")
    assert bao.post(f"/items/{item['node']}/open", {"purpose": "case"}).status == 303
    opened = bao.get(f"/items/{item['node']}").text
    assert item["number"] in opened and invented.document(item["node"]) in opened and "05/04/2003" in opened
    event = next(unit.house.store.events(OPENED))
    assert (event.actor, event.body["entities"], event.body["assigned"]) == ("bao", [item["reference"]], True)
    assert item["number"] not in unit.visitor("an").get(f"/items/{item['node']}").text
    unit.clock.pass_by(minutes=11)
    assert item["number"] not in bao.get(f"/items/{item['node']}").text


def test_outside_ones_work_an_opening_needs_words_that_are_kept_sealed(unit: Unit) -> None:
    bao = unit.visitor("bao")
    node = _plain(unit)["node"]
    given = {"purpose": "free", "words_of": "Khách gọi tới hỏi về tài khoản này"}
    assert bao.post(f"/items/{node}/open", given).status == 303
    event = next(unit.house.store.events(OPENED))
    assert event.body["assigned"] is False and "Khách gọi" not in str(event.body)


def test_search_print_and_export_are_recorded_and_masked(unit: Unit) -> None:
    bao = unit.visitor("bao")
    item = unit.items(kind="account")[0]
    bao.get("/search")
    for way, asked in (("number", item["number"]), ("number", item["number"][-4:]), ("document", invented.document(item["node"])),
                       ("name", item["holder_name"].lower())):  # fmt: skip
        answer = bao.post("/search", {"way": way, "what": asked})
        assert f'/items/{item["node"]}"' in answer.text and item["number"] not in answer.text
    assert bao.post("/search", {"way": "name", "what": "zz"}).status == 422
    assert text("console.search.none", "vi") in bao.post("/search", {"way": "name", "what": "zzzzz"}).text
    exported = bao.post("/queue/export", {"way": "export"})
    printed = bao.post("/queue/export", {"way": "print"})
    assert exported.header("content-type").startswith("text/csv")
    assert item["number"] not in exported.text + printed.text
    ways = [event.body["way"] for event in unit.house.store.events(OPENED)]
    assert ways == ["search"] * 5 + ["export", "print"]
    assert not any(asked in str(e.body) for e in unit.house.store.events(OPENED) for asked in (item["holder_name"],))


def test_an_exported_cell_is_never_a_formula(tmp_path: Path) -> None:
    unit = Unit(tmp_path, invented.board(20, 10, hostile="=cmd|' /C calc'!A0"))
    lines = unit.visitor("bao").post("/queue/export", {"way": "export"}).text.splitlines()
    assert len(lines) > 20
    assert not any(cell.startswith(("=", "+", "@", "-")) for line in lines for cell in line.split(","))


def test_hand_over_and_accept(unit: Unit) -> None:
    bao = unit.visitor("bao")
    node = _plain(unit)["node"]
    bao.post(f"/items/{node}/hold")
    assert bao.post(f"/items/{node}/hand-over", {"taker": "an", "reason": "x"}).status == 422
    assert bao.post(f"/items/{node}/hand-over", {"taker": "an", "reason": "nghỉ phép"}).status == 303
    an = unit.visitor("an")
    assert "nghỉ phép" in an.get("/queue").text
    assert an.post(f"/items/{node}/accept").status == 303
    assert bao.post(f"/items/{node}/hold").status == 409
    assert unit.visitor("ha").post(f"/items/{node}/accept").status == 409
    back = {"taker": "bao", "reason": "tôi lấy lại"}
    assert (
        unit.visitor("bao").post(f"/items/{node}/hand-over", back).status == 422
    )  # accepted: the receiver's, or the lead's
    assert unit.visitor("ha").post(f"/items/{node}/hand-over", back).status == 303


def test_a_case_is_decided_together_with_exceptions(unit: Unit) -> None:
    bao, an = unit.visitor("bao"), unit.visitor("an")
    assert "V-QAKTRE" in bao.get("/cases").text
    page = bao.get("/cases/V-QAKTRE").text
    assert '<svg class="ring"' in page and page.count("<tr data-row") >= 6
    free = [int(n) for n in re.findall(r'name="pick" value="(\d+)" aria-label="[^"]*">', page)]
    assert len(free) >= 3
    an.post(f"/items/{free[0]}/hold")
    picks = {"pick": [str(n) for n in free], "answer": ANSWER, **{f"role-{n}": "knowing_mule" for n in free}}
    picks[f"role-{free[1]}"] = "good_faith"
    assert bao.post("/cases/V-QAKTRE", {**picks, "answer": "x"}).status == 422
    assert bao.post("/cases/V-QAKTRE", {"answer": ANSWER}).status == 422
    answer = bao.post("/cases/V-QAKTRE", picks)
    assert answer.status == 409 and "Phạm Đức An" in answer.text and ANSWER in answer.text
    done = {event.body["entity"]: event.body["outcome"] for event in unit.house.store.events(DECISION)}
    assert done[unit.house.board.item(free[1])["reference"]] == "cleared"
    assert unit.house.board.item(free[0])["reference"] not in done
    assert bao.get("/cases/V-NOBODY").status == 404


def test_lead_auditor_and_campaign_pages(unit: Unit) -> None:
    bao = unit.visitor("bao")
    for item in unit.items(blind=False, kind="sim")[:3]:
        _sign(bao, item["node"], outcome="cleared", role="good_faith")
    item = next(i for i in unit.items(blind=False, kind="account") if i["grade"] in ("A", "B"))
    _sign(bao, item["node"])
    assert "Lê Quốc Bảo" in unit.visitor("ha").get("/team").text
    audit = unit.visitor("kiem").get("/audit").text
    assert text("console.audit.whole", "vi") in audit and "signed_first" in audit
    assert item["number"] not in audit
    assert unit.visitor("ha").get("/campaign").status == 200
    assert bao.get("/campaign/nothing.html").status == 404


def test_the_campaign_page_shows_what_the_newest_report_reckoned_and_offers_its_files(
    unit: Unit, tmp_path: Path
) -> None:
    whole = {"done": 1234, "items": 5000, "overdue": 7, "enough": True, "precision": 0.68, "low": 0.64, "high": 0.72,
             "judged": 900, "wrong": 288}  # fmt: skip
    unit.house.figures.update(whole=whole, saved={"held": 86_400_000, "accounts": 12}, wave="4")
    file = tmp_path / "report-2026-11-20.html"
    file.write_text("<h1>report</h1>", encoding="utf-8")
    object.__setattr__(unit.house, "reports", (file,))
    lead = unit.visitor("ha")
    page = lead.get("/campaign").text
    for shown in ("1.234 / 5.000", "68%", "64%–72%", "86.400.000", file.name):
        assert shown in page
    assert lead.get(f"/campaign/{file.name}").header("content-disposition").startswith("attachment")


def test_a_broken_record_is_said(unit: Unit) -> None:
    bao = unit.visitor("bao")
    _sign(bao, _plain(unit)["node"])
    with sqlite3.connect(unit.house.folder / RECORD) as file:
        file.executescript("DROP TRIGGER events_stay; UPDATE events SET actor = 'an' WHERE number = 1;")
    page = unit.visitor("kiem").get("/audit").text
    assert text("console.audit.broken", "vi", n=1) in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_every_language(unit: Unit, language: str) -> None:
    for name in ("bao", "ha", "kiem", "quan", "nganhang"):
        browser = unit.visitor(name)
        browser.post("/language", {"language": language, "back": "/"})
        node = unit.items(kind="account")[3]["node"]
        for path in ("/me", "/queue", "/search", "/cases", "/cases/V-QAKTRE", "/campaign", "/team", "/audit", "/users",
                     "/entries", f"/items/{node}", f"/items/{node}/decision", f"/items/{node}/rows"):  # fmt: skip
            answer = browser.get(path)
            assert answer.status in (200, 403)
            assert f'<html lang="{language}"' in answer.text


def test_every_text_is_there_in_three_languages_and_used() -> None:
    own = {name: texts for name, texts in catalogue().items() if name.startswith("console.")}
    assert all(set(texts) == set(LANGUAGES) and all(texts.values()) for texts in own.values())
    slots = re.compile(r"\{(\w+)\}")
    for name, texts in own.items():
        assert len({frozenset(slots.findall(said)) for said in texts.values()}) == 1, name
    folder = Path(__file__).parents[2] / "src" / "fraudnet" / "console"
    code = "".join(path.read_text(encoding="utf-8") for end in ("py", "html") for path in folder.rglob(f"*.{end}"))
    parts = {name.removeprefix("console.") for name in own}
    unused = [
        p
        for p in parts
        if p not in code and p.rpartition(".")[0] + "." not in code and p.split(".")[0] + "." not in code
    ]
    assert not unused


def test_libraries_of_others_are_the_published_ones() -> None:
    pages = Path(__file__).parents[2] / "src" / "fraudnet" / "console" / "static"
    for folder in (pages, Path(__file__).parent / "axe"):
        for told in tomllib.loads((folder / "VENDORED.toml").read_text(encoding="utf-8")).values():
            assert sha256(folder / told["file"]) == told["sha256"]
            assert (folder / told["licence_file"]).read_text(encoding="utf-8").strip() and told["version"]


def test_a_board_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = invented.board(20, 10)
    again = read_board(write_board(tmp_path / "board", made))
    assert again.facts == made.facts
    assert again.items.equals(made.items) and set(again.cases) == set(made.cases)


def _blind_member(unit: Unit) -> dict:
    """A member of the case with a role, made blind as if it stood for another's second reading."""
    member = next(m for m in unit.house.board.cases["case_members"].to_dicts() if m["role"] == "misled_mule")
    return unit.house.board.item(unit.house.board.node_of[member["entity_id"]])


def test_a_case_tells_nothing_of_a_member_that_is_to_be_read_blind(unit: Unit) -> None:
    bao, an = unit.visitor("bao"), unit.visitor("an")
    item = _blind_member(unit)
    role = 'r-misled_mule"'
    assert role in an.get("/cases/V-QAKTRE").text
    _sign(bao, item["node"], outcome="cleared", role="good_faith")
    unit.house.desk.write("INSERT OR REPLACE INTO second_readings VALUES (?, 1, 'bao')", (item["reference"],))
    page = an.get("/cases/V-QAKTRE").text
    row = next(r for r in re.findall(r"<tr data-row.*?</tr>", page, re.S) if f'/items/{item["node"]}"' in r)
    assert "Lê Quốc Bảo" not in row and text("console.case.blind", "vi") in row
    assert not any(
        text(f"typology.{hit['typology']}.title", "vi") in row for hit in unit.house.board.of("hits", item["node"])
    )
    assert role not in page and "misled_mule" not in re.search(r'data-graph="([^"]*)"', page)[1]
    assert "Lê Quốc Bảo" in bao.get("/cases/V-QAKTRE").text


def test_a_case_that_was_not_signed_keeps_ticks_and_roles(unit: Unit) -> None:
    bao = unit.visitor("bao")
    page = bao.get("/cases/V-QAKTRE").text
    node = re.findall(r'name="pick" value="(\d+)" aria-label="[^"]*">', page)[0]
    page = bao.post("/cases/V-QAKTRE", {"pick": node, f"role-{node}": "good_faith", "answer": "x"}).text
    assert re.search(rf'name="pick" value="{node}" aria-label="[^"]*" checked', page)
    chosen = re.search(rf'name="role-{node}">.*?</select>', page, re.S)[0]
    assert '"good_faith" selected' in chosen and chosen.count("selected") == 1
    assert bao.post("/cases/V-QAKTRE", {"pick": "²", "answer": ANSWER}).status == 422


def test_taking_in_hand_what_is_in_no_queue_makes_it_nobodys_work(unit: Unit) -> None:
    bao = unit.visitor("bao")
    node = unit.house.board.items.filter(pl.col("place").is_null())["node"][0]
    bao.post(f"/items/{node}/hold")
    assert bao.post(f"/items/{node}/open", {"purpose": "case"}).status == 422
    assert 'name="words_of"' in bao.get(f"/items/{node}").text
    mine = _plain(unit)["node"]
    bao.post(f"/items/{mine}/hold")
    assert 'name="words_of"' not in bao.get(f"/items/{mine}").text
    assert bao.post(f"/items/{mine}/open", {"purpose": "case"}).status == 303


def test_who_signed_first_may_open_the_item_again_for_the_case(unit: Unit) -> None:
    bao = unit.visitor("bao")
    item = next(i for i in unit.items(blind=False, kind="account") if i["grade"] in ("A", "B"))
    _sign(bao, item["node"])
    assert bao.post(f"/items/{item['node']}/open", {"purpose": "case"}).status == 303
    title = re.search("<title>(.*?)</title>", page := bao.get(f"/items/{item['node']}").text)[1]
    assert item["number"] in page and item["number"] not in title


def test_marks_alone_are_no_name(unit: Unit) -> None:
    bao = unit.visitor("bao")
    bao.get("/search")
    page = bao.post("/search", {"way": "name", "what": "\u0301\u0301\u0301"}).text
    assert text("console.search.none", "vi") in page


@pytest.mark.parametrize("with_cases", [True, False])
def test_every_page_of_a_run_without_a_model_or_cases(tmp_path: Path, with_cases: bool) -> None:
    full = invented.board(20, 10)
    items = full.items.with_columns(probability=pl.lit(None, pl.Float64))
    items = queued(valued(items.drop("place", "blind", "selected_by", "value")), "2026-11-20-invented")
    bare = replace(full, tables={**full.tables, "items": items.select(full.items.columns)},
                   cases=full.cases if with_cases else {})  # fmt: skip
    unit = Unit(tmp_path / "store", read_board(write_board(tmp_path / "board", bare)))
    bao = unit.visitor("bao")
    plain = unit.items(blind=False)[0]["node"]
    pages = ["/queue", f"/items/{plain}", f"/items/{plain}/rows", f"/items/{plain}/decision", "/cases", "/campaign"]
    assert [bao.get(page).status for page in pages] == [200] * len(pages)
    assert (
        bao.post("/queue/export", {"way": "export"}).status == bao.post("/queue/export", {"way": "print"}).status == 200
    )
    assert bao.get("/cases/V-QAKTRE").status == (200 if with_cases else 404)


def test_the_slower_of_two_second_readers_is_told_and_changes_nothing(unit: Unit) -> None:
    bao, an, ha = unit.visitor("bao"), unit.visitor("an"), unit.visitor("ha")
    item = _plain(unit)
    _sign(bao, item["node"])
    unit.house.desk.write("INSERT OR REPLACE INTO second_readings VALUES (?, 1, 'bao')", (item["reference"],))
    assert 'name="again" value="1"' in ha.get(f"/items/{item['node']}/decision").text
    given = {"seen": "1", "again": "1", "outcome": "cleared", "role": "good_faith"}
    assert "read_twice" in _sign(an, item["node"], **given).header("location")
    late = _sign(ha, item["node"], **given)
    assert late.status == 409 and "Lê Quốc Bảo" in late.text and ANSWER in late.text
    assert len(list(unit.house.store.events(DECISION))) == 1


def test_an_item_says_why_it_moved_and_a_blind_one_does_not(unit: Unit) -> None:
    bao = unit.visitor("bao")
    shifted = set(unit.house.board.tables["shifts"]["node"])
    for item in unit.items():
        page = bao.get(f"/items/{item['node']}").text
        assert ("01/10/2026" in page) == (item["node"] in shifted and not item["blind"]), item["node"]


def test_a_case_shows_the_way_of_the_money(unit: Unit) -> None:
    page = unit.visitor("bao").get("/cases/V-QAKTRE").text
    assert page.count('class="band') == 5 and page.count('class="drawer"') == 3
    assert text("console.case.trail", "vi") in page and "436.000.000" in page
