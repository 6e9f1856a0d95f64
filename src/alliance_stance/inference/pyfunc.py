"""A predictor as MLflow calls one: data frames in, data frames out; it knows nothing of MLflow."""

from pathlib import Path
from typing import Any

from alliance_stance.corpus.readers.jsonl import parse_row
from alliance_stance.errors import InputError
from alliance_stance.inference.frames import plain_row
from alliance_stance.inference.predictor import Predictor, prediction_row

COLUMNS = (
    "row", "id", "document", "sentence", "start", "end", "text", "state", "alliance", "state_how",
    "alliance_how", "state_mention", "alliance_mention", "membership", "stance", "act", "score",
    "probabilities",
)  # fmt: skip


class PyfuncPredictor:
    """Wraps a predictor in the call that MLflow makes.

    Parameters
    ----------
    predictor
        The saved model, opened.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - MLflow's call
        """Score rows of the exchange format.

        Parameters
        ----------
        model_input
            A pandas data frame with a column ``text`` and any further columns of the format.
        params
            Not used; MLflow passes it.

        Returns
        -------
        pandas.DataFrame
            One row per prediction; the column ``row`` is the position of its input row. What a
            prediction lacks (the ``id`` of a document's, the ``start`` of an example's) is None.

        Raises
        ------
        InputError
            If there is no column ``text`` or a row breaks the format.
        """
        import pandas as pd

        if not isinstance(model_input, pd.DataFrame) or "text" not in model_input:
            raise InputError(
                "model input",
                f"a {type(model_input).__name__} without 'text'",
                "a pandas data frame with a column 'text'",
                "see docs/formats.md",
            )
        documents = [
            parse_row(plain_row(row), f"model input, row {position}", default_id=str(position))
            for position, row in enumerate(model_input.to_dict("records"))
        ]
        rows = [
            {"row": position, **prediction_row(prediction)}
            for position, predictions in enumerate(self.predictor.predict_batch(documents))
            for prediction in predictions
        ]
        # absent cells stay None and whole numbers whole: NaN is no JSON
        columns = {key: pd.Series([row.get(key) for row in rows], dtype=object) for key in COLUMNS}
        return pd.DataFrame(columns).astype({"row": "int64", "score": "float64"})


def open_pyfunc(data_path: str) -> PyfuncPredictor:
    """Open the model folder that MLflow points at."""
    return PyfuncPredictor(Predictor.open(Path(data_path)))


_load_pyfunc = open_pyfunc
"""The loader of models that were registered before `tracking.pyfunc` was."""
