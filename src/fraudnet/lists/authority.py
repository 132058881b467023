"""Who asks for a list to be acted on: nobody may be asked in nobody's name."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from fraudnet.errors import ConfigurationError, MissingInputError


@dataclass(frozen=True)
class Authority:
    """The authority of a list: unit, number and date of the document, legal basis, who signs, whom to call.

    Raises ConfigurationError when one of them is empty.
    """

    unit: str
    document: str
    document_date: str
    legal_basis: str
    signer: str
    contact: str

    def __post_init__(self) -> None:
        empty = [part.name for part in fields(self) if not str(getattr(self, part.name)).strip()]
        if empty:
            raise ConfigurationError(
                "authority: {empty}: got nothing, expected who asks by what", empty=", ".join(empty)
            )

    def plain(self) -> dict[str, str]:
        """As a package and a page carry it."""
        return asdict(self)


def read_authority(path: Path) -> Authority:
    """The authority that a TOML file names. Raises MissingInputError, ConfigurationError naming what is missing."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise MissingInputError(
            "{path}: cannot be read; a list needs its authority: unit, document, document_date, "
            "legal_basis, signer, contact in a TOML file (docs/lists.md)",
            path=path,
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ConfigurationError("{path}: is no TOML; see docs/lists.md for an example", path=path) from None
    known = [part.name for part in fields(Authority)]
    unknown = sorted(set(said) - set(known))
    if unknown:
        raise ConfigurationError(
            "{path}: got the unknown key {unknown}, expected {known}",
            path=path,
            unknown=unknown[0],
            known=", ".join(known),
        )
    return Authority(**{name: str(said.get(name, "")) for name in known})
