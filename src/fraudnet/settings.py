"""One frozen Settings, built once by the command line and passed down; the only reader of the environment."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from fraudnet.errors import ConfigurationError

OUTSIDE_A_RUN = ("gate_", "list_", "harm_", "contest_")  # what is decided after a run cannot change it


class Settings(BaseSettings):
    """What a run may be told: from arguments, then FRAUDNET_* variables, then a TOML file, then the defaults."""

    model_config = SettingsConfigDict(env_prefix="FRAUDNET_", extra="forbid", frozen=True)

    home: Path = Field(Path("var"), description="data directory: cache, MLflow store, models")
    store: str = Field(
        "file",
        pattern="^(file|postgres(ql)?://.+)$",
        repr=False,  # the URL may hold a password
        description="where the record lies: file in the data directory, or the URL of a PostgreSQL server",
    )
    seed: int = Field(20261001, ge=0, description="seed of every random choice")
    threads: int = Field(0, ge=0, description="threads for the model and the tables; 0 means all cores")
    actor: str = Field("login", min_length=1, description="who is recorded as acting; login: the user of the system")
    language: str = Field("vi", pattern="^(vi|en|fr)$", description="language of the texts on a list")
    commands_language: str = Field("en", pattern="^(vi|en|fr)$", description="language of commands and their errors")
    capacity: float = Field(0.005, gt=0, le=0.5, description="share of each kind that reviewers can look at")
    snapshots: int = Field(4, ge=1, le=8, description="how many monthly snapshots a model is trained on")
    snapshots_at_once: int = Field(
        2, ge=1, le=16, description="snapshots and kinds worked on at the same time; 1 saves memory"
    )
    maturity_days: int = Field(90, ge=1, description="days after a snapshot until its labels count as known")
    activity_days: int = Field(90, ge=1, description="days before a snapshot in which fraud makes it positive")
    ahead_days: int = Field(30, ge=0, description="days after a snapshot in which fraud still makes it positive")
    negatives_per_positive: int = Field(20, ge=1, description="never-reviewed negatives sampled per positive")
    found_by_reviews: float = Field(
        1.0, gt=0, le=1, description="share of all fraud that reviews find; below 1 the never reviewed are unlabelled"
    )
    weigh_reviews: bool = Field(False, description="weigh reviewed rows by one over their chance of a review")
    tune: int = Field(0, ge=0, le=1_000, description="settings of the booster to search beyond the grid (Optuna)")
    min_positives: int = Field(50, ge=5, description="fewer matured positives of a kind and no model is trained")
    hub_degree: int = Field(50, ge=2, description="things shared by more holders than this link nobody")
    list_cap: int = Field(1_000, ge=1, description="new entries that an institution gets in a day at most")
    list_days: int = Field(14, ge=1, le=90, description="days after which a package can no longer be opened")
    harm_bound: float = Field(0.7, gt=0, le=1, description="share of wrong flags that stops the next list")
    harm_answers: int = Field(100, ge=1, description="judged entries from which the harm bound counts")
    contest_hours: int = Field(12, ge=1, le=72, description="hours to answer a contest about a held amount")
    contest_days: int = Field(3, ge=1, le=30, description="Vietnamese working days to answer any other contest")
    entry_days: int = Field(180, ge=1, le=180, description="an entry expires so many days on, or earlier by its grade")
    bootstrap: int = Field(200, ge=20, description="resamples behind every interval")
    quarantine_most: float = Field(0.10, gt=0, le=1, description="share of an institution's rows in quarantine")
    outside_refuse: float = Field(0.20, gt=0, le=1, description="share of rows outside a model's ranges it refuses")
    gate_margin: float = Field(0.02, gt=0, le=0.2, description="loss of average precision that is not worse")
    gate_group_loss: float = Field(0.10, gt=0, le=1, description="precision that no group may lose to a challenger")
    gate_group_reviewed: int = Field(100, ge=10, description="reviewed rows from which the gate judges a group")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment; no hidden files are read."""
        return init_settings, env_settings

    def digestible(self) -> dict[str, Any]:
        """Every setting that may change a run or a model, ready for a manifest (paths, threads and the gate cannot)."""
        told = self.model_dump(
            mode="json",
            exclude={"home", "store", "threads", "snapshots_at_once", "actor", "quarantine_most", "commands_language"},
        )
        return {key: value for key, value in told.items() if not key.startswith(OUTSIDE_A_RUN)}


def load_settings(file: Path | None = None, **arguments: object) -> Settings:
    """Build the settings from arguments, FRAUDNET_* variables and an optional TOML file.

    Raises ConfigurationError naming every key that is unknown or out of bounds.
    """
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values.update(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(
                "{file}: cannot be read as a settings file: {error}; expected TOML", file=file, error=error
            ) from None
    values = {k: v for k, v in values.items() if f"FRAUDNET_{k.upper()}" not in os.environ}
    values.update({k: v for k, v in arguments.items() if v is not None})
    try:
        return Settings(**values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors())
        raise ConfigurationError(
            "settings: {wrong}; see `docs/settings.md` for the keys and bounds", wrong=wrong
        ) from None
