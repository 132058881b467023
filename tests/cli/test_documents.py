"""What the documents say about settings and exit codes is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from fraudnet import errors
from fraudnet.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `?([^|`]+?)`? \|", (DOCS / "settings.md").read_text(encoding="utf-8"), re.M)
    documented = dict(rows)
    assert set(documented) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        default = documented[name]
        assert str(field.default) == default or float(default) == field.default, name


def test_every_exit_code_is_documented() -> None:
    text = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.M)}
    used = {c.exit_code for c in vars(errors).values() if isinstance(c, type) and issubclass(c, Exception)}
    assert used <= documented
    assert documented - used == {0, 2, 130}
