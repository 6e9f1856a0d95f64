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
    from alliance_stance.datasets.plain_errors import plain_errors
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.fingerprints import SHORT
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.data_card import write_card
    from alliance_stance.reporting.tables import dataset_table

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
                set_ or [],
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
    note(f"card: {card}")
    counts = dataset.stance_counts()
    for line in dataset.notes:
        note(line)
    if json_:
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
    else:
        show(dataset_table(dataset.name, dataset.fingerprint, counts))
