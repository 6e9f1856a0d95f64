"""The command and its verbs."""

from typing import Annotated

import typer

from alliance_stance.cli.annotate import annotate
from alliance_stance.cli.build import build
from alliance_stance.cli.check import check
from alliance_stance.cli.compare import compare
from alliance_stance.cli.evaluate import evaluate
from alliance_stance.cli.export import export
from alliance_stance.cli.extract import extract
from alliance_stance.cli.inspect import inspect
from alliance_stance.cli.panel import panel
from alliance_stance.cli.predict import predict
from alliance_stance.cli.promote import promote
from alliance_stance.cli.report import report
from alliance_stance.cli.score import score
from alliance_stance.cli.search import search
from alliance_stance.cli.serve import serve
from alliance_stance.cli.train import train

app = typer.Typer(
    name="alliance-stance",
    help="What a state's government thinks of an alliance, sentence by sentence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

VERBS = (
    check, build, inspect, train, search, compare, promote, evaluate, export, extract, predict,
    panel, report, score, serve,
)  # fmt: skip

for verb in VERBS:
    app.command()(verb)
app.add_typer(annotate, name="annotate")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from alliance_stance import __version__

        typer.echo(f"alliance-stance {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None: ...
