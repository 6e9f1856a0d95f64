"""Open the model that a command is to use, and say which one where nobody named any."""

from alliance_stance import DEFAULT


def settle_address(model: str) -> str:
    """Give what stands for the default model, and tell; any other address as it is.

    Raises
    ------
    TrackingError
        If a store that the user chose does not answer.
    """
    if model != DEFAULT:
        return model
    from alliance_stance.cli.console import note
    from alliance_stance.inference.shipped import ANSWERS, SHIPPED
    from alliance_stance.tracking.registry import champion_address

    address = champion_address()
    if address is None:
        note(
            "no champion here: the larger model in the package judges (--model names another; "
            f"{SHIPPED} is several times as fast and less often right)"
        )
        return ANSWERS
    return address
