"""Let every fitted model of an experiment judge the same rows."""

from dataclasses import dataclass
from pathlib import Path

from alliance_stance.cli.options import PROCESSED
from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.errors import ArtifactError, InputError
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.report import score_examples
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.schema import Example
from alliance_stance.training.commit import current_commit
from alliance_stance.training.compare import Judged, read_predictions
from alliance_stance.training.experiment import Experiment
from alliance_stance.training.fit import Run, read_runs, run_key


@dataclass(frozen=True)
class Fitted:
    """An experiment's data set and its fitted models, all up to date."""

    dataset: BuiltDataset
    knowledge: Knowledge
    runs: list[Run]


def open_fitted(experiment: Experiment, artifacts: Path) -> Fitted:
    """Open an experiment's data set and models.

    Raises
    ------
    ArtifactError
        If a model is missing or was fitted on other data, settings or code.
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
    return Fitted(dataset, knowledge, runs)


def judge_fitted(
    fitted: Fitted, *, data: Path | None, is_test: bool
) -> tuple[list[Judged], dict[str, str]]:
    """Collect the predictions of all models, and the facts that stand beside the table.

    On the development split the predictions saved with each model are read; on other rows the
    models are opened and predict.

    Raises
    ------
    InputError
        If `data` holds no labelled examples, or the test split is asked for as well.
    """
    if data is not None and is_test:
        raise InputError("--test", "--data as well", "one of the two", "choose the rows to score")
    dataset, runs = fitted.dataset, fitted.runs
    examples, rows, file = None, "the development split", {}
    if data is not None:
        examples, rows = read_labelled(data, fitted.knowledge), data.name
        file = {"file": file_fingerprint(data)[:SHORT]}
    elif is_test:
        examples, rows = dataset.examples("test"), "the test split"
    facts = {
        "rows": rows,
        "trained on": f"{dataset.name} {dataset.fingerprint[:SHORT]}",
        **file,
        "seeds": ", ".join(sorted({str(run.seed) for run in runs})),
        "commit": current_commit(),
    }
    return [_judge(name, runs, examples) for name in dict.fromkeys(r.name for r in runs)], facts


def _judge(name: str, runs: list[Run], examples: list[Example] | None) -> Judged:
    own = [run for run in runs if run.name == name]
    scored = tuple(
        read_predictions(run.folder / "dev_predictions.jsonl")
        if examples is None
        else score_examples(open_artifact(run.folder).model, examples, where=name)
        for run in own
    )
    return Judged(name, own[0].kind, tuple(run.seed for run in own), scored)
