"""The console in a real browser: from login to a label by keyboard, accessibility, hostile texts, sizes."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import invented
import pytest
from visitors import PASSWORD, Unit

from fraudnet.review import kept_forms, people
from fraudnet.store.dispositions import DECISION, dispositions

CHROMIUM = shutil.which("chromium")
LEFT_OUT = "Chromium is not here: apt-get install chromium (in CI it must be)"
AXE = Path(__file__).parent / "axe" / "axe.min.js"
ANSWER = "Lương dừng trước khi đổi máy, từ đó chỉ có tiền đi qua."
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<svg/onload=alert(1)>", "javascript:alert(1)",
    "{{7*7}}", "'-alert(1)-'", "</textarea><script>alert(1)</script>", "<iframe src=javascript:alert(1)>",
    '" autofocus onfocus=alert(1) x="', "<a href=javascript:alert(1)>x</a>", "${alert(1)}", "<b onmouseover=alert(1)>b",
    "</title><script>alert(1)</script>", "<style>*{display:none}</style>", "<math><mi xlink:href=javascript:alert(1)>",
    "<object data=javascript:alert(1)>", "<body onload=alert(1)>", "\u2028alert(1)", "</script><script>alert(1)</script>",
    "<input value=x onfocus=alert(1) autofocus>",
)  # fmt: skip

if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip(LEFT_OUT, allow_module_level=True)


class Served:
    """A unit that listens on this machine."""

    def __init__(self, unit: Unit) -> None:
        import uvicorn

        self.unit = unit
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        config = uvicorn.Config(unit.app, host="127.0.0.1", port=self.port, log_level="error", access_log=False)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)
        return f"http://127.0.0.1:{self.port}"

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def _watched(chromium, **how) -> tuple[object, list[str]]:
    """A page, and everything that it complains about."""
    page = chromium.new_context(**how).new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: said.append(f"error {error}"))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" and "40" not in m.text[:80] else None)
    return page, said


def _enter(page, base: str, name: str) -> None:
    page.goto(f"{base}/login")
    page.keyboard.press("Tab")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def test_by_keyboard_from_login_to_a_label(tmp_path: Path, chromium) -> None:
    unit = Unit(tmp_path)
    with Served(unit) as base:
        page, said = _watched(chromium, viewport={"width": 1280, "height": 900})
        _enter(page, base, "bao")
        page.keyboard.press("n")
        page.wait_for_url("**/items/*")
        # Two acts after the login everything that a first decision needs is on one screen: both sides, the honest
        # look-alike, where the victims' money is.
        seen = [page.get_by_role("heading", name=name) for name in ("Nghiêng về gian lận", "Nghiêng về ngay tình")]
        for what in (*seen, page.locator(".trail-line"), page.get_by_text("giống ngay tình của").first):
            box = what.bounding_box()
            assert box["y"] + box["height"] <= 900
        page.keyboard.press("d")
        page.wait_for_url("**/decision")
        page.keyboard.press("2")
        page.keyboard.press("Space")
        page.locator("#answer").focus()
        page.keyboard.type(ANSWER)
        page.keyboard.press("Tab")
        page.wait_for_selector("#kept:has-text('Bản nháp')")
        page.locator("button.sign").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**said=decided")
        assert page.evaluate("document.activeElement.hasAttribute('data-said')")
        assert said == []
    row = dispositions(unit.house.store, unit.clock.now + timedelta(seconds=1)).row(0, named=True)
    assert row["outcome"] == "cleared"
    assert unit.house.store.texts(1)["answer"] == ANSWER


def test_two_browsers_on_one_item_and_the_slower_loses_nothing(tmp_path: Path, chromium) -> None:
    unit = Unit(tmp_path)
    node = next(item["node"] for item in unit.items(blind=False, kind="account") if item["grade"] in ("C", "D", "E"))
    with Served(unit) as base:
        pages = []
        for name in ("bao", "an"):
            page, _ = _watched(chromium)
            _enter(page, base, name)
            page.goto(f"{base}/items/{node}/decision")
            page.check("[name=outcome][value=cleared]")
            page.fill("#answer", f"{name}: {ANSWER}")
            pages.append(page)
        pages[0].click("button.sign")
        pages[0].wait_for_url("**said=decided")
        pages[1].click("button.sign")
        pages[1].wait_for_selector("[role=alert]:has-text('Lê Quốc Bảo')")
        assert pages[1].input_value("#answer") == f"an: {ANSWER}"
    assert len(list(unit.house.store.events(DECISION))) == 1


def test_a_session_that_is_about_to_end_is_said_and_one_key_extends_it(tmp_path: Path, chromium) -> None:
    unit = Unit(tmp_path)
    with Served(unit) as base:
        page, said = _watched(chromium)
        page.clock.install()
        _enter(page, base, "bao")
        unit.clock.pass_by(minutes=28)
        assert page.locator("#ending").is_hidden()
        page.clock.run_for(28 * 60 * 1000 + 100)
        page.wait_for_selector("#ending", state="visible")
        with page.expect_response("**/me"):
            page.keyboard.press("x")
        assert page.locator("#ending").is_hidden() and said == []
        unit.clock.pass_by(minutes=3)
        page.goto(f"{base}/queue")
        assert page.url.endswith("/queue")


PAGES = {
    "bao": ("/queue", "/items/{node}", "/items/{blind}", "/items/{node}/decision", "/items/{node}/rows", "/search", "/cases",
            "/cases/V-QAKTRE", "/campaign", "/me", "/again", "/nowhere"),
    "ha": ("/team",), "kiem": ("/audit",), "quan": ("/users",), "nganhang": ("/entries",),
}  # fmt: skip


@pytest.mark.parametrize("language", ["vi", "en", "fr"])
def test_axe_finds_nothing_on_any_page(tmp_path: Path, chromium, language: str) -> None:
    unit = Unit(tmp_path, invented.board(16, 6))
    places = {"node": unit.items(kind="account", blind=False)[0]["node"], "blind": unit.items(blind=True)[0]["node"]}
    how = {
        "vi": {"width": 1280, "height": 900},
        "en": {"width": 390, "height": 844},
        "fr": {"width": 1280, "height": 900},
    }
    people.add(unit.house.desk, people.Wanted("moi", "Người Mới", "analyst"), "hash", "quan", unit.clock.now)
    kept_forms.keep_form(unit.house.desk, "bao", "/items/1/hand-over", {"reason": ["nghỉ phép"]}, unit.clock.now)
    kept_forms.keep_form(unit.house.desk, "bao", "/items/1/decision", {}, unit.clock.now)
    found: dict[str, list[str]] = {}
    with Served(unit) as base:
        for name, paths in PAGES.items():
            scheme = "dark" if language == "fr" else "light"
            page, _ = _watched(chromium, viewport=how[language], color_scheme=scheme)
            page.context.add_init_script(path=AXE)
            page.goto(f"{base}/login")
            with page.expect_navigation():
                page.click(f"button[lang={language}]")
            found |= _axe(page, f"/login {language}")
            unit.house.desk.write("UPDATE users SET language = ? WHERE name = ?", (language, name))
            _enter(page, base, name)
            for path in paths:
                page.goto(base + path.format(**places))
                found |= _axe(page, f"{path} {language}")
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= how[language]["width"], (path, language, wide)
                small = page.evaluate(SMALL)
                assert small == [], (path, language, small)
            page.context.close()
    assert {path: rules for path, rules in found.items() if rules} == {}


SMALL = """Array.from(document.querySelectorAll('body *')).filter(e => e.childNodes.length && Array.from(e.childNodes)
  .some(c => c.nodeType === 3 && c.textContent.trim()) && e.getClientRects().length && !e.closest('.code, .ring, .heard')
  && parseFloat(getComputedStyle(e).fontSize) < 12).map(e => e.className + ':' + e.textContent.slice(0, 20))"""


def _axe(page, where: str) -> dict[str, list[str]]:
    told = page.evaluate(
        "axe.run(document, {resultTypes: ['violations'], preload: false, elementRef: false, runOnly: "
        "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return {where: [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in told["violations"]]}


@pytest.mark.parametrize("part", [HOSTILE[:10], HOSTILE[10:]], ids=["first", "second"])
def test_hostile_texts_do_nothing_and_are_shown_as_they_are(tmp_path: Path, chromium, part: tuple[str, ...]) -> None:
    text = " ".join(part)
    unit = Unit(tmp_path, invented.board(26, 10, hostile=text))
    unit.house.desk.write("UPDATE users SET shown = ? WHERE name = 'bao'", (text,))
    node = unit.items(kind="account", blind=False)[0]["node"]
    with Served(unit) as base:
        page, said = _watched(chromium)
        _enter(page, base, "bao")
        page.goto(f"{base}/items/{node}/decision")
        page.fill("#answer", text)
        page.fill("#note", text[:500])
        page.click("button:has-text('Lưu nháp')")
        for path in ("/queue", f"/items/{node}", f"/items/{node}/decision", f"/items/{node}/rows", "/cases", "/cases/V-QAKTRE",
                     "/campaign", "/me", f"/queue?bank={part[1]}", f"/{part[0]}"):  # fmt: skip
            page.goto(base + path)
            assert (
                page.evaluate("document.querySelectorAll('main script, main iframe, main object, main style').length")
                == 0
            )
        page.goto(f"{base}/items/{node}/decision")
        assert page.input_value("#answer").split() == text.split()
        page.goto(f"{base}/search")
        page.fill("#what", part[0][:20])
        page.select_option("#way", "name")
        page.click("main button.primary")
        assert part[0] in page.inner_text("body")
    assert said == []
    assert not list(unit.house.store.events(DECISION))


def test_the_ring_can_be_moved_and_stands_without_scripts(tmp_path: Path, chromium) -> None:
    with Served(Unit(tmp_path)) as base:
        page, said = _watched(chromium)
        _enter(page, base, "bao")
        page.goto(f"{base}/cases/V-QAKTRE")
        page.click("summary")
        page.wait_for_selector("#ring-live[data-nodes='9'] canvas", state="attached")
        assert said == []
        plain, _ = _watched(chromium, java_script_enabled=False)
        _enter(plain, base, "bao")
        plain.goto(f"{base}/cases/V-QAKTRE")
        assert plain.locator("svg.ring .node").count() >= 9
        plain.goto(f"{base}/queue")
        plain.click("[data-key=next]")
        plain.click("[data-key=decide]")
        assert plain.locator("button.sign").count() == 1
