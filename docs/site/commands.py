"""The page of commands, from the help that the program itself prints."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from alliance_stance.cli.app import app

NAME = "alliance-stance"


def commands_page() -> str:
    """Write every command with its help, its arguments and its options."""
    root: Any = get_command(app)
    parts = [
        "# Command line\n",
        "Written from the program's own help when the site is built. Every command exits with 0 "
        "where it went well, 1 where a check said no, 2 on bad input, which it names in one line, "
        "and 130 when it was interrupted.\n",
        f"`{NAME} --install-completion` makes the shell complete commands and options; "
        f"`{NAME} --show-completion` prints what it would install.\n",
    ]
    for path, command in _commands(root, NAME):
        parts += [f"## {path.removeprefix(NAME + ' ')}\n", _help(command)]
        table = list(_rows(command))
        if table:
            parts.append("| argument or option | meaning |\n| --- | --- |")
            parts.append("\n".join(table) + "\n")
    return "\n".join(parts)


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer's own click
    for name, command in group.commands.items():
        own = f"{path} {name}"
        if hasattr(command, "commands"):
            yield from _commands(command, own)
        else:
            yield own, command


def _help(command: Any) -> str:  # noqa: ANN401 - Typer's own click
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs) + "\n"


def _rows(command: Any) -> Iterator[str]:  # noqa: ANN401 - Typer's own click
    context = command.make_context(command.name, [], resilient_parsing=True)
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and parameter.name != "help":
            names, meaning = (" ".join(text.split()).replace("|", r"\|") for text in record)
            yield f"| `{names}` | {meaning} |"
