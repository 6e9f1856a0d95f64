"""``alliance-stance build``: build a data set, or find it up to date."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.cli.options import PROCESSED, JsonOption, RecipeSetOption

if TYPE_CHECKING:
    from alliance_stance.datasets.table import BuiltDataset

_LONGEST_NOTE = 300
"""Characters of a note that are shown: thousands of documents can be missing."""


def build(
    recipe: Annotated[Path, typer.Argument(help="A YAML file of configs/datasets/.")] = Path(
        "configs/datasets/gold.yaml"
    ),
    from_stage: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="STAGE",
            help="Do this stage of a weak data set, and all later ones, again: candidates, votes "
            "or labels.",
            show_default=False,
        ),
    ] = None,
    set_: RecipeSetOption = None,
    json_: JsonOption = False,
) -> None:
    """Build a data set: mentions found, splits dealt out, Arrow files under data/processed/.

    A weak build that was stopped goes on where it was.
    """
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    dataset, card = _build(recipe, set_ or [], from_stage)
    note(f"card: {card}")
    for line in dataset.notes:
        is_long = len(line) > _LONGEST_NOTE
        note(f"{line[:_LONGEST_NOTE]} ... (all of it is in the card)" if is_long else line)
    _show(dataset, is_json=json_)


def _build(
    recipe: Path, assignments: list[str], from_stage: str | None
) -> tuple["BuiltDataset", Path]:
    """Build the data set and write its card; tell at Ctrl-C how far it is."""
    from alliance_stance.cli.console import counting, note
    from alliance_stance.datasets.plain_errors import plain_errors
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.fingerprints import SHORT
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.data_card import write_card

    done, total = 0, 0

    def count(now: int, of: int) -> None:
        nonlocal done, total
        done, total = now, of
        on_unit(now, of)

    try:
        with counting("inputs") as on_unit:
            dataset = build_dataset(
                recipe,
                load_knowledge(),
                PROCESSED,
                assignments,
                from_stage=from_stage,
                on_unit=count,
            )
        card = PROCESSED / "cards" / f"{dataset.name}-{dataset.fingerprint[:SHORT]}.md"
        with plain_errors(PROCESSED):
            write_card(card, dataset)
    except KeyboardInterrupt:
        if total:
            note(f"stopped; {done} of {total} inputs are done and kept in {PROCESSED / 'pieces'}")
        raise
    return dataset, card


def _show(dataset: "BuiltDataset", *, is_json: bool) -> None:
    """Print how many examples of each stance each split has."""
    from alliance_stance.cli.console import show, show_json
    from alliance_stance.reporting.tables import dataset_table

    counts = dataset.stance_counts()
    if not is_json:
        show(dataset_table(dataset.name, dataset.fingerprint, counts))
        return
    splits = {
        name: {stance or "no label": number for stance, number in own.items()}
        for name, own in counts.items()
    }
    show_json(
        {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "splits": splits,
            "notes": dataset.notes,
        }
    )
