"""Pictures of a model: precision and recall, reliability, what it leans on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from fraudnet.files import write_with
from fraudnet.model.trained import Model

INK, SOFT = "#1f4e79", "#9aa7b4"
TOP = 20
ABOUT = {"Date": None, "Creator": "fraudnet"}
# Measuring the texts to find room for them took longer than drawing; the names of columns need half the width.
ROOM, ROOM_FOR_NAMES = 0.12, 0.5


def plots(model: Model, scored: pl.DataFrame, folder: Path) -> list[Path]:
    """Draw precision_recall, reliability and importance as SVG, without dates, so equal every time.

    scored: y, raw, probability of a test part (`Evaluation.scored`).
    """
    drawn = {
        "precision_recall": _precision_recall(scored),
        "reliability": _reliability(scored),
        "importance": _importance(model),
    }
    return [_save(figure, folder / f"{name}.svg") for name, figure in drawn.items()]


def _axes(title: str, x: str, y: str, left: float = ROOM) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.8))
    figure.subplots_adjust(left=left, right=0.97, top=0.92, bottom=0.12)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e6e9ec", linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _precision_recall(scored: pl.DataFrame) -> Any:
    ordered = scored.sort("raw", descending=True, maintain_order=True)
    y = ordered["y"].to_numpy().astype(np.float64)
    hits = np.cumsum(y)
    figure, axes = _axes("Precision and recall", "Recall (share of the fraud found)", "Precision (share that is fraud)")
    axes.step(hits / max(hits[-1], 1), hits / np.arange(1, len(y) + 1), where="post", color=INK, label="model")
    axes.axhline(y.mean(), color=SOFT, linestyle="--", label=f"picked at random ({y.mean():.2%})")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.05))
    axes.legend(frameon=False)
    return figure


def _reliability(scored: pl.DataFrame, bins: int = 10) -> Any:
    ordered = scored.sort("probability", maintain_order=True)
    cut = np.array_split(np.arange(ordered.height), bins)
    p, y = ordered["probability"].to_numpy(), ordered["y"].to_numpy().astype(np.float64)
    promised = np.array([p[part].mean() for part in cut if len(part)])
    seen = np.array([y[part].mean() for part in cut if len(part)])
    figure, axes = _axes("Reliability, ten equal groups", "Promised probability", "Observed share of fraud")
    top = max(promised.max(), seen.max(), 0.01) * 1.05
    axes.plot([0, top], [0, top], color=SOFT, linestyle="--", label="as promised")
    axes.plot(promised, seen, color=INK, marker="o", label="model")
    axes.set(xlim=(0, top), ylim=(0, top))
    axes.legend(frameon=False)
    return figure


def _importance(model: Model) -> Any:
    gains = model.booster.gains()
    order = sorted(range(len(gains)), key=lambda i: (-gains[i], model.names[i]))[:TOP][::-1]
    share = gains / max(gains.sum(), 1e-12)
    figure, axes = _axes("What the model leans on", "Share of the gain in training", "", ROOM_FOR_NAMES)
    axes.barh([model.names[i] for i in order], [share[i] for i in order], color=INK)
    axes.tick_params(axis="y", labelsize=7)
    return figure


def _save(figure: Any, path: Path) -> Path:
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "fraudnet", "svg.fonttype": "none", "font.family": "DejaVu Sans"}):
        return write_with(path, lambda part: figure.savefig(part, format="svg", metadata=ABOUT))
