"""The pages, one file per part of the console."""

from fraudnet.console.pages import (
    again,
    audit,
    campaign,
    cases,
    confirming,
    deciding,
    doors,
    entries,
    item,
    queue,
    search,
    team,
    users,
)

PARTS = (
    doors, again, queue, item, deciding, search, cases, campaign, team, audit, users, confirming, entries,
)  # fmt: skip
PAGES = tuple(part.router for part in PARTS)
