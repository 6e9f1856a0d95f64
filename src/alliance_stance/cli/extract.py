"""``alliance-stance extract``: the candidates in a text, without any model."""

from alliance_stance.cli.options import (
    ColumnsOption,
    DateOption,
    FormatOption,
    InputsArgument,
    JsonOption,
    MetadataOption,
    SpeakerOption,
    TitleOption,
    UnreadableOption,
)


def extract(
    inputs: InputsArgument,
    json_: JsonOption = False,
    format_: FormatOption = None,
    title: TitleOption = "",
    date: DateOption = "",
    speaker_state: SpeakerOption = None,
    columns: ColumnsOption = None,
    metadata: MetadataOption = None,
    on_unreadable: UnreadableOption = None,
) -> None:
    """Print every pair of a state and an alliance that a model would judge, and how it was found.

    Needs no model. Documents are read one at a time, so that a file of any size will do.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show, show_json

    quiet_libraries()
    from alliance_stance.cli.reading import open_inputs, read_options, tell_skipped
    from alliance_stance.corpus.facts import Facts
    from alliance_stance.extraction.candidate_rows import candidate_row
    from alliance_stance.extraction.candidates import CandidateFinder
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.candidates import candidate_table
    from alliance_stance.schema import Example

    knowledge = load_knowledge()
    finder = CandidateFinder(knowledge)
    facts = Facts(title, date, speaker_state)
    options = read_options(format_, facts, columns, metadata, on_unreadable)
    corpus = open_inputs(inputs, options, knowledge)
    count = 0
    for item in corpus:
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
    tell_skipped(corpus)
    if not count:
        note("no sentence pairs a state with an alliance")
