"""The formats a list is written in: one file, one format."""

from __future__ import annotations

from importlib import import_module

from fraudnet.errors import ConfigurationError
from fraudnet.lists.format import ListFormat

FORMATS: tuple[str, ...] = ("working_csv", "working_xlsx", "json_lines", "parquet", "simo_002")


def list_formats(names: tuple[str, ...] = FORMATS) -> tuple[ListFormat, ...]:
    """Load the named formats, in order; the registered ones when none is named.

    Raises ConfigurationError for a name that is not registered, and when there is no name.
    """
    unknown = sorted(set(names) - set(FORMATS))
    if unknown or not names:
        raise ConfigurationError(
            "list formats: got {unknown}, expected some of {known}", unknown=unknown or "none", known=", ".join(FORMATS)
        )
    return tuple(import_module(f"fraudnet.lists.formats.{name}").FORMAT for name in names)
