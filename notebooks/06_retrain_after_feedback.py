# %% [markdown]
# # 6 · Retrain after feedback
# A month of decisions comes back and the recipe learns them. Who rises, who falls, and was it right? The old and the
# new model meet on a snapshot that neither has learned from.

# %%
import os

import matplotlib.pyplot as plt
import polars as pl

import fraudnet
from fraudnet.expressions import local_day
from fraudnet.model.metrics import average_precision
from fraudnet.model.paired import paired

# Your own data: set FRAUDNET_DROP (a drop folder with mapping.toml), FRAUDNET_AS_OF and, if you like, FRAUDNET_HOME.
DROP = os.environ.get("FRAUDNET_DROP", "../data/synthetic/sample/drop")
AS_OF = os.environ.get("FRAUDNET_AS_OF", "2026-03-05")
os.environ.setdefault("FRAUDNET_HOME", "../var")

# The sample has six months and 300 people, hence short delays; with your own data the settings stay the usual ones.
SMALL = {"maturity_days": 30, "min_positives": 5, "capacity": 0.02, "bootstrap": 50, "threads": 1}
SETTINGS = {} if "FRAUDNET_DROP" in os.environ else SMALL

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.dpi": 80, "font.size": 10})
INK, OCHRE, GREY = "#1d4fa3", "#c27410", "#9aa7b4"

BEFORE = os.environ.get("FRAUDNET_BEFORE", "2026-02-05")  # the old model knows what was decided before this day
TEST = os.environ.get("FRAUDNET_TEST", "2026-03-01")  # both meet on this snapshot
KNOWN = os.environ.get("FRAUDNET_KNOWN", "2026-04-01")  # what was decided about it by then
source = fraudnet.load(DROP)
old = fraudnet.fit(source, BEFORE, "account", **SETTINGS)
new = fraudnet.fit(source, AS_OF, "account", **SETTINGS)
pl.DataFrame(
    {
        "model": ["old", "new"],
        "knows until": [BEFORE, AS_OF],
        "confirmed rows to learn from": [old.facts["positives"], new.facts["positives"]],
        "calibrated on": [local_day(m.facts["calibration_moment"]) for m in (old, new)],
    }
)

# %% [markdown]
# ## Who rises, who falls

# %%
part = fraudnet.examples(source, TEST, "account", KNOWN, **SETTINGS)
rows = part.rows()
values = rows.select(part.matrix.names)
met = rows.select("entity_id", "y", "reviewed", "cluster").with_columns(
    champion=pl.Series(old.raw(values)), challenger=pl.Series(new.raw(values))
)
placed = met.with_columns(
    was=pl.col("champion").rank("ordinal", descending=True), now=pl.col("challenger").rank("ordinal", descending=True)
)
fig, ax = plt.subplots(figsize=(5.6, 5.2))
for y, colour, size, name in ((0, GREY, 6, "not confirmed"), (1, OCHRE, 60, "confirmed since")):
    some = placed.filter(pl.col("y") == y)
    ax.scatter(some["was"], some["now"], s=size, color=colour, label=name, zorder=2 + y)
ax.plot([1, placed.height], [1, placed.height], color=INK, linewidth=0.8, linestyle=":")
ax.set(xscale="log", yscale="log", xlabel="place by the old model", ylabel="place by the new model")
ax.set_title("Below the line: rose")
ax.legend(frameon=False)
plt.show()

# %%
placed.with_columns(rise=pl.col("was") - pl.col("now")).filter(pl.col("now") <= 10).sort("now").select(
    "was", "now", "y", "reviewed"
)

# %% [markdown]
# ## Is it better, beyond noise?
# The gate asks the same: paired, over resamples of whole clusters. On a few confirmed accounts the honest answer is
# that nobody can tell, and the champion stays (`fraudnet promote`).

# %%
trial = met.with_columns(cluster=pl.col("cluster").rank("dense").cast(pl.Int64) - 1)
gain = paired(trial, average_precision, SETTINGS.get("bootstrap", 200), 1)
f"average precision {gain.champion:.3f} to {gain.challenger:.3f}: {gain.answer(0.02)}"

# %% [markdown]
# ## What the answers changed
# The features that gained most weight in the new model.


# %%
def shares(model: object) -> dict[str, float]:
    gains = model.booster.gains()
    return dict(zip(model.names, gains / gains.sum(), strict=True))


before, after = shares(old), shares(new)
change = {name: after[name] - before.get(name, 0) for name in after}
moved = sorted(change, key=lambda name: (-abs(change[name]), name))[:12][::-1]
fig, ax = plt.subplots(figsize=(8, 3.8))
ax.barh(moved, [change[n] for n in moved], color=[INK if change[n] > 0 else OCHRE for n in moved])
ax.axvline(0, color=GREY)
ax.set(title="Change of the share of the gain")
ax.tick_params(axis="y", labelsize=8)
plt.show()
