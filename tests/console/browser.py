"""A browser without scripts: asks the application in this process, keeps cookies, finds the form token."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

TOKEN = re.compile(r'name="token" value="([^"]*)"')


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def cookies(self) -> list[str]:
        return [value for key, value in self.headers if key == "set-cookie"]

    @property
    def token(self) -> str:
        found = TOKEN.search(self.text)
        return html.unescape(found[1]) if found else ""


@dataclass
class Browser:
    """One visitor of one application."""

    app: Any
    address: str = "10.0.0.1"
    scheme: str = "http"
    host: str = "127.0.0.1"
    jar: dict[str, str] = field(default_factory=dict)
    token: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)  # what the last answer was made of

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, {}, headers)

    def post(self, path: str, form: dict[str, Any] | None = None, **headers: str) -> Answer:
        """A form of the last page: its token goes along unless one is given."""
        return self.ask("POST", path, {"token": self.token, **(form or {})}, headers)

    def follow(self, answer: Answer) -> Answer:
        while answer.status == 303:
            answer = self.get(answer.header("location"))
        return answer

    def ask(self, method: str, path: str, form: dict[str, Any], headers: dict[str, str]) -> Answer:
        where, _, query = path.partition("?")
        body = urlencode(form, doseq=True).encode() if method == "POST" else b""
        told = {"host": self.host, "cookie": "; ".join(f"{k}={v}" for k, v in self.jar.items())}
        if body:
            told["content-type"] = "application/x-www-form-urlencoded"
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": self.scheme,
            "path": where, "raw_path": where.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in told.items()], "client": (self.address, 50000),
            "server": (self.host, 80),
        }  # fmt: skip
        self.sent = []
        answer = asyncio.run(_once(self.app, scope, body, self.sent))
        for cookie in answer.cookies:
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0].strip('"')
            if value:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)
        self.token = answer.token or self.token
        return answer


async def _once(app: Any, scope: dict[str, Any], body: bytes, sent: list[dict[str, Any]]) -> Answer:
    given = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return answer_of(sent)


def answer_of(sent: list[dict[str, Any]]) -> Answer:
    """The answer that these messages make."""
    start = next(message for message in sent if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    headers = [(k.decode().lower(), v.decode()) for k, v in start["headers"]]
    return Answer(start["status"], headers, content.decode("utf-8", "replace"))
