"""Logging in and out, one's own settings, and the files that pages need."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from fraudnet.console import sessions
from fraudnet.console.access import STARTS
from fraudnet.console.guard import RefusedError, cookie_name, session_of
from fraudnet.console.passwords import SHORTEST, fits, hashed
from fraudnet.console.view import house_of, page
from fraudnet.messages import LANGUAGES
from fraudnet.review import people
from fraudnet.review.kept_forms import kept_forms

router = APIRouter()
Text = Annotated[str, Form()]
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
STATIC = ("console.css", "console.js", "ring.js", "icons.svg", "htmx.min.js", "cytoscape.min.js")
THEMES = ("system", "light", "dark")


@router.get("/static/{name}", name="static")
async def static(name: str) -> Response:
    """A file that pages need."""
    if name not in STATIC:
        raise RefusedError(404, "not_found")
    content = files("fraudnet.console").joinpath("static", name).read_bytes()
    return Response(content, media_type=KINDS[name.rpartition(".")[2]])


@router.get("/", name="start")
async def start(request: Request) -> Response:
    """To the page that a role begins with."""
    who = session_of(request).person
    return RedirectResponse(STARTS[who.role] if who else "/login", 303)


@router.get("/login", name="login")
async def login(request: Request, ended: int = 0) -> Response:
    """The form to log in."""
    return _login(request, {"ended": bool(ended), "name": "", "left": None})


def _login(request: Request, values: dict[str, object], status: int = 200) -> Response:
    house = house_of(request)
    key = None
    if request.state.session is None:
        address = request.client.host if request.client else ""
        key = sessions.begin(house.desk, address, house.language, house.clock())
        request.state.session = sessions.known(house.desk, key, house.clock())
    found = page(request, "login.html", status, **values)
    return found if key is None else _with_key(request, found, key)


def _with_key(request: Request, answer: Response, key: str) -> Response:
    house = house_of(request)
    answer.set_cookie(cookie_name(house), key, httponly=True, samesite="strict", secure=house.secure, path="/")
    return answer


@router.post("/login", name="log_in")
def log_in(request: Request, name: Text = "", password: Text = "") -> Response:
    """Check a password."""
    house, session = house_of(request), session_of(request)
    found = sessions.log_in(house.desk, session, name.strip().lower(), password, house.clock())
    if found.key is None:
        return _login(request, {"ended": False, "name": name, "left": found.left}, 429 if found.left == 0 else 401)
    kept = kept_forms(house.desk, name.strip().lower(), house.clock())
    return _with_key(request, RedirectResponse("/again" if kept else "/", 303), found.key)


@router.post("/logout", name="log_out")
async def log_out(request: Request) -> Response:
    """End the session on the server."""
    house = house_of(request)
    sessions.end(house.desk, session_of(request))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(house), path="/", secure=house.secure, httponly=True, samesite="strict")
    return answer


@router.post("/language", name="set_language")
async def set_language(request: Request, language: Text, back: Text = "/") -> Response:
    """Change the language of the session, and go back to the page."""
    house, session = house_of(request), session_of(request)
    if language in LANGUAGES:
        sessions.speak(house.desk, session, language)
    safe = back.startswith("/") and not back.startswith("//") and "\\" not in back
    return RedirectResponse(back if safe else "/", 303)


@router.get("/me", name="me")
async def me(request: Request, said: str = "") -> Response:
    """One's own settings."""
    return page(request, "me.html", at="me", said=said if said in ("kept", "changed") else "", wrong="", themes=THEMES)


@router.post("/me", name="set_me")
async def set_me(request: Request, language: Text, theme: Text, keys: Text = "") -> Response:
    """Keep one's own settings."""
    house, session = house_of(request), session_of(request)
    if session.person is not None and language in LANGUAGES and theme in THEMES:
        people.prefer(house.desk, session.person.name, language, theme, bool(keys))
        sessions.speak(house.desk, session, language)
    return RedirectResponse("/me?said=kept", 303)


@router.post("/password", name="set_password")
async def set_password(request: Request, old: Text, new: Text, again: Text) -> Response:
    """Choose a password of one's own; every other session of the account ends."""
    house, session = house_of(request), session_of(request)
    who = session.person
    if who is None:
        raise RefusedError(403, "no_right")
    wrong = (
        "old" if not fits(who.password, old) else "short" if len(new) < SHORTEST else "again" if new != again else ""
    )
    wrong = wrong or ("same" if new == old else "")
    if wrong:
        return page(request, "me.html", 422, at="me", said="", wrong=wrong, themes=THEMES)
    people.set_password(house.desk, who.name, hashed(new), who.name, house.clock())
    key = sessions.begin(house.desk, session.address, session.language, house.clock(), who.name)
    return _with_key(request, RedirectResponse("/me?said=changed", 303), key)
