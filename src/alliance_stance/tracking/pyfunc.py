"""What MLflow calls to serve a model: a loader by module name, so no code lies in the model.

MLflow's scoring server answers 400 to an error of its own kind, with what is wrong; to any other
it answers with a traceback. So what a user can mend is told in MLflow's words here.
"""

from typing import Any

from alliance_stance.errors import StanceError
from alliance_stance.inference.pyfunc import PyfuncPredictor, open_pyfunc

LOADER = __name__
"""What a registered model names as its loader."""
MODEL_CONFIG: dict[str, Any] = {"most_rows": None}
"""What whoever loads or serves the model may set: the most rows of one call; None for any number.

For ``mlflow models serve`` it is set by ``MLFLOW_PYFUNC_INFERENCE_CONFIG='{"most_rows": 100}'``."""

_OPTIONAL_INPUTS = (
    "id", "title", "date", "speaker_state", "context", "state", "alliance", "document",
)  # fmt: skip


class ServedPredictor:
    """A predictor whose refusals MLflow understands.

    Parameters
    ----------
    inner
        The predictor.
    most_rows
        Rows of one call; None for any number.
    """

    def __init__(self, inner: PyfuncPredictor, most_rows: int | None) -> None:
        self._inner = inner
        self._most_rows = most_rows

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - MLflow's call
        """Score rows as `PyfuncPredictor.predict` does.

        Raises
        ------
        MlflowException
            With the code INVALID_PARAMETER_VALUE, status 400, if the rows break the format, name
            what the model does not know, or are too many.
        """
        from mlflow.exceptions import MlflowException

        if self._most_rows is not None and len(model_input) > self._most_rows:
            raise MlflowException.invalid_parameter_value(
                f"model input: found {len(model_input)} rows; expected {self._most_rows} at most; "
                "send them in several requests"
            )
        try:
            return self._inner.predict(model_input, params)
        except StanceError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None


def model_signature() -> Any:  # noqa: ANN401 - MLflow has no types
    """Give the signature: documents or ready examples in, triples out (docs/formats.md).

    Only ``text`` is required. A row with ``state`` and ``alliance`` is a ready example.
    """
    from mlflow.models import ModelSignature
    from mlflow.types.schema import Array, ColSpec, DataType, Object, Property, Schema

    string, long, double = DataType.string, DataType.long, DataType.double
    shares = Object([Property(name, double) for name in ("against", "favor", "neutral")])
    rows_in = [ColSpec(string, "text")]
    rows_in += [ColSpec(string, name, required=False) for name in _OPTIONAL_INPUTS]
    rows_out = [
        ColSpec(long, "row"),
        ColSpec(string, "id", required=False),
        ColSpec(string, "document", required=False),
        *(ColSpec(long, name, required=False) for name in ("sentence", "start", "end")),
        *(ColSpec(string, name) for name in ("text", "state", "alliance")),
        *(ColSpec(string, name, required=False) for name in ("state_how", "alliance_how")),
        *(
            ColSpec(Array(long), name, required=False)
            for name in ("state_mention", "alliance_mention")
        ),
        ColSpec(string, "membership", required=False),
        *(ColSpec(string, name) for name in ("stance", "act")),
        ColSpec(double, "score"),
        ColSpec(shares, "probabilities"),
    ]
    return ModelSignature(inputs=Schema(rows_in), outputs=Schema(rows_out))


def _load_pyfunc(data_path: str, model_config: dict[str, Any] | None = None) -> ServedPredictor:
    """Open the model folder that MLflow points at."""
    settings = MODEL_CONFIG | (model_config or {})
    return ServedPredictor(open_pyfunc(data_path), settings["most_rows"])
