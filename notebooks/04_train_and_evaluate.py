# %% [markdown]
# # 4 · Train and evaluate
# Trained on the past, tested on later months whose answers have had time to mature. On the sample a handful of
# confirmed accounts decides everything: it shows how the work goes, and its figures mean nothing.

# %%
import os

import matplotlib.pyplot as plt
import numpy as np
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

source = fraudnet.load(DROP)
found = fraudnet.evaluate(source, AS_OF, ("account",), **SETTINGS)
report = found["reports"]["account"]
pl.DataFrame(report["folds"]).select("trained", "calibrated", "tested", "entities", "positives", "flagged")

# %% [markdown]
# ## The figures, and what a random split would have said
# A random split puts one ring on both sides and lets the model look into the future. It is shown so that nobody is
# fooled.

# %%
keys = list(report["random_split"])
measures = {row["key"]: row for row in found["evaluations"][0]["measures"]}
fig, ax = plt.subplots(figsize=(8, 3))
for place, key in enumerate(keys):
    row = measures[key]
    value, low, high = (row[part] or 0.0 for part in ("value", "low", "high"))
    ends = [[max(value - low, 0)], [max(high - value, 0)]]
    ax.errorbar([value], [place + 0.12], xerr=ends, fmt="o", color=INK, label="" if place else "forward in time")
    ax.plot(report["random_split"][key], place - 0.12, "x", color=OCHRE, label="" if place else "random split")
ax.set_yticks(range(len(keys)), [measures[key]["name"] for key in keys])
ax.set(xlim=(-0.02, 1.05), title="Forward in time with 95 % intervals, beside a random split")
ax.legend(frameon=False, loc="lower right")
plt.show()

# %%
for note in found["evaluations"][0]["notes"]:
    print(note)

# %% [markdown]
# ## Precision and recall, reliability, gain

# %%
fig, axes = plt.subplots(1, 3, figsize=(12, 3.6))
curve = report["precision_recall"]
axes[0].step([p["recall"] for p in curve], [p["precision"] for p in curve], where="post", color=INK, marker="o", ms=3)
axes[0].set(xlim=(0, 1.03), ylim=(0, None), title="precision against recall")
axes[0].set(xlabel="found of all confirmed", ylabel="confirmed among listed")
promised, seen = ([p[key] for p in report["reliability"]] for key in ("promised", "observed"))
top = max([*promised, *seen, 0.01])
axes[1].plot([0, top], [0, top], color=GREY, linestyle=":")
axes[1].plot(promised, seen, "o-", color=INK, ms=4)
axes[1].set(xlabel="promised", ylabel="observed", title="reliability of the top 5 %")
shares = [row["share"] for row in report["gains"]]
axes[2].plot(shares, [row["recall"] for row in report["gains"]], "o-", color=INK, ms=4, label="confirmed found")
saved = [row["saved_3"] or 0 for row in report["gains"]]
axes[2].plot(shares, saved, "--", color=OCHRE, label="money stopped, acting after 3 days")
axes[2].plot(shares, shares, ":", color=GREY)
axes[2].set(xscale="log", xlabel="share of accounts listed", title="gain by capacity")
axes[2].legend(frameon=False, fontsize=8)
fig.tight_layout()
plt.show()

# %% [markdown]
# ## What the model leans on

# %%
model = fraudnet.fit(source, AS_OF, "account", **SETTINGS)
gain = model.booster.gains()
best = sorted(range(len(gain)), key=lambda at: (-gain[at], model.names[at]))[:15][::-1]
fig, ax = plt.subplots(figsize=(8, 4))
ax.barh([model.names[at] for at in best], np.array([gain[at] for at in best]) / gain.sum(), color=INK)
ax.set(title="Share of the gain in training")
ax.tick_params(axis="y", labelsize=8)
plt.show()
