"""What is known about a list of accounts, phone numbers and identity numbers, one line back for each."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.progress import Progress
from fraudnet.errors import ConfigurationError
from fraudnet.files import sha256
from fraudnet.identifiers import account, cccd, phone
from fraudnet.pipeline.batch.finished import Finished, finished
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.pipeline.reading.lookup_file import read_asked, write_answers
from fraudnet.pipeline.reading.register import entries
from fraudnet.pipeline.reading.source import read_request
from fraudnet.pipeline.request import Request
from fraudnet.settings import Settings
from fraudnet.sources.drop import Delivery
from fraudnet.store.event import Entry

MOST = 5_000
UNKNOWN, QUARANTINED, KNOWN, SCORED = "unknown", "quarantined", "known", "scored"
ANSWER = (
    "asked", "state", "kind", "entity_id", "institution", "probability", "position", "flagged", "grade", "case",
    "decision", "decided", "sources", "matches",
)  # fmt: skip
LOOKED_LIKE = {"O": "0", "o": "0", "I": "1", "l": "1"}


def look_up(file: Path, run: Path, drops: tuple[Path, ...], settings: Settings, progress: Progress) -> pl.DataFrame:
    """One line for each asked account number, phone number, identity number or entity id, in the order asked.

    Columns ANSWER. state: `unknown`, `quarantined` (only in rows that were turned away), `known` (others name it) or
    `scored`. `matches`: how many entities bear the number; the line tells the one that stands highest. drops: where
    sources, identity numbers and quarantine are read, the registered ones when empty; without any these stay unknown.
    Every look-up is recorded with the entities it opened. Raises ConfigurationError for more than 5,000 lines.
    """
    asked = read_asked(file)
    if len(asked) > MOST:
        raise ConfigurationError(
            "{file}: holds {count:,} lines, expected at most {most:,}; divide it",
            file=file,
            count=len(asked),
            most=MOST,
        )
    found = finished(run)
    delivery = read_request(Request(drops), settings, progress) if drops or entries(settings) else None
    progress("look up", 0, 1)
    spelled = spellings(asked)
    nodes = _nodes(found)
    both = pl.concat([_by_number(spelled, nodes), _by_id(spelled, nodes), _by_card(spelled, nodes, found, delivery)])
    told = _told(both.unique(["line", "node"]), found, delivery)
    answers = _every(asked, told, _turned(spelled, delivery))
    _recorded(file, found, answers, settings)
    progress("look up", 1, 1)
    return answers


def looked_up(answers: pl.DataFrame, out: Path) -> Path:
    """Write the answers as a workbook."""
    return write_answers(answers, out)


def spellings(asked: list[str]) -> pl.DataFrame:
    """line, form, value: every way in which a line can be meant (account, phone, card, id); look-alike letters too."""
    lines = pl.DataFrame({"line": range(len(asked)), "text": asked}, schema={"line": pl.Int64, "text": pl.String})
    text = pl.col("text")
    numeric = text.str.replace_many(list(LOOKED_LIKE), list(LOOKED_LIKE.values()))
    mostly_digits = text.str.count_matches("[0-9]") * 2 > text.str.len_chars()
    forms = {
        "account": account.normalise(text),
        "account ": pl.when(mostly_digits).then(account.normalise(numeric)),
        "phone": phone.normalise(text),
        "card": cccd.normalise(text),
        "id": text.str.strip_chars(),
    }
    each = [lines.select("line", form=pl.lit(form.strip()), value=value) for form, value in forms.items()]
    return pl.concat(each).drop_nulls().unique().sort("line", "form", "value")


def _nodes(run: Finished) -> pl.DataFrame:
    return run.table("nodes").select("node", "entity_id", pl.col("kind").cast(pl.String), "institution", "number")


def _by_number(spelled: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Accounts and SIMs that bear a number; a number that nobody lists stands in the id of its account."""
    own = pl.coalesce("number", pl.col("entity_id").str.extract(r"^[a-z]+:(?:[^:]*:)?([^:@]+)"))
    form = pl.col("kind").replace_strict({"account": "account", "sim": "phone"}, default=None, return_dtype=pl.String)
    known = nodes.select("node", form=form, value=own).drop_nulls()
    return spelled.join(known, on=["form", "value"]).select("line", "node")


