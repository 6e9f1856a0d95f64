"""Libraries of the extra `corpora`, imported when the first file wants them."""

import importlib
from typing import Any

from alliance_stance.errors import InputError


def library(name: str, where: str) -> Any:  # noqa: ANN401 - a module, which no type describes
    """Import a library that not every installation has.

    Raises
    ------
    InputError
        If it is not installed, naming the extra.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            where,
            f"a file whose library is not installed ({error.name or name}; "
            "pip install 'alliance-stance[corpora]')",
            "the libraries of the extra 'corpora'",
            "install them: pip install 'alliance-stance[corpora]'",
        ) from None
