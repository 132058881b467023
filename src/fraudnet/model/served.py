"""What MLflow runs to serve a registered model: it reads the portable folder and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]  # what MLflow hands over; it ships no types
import polars as pl
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from fraudnet.model.portable import load


class Served(PythonModel):
    """Feature columns in; raw score and calibrated probability out."""

    def load_context(self, context: Any) -> None:
        """Check and load the model that was logged beside this file."""
        self.model = load(Path(context.artifacts["portable"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Scores of the rows, as a pandas frame with raw and probability."""
        frame = pl.from_pandas(model_input).with_columns(pl.all().fill_nan(None))
        raw = self.model.raw(frame)
        return pl.DataFrame({"raw": raw, "probability": self.model.probability(raw)}).to_pandas()


set_model(Served())
