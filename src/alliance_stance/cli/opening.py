"""Open the model that a command is to use, and say which one where nobody named any."""

from alliance_stance import DEFAULT
from alliance_stance.errors import TrackingError


def settle_address(model: str, *, is_kept: bool = False) -> str:
    """Give what stands for the default model, and tell; any other address as it is.

    Parameters
    ----------
    model
        As a command is given it.
    is_kept
        Whether what the model says is kept, or told to others, who do not read the notes: a store
        that does not answer is then an error.

    Raises
    ------
    TrackingError
        If `is_kept`, and a store that could tell the champion does not answer.
    """
    if model != DEFAULT:
        return model
    from alliance_stance.cli.console import note
    from alliance_stance.inference.shipped import ANSWERS, SHIPPED
    from alliance_stance.tracking.registry import champion_address
    from alliance_stance.tracking.store import can_ask

    try:
        address = champion_address()
    except TrackingError as error:
        if is_kept and can_ask():
            raise _naming_a_model(error, ANSWERS) from None
        note(
            "no store tells the champion, so the larger model in the package judges "
            f"(--model names another): {error}"
        )
        return ANSWERS
    if address is None:
        note(
            "no champion here: the larger model in the package judges (--model names another; "
            f"{SHIPPED} is several times as fast and less often right)"
        )
        return ANSWERS
    return address


def _naming_a_model(error: TrackingError, name: str) -> TrackingError:
    """Say of a store that does not answer what can be done without it."""
    next_step = f"{error.next_step}, or name a model, such as --model {name}"
    return TrackingError(error.where, error.found, error.expected, next_step)
