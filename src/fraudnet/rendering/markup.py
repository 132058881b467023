"""The one way to fill a template: everything that is put in is escaped, a name that is missing is an error."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fraudnet.rendering import numbers


def templates_of(package: str, *, last_newline: bool) -> Environment:
    """The templates of a package; whether the last line of each keeps its end."""
    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=last_newline,
    )


@cache
def environment() -> Environment:
    """Templates of this folder, with the filters of `numbers`."""
    made = templates_of("fraudnet.rendering", last_newline=True)
    made.filters.update(whole=numbers.whole, change=numbers.change, day=numbers.day)
    return made


def fill(template: str, **values: object) -> Markup:
    """A template with its places filled in, every value escaped but those that are markup already."""
    return Markup(environment().get_template(template).render(**values))  # noqa: S704  # made by autoescape


def tag(name: str, inner: Markup | str = "", **attributes: object) -> Markup:
    """One element; a trailing underscore of an attribute falls away, others become hyphens, None leaves it out."""
    said = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), said, inner)  # noqa: S704  # names come from code
