"""What a state's government thinks of an alliance, sentence by sentence.

``load`` opens a saved model; everything else is imported from its own room.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alliance_stance.inference.predictor import Predictor

__version__ = version("alliance-stance")
__all__ = ["__version__", "load"]


def load(model: str) -> "Predictor":
    """Open a saved model.

    Parameters
    ----------
    model
        A model folder, or a registry address such as ``models:/alliance-stance@champion``.

    Returns
    -------
    Predictor
        With ``predict(text_or_document)`` and ``predict_batch(documents)``.

    Raises
    ------
    ArtifactError
        If the folder is incomplete, altered or of another format.
    TrackingError
        If a registry address cannot be resolved.
    """
    # imported here so that `import alliance_stance` costs nothing until a model is wanted
    from alliance_stance.inference.predictor import Predictor

    if model.startswith("models:/"):
        from alliance_stance.tracking.registry import fetch_model

        return Predictor.open(fetch_model(model))
    from pathlib import Path

    return Predictor.open(Path(model))
