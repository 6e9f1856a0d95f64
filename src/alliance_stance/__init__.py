"""What a state's government thinks of an alliance, sentence by sentence.

``load`` opens a saved model; everything else is imported from its own room.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from alliance_stance.inference.predictor import Predictor

    __version__: str

__all__ = ["__version__", "load"]


def __getattr__(name: str) -> str:
    # looked up when it is asked for: reading a package's metadata takes longer than all else here
    if name == "__version__":
        from importlib.metadata import version

        return version("alliance-stance")
    raise AttributeError(name)


def load(model: "str | Path") -> "Predictor":
    """Open a saved model.

    Parameters
    ----------
    model
        A model folder, or a registry address such as ``models:/alliance-stance@champion``.

    Returns
    -------
    Predictor
        With ``predict(text_or_document)``, ``predict_batch(documents)`` and, for streams of any
        length, ``score(documents)``. Many threads may share it.

    Raises
    ------
    ArtifactError
        If the folder is incomplete, altered or of another format.
    TrackingError
        If a registry address cannot be resolved.
    """
    # imported here so that `import alliance_stance` costs nothing until a model is wanted
    from pathlib import Path

    from alliance_stance.inference.predictor import Predictor

    if isinstance(model, str) and model.startswith("models:/"):
        from alliance_stance.tracking.registry import fetch_model

        return Predictor.open(fetch_model(model))
    return Predictor.open(Path(model))
