"""One frozen Settings, built once by the command line and passed down; the only reader of the environment."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from fraudnet.errors import ConfigurationError


class Settings(BaseSettings):
    """What a run may be told: from arguments, then FRAUDNET_* variables, then a TOML file, then the defaults."""

    model_config = SettingsConfigDict(env_prefix="FRAUDNET_", extra="forbid", frozen=True)

    home: Path = Field(Path("var"), description="data directory: cache, MLflow store, models")
    seed: int = Field(20261001, ge=0, description="seed of every random choice")
    threads: int = Field(0, ge=0, description="threads for the model and the tables; 0 means all cores")
    language: str = Field("vi", pattern="^(vi|en|fr)$", description="language of the texts on a list")
    capacity: float = Field(0.005, gt=0, le=0.5, description="share of each kind that reviewers can look at")
    snapshots: int = Field(4, ge=1, le=8, description="how many monthly snapshots a model is trained on")
    maturity_days: int = Field(90, ge=1, description="days after a snapshot until its labels count as known")
    activity_days: int = Field(90, ge=1, description="days before a snapshot in which fraud makes it positive")
    ahead_days: int = Field(30, ge=0, description="days after a snapshot in which fraud still makes it positive")
    negatives_per_positive: int = Field(20, ge=1, description="never-reviewed negatives sampled per positive")
    min_positives: int = Field(20, ge=5, description="fewer matured positives of a kind and no model is trained")
    hub_degree: int = Field(50, ge=2, description="things shared by more holders than this link nobody")
    entry_days: int = Field(30, ge=1, le=180, description="days until an entry of a list expires")
    bootstrap: int = Field(200, ge=20, description="resamples behind every interval")
    outside_refuse: float = Field(0.20, gt=0, le=1, description="share of rows outside a model's ranges it refuses")

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
        """Every setting that may change a result, ready for a manifest (paths and thread counts cannot)."""
        return self.model_dump(mode="json", exclude={"home", "threads"})


def load_settings(file: Path | None = None, **arguments: object) -> Settings:
    """Build the settings from arguments, FRAUDNET_* variables and an optional TOML file.

    Raises ConfigurationError naming every key that is unknown or out of bounds.
    """
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values.update(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(f"{file}: cannot be read as a settings file: {error}; expected TOML") from None
    values = {k: v for k, v in values.items() if f"FRAUDNET_{k.upper()}" not in os.environ}
    values.update({k: v for k, v in arguments.items() if v is not None})
    try:
        return Settings(**values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors())
        raise ConfigurationError(f"settings: {wrong}; see `docs/settings.md` for the keys and bounds") from None
