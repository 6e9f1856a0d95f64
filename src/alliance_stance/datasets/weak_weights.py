"""What the label model of a weak data set learns from: counts, labelled examples, or the votes."""

from collections.abc import Sequence
from pathlib import Path

from alliance_stance.corpus.readers.jsonl import read_labelled_lines
from alliance_stance.datasets.kinds import DOCUMENT_KINDS
from alliance_stance.datasets.labelled import unlabelled
from alliance_stance.datasets.rows import from_rows
from alliance_stance.datasets.weak_labels import gather_votes
from alliance_stance.datasets.weak_recipe import CountedFile, LabelledFile, WeakSettings, Weighed
from alliance_stance.datasets.weak_stages import Piece, Work
from alliance_stance.errors import DatasetError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.labeling.label_model import (
    LABEL_MODELS,
    LabelModel,
    WeighedModel,
    read_worth,
)
from alliance_stance.labeling.rules.table import RULES
from alliance_stance.labeling.votes import apply_rules
from alliance_stance.schema import Example


def weighing_fingerprint(settings: WeakSettings, knowledge: Knowledge) -> str | None:
    """Give the fingerprint of what rules are weighed on; None for the votes themselves.

    Raises
    ------
    DatasetError
        If it is missing.
    """
    weighed = settings.weigh_on
    if weighed is None:
        return None
    if not isinstance(weighed, LabelledFile | CountedFile):
        return DOCUMENT_KINDS[weighed.kind].measure(weighed, knowledge)
    if not weighed.path.is_file():
        raise DatasetError(
            str(weighed.path), "no such file", "what rules are weighed on",
            "correct 'weigh_on' in the recipe",
        )  # fmt: skip
    return file_fingerprint(weighed.path)


def check_weighed(settings: WeakSettings, knowledge: Knowledge) -> None:
    """Read what rules are weighed on, if anything, and let nothing learn from it.

    Raises
    ------
    StanceError
        If it cannot be read or is not labelled.
    """
    weighed = settings.weigh_on
    if isinstance(weighed, CountedFile):
        read_worth(weighed.path)
    elif isinstance(weighed, LabelledFile):
        _ready_examples(weighed, knowledge)
    elif weighed is not None:
        DOCUMENT_KINDS[weighed.kind].count_documents(weighed, knowledge)


def weigh_rules(settings: WeakSettings, knowledge: Knowledge, folder: Path) -> LabelModel | None:
    """Fit the label model on what the recipe names; None where it has to wait for the votes.

    Raises
    ------
    StanceError
        If that cannot be read or is not labelled.
    """
    weighed = settings.weigh_on
    if weighed is None:
        return None
    model = LABEL_MODELS[settings.label_model]()
    if isinstance(weighed, CountedFile) and isinstance(model, WeighedModel):
        return model.take_worth([rule.name for rule in RULES], read_worth(weighed.path))
    examples = _read_labelled(weighed, knowledge, folder)
    labels = [example.label for example in examples if example.label is not None]
    return model.fit(apply_rules(examples), labels)


def fit_on_votes(settings: WeakSettings, work: Work, pieces: Sequence[Piece]) -> LabelModel:
    """Fit the label model on the votes of the corpus alone.

    Raises
    ------
    DatasetError
        If there is no candidate.
    """
    model = LABEL_MODELS[settings.label_model]()
    if not model.learns:
        # it has to see but the columns
        pieces = [piece for piece in pieces if piece.candidate_count][:1]
    votes = gather_votes(work, pieces)
    if votes is None:
        raise no_candidates()
    return model.fit(votes)


def no_candidates() -> DatasetError:
    """Give the error of a corpus in which nothing is to be judged."""
    return DatasetError(
        "inputs", "no sentence that pairs a state with an alliance", "some",
        "try `alliance-stance extract` on a document",
    )  # fmt: skip


def _read_labelled(settings: Weighed, knowledge: Knowledge, folder: Path) -> list[Example]:
    """Read what rules are weighed on; of a data set, its training split alone."""
    if not isinstance(settings, LabelledFile):
        built = DOCUMENT_KINDS[settings.kind].build(settings, knowledge, folder)
        return list(from_rows(built.splits["train"]))
    return list(map(CandidateFinder(knowledge).mark_example, _ready_examples(settings, knowledge)))


def _ready_examples(settings: LabelledFile, knowledge: Knowledge) -> list[Example]:
    return [
        knowledge.settle_codes(example, where)
        for where, example in read_labelled_lines(settings.path, unlabelled)
    ]
