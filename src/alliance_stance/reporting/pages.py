"""Pages that need nothing else: one file each, and a browser lets it load and run nothing else.

A page's Content-Security-Policy allows the one style sheet and the one script that stand in it, by
their SHA-256, and forbids everything besides. Every text is escaped by the template engine.
"""

import base64
import hashlib
from pathlib import Path
from typing import Any

from alliance_stance.errors import InputError

_TEMPLATES = Path(__file__).parent / "templates"


def write_page(
    template: str, values: dict[str, Any], *, styles: list[str], rules: str = "", script: str = ""
) -> str:
    """Fill a template in.

    Parameters
    ----------
    template
        Name of a file of ``templates/``; it writes ``policy``, ``style`` and ``script`` unescaped.
    values
        What stands in it.
    styles
        Names of style sheets, put together in this order.
    rules
        Of style that this page alone needs; they stand behind the sheets.
    script
        Name of its script; empty for a page without.

    Raises
    ------
    InputError
        If the template engine is not installed.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError:
        raise InputError(
            template, "no template engine", "jinja2", "pip install 'alliance-stance[corpora]'"
        ) from None
    style = "\n".join([*(_read(name) for name in styles), rules])
    code = _read(script) if script else ""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(code)}'" if code else "script-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(template).render(
        policy=policy, style=Markup(style), script=Markup(code), **values
    )


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
