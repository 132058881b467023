"""For the lead: who decides faster than one can read, how far readers agree, what waits or is in dispute."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from fraudnet.console import words
from fraudnet.console.guard import session_of
from fraudnet.console.house import House
from fraudnet.console.pages.confirming import to_confirm
from fraudnet.console.pages.item import shown
from fraudnet.console.view import house_of, page
from fraudnet.review import holding, standing
from fraudnet.review.pace import ENOUGH, Pace, paces
from fraudnet.review.second_readings import Agreement, by_unit
from fraudnet.review.standing import SECOND_READING
from fraudnet.store.dispositions import DECISION

router = APIRouter()


def _worked_out(house: House) -> tuple[list[Pace], dict[str, Agreement]]:
    """Pace and agreement, read off the record again only when something was recorded."""
    number = house.store.head().number
    if house.kept.get("team up to") != number:
        house.kept["team"] = paces(house.store.events(DECISION)), by_unit(house.store.events(SECOND_READING))
        house.kept["team up to"] = number
    found: tuple[list[Pace], dict[str, Agreement]] = house.kept["team"]
    return found


@router.get("/team", name="team")
def team(request: Request) -> Response:
    """The team's pace, agreement, locks and open signatures."""
    house, me = house_of(request), session_of(request).person
    assert me is not None  # noqa: S101
    house.office()
    board = house.board
    found, units = _worked_out(house)
    who = {pace.name: shown(house, pace.name) for pace in found}
    waits = [
        {"node": board.node_of[name], "called": words.called(board, item), "by": shown(house, one.actor),
         "at": one.at, "other": shown(house, one.other) if one.other else ""}
        for name, one in sorted(standing.waiting(house.desk).items())
        if name in board.node_of and (item := board.item(board.node_of[name])) is not None
    ]  # fmt: skip
    locks = [
        {"node": board.node_of[name], "called": words.called(board, item), "by": shown(house, lock.user),
         "until": lock.until}
        for name, lock in sorted(holding.held(house.desk, house.clock()).items())
        if name in board.node_of and (item := board.item(board.node_of[name])) is not None
    ]  # fmt: skip
    return page(request, "team.html", at="team", paces=found, names=who, units=units,
                waits=waits, locks=locks, enough=ENOUGH, unconfirmed=to_confirm(house, me))  # fmt: skip
