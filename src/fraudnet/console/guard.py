"""What stands before every page: the session, the access matrix, the form token, the headers of the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from fraudnet.console.access import ACCESS, ANYONE
from fraudnet.console.house import House
from fraudnet.console.sessions import Session, known
from fraudnet.messages import LANGUAGES
from fraudnet.review.kept_forms import drop_form

PLAIN, SECURE = "fraudnet", "__Host-fraudnet"
READING = ("GET", "HEAD")
LARGEST = 1 << 20  # bytes of a form; the longest of ours has 12 kB
ONCE_ALLOWED = ("me", "set_password", "log_out", "set_language", "static")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "x-frame-options": "DENY",
}
KEPT = "private, max-age=3600"
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class RefusedError(Exception):
    """A request that is not answered as asked: status, id of the message, its values."""

    def __init__(self, status: int, message: str, **values: object) -> None:
        super().__init__(message)
        self.status, self.message, self.values = status, message, values


class LoginNeededError(Exception):
    """Somebody must log in first; `form` is what was sent, so that it can be kept for its owner."""

    def __init__(self, form: FormData | None = None) -> None:
        super().__init__()
        self.form = form


class PasswordNeededError(Exception):
    """Somebody logged in with a one-time password and must choose their own."""


def cookie_name(house: House) -> str:
    """The name of the cookie; the prefix binds it to TLS and to this host."""
    return SECURE if house.secure else PLAIN


async def guard(request: Request) -> None:
    """Let a request through, or raise. A route that the access matrix does not name is refused to everybody."""
    house: House = request.app.state.house
    route = str(getattr(request.scope.get("route"), "name", ""))
    allowed = ACCESS.get(route)
    session = known(house.desk, request.cookies.get(cookie_name(house), ""), house.clock())
    request.state.session = session
    if allowed is None:
        raise RefusedError(403, "not_declared")
    if request.method not in READING:
        await _own_form(request, session)
    if ANYONE in allowed:
        return
    if session is None or session.person is None:
        raise LoginNeededError
    if session.person.role not in allowed:
        raise RefusedError(403, "no_right")
    if session.person.one_time and route not in ONCE_ALLOWED:
        raise PasswordNeededError
    if request.method not in READING:  # sent again, or anew: what was kept of it has served
        drop_form(house.desk, session.person.name, request.url.path)


async def _own_form(request: Request, session: Session | None) -> None:
    """Refuse whatever another site may have made the browser send."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if site not in ("same-origin", "none") or (origin is not None and origin != own):
        raise RefusedError(403, "other_site")
    form = await request.form()
    if session is None:
        raise LoginNeededError(form)
    token = form.get("token", "")
    if not isinstance(token, str) or not session.own_token(token):
        raise RefusedError(403, "other_form")


def session_of(request: Request) -> Session:
    """The session of a request that the guard let through."""
    session: Session | None = request.state.session
    if session is None:
        raise LoginNeededError
    return session


def language_of(request: Request, house: House) -> str:
    """The language of the answer: the session's, else the run's."""
    session: Session | None = getattr(request.state, "session", None)
    said = session.language if session else house.language
    return said if said in LANGUAGES else "vi"


def _too_large(scope: Message) -> bool:
    """Whether a form is larger than any of ours or does not say how large: nobody fills the memory before login."""
    told = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
    length = told.get(b"content-length", b"0")
    return b"transfer-encoding" in told or not length.isdigit() or int(length) > LARGEST


class Shielded:
    """Puts the headers on every answer, errors included, refuses other host names and forms that are too large."""

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]], house: House) -> None:
        self.app, self.house = app, house

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 421 if not self._called_right(scope) else 413 if _too_large(scope) else None
        if status is not None:
            bare = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
            await send({"type": "http.response.start", "status": status, "headers": bare})
            await send({"type": "http.response.body", "body": b""})
            return
        static = str(scope["path"]).startswith("/static/")

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = {**HEADERS, "cache-control": KEPT if static else "no-store"}
                if self.house.secure:
                    told["strict-transport-security"] = "max-age=31536000"
                mine = [(k.encode(), v.encode()) for k, v in told.items()]
                message["headers"] = [*message.get("headers", []), *mine]
            await send(message)

        await self.app(scope, receive, shielded)

    def _called_right(self, scope: Message) -> bool:
        host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return name.strip("[]") in self.house.hosts
