"""The application: its routes, what stands before them, and how refusals look."""

from __future__ import annotations

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from fraudnet.console.access import ACCESS
from fraudnet.console.guard import HEADERS, LoginNeededError, PasswordNeededError, RefusedError, Shielded, guard
from fraudnet.console.house import House
from fraudnet.console.kept import keep_sent
from fraudnet.console.pages import PAGES
from fraudnet.console.view import page
from fraudnet.errors import ConfigurationError, FraudnetError

REFUSALS = {403: "no_right", 404: "not_found", 405: "no_method", 409: "conflict", 422: "not_understood"}


def make_app(house: House) -> FastAPI:
    """The console of one unit. Raises ConfigurationError when a route is not in the access matrix."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(guard)])
    app.state.house = house
    for router in PAGES:
        app.include_router(router)
    undeclared = sorted({str(route.name) for router in PAGES for route in router.routes} - set(ACCESS))
    if undeclared:
        raise ConfigurationError(
            "console: routes without a line in the access matrix: {undeclared}", undeclared=", ".join(undeclared)
        )
    app.add_exception_handler(LoginNeededError, _to_login)
    app.add_exception_handler(PasswordNeededError, _to_password)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(HTTPException, _missing)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(FraudnetError, _stopped)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(Shielded, house=house)
    return app


async def _to_login(request: Request, error: Exception) -> Response:
    """To the login; what was typed in a form is kept for whoever sent it."""
    form = error.form if isinstance(error, LoginNeededError) else None
    if form is not None:
        keep_sent(request, form)
    if request.headers.get("hx-request") == "true":
        return page(request, "kept.html", kept="")
    return RedirectResponse("/login?ended=1" if request.method != "GET" else "/login", 303)


def _to_password(_: Request, __: Exception) -> Response:
    return RedirectResponse("/me", 303)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101
    return page(request, "message.html", error.status, said=error.message, values=error.values)


def _missing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    status = error.status_code
    found = page(request, "message.html", status, said=REFUSALS.get(status, "not_understood"), values={})
    found.headers.update(error.headers or {})
    return found


def _unreadable(request: Request, _: Exception) -> Response:
    """A field is missing or is no number; nothing of what came is said back."""
    return page(request, "message.html", 422, said="not_understood", values={})


def _stopped(request: Request, _: Exception) -> Response:
    """The record cannot be written or does not hold: nothing more is taken until somebody looked."""
    return page(request, "message.html", 503, said="stopped", values={})


def _failed(request: Request, _: Exception) -> Response:
    """Something that nobody foresaw: said without a word of it, with the headers that every answer carries."""
    found = page(request, "message.html", 500, said="failed", values={})
    found.headers.update({**HEADERS, "cache-control": "no-store"})
    return found
