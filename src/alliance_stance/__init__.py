"""What a state's government thinks of an alliance, sentence by sentence.

``load`` opens a saved model; everything else is imported from its own room.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from alliance_stance.inference.predictor import Predictor

    __version__: str

DEFAULT = "default"
__all__ = ["DEFAULT", "__version__", "load"]


def __getattr__(name: str) -> str:
    # looked up when it is asked for: reading a package's metadata takes longer than all else here
    if name == "__version__":
        from importlib.metadata import version

        return version("alliance-stance")
    raise AttributeError(name)


def load(model: "str | Path" = DEFAULT) -> "Predictor":
    """Open a saved model.

    Parameters
    ----------
    model
        A model folder, a registry address such as ``models:/alliance-stance@champion``, or
        ``shipped-base`` or ``shipped`` for the larger or the small model of the package.
        ``default`` is the champion of the project that the current folder lies in, or of the
        store that ``MLFLOW_TRACKING_URI`` names, and ``shipped-base`` where there is none, or,
        with a warning, where the store cannot be asked. A folder of one of these names is written
        ``./shipped``.

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

    if model == DEFAULT:
        model = _default_model()
    if isinstance(model, str) and model.startswith("models:/"):
        from alliance_stance.tracking.fetching import open_registered

        return Predictor(open_registered(model))
    from alliance_stance.inference.shipped import is_shipped, shipped_folder

    return Predictor.open(shipped_folder(str(model)) if is_shipped(model) else Path(model))


def _default_model() -> str:
    """Give the champion's address, or the name of the model of the package that stands for it."""
    import warnings

    from alliance_stance.errors import TrackingError
    from alliance_stance.inference.shipped import ANSWERS
    from alliance_stance.tracking.registry import champion_address

    try:
        return champion_address() or ANSWERS
    except TrackingError as error:
        told = f"no store tells the champion, so the larger model in the package judges: {error}"
        # the line that called `load`
        warnings.warn(told, stacklevel=3)
        return ANSWERS