def _by_id(spelled: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    return spelled.filter(form="id").join(nodes, left_on="value", right_on="entity_id").select("line", "node")


def _by_card(spelled: pl.DataFrame, nodes: pl.DataFrame, run: Finished, delivery: Delivery | None) -> pl.DataFrame:
    """Identities by the number of their card, as any source writes it."""
    nothing = pl.DataFrame(schema={"line": pl.Int64, "node": pl.Int64})
    if delivery is None or not delivery.records.has("identities"):
        return nothing
    told = delivery.records.table("identities").select("source", "source_id", "id_number", "old_id_number")
    cards = told.unpivot(["id_number", "old_id_number"], index=["source", "source_id"], value_name="value").drop_nulls()
    same = cards.with_columns(value=cccd.normalise(pl.col("value"))).select("source", "source_id", "value").unique()
    asked = spelled.filter(form="card").lazy()
    people = asked.join(same, on="value").select("line", "source", "source_id").collect(engine="streaming")
    who = run.table("identity_map").select("source", "source_id", "node")
    return people.join(who, on=["source", "source_id"]).select("line", pl.col("node").cast(pl.Int64)).unique()


def _told(matches: pl.DataFrame, run: Finished, delivery: Delivery | None) -> pl.DataFrame:
    """The line of each match: what the run says about it; the match that stands highest speaks for a line."""
    scores = pl.concat(
        [
            run.table(f"scores-{kind}").select("entity_id", "probability", "position", "flagged", "grade")
            for kind in run.kinds
        ]
    )
    rows = matches.join(_nodes(run), on="node").join(scores, on="entity_id", how="left")
    rows = rows.join(_cases(run), on="entity_id", how="left").join(_decisions(run), on="node", how="left")
    rows = rows.join(_sources(rows["entity_id"].unique(), delivery), on="entity_id", how="left")
    order = rows.sort(
        "line", pl.col("flagged").fill_null(value=False), "position", "entity_id",
        descending=[False, True, False, False], nulls_last=True,
    )  # fmt: skip
    best = order.with_columns(matches=pl.len().over("line").cast(pl.Int64)).unique(
        "line", keep="first", maintain_order=True
    )
    state = pl.when(pl.col("position").is_not_null()).then(pl.lit(SCORED)).otherwise(pl.lit(KNOWN))
    return best.with_columns(state=state)


def _cases(run: Finished) -> pl.DataFrame:
    if not run.has("case_members"):
        return pl.DataFrame(schema={"entity_id": pl.String, "case": pl.String})
    members = run.table("case_members").select("entity_id", case="case_id").sort("entity_id", "case")
    return members.group_by("entity_id", maintain_order=True).agg(
        pl.col("case").unique(maintain_order=True).str.join(" ")
    )


def _decisions(run: Finished) -> pl.DataFrame:
    """The last decision about each node: decision (confirmed or cleared), decided (when it became known)."""
    told = (
        run.table("statements")
        .filter(pl.col("kind").cast(pl.String) == "disposition")
        .sort("node", "known_at", "ref_id")
    )
    last = told.unique("node", keep="last", maintain_order=True)
    said = pl.when("in_favour").then(pl.lit("cleared")).otherwise(pl.lit("confirmed"))
    return last.select(
        "node", decision=said, decided=pl.col("known_at").dt.convert_time_zone("Asia/Ho_Chi_Minh").dt.date()
    )


def _sources(entities: pl.Series, delivery: Delivery | None) -> pl.DataFrame:
    """The sources that list each entity or tell its transfers or calls."""
    if delivery is None:
        return pl.DataFrame(schema={"entity_id": pl.String, "sources": pl.String})
    named = [
        _naming(delivery.records, table, column, entities) for table, column in NAMING if delivery.records.has(table)
    ]
    both = pl.concat([*named, pl.DataFrame(schema={"entity_id": pl.String, "source": pl.String})]).unique()
    return (
        both.sort("entity_id", "source")
        .group_by("entity_id", maintain_order=True)
        .agg(sources=pl.col("source").str.join(", "))
    )


NAMING = (
    ("accounts", "account_number"), ("sims", "number"), ("transfers", "payer"), ("transfers", "payee"),
    ("reports", "entity"),
)  # fmt: skip


def _naming(records: Records, table: str, column: str, entities: pl.Series) -> pl.DataFrame:
    ids = entities.rename("entity_id").to_frame()
    if table == "accounts":
        key, mine = pl.concat_str(pl.lit("account"), "institution", "account_number", separator=":"), ids
    elif table == "sims":
        key, mine = pl.col(column), ids.with_columns(key=pl.col("entity_id").str.extract(r"^sim:([^@]+)")).drop_nulls()
    else:
        key, mine = pl.col(column), ids
    if "key" not in mine.columns:
        mine = mine.with_columns(key="entity_id")
    rows = records.table(table).select("source", key=key).join(mine.lazy(), on="key")
    return rows.select("entity_id", "source").unique().collect(engine="streaming")


def _turned(spelled: pl.DataFrame, delivery: Delivery | None) -> set[int]:
    """The lines whose number stands in a row that was turned away."""
    if delivery is None:
        return set()
    asked = spelled.filter(pl.col("form") != "id").select("line", "value").unique()
    cells = delivery.quarantine.select(value=pl.col("raw").str.extract_all(r'"[^"]*"')).explode(
        "value", empty_as_null=True
    )
    texts = cells.select(pl.col("value").str.strip_chars('"')).drop_nulls().unique().collect()
    forms = [texts.select(value=one(pl.col("value"))) for one in (account.normalise, phone.normalise)]
    met = asked.join(pl.concat(forms).drop_nulls().unique(), on="value", how="semi")
    return set(met["line"])


def _every(asked: list[str], told: pl.DataFrame, turned: set[int]) -> pl.DataFrame:
    lines = pl.DataFrame({"line": range(len(asked)), "asked": asked}, schema={"line": pl.Int64, "asked": pl.String})
    joined = lines.join(told, on="line", how="left", maintain_order="left")
    away = pl.when(pl.col("line").is_in(sorted(turned))).then(pl.lit(QUARANTINED)).otherwise(pl.lit(UNKNOWN))
    return joined.with_columns(pl.coalesce("state", away).alias("state"), pl.col("matches").fill_null(0)).select(ANSWER)


def _recorded(file: Path, run: Finished, answers: pl.DataFrame, settings: Settings) -> None:
    opened = answers["entity_id"].drop_nulls().unique().sort().to_list()
    body: dict[str, Any] = {
        "by": "lookup", "run": run.folder.name, "as_of": run.as_of, "file": sha256(file), "asked": answers.height,
        "entities": opened,
    }  # fmt: skip
    with open_store(settings) as store:
        store.append(Entry("opened", actor(settings), body, f"opened:{uuid.uuid4()}"))
