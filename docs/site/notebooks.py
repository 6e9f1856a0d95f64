"""A notebook as a page: its prose, its code, and what it printed and drew."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_MAGIC = "%%bash\n"
_PLAIN = re.compile(r' (?:border="1"|class="dataframe"|style="text-align: right;")')
_CELL = re.compile(r"<(t[dh])>([^<]*)<")
_SHORT = 24
"""Characters of a cell that is one line."""
_WIDE, _NARROW = "min-width: 14rem", "min-width: 0; white-space: nowrap"
_STYLE = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)


def notebook_page(path: Path) -> tuple[str, dict[str, bytes]]:
    """Write a notebook as a page.

    Returns
    -------
    str
        Markdown.
    dict
        Its pictures, by the names that the page gives them; they lie beside it.
    """
    pictures: dict[str, bytes] = {}
    parts: list[str] = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        if source.startswith(_MAGIC):
            parts.append(_fence(source.removeprefix(_MAGIC), "bash"))
        else:
            parts.append(_fence(source, "python"))
        for output in cell["outputs"]:
            parts += _shown(output, path.stem, pictures)
    own = f'<p><a href="{path.name}" download>This page as a notebook</a></p>'
    first, *rest = parts
    heading, _, prose = first.partition("\n")
    return "\n\n".join([heading, own, prose.strip(), *rest]) + "\n", pictures


def _shown(output: Mapping[str, Any], stem: str, pictures: dict[str, bytes]) -> Iterator[str]:
    """Write one output: a picture, a table, or text."""
    if output["output_type"] == "stream":
        yield _fence("".join(output["text"]), "text")
        return
    data = output.get("data", {})
    if "image/png" in data:
        name = f"{stem}-{len(pictures) + 1}.png"
        pictures[name] = base64.b64decode(data["image/png"])
        yield f"![Picture drawn by the code above]({name})"
    elif "text/html" in data:
        yield _table("".join(data["text/html"]))
    else:
        yield _fence("".join(data.get("text/plain", "")), "text")


def _table(html: str) -> str:
    """Leave a table's looks to the site, but for the width of its columns.

    The site would make all columns alike, so that a sentence becomes a tower of words.
    """
    plain = _PLAIN.sub("", _STYLE.sub("", html))
    sized = _CELL.sub(
        lambda cell: f'<{cell[1]} style="{_WIDE if len(cell[2]) > _SHORT else _NARROW}">{cell[2]}<',
        plain,
    )
    # Markdown ends HTML at an empty line
    return "\n".join(line for line in sized.splitlines() if line.strip())


def _fence(text: str, language: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"
