"""A loader for `mlflow.pyfunc.spark_udf`, which wants one answer per row: JSON with its triples."""

import json
from pathlib import Path
from typing import Any

from alliance_stance.inference.predictor import Predictor
from alliance_stance.inference.scoring import answer_rows


class RowPredictor:
    """Wraps a predictor in a call that answers each row.

    Parameters
    ----------
    predictor
        The saved model, opened.
    """

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - MLflow's call
        """Score rows of the exchange format.

        Parameters
        ----------
        model_input
            A pandas data frame with columns ``id`` and ``text`` and any further ones of the format.
        params
            Not used; MLflow passes it.

        Returns
        -------
        pandas.Series
            For each row a JSON object with ``error`` (null, or why it was not scored) and
            ``scores``, a list of the triples with the keys of docs/scoring.md.
        """
        import pandas as pd

        answers = answer_rows(self._predictor, model_input.to_dict("records"))
        return pd.Series(
            [
                json.dumps({key: one[key] for key in ("error", "scores")}, ensure_ascii=False)
                for one in answers
            ],
            index=model_input.index,
            dtype=object,
        )


def _load_pyfunc(data_path: str) -> RowPredictor:
    """Open the model folder that MLflow points at."""
    return RowPredictor(Predictor.open(Path(data_path)))
