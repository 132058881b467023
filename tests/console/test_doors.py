"""Logging in, being shut out, sessions that end, forms of other sites."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from browser import Browser, answer_of
from visitors import PASSWORD, Unit

from fraudnet.console import passwords, sessions, words
from fraudnet.console.app import make_app
from fraudnet.console.guard import HEADERS
from fraudnet.console.house import House
from fraudnet.console.passwords import one_time
from fraudnet.console.serve import Place, Unsaid, checked, first_accounts
from fraudnet.errors import ConfigurationError, MissingInputError
from fraudnet.review import people
from fraudnet.review.board import write_board
from fraudnet.review.four_eyes import not_confirmable


def test_five_wrong_passwords_shut_account_and_address_for_fifteen_minutes(unit: Unit) -> None:
    thief = unit.visitor(address="10.9.9.9")
    codes = [thief.post("/login", {"name": "bao", "password": f"guess {n}"}).status for n in range(100)]
    assert codes[:4] == [401] * 4 and set(codes[4:]) == {429}
    assert unit.visitor(address="10.1.1.1").post("/login", {"name": "bao", "password": PASSWORD}).status == 429
    assert thief.post("/login", {"name": "an", "password": PASSWORD}).status == 429
    unit.clock.pass_by(minutes=15, seconds=1)
    assert unit.visitor("bao", address="10.1.1.1")


def test_one_address_against_a_hundred_accounts_is_shut_out(unit: Unit) -> None:
    thief = unit.visitor(address="10.9.9.9")
    codes = [thief.post("/login", {"name": f"user{n}", "password": "guess"}).status for n in range(100)]
    assert set(codes[5:]) == {429}


def test_unknown_and_known_names_cost_and_say_the_same(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    checked_against = []
    real = passwords.HASHER.verify

    class Counting:
        def hash(self, password: str) -> str:
            return passwords.QUICK.hash(password) if hasattr(passwords, "QUICK") else kept.hash(password)

        def verify(self, hashed: str, password: str) -> bool:
            checked_against.append(hashed.split("$")[3])
            return real(hashed, password)

    kept = passwords.HASHER
    monkeypatch.setattr(passwords, "HASHER", Counting())
    known = unit.visitor(address="10.2.2.1").post("/login", {"name": "bao", "password": "wrong"})
    unknown = unit.visitor(address="10.2.2.2").post("/login", {"name": "bao2", "password": "wrong"})
    assert len(checked_against) == 2 and len(set(checked_against)) == 1  # one check each, of the same cost
    assert known.status == unknown.status
    assert known.text.replace("bao", "").replace(known.token, "") == unknown.text.replace("bao2", "").replace(
        unknown.token, ""
    )


def test_passwords_are_kept_as_argon2id_above_the_least_cost() -> None:
    from argon2 import PasswordHasher

    parameters = PasswordHasher()
    assert parameters.type.name == "ID" and parameters.memory_cost >= 19 * 1024 and parameters.time_cost >= 2
    source = Path(passwords.__file__).read_text(encoding="utf-8")
    assert "HASHER = PasswordHasher()" in source
    assert len({one_time() for _ in range(50)}) == 50


def test_the_cookie_and_the_session(unit: Unit) -> None:
    browser = Browser(unit.app)
    before = browser.get("/login").cookies[0]
    assert "HttpOnly" in before and "SameSite=strict" in before and "Path=/" in before and "Secure" not in before
    old = dict(browser.jar)
    answer = browser.post("/login", {"name": "bao", "password": PASSWORD})
    assert answer.status == 303 and browser.jar["fraudnet"] != old["fraudnet"]
    stale = Browser(unit.app, jar=old)
    assert stale.get("/queue").header("location") == "/login"
    stored = [row["digest"] for row in unit.house.desk.all("SELECT digest FROM sessions")]
    assert browser.jar["fraudnet"] not in stored


def test_logging_out_ends_the_session_on_the_server(unit: Unit) -> None:
    bao = unit.visitor("bao")
    stolen = Browser(unit.app, jar=dict(bao.jar))
    assert stolen.get("/queue").status == 200
    bao.get("/me")
    assert bao.post("/logout").status == 303
    assert stolen.get("/queue").status == 303


def test_an_idle_session_ends_after_thirty_minutes(unit: Unit) -> None:
    bao = unit.visitor("bao")
    unit.clock.pass_by(minutes=29)
    assert bao.get("/queue").status == 200
    unit.clock.pass_by(minutes=29)
    assert bao.get("/queue").status == 200
    unit.clock.pass_by(minutes=31)
    assert bao.get("/queue").header("location") == "/login"
    assert bao.post("/next").header("location") == "/login?ended=1"


def test_behind_tls_the_cookie_is_secure_and_bound_to_the_host(tmp_path: Path) -> None:
    unit = Unit(tmp_path, secure=True)
    browser = Browser(unit.app, scheme="https")
    answer = browser.get("/login")
    assert answer.cookies[0].startswith("__Host-fraudnet=") and "Secure" in answer.cookies[0]
    assert answer.header("strict-transport-security")


def test_every_answer_carries_the_headers(unit: Unit) -> None:
    for answer in (unit.visitor().get("/login"), unit.visitor("bao").get("/queue"), unit.visitor().get("/nowhere")):
        for name, value in HEADERS.items():
            assert answer.header(name) == value
        assert answer.header("cache-control") == "no-store"
        assert "unsafe" not in answer.header("content-security-policy")


def test_other_host_names_are_not_answered(unit: Unit) -> None:
    assert Browser(unit.app, host="evil.example").get("/login").status == 421
    assert Browser(unit.app, host="localhost:8000").get("/login").status == 200


FORGED = [
    ({"token": ""}, {}),
    ({"token": "x" * 43}, {}),
    ({}, {"sec-fetch-site": "cross-site"}),
    ({}, {"sec-fetch-site": "same-site"}),
    ({}, {"origin": "http://evil.example"}),
    ({}, {"origin": "null"}),
]


@pytest.mark.parametrize(("form", "headers"), FORGED)
def test_forms_of_other_sites_change_nothing(unit: Unit, form: dict, headers: dict) -> None:
    bao = unit.visitor("bao")
    node = unit.items(kind="account")[0]["node"]
    before = unit.house.store.head().number, unit.house.desk.all("SELECT * FROM locks")
    for path in (f"/items/{node}/decision", f"/items/{node}/hold", f"/items/{node}/open", "/next", "/logout", "/me"):
        assert bao.post(path, form, **headers).status == 403
    assert (unit.house.store.head().number, unit.house.desk.all("SELECT * FROM locks")) == before
    assert bao.get("/queue").status == 200


def test_a_token_of_another_session_does_not_count(unit: Unit) -> None:
    bao, an = unit.visitor("bao"), unit.visitor("an")
    assert bao.post("/next", {"token": an.token}).status == 403


def test_the_language_is_kept_and_no_other_site_is_gone_to(unit: Unit) -> None:
    bao = unit.visitor("bao")
    answer = bao.post("/language", {"language": "fr", "back": "//evil.example/"})
    assert answer.header("location") == "/"
    assert '<html lang="fr"' in bao.get("/queue").text
    assert bao.post("/language", {"language": "xx", "back": "/queue"}).header("location") == "/queue"
    assert '<html lang="fr"' in bao.get("/queue").text


def test_a_one_time_password_opens_nothing_but_its_change(tmp_path: Path) -> None:
    unit = Unit(tmp_path)
    quan = unit.visitor("quan")
    quan.get("/users")
    page = quan.post("/users", {"name": "moi", "shown": "Người Mới", "role": "analyst", "unit": "Đội 3"}).text
    password = page.split("<code>")[1].split("</code>")[0]
    new = Browser(unit.app, address="10.0.0.77")
    new.get("/login")
    assert new.post("/login", {"name": "moi", "password": password}).status == 303
    assert new.get("/queue").header("location") == "/me"
    new.get("/me")
    for old, one, two in ((password, "short", "short"), ("wrong", "long enough 1", "long enough 1"),
                          (password, "long enough 1", "long enough 2"), (password, password, password)):  # fmt: skip
        assert new.post("/password", {"old": old, "new": one, "again": two}).status == 422
    assert new.post("/password", {"old": password, "new": "long enough 1", "again": "long enough 1"}).status == 303
    assert new.get("/queue").status == 200
    assert {event.kind for event in unit.house.store.events()} == {"account_made"}


def test_an_admin_shuts_and_resets_accounts(unit: Unit) -> None:
    bao, quan = unit.visitor("bao"), unit.visitor("quan")
    quan.get("/users")
    assert "<code>" in quan.post("/users/an", {"change": "reset"}).text
    assert quan.post("/users/an", {"change": "role", "role": "lead"}).status == 200
    assert quan.post("/users/bao", {"change": "shut"}).status == 200
    assert bao.get("/queue").status == 303
    assert quan.post("/users/quan", {"change": "shut"}).status == 422
    assert quan.post("/users", {"name": "bao", "shown": "B", "role": "analyst"}).status == 422


def test_the_first_start_makes_an_admin_and_an_auditor_for_two_people(tmp_path: Path, unit: Unit) -> None:
    before = os.umask(0)
    try:
        house = House(unit.house.board, tmp_path / "fresh")
        made = first_accounts(house)
        house.store.head()
        write_board(tmp_path / "fresh" / "board", unit.house.board)
    finally:
        os.umask(before)
    assert set(made) == {"admin", "auditor"} and first_accounts(house) == {}
    assert [event.kind for event in house.store.events()] == ["first_start"]
    browser = Browser(make_app(house))
    browser.get("/login")
    assert browser.post("/login", {"name": "admin", "password": made["admin"]}).status == 303
    files = [path for path in (tmp_path / "fresh").rglob("*") if path.is_file()]
    assert len(files) > 10 and not [path.name for path in files if path.stat().st_mode & 0o077]


def test_off_this_machine_only_over_tls(tmp_path: Path) -> None:
    assert checked(Place()).address == "http://127.0.0.1:8000/"
    with pytest.raises(ConfigurationError, match="TLS"):
        checked(Place(host="10.0.0.5"))
    with pytest.raises(MissingInputError):
        checked(Place(host="10.0.0.5", certificate=tmp_path / "c.pem", key=tmp_path / "k.pem"))
    (tmp_path / "c.pem").write_text("c")
    with pytest.raises(ConfigurationError, match="both"):
        checked(Place(certificate=tmp_path / "c.pem"))


def test_tries_are_forgotten_after_a_while(unit: Unit) -> None:
    desk, now = unit.house.desk, unit.clock.now
    assert sessions.tries_left(desk, "user:bao", now) == 5
    unit.visitor(address="10.8.8.8").post("/login", {"name": "bao", "password": "wrong"})
    assert sessions.tries_left(desk, "user:bao", now) == 4
    assert sessions.tries_left(desk, "user:bao", now + timedelta(minutes=16)) == 5


def test_many_guesses_at_once_are_no_more_than_five(unit: Unit) -> None:
    house = unit.house
    keys = [sessions.begin(house.desk, "10.7.7.7", "vi", unit.clock.now) for _ in range(12)]
    gate = Barrier(len(keys))

    def guess(key: str) -> int:
        session = sessions.known(house.desk, key, unit.clock.now)
        assert session is not None
        gate.wait()
        return sessions.log_in(house.desk, session, "bao", "guess", unit.clock.now).left

    with ThreadPoolExecutor(len(keys)) as many:
        left = sorted(many.map(guess, keys), reverse=True)
    assert left == [4, 3, 2, 1, *[0] * 8]


def test_a_login_leaves_no_failure_behind(unit: Unit) -> None:
    for _ in range(6):
        assert unit.visitor("bao", address="10.7.7.8")
    assert sessions.tries_left(unit.house.desk, "address:10.7.7.8", unit.clock.now) == 5


def test_what_no_form_holds_is_refused_unread(unit: Unit) -> None:
    thief = unit.visitor(address="10.9.9.9")
    assert thief.post("/login", {"name": "bao"}, content_length=str(1 << 21)).status == 413
    assert thief.post("/login", {"name": "bao"}, transfer_encoding="chunked").status == 413
    assert thief.post("/login", {"name": "bao"}, content_length="many").status == 413


def test_a_form_that_cannot_be_read_is_refused_on_a_page_without_its_values(unit: Unit) -> None:
    bao = unit.visitor("bao")
    for answer in (bao.get("/items/0399123456x"), bao.post("/password", {"old": "0399123456x"})):
        assert answer.status == 422 and "0399123456x" not in answer.text.partition("<main")[2]
        assert answer.header("content-type").startswith("text/html")


def test_a_form_sent_after_the_session_ended_is_shown_again_after_the_login(unit: Unit) -> None:
    node = next(item["node"] for item in unit.items(kind="account", blind=False))
    bao, thief = unit.visitor("bao"), unit.visitor(address="10.9.9.8")
    bao.get(f"/items/{node}/decision")
    unit.clock.pass_by(hours=2)
    unit.visitor("an")  # a login that clears idle sessions away
    long = "Lương dừng trước khi đổi máy, từ đó chỉ có tiền đi qua."
    forms = {
        f"/items/{node}/decision": {"outcome": "confirmed", "role": "knowing_mule", "answer": long, "seen": "0"},
        "/cases/V-QAKTRE": {"pick": str(node), f"role-{node}": "controller", "answer": "cả nhóm"},
        f"/items/{node}/hand-over": {"taker": "an", "reason": "nghỉ phép từ mai"},
    }
    for path, form in forms.items():
        assert bao.post(path, form).header("location") == "/login?ended=1"
        thief.post(path, {**form, "answer": "forged"})
    assert not list(unit.house.store.events())
    page = unit.visitor("an").get("/again").text
    assert "nghỉ phép" not in page
    back = Browser(unit.app, address="10.0.0.3")
    back.get("/login")
    assert back.post("/login", {"name": "bao", "password": PASSWORD}).header("location") == "/again"
    page = back.get("/again").text
    assert "nghỉ phép từ mai" in page and f'href="/items/{node}/decision"' in page and "forged" not in page
    assert long in back.get(f"/items/{node}/decision").text
    assert "cả nhóm" in back.get("/cases/V-QAKTRE").text
    assert back.post(f"/items/{node}/hand-over", forms[f"/items/{node}/hand-over"]).status == 303
    assert "nghỉ phép từ mai" not in back.get("/again").text
    assert back.post("/again").status == 303 and "/cases/" not in back.get("/again").text


def test_a_kept_form_tells_an_institution_nothing_of_others(unit: Unit) -> None:
    bank, named = unit.visitor("nganhang"), unit.items(kind="account", blind=False)
    other = next(item for item in named if item["institution"] != "970400")
    own = next(item for item in named if item["institution"] == "970400")
    unit.clock.pass_by(hours=1)
    for item in (other, own):
        bank.post(f"/entries/{item['node']}", {"what": "x"})
        bank.post(f"/items/{item['node']}/hand-over", {"reason": "x"})
    kept = [row["path"] for row in unit.house.desk.all("SELECT path FROM kept_forms ORDER BY path")]
    assert kept == sorted(f"/entries/{item['node']}" for item in (other, own))
    page = unit.visitor("nganhang").get("/again").text
    assert words.called(unit.house.board, own) in page and words.called(unit.house.board, other) not in page


def test_no_password_is_kept_and_nothing_of_a_shut_account(unit: Unit) -> None:
    bao = unit.visitor("bao")
    unit.clock.pass_by(hours=1)
    bao.post("/password", {"old": PASSWORD, "new": "new secret 123", "again": "new secret 123"})
    people.set_active(unit.house.desk, "bao", False)
    bao.post("/search", {"what": "Nguyễn"})
    assert unit.house.desk.all("SELECT * FROM kept_forms") == []


def test_the_language_can_be_changed_behind_every_form(unit: Unit) -> None:
    bao, node = unit.visitor("bao"), unit.items(kind="account")[0]["node"]
    for path, back in ((f"/items/{node}/open", f"/items/{node}"), ("/search", "/search"), ("/queue/export", "/queue"),
                       (f"/items/{node}/decision", f"/items/{node}/decision")):  # fmt: skip
        answer = bao.post(path, {"way": "print"})
        assert f'name="back" value="{back}"' in answer.text, path
        assert bao.follow(bao.post("/language", {"language": "en", "back": back})).status == 200
    assert 'value="/queue?grade=D&amp;start=1"' in bao.get("/queue?grade=D&start=1").text


def test_a_page_that_fails_says_so_with_all_headers(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    bao = unit.visitor("bao")

    def broken(*_: object) -> None:
        raise RuntimeError("Nguyễn Văn Bịa 0399123456")

    monkeypatch.setattr("fraudnet.console.pages.queue.desktop", broken)
    with pytest.raises(RuntimeError) as caught:
        bao.get("/queue")
    told = logging.LogRecord("uvicorn.error", 40, "", 1, "Exception", None, (RuntimeError, caught.value, caught.tb))
    assert Unsaid().filter(told) and "RuntimeError" in told.getMessage()
    assert "Bịa" not in logging.Formatter().format(told)
    answer = answer_of(bao.sent)
    assert answer.status == 500 and "Bịa" not in answer.text
    for name, value in HEADERS.items():
        assert answer.header(name) == value


def test_a_unit_that_lost_all_who_may_confirm_gets_an_auditor_at_the_next_start(tmp_path: Path, unit: Unit) -> None:
    house = House(unit.house.board, tmp_path / "fresh")
    first_accounts(house)
    now = house.clock()
    people.add(house.desk, people.Wanted("ha", "Hà", "lead"), "hash", "admin", now)
    people.set_password(house.desk, "ha", "hash", "ha", now)
    people.set_password(house.desk, "auditor", "hash", "admin", now)
    assert set(first_accounts(house)) == {"auditor-1"} and first_accounts(house) == {}
    anew, lead = people.person(house.desk, "auditor-1"), people.person(house.desk, "ha")
    assert anew is not None and lead is not None and not_confirmable(lead, anew) is None
    people.set_active(house.desk, "auditor-1", False)
    assert set(first_accounts(house)) == {"auditor-2"}
    told = [event.body["accounts"] for event in house.store.events("first_start")]
    assert told == [["admin", "auditor"], ["auditor-1"], ["auditor-2"]]
