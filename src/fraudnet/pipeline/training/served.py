"""What MLflow runs to serve a registered model: it reads the portable folder, if a key trusted here signed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd  # type: ignore[import-untyped]  # what MLflow hands over; it ships no types
import polars as pl
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from fraudnet.model.portable import load
from fraudnet.pipeline.training.model_keys import trusted_folder
from fraudnet.settings import Settings, load_settings


class Served(PythonModel):
    """Feature columns in; raw score and calibrated probability out."""

    def load_context(self, context: Any) -> None:
        """Check and load the model that was logged beside this file; raises UntrustedModelError, as scoring does."""
        self.model = load(trusted_folder(Path(context.artifacts["portable"]), _settings()))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Scores of the rows, as a pandas frame with raw and probability."""
        frame = pl.from_pandas(model_input).with_columns(pl.all().fill_nan(None))
        raw = self.model.raw(frame)
        return pl.DataFrame({"raw": raw, "probability": self.model.probability(raw)}).to_pandas()


def _settings() -> Settings:
    """Those of the data directory in which the register lies that MLflow was told of: whose keys count there."""
    database = Path(mlflow.get_tracking_uri().removeprefix("sqlite:///"))
    return load_settings(home=database.parent.parent)


set_model(Served())
