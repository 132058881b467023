"""docs/model.md from the result file of the model's benchmark."""

from __future__ import annotations

import math
from typing import Any

from fraudnet.model.selection import among_flagged

Row = dict[str, Any]
NAMES = {
    "precision_at_capacity": "precision at capacity", "recall_at_capacity": "recall at capacity",
    "average_precision": "average precision", "auc": "AUC",
    "recall_at_1_percent_false": "recall at 1 % false positives",
}  # fmt: skip
TABLES = {"all": "all rows", "unseen_clusters": "clusters unseen in training"}
HEADS = {"account": "Accounts", "sim": "SIMs"}
FIGURES = 100_000
SMALLER = (
    "The world is smaller than the figures world ({people:,} people, 24 months, 0.5 %), which takes hours: "
    '`make bench-model MODEL_SIZE="--work FOLDER --minutes 30"`, given again until it is done, measures it in pieces.'
)
OPTIONS = {
    "unlabelled": ("taking the never reviewed as unlabelled", "found_by_reviews"),
    "weighed": ("weighing reviewed rows by their chance of a review", "weigh_reviews"),
}
BUDGETS, LEAST = (0.25, 0.5, 1.0), 10
HIDING = {"structured": "accounts, smaller payments", "aged": "accounts, opened earlier", "spread": "SIMs, more cards"}


def page(result: Row) -> list[str]:
    """The page, line by line."""
    plan = result["plan"]
    lines = [
        "# How good the model is", "",
        f"Made by `{result['command']}` on a [synthetic world](world.md) of {plan['people']:,} people and "
        f"{plan['months']} months, {plan['share']:.1%} of the accounts used for fraud at some time. "
        f"{plan['windows']} test{'s' * (plan['windows'] > 1)} forward in time, at least {result['maturity_days']} days "
        "apart, pooled: each model learned "
        "only what was decided before its test began. Intervals are 95 % over resamples of rings and clusters. "
        f"Reviewers can look at {result['capacity']:.1%} of each kind a test.", "",
        "Labels are what reviews confirmed; the truth of the world stands beside them. Nothing here says anything "
        "about real data.",
    ]  # fmt: skip
    if plan["people"] < FIGURES:
        lines += ["", SMALLER.format(people=FIGURES)]
    for found in result["kinds"]:
        lines += kind(found, result["rivals"])
    lines += [*evasion(result["evasion"]), *trust(result["trust"])]
    cost = f"{result['cpu_seconds']:,} s of CPU time (world {result['world_cpu_seconds']:,} s, snapshots "
    cost += (
        f"{result['snapshots_cpu_seconds']:,} s), {result['wall_seconds']:,} s by the clock, {result['memory_mb']:,} MB"
    )
    return [*lines, "", f"Commit {result['commit']}, {result['machine']}: {cost}."]


def evasion(found: Row) -> list[str]:
    """What hiding costs the list."""
    lines = [
        "", "## Rings that hide", "",
        f"A world of {found['people']:,} people and {found['months']} months, {found['share']:.0%} of the accounts in "
        "fraud: the models learned from it as it is and are asked about one test of it in which a part of the "
        "guilty splits payments into parts of 9.9 million đồng, calls from three cards in place of one, or uses "
        f"accounts opened 400 days earlier. Recall of all guilty in the first {found['capacity']:.0%}:", "",
        "| who hides how | guilty | nobody | " + " | ".join(f"{b:.0%} of them" for b in BUDGETS) + " |",
        "|---|---|---|" + "---|" * len(BUDGETS),
    ]  # fmt: skip
    for tactic, said in HIDING.items():
        rows = {row["budget"]: row for row in found["rows"] if row["tactic"] == tactic}
        if rows:
            one = next(iter(rows.values()))
            few = one["guilty"] < LEAST
            told = [one["before"], *(rows[budget]["after"] for budget in BUDGETS)]
            cells = ["too few" if few else f"{value:.2f}" for value in told]
            lines.append(f"| {said} | {one['guilty']} | {' | '.join(cells)} |")
    return lines


def trust(rows: list[Row]) -> list[str]:
    """The rows of the trust table about models, with what their tests measured."""
    lines = ["", "## Trust, as tests", "", "| row | what its test measured | test |", "|---|---|---|"]
    return lines + [f"| {row['row']} | {row['figure']} | `{row['test']}` |" for row in rows]


def kind(found: Row, rivals: Row) -> list[str]:
    """One kind: figures, calibration, gains, typologies, selection."""
    lines = ["", f"## {HEADS[found['kind']]}", ""]
    if "not_measured" in found:
        return [*lines, f"Not measured: {found['not_measured']}."]
    lines += [f"- {fold['tested']}: {fold['positives']} confirmed of {fold['entities']:,}, {fold['flagged']} flagged, "
              f"{fold['spared_flagged']} of them victims or in good faith" for fold in found["folds"]]  # fmt: skip
    lines += ["", f"{found['promised']}.", "", "| | " + " | ".join(TABLES.values()) + " |", "|---|---|---|"]
    for key, name in NAMES.items():
        cells = [measure(next(f for f in found["figures"] if f["metric"] == key and f["rows"] == t)) for t in TABLES]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [*lines, *truth(found["truth"]), *calibration(found), *gains(found["gains"], rivals),
            *typologies(found), *selection(found)]  # fmt: skip


def measure(row: Row) -> str:
    """A figure with its interval, or that there are too few."""
    if row["too_few"]:
        return f"too few ({row['positives']})"
    return f"{number(row['value'])} ({number(row['low'])} to {number(row['high'])})"


