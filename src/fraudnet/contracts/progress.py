"""How a stage tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the name of the step, how much is done and how much there is (None when unknown)."""

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Report one step."""
        ...


def silent(step: str, done: int, total: int | None) -> None:
    """Listen to nothing."""
