"""One family of errors: each says where, what was found, what was expected and what to do.

Nothing comes in but text; the command line catches `StanceError` alone, prints it and exits 2.
Anything else that reaches a user is a bug and keeps its traceback.
"""


class StanceError(Exception):
    """Base of every error that a user can mend.

    Parameters
    ----------
    where
        File, file and line, or configuration key that is at fault.
    found
        What stands there.
    expected
        What should stand there.
    next_step
        What the user can do now.

    Examples
    --------
    >>> print(StanceError("a.jsonl:3", "no key 'text'", "a 'text' key", "add it"))
    a.jsonl:3: found no key 'text'; expected a 'text' key; add it
    """

    def __init__(self, where: str, found: str, expected: str, next_step: str) -> None:
        super().__init__(where, found, expected, next_step)
        self.where = where
        self.found = found
        self.expected = expected
        self.next_step = next_step

    def __str__(self) -> str:
        """Give the four parts as one sentence."""
        return f"{self.where}: found {self.found}; expected {self.expected}; {self.next_step}"


class ConfigError(StanceError):
    """A configuration file that cannot be used."""


class UnfitError(ConfigError):
    """A setting that the training data at hand cannot be fitted with."""


class InputError(StanceError):
    """A document or example file that cannot be read."""


class KnowledgeError(StanceError):
    """A knowledge table that breaks its schema."""


class DatasetError(StanceError):
    """A data set that cannot be built or used."""


class ArtifactError(StanceError):
    """A saved model that is incomplete, altered or of another format."""


class TrackingError(StanceError):
    """A tracking server or model registry that cannot do what was asked."""