def truth(row: Row) -> list[str]:
    """What the flagged are in truth."""
    return ["", f"Of {row['flagged']:,} flagged, {row['confirmed']} were confirmed in time and {row['guilty']} are "
            f"guilty in truth; in all {row['all_confirmed']:,} were confirmed and {row['all_guilty']:,} are guilty "
            f"among {row['entities']:,}."]  # fmt: skip


def calibration(found: Row) -> list[str]:
    """What the probabilities promised and what came."""
    if found["truth"]["all_confirmed"] < LEAST:
        return ["", f"Calibration: too few ({found['truth']['all_confirmed']} confirmed)."]
    lines = ["", "| calibration | found | asked | kept |", "|---|---|---|---|"]
    for row in found["calibration"]:
        error = row["name"].startswith("calibration error")
        asked = f"at most {row['high']:.3f}" if error else "0.8 to 1.25, or the interval covers 1"
        ends = "" if error else f" ({number(row['low'])} to {number(row['high'])})"
        lines.append(
            f"| {row['name']} | {number(row['value'])}{ends} | {asked} | {'yes' if row['kept'] else '**no**'} |"
        )
    return lines


def gains(rows: list[Row], rivals: Row) -> list[str]:
    """The full model against each rival, paired."""
    lines = ["", "Gain of the full model in average precision, paired over the same resamples:", "",
             "| against | rival | model | gain on labels | gain on truth |", "|---|---|---|---|---|"]  # fmt: skip
    for name, said in rivals.items():
        mine = {row["against"]: row["average_precision"] for row in rows if row["rival"] == name}
        cells = [change(mine[answer]) for answer in ("y", "guilty")]
        lines.append(f"| {said} | {number(mine['y']['rival'])} | {number(mine['y']['model'])} | {' | '.join(cells)} |")
    return [*lines, "", worth_of_graph(rows), *(believed(rows, rival) for rival in OPTIONS)]


def worth_of_graph(rows: list[Row]) -> str:
    """Whether the graph adds to what is learned without it, beyond chance, as is asked."""
    mine = {row["against"]: row["average_precision"]["low"] for row in rows if row["rival"] == "plain"}
    told = {answer: "cannot be told from so few" if low is None or math.isnan(low)
            else f"{low:+.3f}, " + ("above 0" if low > 0 else "**not above 0**")
            for answer, low in mine.items()}  # fmt: skip
    return f"Lower bound of what the graph adds (asked: above 0): on labels {told['y']}; on truth {told['guilty']}."


def believed(rows: list[Row], rival: str) -> str:
    """Whether an option of training has proved itself on the truth."""
    what, setting = OPTIONS[rival]
    found = next(r for r in rows if r["rival"] == rival and r["against"] == "guilty")["average_precision"]
    if found["high"] is None or math.isnan(found["high"]):
        return f"Whether {what} helps cannot be told from so few."
    # The gain of the full model over it: below nothing means that the option is better.
    helps = "helps" if found["high"] < 0 else "does not help beyond chance"
    return f"{what[:1].upper()}{what[1:]} {helps} on the truth; it stays an option (`{setting}`)."


def change(row: Row) -> str:
    """A difference with its interval; whether it is above nothing."""
    if row["low"] is None or math.isnan(row["low"]):
        return "too few"
    return f"{row['model'] - row['rival']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"


def typologies(found: Row) -> list[str]:
    """Recall at capacity per typology, of the confirmed and of all guilty."""
    of_truth = {row["name"]: row for row in found["typologies_of_truth"]}
    confirmed = {row["name"]: row for row in found["typologies"]}
    lines = ["", "| typology | recall of the confirmed | recall of all guilty |", "|---|---|---|"]
    names = sorted({*of_truth, *confirmed})
    return lines + [f"| {name} | {recall(confirmed.get(name))} | {recall(of_truth.get(name))} |" for name in names]


def recall(row: Row | None) -> str:
    """A recall with its interval, or too few."""
    if row is None or row["too_few"]:
        return f"too few ({row['positives'] if row else 0})"
    return f"{row['recall']:.2f} ({row['recall_low']:.2f} to {row['recall_high']:.2f}) of {row['positives']}"


def selection(found: Row) -> list[str]:
    """What the random audit says, beside the truth."""
    lot = found["selection"]["by_lot"]
    lines = ["", "| reviewed | entities | confirmed | flagged | of these confirmed |", "|---|---|---|---|---|"]
    for row in found["selection"]["groups"]:
        lines.append(f"| {row['how']} | {row['entities']:,} | {row['confirmed']:,} | {row['flagged']:,} | "
                     f"{row['flagged_confirmed']:,} |")  # fmt: skip
    missed = found["truth"]["all_guilty"] - found["truth"]["guilty"]
    said = "nothing is known about what is missed" if lot["missed"] is None else (
        f"the random audit ({lot['unflagged']['n']} not flagged) says {lot['missed']:,.0f} missed "
        f"({lot['missed_low']:,.0f} to {lot['missed_high']:,.0f})"
    )  # fmt: skip
    among = among_flagged(found["selection"]["groups"])
    by_weight = (
        ""
        if among.value is None
        else f" Of the flagged, {among.value:.2f} ({among.low:.2f} to {among.high:.2f}) are fraud by those looked at,"
        f" each weighed by its chance of a review ({lot['flagged']['n']} by lot);"
    )
    in_truth = found["truth"]["guilty"] / max(found["truth"]["flagged"], 1)
    return [*lines, "", f"Of all guilty, reviews found {found['share_found']:.0%}; {said}, in truth {missed:,}."
            f"{by_weight} in truth {in_truth:.2f}."]  # fmt: skip


def number(value: float | None) -> str:
    """Three digits, or nothing."""
    return "" if value is None or math.isnan(value) else f"{value:.3f}"
