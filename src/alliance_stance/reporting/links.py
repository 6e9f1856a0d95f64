"""Where a document of a report can be looked up."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from alliance_stance.errors import InputError

_WEB = frozenset({"http", "https"})
_FIELDS = ("document", "source")


class Links:
    """Gives each document its address.

    Parameters
    ----------
    template
        An address with ``{document}`` or ``{source}`` in it, which are percent-encoded; empty for
        no links. None takes a document's id or source where that is a web address, and else the
        file that the source names, if it is there.
    folder
        Where the page will lie: files are linked relative to it.

    Raises
    ------
    InputError
        If the template names neither, or is no web address and no relative path: a page must not
        run what a link says (``javascript:``).
    """

    def __init__(self, template: str | None, folder: Path) -> None:
        self._template = template
        self._folder = folder
        if template and not any(f"{{{name}}}" in template for name in _FIELDS):
            raise InputError(
                "--link", repr(template), "an address with {document} or {source}", "put one in"
            )
        if template and not _is_safe(template):
            raise InputError(
                "--link", repr(template), "an http(s) address or a relative path", "change it"
            )

    def __call__(self, facts: Mapping[str, str]) -> str:
        """Give the address of a document, or nothing.

        Parameters
        ----------
        facts
            ``document`` and ``source``.
        """
        if self._template is not None:
            address = self._template
            for name in _FIELDS:
                address = address.replace(f"{{{name}}}", quote(facts[name]))
            return address
        web = (facts[name] for name in _FIELDS if _is_web(facts[name]))
        return next(web, "") or self._file(facts["source"])

    def _file(self, source: str) -> str:
        # a name can be longer than any file's, and a drive can be another
        try:
            is_file = bool(source) and Path(source).is_file()
            return quote(Path(os.path.relpath(source, self._folder)).as_posix()) if is_file else ""
        except (OSError, ValueError):
            return ""


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in _WEB and bool(parts.netloc)


def _is_safe(template: str) -> bool:
    return _is_web(template) or ":" not in template.split("/")[0]
