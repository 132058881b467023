"""Who is who in a small world: banks' files, the population register, adverts, and what is known as fraud by then."""

from __future__ import annotations

import numpy as np
import polars as pl
from typology_world import DAY_US, END_US, FIRM, IDENTITY, SIM, SmallScene

SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Hà", "Hùng", "Lan", "Long", "Mai", "Minh", "Nga", "Phúc", "Sơn", "Thu", "Tuấn")
REPORTING, DELAY_DAYS, KNOWN_DAYS = 0.4, 9.0, 30
FIELDS = ("name", "birth_date", "id_number", "sex", "face")


def persons(scene: SmallScene) -> pl.DataFrame:
    """What is true of everybody: person, name, birth_date (days), id_number, sex, face, commune."""
    rng, n = np.random.default_rng(3), scene.n
    words = [rng.choice(GIVEN, n) for _ in range(2)]
    names = [f"{SURNAMES[h % len(SURNAMES)]} {a} {b}" for h, a, b in zip(scene.household, *words, strict=True)]
    birth = rng.integers(-8_000, 13_000, n)
    birth[1::2] = np.where(scene.twin[1::2], birth[0::2][: len(birth[1::2])], birth[1::2])
    face = np.arange(n)
    face[1::2] = np.where(scene.twin[1::2], face[0::2][: len(face[1::2])], face[1::2])
    for people, first in scene.rows.get("faces", []):
        face[people] = face[first]
    return pl.DataFrame(
        {
            "person": np.arange(n),
            "name": names,
            "birth_date": birth,
            "id_number": [f"0{10_000_000_000 + 7 * i}" for i in range(n)],
            "sex": rng.integers(0, 2, n),
            "face": face,
            "commune": scene.household // 20,
        }
    )


def holders(scene: SmallScene) -> np.ndarray:
    """Everybody who is an identity: people, then firms."""
    return np.concatenate([np.arange(scene.n), FIRM + np.arange(len(scene.firm_owner))])


def identities(scene: SmallScene) -> pl.DataFrame:
    """The bank's file of each account, the register's record of everybody, and its later changes of state."""
    true = persons(scene)
    accounts = np.arange(len(scene.opened))
    of = {field: scene.account_owner.copy() for field in FIELDS}
    slips = {field: np.zeros(len(accounts), bool) for field in FIELDS}
    for field in FIELDS:
        for account, other in scene.rows.get(f"misfiled:{field}", []):
            slips[field][account] |= other < 0
            of[field][account] = np.where(other >= 0, other, of[field][account])
    file = pl.DataFrame({"entity": scene.account_holder + IDENTITY, "source_id": accounts}).with_columns(
        true[field].gather(of[field]).alias(field) for field in FIELDS
    )
    # With the document of another person the record resolves to that person.
    person = scene.account_holder < FIRM
    meant = np.where(person, of["id_number"], scene.account_holder) + IDENTITY
    slip = {field: pl.Series(values) for field, values in slips.items()}
    file = file.with_columns(
        entity=pl.Series(meant),
        source=pl.lit("bank"),
        source_id=pl.col("source_id").cast(pl.String),
        source_kind=pl.lit("bank"),
        kind=pl.Series(np.where(person, "person", "organisation")),
        name=pl.when(slip["name"]).then(pl.col("name").str.head(-1)).otherwise("name"),
        birth_date=pl.when(pl.Series(person)).then(
            pl.col("birth_date") + pl.when(slip["birth_date"]).then(31).otherwise(0)
        ),
        id_number=pl.when(slip["id_number"]).then(pl.col("id_number").str.head(-1) + "x").otherwise("id_number"),
        commune=true["commune"].gather(scene.account_owner),
        known_at=pl.Series(scene.opened),
    )
    register = true.with_columns(
        entity=pl.col("person") + IDENTITY,
        source_id=pl.col("person"),
        source=pl.lit("register"),
        source_kind=pl.lit("population"),
        kind=pl.lit("person"),
        known_at=pl.lit(0),
    ).drop("person")
    firms = pl.DataFrame(
        {
            "entity": FIRM + IDENTITY + np.arange(len(scene.firm_owner)),
            "source_id": [f"f{i}" for i in range(len(scene.firm_owner))],
            "birth_date": scene.firm_founded // DAY_US,
            "capital": scene.firm_capital,
            "representative_id": [str(owner) for owner in scene.firm_owner],
            "known_at": scene.firm_founded,
        }
    ).with_columns(source=pl.lit("register"), source_kind=pl.lit("population"), kind=pl.lit("organisation"))
    states = []
    for status in ("deceased", "abroad"):
        for people, at in scene.rows.get(f"status:{status}", []):
            told = pl.DataFrame({"entity": people + IDENTITY, "status_at": at, "known_at": at + KNOWN_DAYS * DAY_US})
            states.append(
                told.with_columns(
                    status=pl.lit(status),
                    source=pl.lit("changes"),
                    source_kind=pl.lit("population"),
                    kind=pl.lit("person"),
                )
            )
    rows = pl.concat(
        [file, register.with_columns(pl.col("source_id").cast(pl.String)), firms, *states], how="diagonal_relaxed"
    ).filter(pl.col("known_at") < END_US)
    day = pl.col("birth_date").cast(pl.Int32).cast(pl.Date)
    return rows.with_columns(
        pl.col("source_id").cast(pl.String),
        full_name="name",
        birth_date=day,
        face_id=pl.format("F{}", "face"),
        province=pl.lit("01"),
        commune=pl.format("X{}", "commune"),
    ).drop("name", "face")


