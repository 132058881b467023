"""Which institution a name speaks of."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from fraudnet.sources.propose.fold import fold


@cache
def aliases() -> dict[str, str]:
    """The code of each institution by every name of the one table of names, folded."""
    text = files("fraudnet.sources.propose").joinpath("aliases.toml").read_text(encoding="utf-8")
    return {alias: code for code, names in tomllib.loads(text).items() for alias in names}


def institution_in(*names: str) -> str | None:
    """The code of the one institution that a file, folder or title names; None when none or several are named."""
    found = set()
    for name in names:
        words = f" {fold(name)} {fold(name.lower())} "  # VietinBank is one word, SaoKeVCB three
        found |= {code for alias, code in aliases().items() if f" {alias} " in words}
        found |= {word for word in words.split() if word in aliases().values()}
    return found.pop() if len(found) == 1 else None
