"""The pages, one file per part of the console."""

from fraudnet.console.pages import audit, campaign, cases, deciding, doors, entries, item, queue, search, team, users

PAGES = tuple(
    part.router for part in (doors, queue, item, deciding, search, cases, campaign, team, audit, users, entries)
)
