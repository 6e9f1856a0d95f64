"""``alliance-stance extract``: the candidates in a text, without any model."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import (
    DateOption,
    FormatOption,
    JsonOption,
    SpeakerOption,
    TitleOption,
)


def extract(
    file: Annotated[
        Path, typer.Argument(help="Text or JSONL file; - for standard input.", show_default=False)
    ],
    json_: JsonOption = False,
    format_: FormatOption = None,
    title: TitleOption = "",
    date: DateOption = "",
    speaker_state: SpeakerOption = None,
) -> None:
    """Print every pair of a state and an alliance that a model would judge, and how it was found.

    Needs no model. Documents are read one at a time, so that a file of any size will do.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show, show_json

    quiet_libraries()
    from alliance_stance.cli.reading import Facts, read_items
    from alliance_stance.extraction.candidate_rows import candidate_row
    from alliance_stance.extraction.candidates import CandidateFinder
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.candidates import candidate_table
    from alliance_stance.schema import Example

    knowledge = load_knowledge()
    finder = CandidateFinder(knowledge)
    facts = Facts(title, date, speaker_state)
    count = 0
    for item in read_items(file, format_, facts, knowledge):
        is_example = isinstance(item, Example)
        candidates = (
            [finder.mark_candidate(item.candidate)]
            if isinstance(item, Example)
            else list(finder.find_candidates(item))
        )
        count += len(candidates)
        if json_:
            for candidate in candidates:
                show_json(candidate_row(candidate, example_id=item.id if is_example else None))
        elif candidates:
            show(candidate_table(candidates, title=f"{item.id}, pairs: {len(candidates)}"))
    if not count:
        note("no sentence pairs a state with an alliance")
