"""What one can choose of a panel, by name; nothing heavy is imported here."""

from enum import StrEnum


class By(StrEnum):
    """Length of a period."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Weight(StrEnum):
    """What counts once in a cell: each document, each source, or each triple (`none`)."""

    DOCUMENT = "document"
    SOURCE = "source"
    NONE = "none"


class Correction(StrEnum):
    """How labels correct the model's errors (`estimates`)."""

    ADJUSTED = "adjusted"
    PPI = "ppi"


class Errors(StrEnum):
    """Whether the model's errors are measured for each voice, or for all together."""

    VOICE = "voice"
    POOLED = "pooled"
