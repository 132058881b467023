# %% [markdown]
# # 1 · The data and its quality
# What came in, what was turned away, how far the sources reach, how good each of them is. Nobody in the sample exists.

# %%
import os
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import polars as pl

import fraudnet
from fraudnet.contracts.progress import silent
from fraudnet.expressions import local
from fraudnet.pipeline import Check, check_drops
from fraudnet.settings import load_settings

# Your own data: set FRAUDNET_DROP (a drop folder with mapping.toml), FRAUDNET_AS_OF and, if you like, FRAUDNET_HOME.
DROP = os.environ.get("FRAUDNET_DROP", "../data/synthetic/sample/drop")
AS_OF = os.environ.get("FRAUDNET_AS_OF", "2026-03-05")
os.environ.setdefault("FRAUDNET_HOME", "../var")
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 80, "font.size": 10})
INK, OCHRE, GREY = "#1d4fa3", "#c27410", "#9aa7b4"

source = fraudnet.load(DROP)
found = check_drops(Check((Path(DROP),), as_of=date.fromisoformat(AS_OF)), load_settings(), silent).figures

# %% [markdown]
# ## Rows that came, and rows that were turned away
# A row that breaks its contract goes to quarantine with its reason: it is counted, never dropped in silence.

# %%
rows = pl.DataFrame(found["tables"]).filter(pl.col("rows_in") > 0).sort("rows_in")
fig, ax = plt.subplots(figsize=(8, 4.4))
ax.barh(rows["table"], rows["good"], color=INK, height=0.7)
ax.set(xscale="log", xlabel="good rows (log scale)", title="What the drop holds, and what was turned away")
for place, (good, turned) in enumerate(rows.select("good", "quarantined").iter_rows()):
    ax.text(good * 1.1, place, f"{turned} turned away" if turned else "", va="center", fontsize=8, color=OCHRE)
plt.show()

# %%
pl.DataFrame(found["rules"]).sort("rows", "table", "rule", descending=[True, False, False]).head(8)

# %% [markdown]
# ## How far the data reach
# A missing week looks like a calm one. Scoring refuses a cut-off more than three days behind the last row of a source
# that delivers daily.

# %%
fig, axes = plt.subplots(2, 1, figsize=(8, 4), sharex=True)
for ax, table in zip(axes, ("transfers", "calls"), strict=True):
    ax.set(ylabel=f"{table} a day")
    if source.records.has(table):
        daily = (
            source.records.table(table).select(day=local("at").dt.date()).group_by("day").len().sort("day").collect()
        )
        ax.fill_between(daily["day"], daily["len"], color=INK, alpha=0.4, linewidth=0)
    ax.axvline(date.fromisoformat(AS_OF), color=OCHRE, linestyle="--")
axes[0].set_title("Every event once. Dashed: the cut-off; nothing at or after it matters")
plt.show()

# %% [markdown]
# ## How good each source is
# Six criteria from 0 to 100. The whole report, with what stands behind each figure: `fraudnet check DROP --out FOLDER`.

# %%
grid = (
    pl.DataFrame(found["quality"], infer_schema_length=None)
    .filter(pl.col("institution").is_null())
    .pivot("criterion", index="source", values="value", aggregate_function="first")
    .sort("source")
)
names = [name for name in grid.columns if name != "source"]
fig, ax = plt.subplots(figsize=(8, 0.24 * grid.height + 1.2))
shown = ax.imshow(grid.select(names).to_numpy(), cmap="cividis", vmin=80, vmax=100, aspect="auto")
ax.set_xticks(range(len(names)), names, rotation=20, ha="right")
ax.set_yticks(range(grid.height), grid["source"], fontsize=7)
ax.set_title("Sources by criterion")
fig.colorbar(shown, label="100 is without fault; blank is not known", shrink=0.8)
plt.show()