def adverts(scene: SmallScene) -> pl.DataFrame:
    """Sightings of account numbers and of phone numbers."""
    seen = [
        scene.table(f"adverts:{of}", ("value", "seen_at")).with_columns(kind=pl.lit(kind))
        for of, kind in (("account", "account"), ("sim", "number"))
    ]
    # As phone numbers would be long, those of the small world are written like its account numbers.
    return pl.concat(seen).with_columns(pl.col("value").cast(pl.String))


def swaps(scene: SmallScene) -> pl.DataFrame:
    """What happened to SIMs besides their activation."""
    parts = [
        scene.table(name, ("entity", "at")).with_columns(event=pl.lit(name.split(":")[1]))
        for name in sorted(scene.rows)
        if name.startswith("sim_event:")
    ]
    blank = pl.DataFrame(schema={"entity": pl.Int64, "at": pl.Int64, "event": pl.String})
    return pl.concat([blank, *parts]).with_columns(pl.col("entity") + SIM)


def seeds(scene: SmallScene) -> pl.DataFrame:
    """Accounts that victims had complained about before the snapshot: node, weight, basis, known_at."""
    rng = np.random.default_rng(11)
    lost = scene.table("losses", ("payer", "payee", "at", "amount"))
    told = lost["at"].to_numpy() + (rng.exponential(DELAY_DAYS, lost.height) * DAY_US).astype(np.int64)
    says = (rng.random(lost.height) < REPORTING) & (told < END_US)
    made = pl.DataFrame({"node": lost["payee"].to_numpy()[says], "known_at": told[says]})
    return made.group_by("node").agg(pl.col("known_at").min()).sort("node").select(
        "node", pl.lit(0.5).alias("weight"), pl.lit("victim_report").alias("basis"), "known_at"
    )  # fmt: skip


def closings(scene: SmallScene) -> np.ndarray:
    """When each account was closed; the end of the world for those that were not."""
    end = np.full(len(scene.opened), END_US)
    for accounts, at in scene.closed:
        end[accounts] = np.minimum(end[accounts], at)
    return end


def while_open(scene: SmallScene, transfers: pl.DataFrame) -> pl.DataFrame:
    """Transfers before both accounts were closed: ordinary life does not know who closes an account later."""
    end = closings(scene)
    last = pl.Series(np.minimum(end[transfers["payer"].to_numpy()], end[transfers["payee"].to_numpy()]))
    return transfers.filter(transfers["at"] < last)
