"""Lets the data directory be moved: MLflow keeps absolute places in its database, which are put right on opening."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

# Where MLflow 3.17 keeps places; a column it does not have in some version is passed over.
PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def relocate(database: Path, experiment: str, artifacts: str) -> bool:
    """Rewrite every place below the old artifact folder to the new one; whether there was anything to do.

    database: an MLflow SQLite file that may not exist yet; artifacts: URI of the artifact folder as it is now.
    """
    if not database.exists():
        return False
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        if not _has(connection, "experiments", "artifact_location"):
            return False
        # MLflow makes a first experiment of its own in whatever folder it was started in; nothing is ever put there.
        connection.execute("UPDATE experiments SET artifact_location = ? WHERE name = 'Default'", (artifacts,))
        query = "SELECT artifact_location FROM experiments WHERE name = ?"
        found = connection.execute(query, (experiment,)).fetchone()
        if found is None or found[0] == artifacts:
            return False
        for table, column in PLACES:
            if _has(connection, table, column):
                # Names come from the tuple above, never from outside.
                change = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?"  # noqa: S608
                connection.execute(change, (artifacts, len(found[0]) + 1, len(found[0]), found[0]))
    return True


def _has(connection: sqlite3.Connection, table: str, column: str) -> bool:
    query = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
    return connection.execute(query, (table, column)).fetchone() is not None
