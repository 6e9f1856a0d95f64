"""Names of documents inside a file, which their writers did not choose to be unique."""


class UniqueNames:
    """Gives each name once; one that comes again gets a number.

    Examples
    --------
    >>> names = UniqueNames()
    >>> [names.make("a"), names.make("b"), names.make("a")]
    ['a', 'b', 'a (2)']
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def make(self, name: str) -> str:
        """Give the name, or the name with a number that is still free."""
        count = self._counts.get(name, 0) + 1
        made = name if count == 1 else f"{name} ({count})"
        while made != name and made in self._counts:
            count += 1
            made = f"{name} ({count})"
        self._counts[name] = count
        self._counts.setdefault(made, 1)
        return made
