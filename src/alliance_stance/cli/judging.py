"""Let every fitted model of an experiment judge the same rows."""

from pathlib import Path

from alliance_stance.cli.options import PROCESSED
from alliance_stance.corpus.readers.jsonl import read_json_lines
from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import ArtifactError, InputError
from alliance_stance.evaluation.report import score_examples
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.schema import Example
from alliance_stance.training.commit import current_commit
from alliance_stance.training.compare import Judged, read_predictions
from alliance_stance.training.experiment import Experiment
from alliance_stance.training.fit import Run, read_runs, run_key


def judge_experiment(
    experiment: Experiment, artifacts: Path, *, data: Path | None, is_test: bool
) -> tuple[list[Judged], dict[str, str]]:
    """Collect the predictions of all models, and the facts that stand beside the table.

    On the development split the predictions saved with each model are read; on other rows the
    models are opened and predict.

    Raises
    ------
    ArtifactError
        If a model is missing or was fitted on other data, settings or code.
    InputError
        If `data` holds no labelled examples.
    """
    knowledge = load_knowledge()
    dataset = build_dataset(experiment.dataset, knowledge, PROCESSED)
    runs = read_runs(experiment.models, artifacts / experiment.name)
    keys = {
        (config.name, seed): run_key(config, seed, dataset)
        for config, seeds in experiment.models
        for seed in seeds
    }
    for run in runs:
        if run.key != keys[run.name, run.seed]:
            raise ArtifactError(
                str(run.folder),
                "a model of other settings, data or code",
                "one that is up to date",
                "run: alliance-stance train",
            )
    if data is not None:
        examples = read_labelled(data, knowledge)
        rows, fingerprint = str(data.name), file_fingerprint(data)
    elif is_test:
        examples, rows, fingerprint = dataset.examples("test"), "the test split", ""
    else:
        examples, rows, fingerprint = None, "the development split", ""
    facts = {
        "rows": rows,
        "data set": f"{dataset.name} {dataset.fingerprint[:SHORT]}",
        **({"file": fingerprint[:SHORT]} if fingerprint else {}),
        "seeds": ", ".join(sorted({str(run.seed) for run in runs})),
        "commit": current_commit(),
    }
    return [_judge(name, runs, examples) for name in dict.fromkeys(r.name for r in runs)], facts


def read_labelled(path: Path, knowledge: Knowledge) -> list[Example]:
    """Read labelled examples of the exchange format and find their mentions.

    Raises
    ------
    InputError
        If a line is a document or has no stance.
    KnowledgeError
        If a state or an alliance is not known.
    """
    finder = CandidateFinder(knowledge)
    examples = []
    for item in read_json_lines(path):
        if not isinstance(item, Example) or item.label is None:
            raise InputError(
                f"{path}: {item.id}",
                "a line without 'state', 'alliance' and 'stance'",
                "labelled examples only",
                "label it, or use predict",
            )
        knowledge.check_pair(f"{path}: {item.id}", item.candidate.state, item.candidate.alliance)
        examples.append(finder.mark_example(item))
    return examples


def _judge(name: str, runs: list[Run], examples: list[Example] | None) -> Judged:
    own = [run for run in runs if run.name == name]
    scored = tuple(
        read_predictions(run.folder / "dev_predictions.jsonl")
        if examples is None
        else score_examples(open_artifact(run.folder).model, examples, where=name)
        for run in own
    )
    return Judged(name, own[0].kind, tuple(run.seed for run in own), scored)
