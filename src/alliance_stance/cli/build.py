"""``alliance-stance build``: build a data set, or find it up to date."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import PROCESSED, JsonOption, RecipeSetOption


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
    from alliance_stance.cli.console import counting, note, quiet_libraries, show, show_json

    quiet_libraries()
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.files import write_text
    from alliance_stance.fingerprints import SHORT
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.data_card import card_text
    from alliance_stance.reporting.tables import dataset_table

    with counting("inputs") as on_unit:
        dataset = build_dataset(
            recipe,
            load_knowledge(),
            PROCESSED,
            set_ or [],
            from_stage=from_stage,
            on_unit=on_unit,
        )
    card = PROCESSED / "cards" / f"{dataset.name}-{dataset.fingerprint[:SHORT]}.md"
    if not card.is_file():
        write_text(card, card_text(dataset))
    note(f"card: {card}")
    counts = dataset.stance_counts()
    for line in dataset.notes:
        note(line)
    if json_:
        show_json(
            {
                "name": dataset.name,
                "fingerprint": dataset.fingerprint,
                "splits": counts,
                "notes": dataset.notes,
            }
        )
    else:
        show(dataset_table(dataset.name, dataset.fingerprint, counts))
