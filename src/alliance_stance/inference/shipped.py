"""The models that come with the package, in their fast form, ready to score, or to be gone on from.

Two encoders: a larger one, which answers where nobody names a model, and a small one, which is
several times as fast and less often right.
"""

from importlib.resources import files
from pathlib import Path

SHIPPED = "shipped"
"""What the small model is called where a model is asked for."""
SHIPPED_BASE = "shipped-base"
"""What the larger one is called."""
ANSWERS = SHIPPED_BASE
"""The one that answers where nobody names a model, and no champion is there."""
_FOLDERS = {SHIPPED: "model", SHIPPED_BASE: "model_base"}


def is_shipped(name: object) -> bool:
    """Say whether a name stands for a model of the package."""
    return name in _FOLDERS


def shipped_folder(name: str = ANSWERS) -> Path:
    """Give the folder of a shipped model: inside the package, or the repository's own."""
    packaged = Path(str(files("alliance_stance"))) / "inference" / _FOLDERS[name]
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[3] / "data" / _FOLDERS[name]


def shipped_name(folder: Path) -> str | None:
    """Give the name of the shipped model that lies in a folder; None if it is another one."""
    return next((name for name in _FOLDERS if shipped_folder(name) == folder), None)
