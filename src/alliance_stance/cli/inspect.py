"""``alliance-stance inspect``: what is in the gold data, how annotators agree, what rules do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.cli.options import PROCESSED, RecipeSetOption
from alliance_stance.cli.outputs import refuse_overwriting

if TYPE_CHECKING:
    from alliance_stance.evaluation.label_scores import LabelScores
    from alliance_stance.labeling.votes import VoteMatrix
    from alliance_stance.schema import Example, Label


def inspect(
    recipe: Annotated[Path, typer.Argument(help="A YAML file of configs/datasets/.")] = Path(
        "configs/datasets/gold.yaml"
    ),
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write the figures between the markers of this data card."),
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Option("--beside", help="Labelled sentences (JSON lines) to compare variety with."),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="Measure the labelling rules and label models instead.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="With --rules: JSONL file of labelled examples, in place of the recipe's train.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="With --rules: write the tables to this Markdown file."),
    ] = None,
    votes: Annotated[
        Path | None,
        typer.Option("--votes", help="With --rules: write the votes to this file (.npz)."),
    ] = None,
    set_: RecipeSetOption = None,
) -> None:
    """Count what a data set holds and measure its annotators' agreement, or measure the rules."""
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    if rules:
        _refuse({"--write": write, "--beside": beside}, "--rules", "leave one out")
        if data is not None:
            _refuse({"--set": set_ or None}, "--data", "leave one out: no recipe is read")
        _inspect_rules(recipe, set_ or [], data, output, votes)
        return
    _refuse({"--data": data, "--output": output, "--votes": votes}, "no --rules", "add --rules")
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.files import write_text
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.data_card import describe, replace_figures

    dataset = build_dataset(recipe, load_knowledge(), PROCESSED, set_ or [])
    others = {} if beside is None else {f"of {beside.name}": _read_texts(beside)}
    figures = describe(dataset, others)
    if write is None:
        typer.echo(figures)
        return
    write_text(write, replace_figures(write, figures))
    note(f"figures written into {write}")


def _refuse(options: Mapping[str, object], beside: str, next_step: str) -> None:
    """Refuse options that would do nothing beside `beside`."""
    from alliance_stance.errors import ConfigError

    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ConfigError(", ".join(given), beside, "options that go together", next_step)


def _inspect_rules(
    recipe: Path, set_: list[str], data: Path | None, output: Path | None, votes: Path | None
) -> None:
    from alliance_stance.cli.console import note
    from alliance_stance.files import write_text
    from alliance_stance.labeling.rule_figures import doubtful_voters, measure_voters
    from alliance_stance.labeling.votes import apply_rules, write_votes
    from alliance_stance.reporting.rule_table import rules_markdown

    refuse_overwriting({"--output": output, "--votes": votes}, [recipe, data])
    examples, source = _read_examples(recipe, set_, data)
    labels = [example.label for example in examples if example.label is not None]
    matrix = apply_rules(examples)
    if votes is not None:
        write_votes(votes, matrix)
        note(f"votes written into {votes}")
    scores = _score_models(matrix, labels)
    figures = measure_voters(matrix, labels)
    warnings = doubtful_voters(figures, labels)
    for line in warnings:
        note(f"worse than chance: {line}")
    page = rules_markdown(matrix, source, scores, figures, warnings)
    if output is None:
        typer.echo(page)
        return
    write_text(output, page)
    note(f"tables written into {output}")


def _score_models(
    matrix: "VoteMatrix", labels: "Sequence[Label]"
) -> "dict[str, LabelScores | None]":
    """Score each label model; none for one that finds too little to learn from."""
    from alliance_stance.cli.console import note
    from alliance_stance.errors import DatasetError
    from alliance_stance.evaluation.label_scores import judge_by_folds, score_labels
    from alliance_stance.labeling.label_model import LABEL_MODELS

    scores: dict[str, LabelScores | None] = {}
    for name, make in LABEL_MODELS.items():
        try:
            judged = judge_by_folds(make, matrix, labels)
        except DatasetError as error:
            note(
                f"label model {name} is not judged: {error.found} in the other documents of a part"
            )
            scores[name] = None
        else:
            scores[name] = score_labels(judged, labels, matrix.documents)
    return scores


def _read_examples(recipe: Path, set_: list[str], data: Path | None) -> "tuple[list[Example], str]":
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.evaluation.labelled import read_labelled
    from alliance_stance.fingerprints import SHORT, file_fingerprint
    from alliance_stance.knowledge.knowledge import load_knowledge

    knowledge = load_knowledge()
    if data is not None:
        return read_labelled(data, knowledge), f"{data.name} ({file_fingerprint(data)[:SHORT]})"
    dataset = build_dataset(recipe, knowledge, PROCESSED, set_)
    return dataset.examples("train"), f"{dataset.name}, train ({dataset.fingerprint[:SHORT]})"


def _read_texts(path: Path) -> list[str]:
    from alliance_stance.corpus.readers.jsonl import read_json_lines
    from alliance_stance.schema import Example

    return [
        item.candidate.text if isinstance(item, Example) else item.text
        for item in read_json_lines(path)
    ]
