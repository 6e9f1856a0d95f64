"""``alliance-stance export``: a saved model in the forms that score fastest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.models.precision import Precision

if TYPE_CHECKING:
    from alliance_stance.inference.artifact import Artifact


def export(
    model: Annotated[
        str,
        typer.Argument(
            help="Model folder, or an address such as models:/alliance-stance@champion."
        ),
    ],
    output: Annotated[Path, typer.Argument(help="Folder to write; there must be nothing yet.")],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="JSONL file of labelled examples, or a recipe (.yaml) for its development split: "
            "what the precision of an encoder's fast form is chosen on; without it fp32.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        Precision | None,
        typer.Option(
            help="Numbers of the fast form, whatever they lose; int4-blocks is the smallest file. "
            "Without it the fastest that loses less than a point of macro-F1.",
            show_default=False,
        ),
    ] = None,
    trim: Annotated[
        bool, typer.Option("--trim", help="Copy what scoring needs: the fast form, no weights.")
    ] = False,
    tables: Annotated[
        bool,
        typer.Option(
            "--tables",
            help="Copy the model with the tables of names of this version, in the place of those "
            "that it was fitted with.",
        ),
    ] = False,
) -> None:
    """Write a saved model anew, without fitting it: an encoder gets its fast form (ONNX).

    Models that are trained have it already; this is for those of an earlier version, and for
    another precision. With --trim a model that has it is copied without its weights: all that
    scoring needs, in a fifth of the size or less. A model finds names in the tables that it was
    saved with; with --tables it is copied with those of this version, which know more of them.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show_json

    quiet_libraries()
    from alliance_stance import load
    from alliance_stance.errors import InputError
    from alliance_stance.inference.artifact import export_artifact, renew_tables, trim_artifact
    from alliance_stance.knowledge.knowledge import load_knowledge

    copied = "--trim" if trim else "--tables"
    others = (("--data", data), ("--precision", precision), ("--tables", tables if trim else None))
    for name, given in others:
        if (trim or tables) and given:
            raise InputError(
                copied, f"{name} as well", "one of the two",
                f"nothing is exported anew: give {copied} what an export has written",
            )  # fmt: skip
    artifact = load(model).artifact
    if tables:
        renew_tables(artifact, output, load_knowledge())
        note(f"written to {output}, with the tables of this version")
        return
    if data is not None:
        _keep_rows(model, artifact, data)
    if precision is not None:
        artifact.model.set_precision(precision)
    manifest = (trim_artifact if trim else export_artifact)(artifact, output)
    note(f"written to {output}")
    saved = manifest.get("saved", {})
    if saved:
        show_json(saved)
    else:
        note("a model of this kind has one form; the copy scores as the model does")


def _keep_rows(address: str, artifact: "Artifact", data: Path) -> None:
    """Let the precision be chosen on labelled rows that the model was not fitted on."""
    from alliance_stance.cli.console import note
    from alliance_stance.cli.evaluating import read_rows
    from alliance_stance.errors import InputError
    from alliance_stance.evaluation.overlap import trained_on, training_keys

    rows = read_rows(data, [(address, artifact)]).examples
    known = set(trained_on(rows, training_keys(artifact.folder) or frozenset()))
    if known:
        note(f"{len(known)} rows left out: the model was fitted on their sentences")
    labelled = [
        (example.candidate, example.label.stance)
        for example in rows
        if example.label is not None and example.id not in known
    ]
    if not labelled:
        raise InputError(
            str(data), "rows that the model was fitted on, all of them",
            "labelled rows that are new to it",
            "name others, or leave --data out",
        )  # fmt: skip
    artifact.model.keep_rows([pair[0] for pair in labelled], [pair[1] for pair in labelled])
