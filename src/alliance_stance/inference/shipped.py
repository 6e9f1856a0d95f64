"""The model that comes with the package: a small encoder in its fast form, ready to score."""

from importlib.resources import files
from pathlib import Path

SHIPPED = "shipped"
"""What it is called where a model is asked for."""


def shipped_folder() -> Path:
    """Give the folder of the shipped model: inside the package, or the repository's own."""
    packaged = Path(str(files("alliance_stance"))) / "inference" / "model"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[3] / "data" / "model"
