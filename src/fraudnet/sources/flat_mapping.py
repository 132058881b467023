"""What mapping files say, key by key, so that two runs can be held against each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fraudnet.files import digest_of
from fraudnet.sources import mapping as said

BETWEEN = " | "
INVENTED = "/synthetic"  # the key of every mapping that says whether nobody in it exists


def flat_mappings(mappings: Iterable[said.Mapping]) -> dict[str, str]:
    """Every key that a mapping names, with its value as text; defaults that it leaves unsaid are left out.

    A key is the mapping's name, a slash, and its place in it; `synthetic` always stands there. A table is called by its
    contract and file. Where mappings of one name differ, as those of older and newer drops may, a key has every value,
    sorted, and `versions` says by digest which values go together.
    """
    found: dict[str, set[str]] = {}
    whole: dict[str, set[str]] = {}
    for one in mappings:
        told = list(_told(one))
        whole.setdefault(one.name, set()).add(digest_of(told)[:12])
        for key, value in told:
            found.setdefault(f"{one.name}/{key}", set()).add(value)
    found.update({f"{name}/versions": digests for name, digests in whole.items() if len(digests) > 1})
    return {key: BETWEEN.join(sorted(values)) for key, values in sorted(found.items())}


def _told(one: said.Mapping) -> Iterator[tuple[str, str]]:
    plain = one.model_dump(mode="json", exclude_defaults=True)
    tables = plain.pop("tables")
    plain.pop("name")
    plain["synthetic"] = one.synthetic
    yield from _leaves("", plain)
    times: dict[str, int] = {}
    for table in tables:
        name = f"{table.pop('table')}[{table.pop('file')}]"
        times[name] = times.get(name, 0) + 1
        place = name if times[name] == 1 else f"{name}#{times[name]}"
        yield f"{place}.read", "yes"
        yield from _leaves(f"{place}.", table)


def _leaves(above: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{above}{key}.", inner)
    else:
        yield above.rstrip("."), _listed(value) if isinstance(value, list) else str(value)


def _listed(value: list[Any]) -> str:
    """Readable, and different for different lists."""
    words = [str(one) for one in value]
    return json.dumps(words, ensure_ascii=False) if any("," in word for word in words) else ", ".join(words)
