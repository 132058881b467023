# %% [markdown]
# # 5 · Thresholds, fairness and harm
# Where to end the list so that a promise can be kept, whom a list hits harder than others, and what a wrong flag costs.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import polars as pl

import fraudnet
from fraudnet.model.slices import by, flagged
from fraudnet.model.thresholds import nested, tail

# Your own data: set FRAUDNET_DROP (a drop folder with mapping.toml), FRAUDNET_AS_OF and, if you like, FRAUDNET_HOME.
DROP = os.environ.get("FRAUDNET_DROP", "../data/synthetic/sample/drop")
AS_OF = os.environ.get("FRAUDNET_AS_OF", "2026-03-05")
os.environ.setdefault("FRAUDNET_HOME", "../var")

# The sample has six months and 300 people, hence short delays; with your own data the settings stay the usual ones.
SMALL = {"maturity_days": 30, "min_positives": 5, "capacity": 0.02, "bootstrap": 50, "threads": 1}
SETTINGS = {} if "FRAUDNET_DROP" in os.environ else SMALL

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 80, "font.size": 10})
INK, OCHRE, GREY = "#1d4fa3", "#c27410", "#9aa7b4"

AT = os.environ.get("FRAUDNET_SNAPSHOT", "2026-02-01")  # a first of a month: its answers are known by AS_OF
source = fraudnet.load(DROP)
model = fraudnet.fit(source, AT, "account", **SETTINGS)  # knows nothing of what was decided from AT on
part = fraudnet.examples(source, AT, "account", AS_OF, **SETTINGS)
rows = part.rows()
raw = model.raw(rows.select(part.matrix.names))
capacity = SETTINGS.get("capacity", 0.005)
scored = (
    rows.select("entity_id", "y", "reviewed", "spared", "cluster")
    .with_columns(raw=pl.Series(raw), probability=pl.Series(model.probability(raw)))
    .sort("raw", "entity_id", descending=[True, False])
)
listed = flagged(scored, capacity)
f"{scored.height} accounts as of {AT}, {scored['y'].sum()} confirmed since, {listed['flagged'].sum()} on the list"

# %% [markdown]
# ## A line that keeps its promise
# A list of each length must show its precision with 90 % confidence (exact binomial), the shortest first. Where none
# does, the model promises nothing and says so: better than a figure that fresh data break.

# %%
lowest, sizes, hits = nested(scored["y"].to_numpy().astype(float), scored["raw"].to_numpy())
grid = np.linspace(0.001, 0.999, 400)
sure = [
    grid[tail(np.full(400, h), np.full(400, n), grid) <= 0.10].max(initial=0.0)
    for n, h in zip(sizes, hits, strict=True)
]
fig, ax = plt.subplots(figsize=(8, 3.4))
ax.plot(sizes, hits / sizes, "o-", color=INK, label="seen among the listed")
ax.fill_between(sizes, 0, sure, color=INK, alpha=0.15, label="shown with 90 % confidence")
for level in (0.2, 0.4, 0.7):
    ax.axhline(level, color=OCHRE, linestyle=":", linewidth=1)
    ax.text(sizes[-1], level, f" {level:.0%}", color=OCHRE, va="center")
ax.set(xscale="log", xlabel="length of the list", ylabel="precision", ylim=(0, 1))
ax.set_xticks([20, 50, 100, 200, 500], ["20", "50", "100", "200", "500"], minor=False)
ax.set_xticks([], minor=True)
ax.set_title("What each length of the list shows")
ax.legend(frameon=False)
plt.show()

# %%
pl.DataFrame(model.promises.as_json()["made"])

# %% [markdown]
# ## The same list, group by group
# Who belongs to which bank or province must not decide. Small groups say nothing, and the table says that instead.

# %%
about = fraudnet.link(source, AT).nodes.select("entity_id", "institution").collect()
banks = pl.DataFrame(by(listed.join(about, on="entity_id", how="left", maintain_order="left"), "institution", 50, 1))
shown = banks.with_columns(share=pl.col("flagged") / pl.col("entities"))
shown = shown.sort("entities", "name", descending=True).head(12)
half = 1.96 * (shown["share"] * (1 - shown["share"]) / shown["entities"]).sqrt()
fig, ax = plt.subplots(figsize=(8, 3.6))
ax.errorbar(shown["share"], range(shown.height), xerr=half, fmt="o", color=INK, capsize=2)
ax.axvline(capacity, color=GREY, linestyle="--")
ax.set_yticks(range(shown.height), [f"{n} ({e})" for n, e in shown.select("name", "entities").iter_rows()], fontsize=8)
ax.set(xlim=(0, None), xlabel="share of its accounts on the list (95 %)", title="By bank; dashed: the whole list")
plt.show()

# %% [markdown]
# ## Harm: who is wrongly on the list
# The synthetic world knows the truth, so the wrong ones can be told apart: honest look-alikes and ordinary people.
# With real data the reviewed ones stand in their place: cleared, victims, in good faith.

# %%
truth = Path(DROP).parent / "truth" / "truth.parquet"
if truth.is_file():
    was = pl.read_parquet(truth).unique("entity_id", keep="first", maintain_order=True).select("entity_id", "role")
    group = pl.when(pl.col("role").is_in(["ordinary", "alike"])).then("role").otherwise(pl.lit("worked for a ring"))
    told = listed.join(was, on="entity_id", how="left", maintain_order="left").with_columns(group=group)
else:
    group = pl.when(pl.col("y") == 1).then(pl.lit("confirmed")).when("spared").then(pl.lit("victim, good faith"))
    group = group.when("reviewed").then(pl.lit("cleared")).otherwise(pl.lit("not reviewed"))
    told = listed.with_columns(group=group)
ladder = [0.005, 0.01, 0.02, 0.05, 0.1]
groups = sorted(told["group"].unique().to_list(), reverse=True)
fig, ax = plt.subplots(figsize=(8, 3.2))
left = np.zeros(len(ladder))
for name, colour in zip(groups, (INK, GREY, OCHRE, "#d9c7a8"), strict=False):
    part_of = np.array([(told.head(max(round(s * told.height), 1))["group"] == name).mean() for s in ladder])
    ax.barh([f"{s:.1%}" for s in ladder], part_of, left=left, color=colour, label=name)
    left += part_of
ax.set(xlabel="share of the list", ylabel="capacity", title="Who stands on lists of growing length")
ax.legend(frameon=False, ncols=len(groups), loc="upper center", bbox_to_anchor=(0.5, -0.2))
plt.show()
