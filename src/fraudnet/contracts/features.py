"""What is known about a feature column: what the analyst reads, its bounds, how it may move."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One feature. `description` says it in English; base, view and link say which texts make up another language."""

    name: str
    description: str
    family: str
    low: float | None = None
    high: float | None = None
    growing: bool = False  # grows with time by itself (ages, life-time totals): capped at the training maximum
    spread: bool = False  # worth taking means and maxima of over neighbours
    seed_built: bool = False  # rests on known fraud
    rising: bool = False  # more of it may only raise suspicion: the model is held to that
    graph: bool = False  # made by a family that reads the graph
    categories: tuple[str, ...] = ()
    base: str = ""  # the feature or measure that is looked at, where that is not this column's own name
    view: str = ""  # in whom, and how it is summed up: `payers_account_mean`
    link: str = ""  # along which kind of link: `transfer`, `call`, `link:<the drop's own word>`
