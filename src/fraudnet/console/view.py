"""Filling a template: every value escaped, every text from the catalogue in the reader's language."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from starlette.routing import Match

from fraudnet.console import pictures, words
from fraudnet.console.access import may
from fraudnet.console.guard import READING, language_of
from fraudnet.console.house import House
from fraudnet.console.sessions import IDLE, Session
from fraudnet.messages import LANGUAGES, text
from fraudnet.rendering.markup import templates_of
from fraudnet.rendering.numbers import percent, whole

NAVIGATION = ("queue", "cases", "search", "campaign", "team", "audit", "users", "entries", "me")
NAMES = {"vi": "Tiếng Việt", "en": "English", "fr": "Français"}


@cache
def environment() -> Environment:
    """Templates of this folder; a name that is missing is an error."""
    made = templates_of("fraudnet.console", last_newline=False)
    made.filters.update(money=words.money, whole=whole, day=words.day, minute=words.minute)
    made.globals.update(pictures=pictures, version=version("fraudnet"), languages=NAMES)
    return made


def house_of(request: Request) -> House:
    """The house of a request."""
    house: House = request.app.state.house
    return house


def back_of(request: Request) -> str:
    """Where a change of language leads back to: this page, or after a form the nearest page that can be asked for."""
    path, query = request.url.path, request.url.query
    if request.method in READING:
        return f"{path}?{query}" if query else path
    while path.strip("/") and not _readable(request, path):
        path = path.rstrip("/").rpartition("/")[0]
    return path or "/"


def _readable(request: Request, path: str) -> bool:
    asked = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.router.routes)


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the language of the session; `at` says which part of the console it belongs to."""
    house = house_of(request)
    language = language_of(request, house)
    session: Session | None = getattr(request.state, "session", None)
    who = session.person if session else None

    def said(message: str, **slots: object) -> str:
        return text(f"console.{message}", language, **slots)

    shown = [name for name in NAVIGATION if who is not None and may(who.role, name)]
    told = {
        "t": said, "language": language, "language_names": [(code, NAMES[code]) for code in LANGUAGES],
        "token": session.token if session else "", "who": who, "navigation": shown,
        "cut_off": words.minute(house.board.facts.as_of), "back": back_of(request),
        "theme": who.theme if who else "system", "keys": who.keys if who else False,
        "percent": lambda share: percent(share, language), "at": "",
        "idle_s": int(IDLE.total_seconds()), "now": words.minute(house.clock()),
    }  # fmt: skip
    return HTMLResponse(environment().get_template(template).render({**told, **values}), status)
