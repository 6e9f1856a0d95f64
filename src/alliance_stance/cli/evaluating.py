"""Let saved models judge labelled rows, and put them to the probes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from alliance_stance import load
from alliance_stance.cli.console import note
from alliance_stance.cli.opening import settle_address
from alliance_stance.cli.options import PROCESSED
from alliance_stance.draws import draw_documents
from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.calibration import abstain
from alliance_stance.evaluation.differences import differences_from_first
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.evaluation.minimal_pairs import (
    held_out_groups,
    minimal_pair_scores,
    read_minimal_pairs,
)
from alliance_stance.evaluation.name_swaps import Swaps, prepare_swaps
from alliance_stance.evaluation.overlap import keys_of_all, trained_on, training_keys
from alliance_stance.evaluation.report import INTERVAL_SEED, measure, score_examples
from alliance_stance.evaluation.state_swap import rate_swaps
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.inference.artifact import Artifact
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.reporting.probes import Probed
from alliance_stance.schema import Example
from alliance_stance.training.commit import current_commit

_RECIPES = frozenset({".yaml", ".yml"})
_TRAIN, _SPLIT = "train", "dev"
_PAIR = 2


@dataclass(frozen=True)
class Rows:
    """What models are scored on.

    Parameters
    ----------
    name
        Of the file, or of the recipe and its split.
    split
        As a record of scores names it.
    fingerprint
        Of the file, or of the data set.
    examples
        Labelled.
    train_texts
        Sentences of the recipe's training split; empty where it has none, or the rows are a file's.
    file
        Where the rows come from; None where that is a recipe.
    """

    name: str
    split: str
    fingerprint: str
    examples: list[Example]
    train_texts: frozenset[str] = frozenset()
    file: Path | None = None


def open_models(names: Sequence[str]) -> list[tuple[str, Artifact]]:
    """Open saved models, by folder or address."""
    return [(name, load(name).artifact) for name in map(settle_address, names)]


def read_rows(data: Path, models: Sequence[tuple[str, Artifact]]) -> Rows:
    """Read a file of labelled examples, or build a recipe and take its development split.

    Raises
    ------
    DatasetError
        If a recipe's data set has no such split.
    """
    if data.suffix not in _RECIPES:
        examples = read_labelled(data, models[0][1].knowledge)
        return Rows(data.name, data.name, file_fingerprint(data), examples, file=data)
    # it needs the libraries of the extra `train`, which a file does not
    from alliance_stance.datasets.table import build_dataset

    built = build_dataset(data, load_knowledge(), PROCESSED)
    train = built.examples(_TRAIN) if _TRAIN in built.splits else []
    return Rows(
        f"the development split of {built.name}",
        _SPLIT,
        built.fingerprint,
        built.examples(_SPLIT),
        frozenset(example.candidate.text for example in train),
    )


@dataclass(frozen=True)
class JudgedRows:
    """What one saved model, by its folder or address, said of the rows."""

    name: str
    artifact: Artifact
    scored: Scored

    @property
    def title(self) -> str:
        """What a column or a picture can be headed by."""
        return _short(self.name)


def score_models(models: Sequence[tuple[str, Artifact]], rows: Rows) -> list[JudgedRows]:
    """Let each model judge the rows, in order.

    A file's names are found by each model's own tables, as they will be when it is used.
    """
    marked = {models[0][1].knowledge.fingerprint: rows.examples}
    judged = []
    for name, artifact in models:
        knowledge = artifact.knowledge
        if rows.file is not None and knowledge.fingerprint not in marked:
            marked[knowledge.fingerprint] = read_labelled(rows.file, knowledge)
        examples = marked.get(knowledge.fingerprint, rows.examples)
        scored = score_examples(artifact.model, examples, where=rows.name)
        judged.append(JudgedRows(name, artifact, scored))
    return judged


def record_scores(
    judged: JudgedRows, rows: Rows, *, abstain_below: float | None = None
) -> dict[str, Any]:
    """Give every score of a model, and where it comes from.

    Parameters
    ----------
    judged
        What it said.
    rows
        Of what.
    abstain_below
        A probability in [0, 1]: the record has a key `abstention` for the rows that are at least as
        probable; None for a record without.

    Returns
    -------
    dict
        As `evaluation.report.measure`, with ``model``, ``model_commit``,
        ``training_data_fingerprint``, and ``trained_on_count``: how many of the rows have a
        sentence that the model was fitted on, None where an older model does not tell.
    """
    manifest = judged.artifact.manifest
    keys = training_keys(judged.artifact.folder)
    record = {
        **measure(judged.scored, split=rows.split, data_fingerprint=rows.fingerprint),
        "model": judged.name,
        "model_commit": manifest["commit"],
        "training_data_fingerprint": manifest["dataset_fingerprint"],
        "trained_on_count": None if keys is None else len(trained_on(rows.examples, keys)),
    }
    if abstain_below is not None:
        resamples = draw_documents(judged.scored.documents, seed=INTERVAL_SEED)
        record["abstention"] = asdict(abstain(judged.scored, resamples, abstain_below))
    return record


def compare_records(judged: Sequence[JudgedRows], records: Sequence[dict[str, Any]]) -> None:
    """Add to each record but the first how far its model is from the first one.

    The key is `minus_first`: the `model` that is first, the difference in `macro_f1` with its
    interval, `p`, and `p_holm`, corrected for the number of models (`evaluation.differences`).
    """
    if len(judged) < _PAIR:
        return
    found = differences_from_first([(one.name, one.scored) for one in judged])
    for record, difference in zip(records[1:], found, strict=True):
        record["minus_first"] = {
            "model": judged[0].name,
            "macro_f1": asdict(difference.interval),
            "p": difference.p,
            "p_holm": difference.p_holm,
        }


def probe_models(
    models: Sequence[tuple[str, Artifact]], rows: Rows, *, minimal_pairs: Path, per_example: int
) -> tuple[list[Probed], dict[str, str]]:
    """Put models to the probes, and collect the facts that stand beside the tables.

    Groups with a sentence of the recipe's training split, or one that any of the models was fitted
    on, are left out for all of them, and told. Models of the same knowledge tables get the same
    swapped sentences.

    Parameters
    ----------
    models
        Names and opened models.
    rows
        Whose names are swapped.
    minimal_pairs
        File of groups.
    per_example
        Versions of each example.

    Raises
    ------
    DatasetError
        If a sentence of every group was trained on.
    """
    prepared: dict[str, Swaps] = {}
    probed = []
    left_out = 0
    keys = keys_of_all(artifact.folder for _, artifact in models)
    for name, artifact in models:
        knowledge = artifact.knowledge
        groups = read_minimal_pairs(minimal_pairs, knowledge)
        unseen = held_out_groups(groups, rows.train_texts, keys)
        left_out = len(groups) - len(unseen)
        if not unseen:
            raise DatasetError(
                str(minimal_pairs), "no group that was not trained on", "one or more",
                "score other groups",
            )  # fmt: skip
        if knowledge.fingerprint not in prepared:
            prepared[knowledge.fingerprint] = prepare_swaps(
                rows.examples, knowledge, per_example=per_example
            )
        swaps = rate_swaps(artifact.model, prepared[knowledge.fingerprint])
        probed.append(Probed(_short(name), minimal_pair_scores(artifact.model, unseen), swaps))
    if left_out:
        note(f"{left_out} groups of minimal pairs left out: a sentence of each was trained on")
    return probed, _facts(models, rows, minimal_pairs, left_out)


def _facts(
    models: Sequence[tuple[str, Artifact]], rows: Rows, minimal_pairs: Path, left_out: int
) -> dict[str, str]:
    trained = sorted({artifact.manifest["dataset_fingerprint"] for _, artifact in models})
    return {
        "rows": f"{rows.name} ({rows.fingerprint[:SHORT]})",
        "minimal pairs": f"{minimal_pairs.name} ({file_fingerprint(minimal_pairs)[:SHORT]}), "
        f"{left_out} groups left out that were trained on",
        "trained on": ", ".join(one[:SHORT] for one in trained),
        "commit": current_commit(),
    }


def _short(name: str) -> str:
    """Give what a column can be headed by: the last two names of a folder's path."""
    return name if name.startswith("models:/") else "/".join(Path(name).parts[-2:])
