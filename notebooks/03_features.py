# %% [markdown]
# # 3 · Features
# Some hundred numbers per account, each with a sentence that an analyst can read, each from rows strictly
# before the cut-off.

# %%
import os

import matplotlib.pyplot as plt
import polars as pl

import fraudnet

# Your own data: set FRAUDNET_DROP (a drop folder with mapping.toml), FRAUDNET_AS_OF and, if you like, FRAUDNET_HOME.
DROP = os.environ.get("FRAUDNET_DROP", "../data/synthetic/sample/drop")
AS_OF = os.environ.get("FRAUDNET_AS_OF", "2026-03-05")
os.environ.setdefault("FRAUDNET_HOME", "../var")

# The sample has six months and 300 people, hence short delays; with your own data the settings stay the usual ones.
SMALL = {"maturity_days": 30, "min_positives": 5, "capacity": 0.02, "bootstrap": 50, "threads": 1}
SETTINGS = {} if "FRAUDNET_DROP" in os.environ else SMALL

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 80, "font.size": 10})
INK, OCHRE, GREY = "#1d4fa3", "#c27410", "#9aa7b4"

AT = os.environ.get("FRAUDNET_SNAPSHOT", "2025-12-01")  # a first of a month: its answers are known by AS_OF
source = fraudnet.load(DROP)
part = fraudnet.examples(source, AT, "account", AS_OF, **SETTINGS)
rows = part.rows()
columns = pl.DataFrame([{"name": c.name, "family": c.family, "means": c.description} for c in part.matrix.columns])
f"{rows.height} accounts, {len(part.matrix.names)} features, {rows['y'].sum()} confirmed within the delay after {AT}"

# %% [markdown]
# ## What they tell, family by family

# %%
sizes = columns.group_by("family").len().sort("len", "family")
fig, ax = plt.subplots(figsize=(8, 0.22 * sizes.height + 0.8))
ax.barh(sizes["family"], sizes["len"], color=INK)
ax.set(title="Features by family", xlabel="columns")
ax.tick_params(axis="y", labelsize=8)
plt.show()

# %% [markdown]
# ## Some of them, for the confirmed and for all others
# No single one decides: each has honest look-alikes. That is why a model weighs them together.

# %%
shown = [
    name
    for name in ("in_payers_30d", "dwell_minutes_median_30d", "peak_in_amount_1d", "age_days",
                 "money_pagerank_weighted", "logins_30d")
    if name in part.matrix.names
]  # fmt: skip
fig, axes = plt.subplots(2, 3, figsize=(10, 5))
for ax, name in zip(axes.flat, shown, strict=False):
    values = rows.select("y", name).drop_nulls()
    ranked = values.with_columns(share=(pl.col(name).rank("average") - 0.5) / pl.len())
    for y, colour, told in ((0, GREY, "all others"), (1, OCHRE, "confirmed")):
        mine = ranked.filter(pl.col("y") == y)["share"]
        ax.hist(mine, bins=10, range=(0, 1), density=True, color=colour, alpha=0.65, label=told)
    ax.set(title=name, yticks=[], xticks=[0, 0.5, 1])
    ax.title.set_fontsize(9)
axes.flat[0].legend(frameon=False, fontsize=8)
for ax in axes[-1]:
    ax.set_xlabel("share of accounts with less")
fig.tight_layout()
plt.show()

# %%
with pl.Config(fmt_str_lengths=90, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
    print(columns.filter(pl.col("name").is_in(shown)).select("name", "means"))

# %% [markdown]
# ## Patterns with their honest look-alikes
# A typology says how clearly a known scheme shows, and how well honest life would explain the same.

# %%
named = [name.removesuffix("_alike") for name in part.matrix.names if name.endswith("_alike")]
names = [name for name in named if f"{name}_strength" in part.matrix.names]
seen = (
    pl.DataFrame(
        [
            {
                "typology": name,
                "shows": rows.select(
                    ((pl.col(f"{name}_strength") > 0.5) & (pl.col(f"{name}_alike") <= 0.5)).sum()
                ).item(),
                "explained": rows.select(
                    ((pl.col(f"{name}_strength") > 0.5) & (pl.col(f"{name}_alike") > 0.5)).sum()
                ).item(),
            }
            for name in names
        ]
    )
    .filter(pl.col("shows") + pl.col("explained") > 0)
    .sort("shows", "typology")
)
fig, ax = plt.subplots(figsize=(8, 0.28 * seen.height + 0.9))
ax.barh(seen["typology"], seen["shows"], color=OCHRE, label="shows clearly")
ax.barh(
    seen["typology"], seen["explained"], left=seen["shows"], color=GREY, label="shows, but an honest look-alike fits"
)
ax.set(title=f"Accounts by typology, {AT}")
ax.legend(frameon=False)
plt.show()
