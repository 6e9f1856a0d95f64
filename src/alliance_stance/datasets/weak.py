"""The weak builder: any corpus, labelled by rules whose votes a label model weighs.

Three kinds of nothing stay apart in the rows: where no rule fired, where the votes are a tie, and
where the label is neutral. Only labelled candidates are in `train`, `dev` and `test`; those
without a label are in `unlabelled`. Weak labels are to learn from, never to report a score on.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import datasets as hf
from pydantic import Field

from alliance_stance.config import PathFromFile, Section
from alliance_stance.corpus.inputs import ReadOptions, list_units
from alliance_stance.corpus.readers.columns import Columns
from alliance_stance.corpus.readers.jsonl import read_json_lines
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.datasets.documents import BUILDING_CODE
from alliance_stance.datasets.gold import GoldSettings
from alliance_stance.datasets.kinds import DOCUMENT_KINDS
from alliance_stance.datasets.rows import FEATURES, from_rows
from alliance_stance.datasets.shards import Shards
from alliance_stance.datasets.standoff import StandoffSettings
from alliance_stance.datasets.weak_labels import DUPLICATE, Tally, gather_votes, label_pieces
from alliance_stance.datasets.weak_stages import (
    STAGES,
    Piece,
    UnitWork,
    Work,
    unit_fingerprint,
    work_through,
)
from alliance_stance.errors import DatasetError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.files import write_json
from alliance_stance.fingerprints import SHORT, code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.labeling.label_model import (
    LABEL_MODELS,
    LabelModel,
    WeighedModel,
    read_worth,
)
from alliance_stance.labeling.rules.table import RULES
from alliance_stance.labeling.votes import apply_rules, rules_fingerprint
from alliance_stance.schema import STANCES, Example

UNLABELLED = "unlabelled"
SPLITS = ("train", "dev", "test", UNLABELLED)
_CANDIDATE_CODE = (
    *BUILDING_CODE, "corpus", "datasets/weak_stages", "datasets/duplicates",
)  # fmt: skip
_LABEL_CODE = ("labeling/label_model", "labeling/votes", "datasets/weak", "datasets/weak_labels")
_SHOWN = 20
_WEAK_FEATURES = hf.Features(
    {**FEATURES, "status": hf.Value("string"),
     "probabilities": hf.List(hf.Value("float64"), length=len(STANCES))}
)  # fmt: skip
"""Beside the common columns: why a row has no label, and P of each stance in `schema.STANCES`."""


class LabelledFile(Section):
    """Labelled ready examples of docs/formats.md."""

    kind: Literal["labelled"]
    path: PathFromFile = Field(description="JSON lines with state, alliance, stance and act.")


class CountedFile(Section):
    """Counts of what each rule was worth on labelled candidates."""

    kind: Literal["counted"]
    path: PathFromFile = Field(description="CSV of docs/formats.md, as data/rules/worth.csv.")


_Weighed = Annotated[
    GoldSettings | StandoffSettings | LabelledFile | CountedFile, Field(discriminator="kind")
]


class SharedOut(Section):
    """How documents are dealt out, each by itself: a corpus may be larger than memory."""

    seed: int = Field(ge=0, description="Seed of the hash that deals them out.")
    dev_share: float = Field(gt=0, lt=0.5, description="Share of the documents for dev.")
    test_share: float = Field(gt=0, lt=0.5, description="Share of the documents for test.")


class WeakSettings(Section):
    """Recipe of a weak data set."""

    kind: Literal["weak"]
    inputs: list[PathFromFile] = Field(
        min_length=1, description="Files, folders or patterns; they may start at the recipe."
    )
    format: str | None = Field(None, description="Of all inputs; by their names if absent.")
    columns: Columns = Field(Columns(), description="For tables: which column is what.")
    metadata: PathFromFile | None = Field(None, description="Facts on files; none if absent.")
    on_unreadable: Literal["skip", "fail"] = Field("skip", description="What cannot be read.")
    english_only: bool = Field(True, description="Leave out documents in other languages.")
    duplicate_similarity: float = Field(
        gt=0, le=0.95, description="Similarity from which a sentence repeats an earlier one."
    )
    label_model: Literal["majority", "dawid-skene", "mace", "weighed"] = Field(
        description="How votes are brought together."
    )
    weigh_on: _Weighed | None = Field(
        None, description="Labelled examples that tell what a rule is worth; none if absent."
    )
    split: SharedOut = Field(description="How documents are dealt out.")

    def read_options(self) -> ReadOptions:
        """Give how inputs are read."""
        return ReadOptions(
            format=self.format,
            columns=self.columns,
            metadata=self.metadata,
            on_unreadable=self.on_unreadable,
        )


@dataclass
class WeakConfig(hf.BuilderConfig):  # type: ignore[misc]
    """What a build reads: the pieces with their labels, as a file, and how they are dealt out."""

    plan: str = ""
    split: str = ""


class WeakBuilder(hf.GeneratorBasedBuilder):  # type: ignore[misc]
    """Hugging Face builder of a weak data set, from labelled pieces."""

    BUILDER_CONFIG_CLASS = WeakConfig
    VERSION = hf.Version("1.0.0")

    def _info(self) -> hf.DatasetInfo:
        return hf.DatasetInfo(
            description="Stances of states toward alliances, as rules see them.",
            features=_WEAK_FEATURES,
        )

    def _split_generators(self, dl_manager: object) -> list[hf.SplitGenerator]:
        return [hf.SplitGenerator(name=split, gen_kwargs={"split": split}) for split in SPLITS]

    def _generate_examples(self, split: str) -> Iterator[tuple[str, dict[str, Any]]]:
        plan = _read_plan(Path(self.config.plan))
        shares = SharedOut.model_validate_json(self.config.split)
        folder = Path(plan["folder"])
        candidates, labels = Shards(folder / "candidates"), Shards(folder / "labels")
        for piece, label in plan["pieces"]:
            found = candidates.read(piece).drop_columns(["signature"]).to_pylist()
            for row, judged in zip(found, labels.read(label).to_pylist(), strict=True):
                if _split_of(row["document"], judged, shares) == split:
                    name = f"{row['document']}:{row['start']}-{row['end']}"
                    row["id"] = f"{name}#{row['state']}-{row['alliance']}"
                    yield row["id"], {**row, **judged}


def _split_of(document: str, judged: dict[str, Any], shares: SharedOut) -> str:
    if judged["status"] == DUPLICATE:
        return ""
    if judged["stance"] is None:
        return UNLABELLED
    digest = hashlib.sha256(f"{shares.seed} {document}".encode("utf-8", "replace")).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < shares.test_share:
        return "test"
    return "dev" if place < shares.test_share + shares.dev_share else "train"


def build_weak(
    settings: WeakSettings,
    knowledge: Knowledge,
    folder: Path,
    *,
    on_unit: Callable[[int, int], None] | None = None,
) -> hf.DatasetDict:
    """Build the data set, or open the build of the same fingerprint.

    Stages that were done for the same documents are not done again, so a build that was stopped
    goes on where it was, and a new document costs its own work alone.

    Parameters
    ----------
    settings
        The recipe, its paths resolved.
    knowledge
        Who and what can be mentioned.
    folder
        Where builds and pieces are kept.
    on_unit
        Is told how many inputs are done, of how many.

    Raises
    ------
    DatasetError
        If nothing could be labelled, or two documents have one id.
    """
    key = weak_fingerprint(settings, knowledge)
    plan = _plan_file(folder, key)
    builder = WeakBuilder(
        cache_dir=str(folder),
        config_name=f"weak-{key[:SHORT]}",
        plan=str(plan),
        split=settings.split.model_dump_json(),
    )
    if not plan.is_file() or not Path(builder.cache_dir).is_dir():
        _make_plan(settings, knowledge, folder, plan, on_unit)
    builder.download_and_prepare(verification_mode="no_checks")
    sizes = builder.info.splits
    return hf.DatasetDict(
        {
            name: builder.as_dataset(split=name) if sizes[name].num_examples else _no_rows()
            for name in SPLITS
        }
    )


def _no_rows() -> hf.Dataset:
    return hf.Dataset.from_dict({name: [] for name in _WEAK_FEATURES}, features=_WEAK_FEATURES)


def _make_plan(
    settings: WeakSettings,
    knowledge: Knowledge,
    folder: Path,
    plan: Path,
    on_unit: Callable[[int, int], None] | None,
) -> None:
    """Go through all stages, and write which pieces the data set is made of."""
    left_out: list[Skipped] = []
    units = list_units(settings.inputs, settings.read_options(), on_skip=left_out.append)
    work = _work(settings, knowledge, folder)
    done: list[UnitWork] = []

    def tell(result: UnitWork) -> None:
        done.append(result)
        if result.problem is not None and settings.on_unreadable == "fail":
            raise result.problem
        if on_unit is not None:
            on_unit(len(done), len(units))

    work_through(units, work, processes=_processes(), on_unit=tell)
    _check_ids(done)
    pieces = [piece for result in done for piece in result.pieces]
    model = _fit_label_model(settings, knowledge, folder, work, pieces)
    shards = Shards(folder / "pieces" / "labels")
    key = fingerprint(weak_fingerprint(settings, knowledge))
    labels, tally = label_pieces(
        work, pieces, model, shards, key=key, similarity=settings.duplicate_similarity
    )
    write_json(
        plan,
        {
            "folder": str(work.folder),
            "pieces": [[p.candidates, label] for p, label in zip(pieces, labels, strict=True)],
            "notes": _notes(done, left_out, tally),
        },
    )


def _processes() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _work(settings: WeakSettings, knowledge: Knowledge, folder: Path) -> Work:
    metadata = None if settings.metadata is None else file_fingerprint(settings.metadata)
    return Work(
        folder=folder / "pieces",
        options=settings.read_options(),
        knowledge_folder=knowledge.folder,
        english_only=settings.english_only,
        candidates_key=fingerprint(
            knowledge.fingerprint,
            metadata,
            settings.english_only,
            code_fingerprint(*_CANDIDATE_CODE),
        ),
        votes_key=rules_fingerprint(),
    )


def _check_ids(done: Sequence[UnitWork]) -> None:
    owners: dict[str, Unit] = {}
    for result in done:
        for piece in result.pieces:
            for name in piece.documents:
                if name in owners:
                    raise DatasetError(
                        f"{result.unit.where}, id {name}",
                        f"an id that came before, in {owners[name].where}",
                        "each document named once", "rename one",
                    )  # fmt: skip
                owners[name] = result.unit


def _fit_label_model(
    settings: WeakSettings, knowledge: Knowledge, folder: Path, work: Work, pieces: list[Piece]
) -> LabelModel:
    model = LABEL_MODELS[settings.label_model]()
    if isinstance(settings.weigh_on, CountedFile):
        if not isinstance(model, WeighedModel):
            raise DatasetError("weigh_on", "counts", "label_model: weighed", "correct the recipe")
        names = [rule.name for rule in RULES]
        return model.take_worth(names, read_worth(settings.weigh_on.path))
    if settings.weigh_on is not None:
        examples = _read_labelled(settings.weigh_on, knowledge, folder)
        labels = [example.label for example in examples if example.label is not None]
        return model.fit(apply_rules(examples), labels)
    votes = gather_votes(work, pieces)
    if votes is None:
        raise DatasetError(
            "inputs", "no sentence that pairs a state with an alliance", "some",
            "try `alliance-stance extract` on a document",
        )  # fmt: skip
    return model.fit(votes)


def _read_labelled(settings: Section, knowledge: Knowledge, folder: Path) -> list[Example]:
    """Read what rules are weighed on; of a data set, its training split alone."""
    if isinstance(settings, LabelledFile):
        finder = CandidateFinder(knowledge)
        found = []
        for item in read_json_lines(settings.path):
            where = f"{settings.path}, id {item.id}"
            if not isinstance(item, Example) or item.label is None:
                raise DatasetError(
                    where, "no labelled example", "state, alliance and stance", "label it"
                )
            found.append(finder.mark_example(knowledge.settle_codes(item, where)))
        return found
    built = DOCUMENT_KINDS[settings.kind].build(settings, knowledge, folder)  # type: ignore[attr-defined]
    return list(from_rows(built["train"]))


def _notes(done: list[UnitWork], left_out: list[Skipped], tally: Tally) -> list[str]:
    """Say what became of the corpus, a line each."""
    documents = sum(len(p.documents) for result in done for p in result.pieces)
    foreign = [name for result in done for p in result.pieces for name in p.foreign]
    skipped = [*left_out, *(one for result in done for one in result.skipped)]
    skipped += [
        Skipped(result.problem.where, result.problem.found)
        for result in done
        if result.problem is not None
    ]
    candidates = sum(tally.statuses.values())
    lines = [
        f"{documents} documents; {tally.sentences} sentences with a pair, of which "
        f"{tally.duplicates} repeat an earlier one; {candidates} candidates",
        "candidates: " + _listing(tally.statuses),
        "labels: " + _listing(tally.stances),
    ]
    if foreign:
        lines.append(f"{len(foreign)} documents not in English: {_first(foreign)}")
    lines += [f"not read: {one}" for one in skipped[:_SHOWN]]
    if len(skipped) > _SHOWN:
        lines.append(f"not read: {len(skipped) - _SHOWN} more")
    return lines


def _listing(counts: Counter[str]) -> str:
    total = max(1, sum(counts.values()))
    return (
        ", ".join(f"{name} {count} ({count / total:.1%})" for name, count in sorted(counts.items()))
        or "none"
    )


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def weak_fingerprint(settings: WeakSettings, knowledge: Knowledge) -> str:
    """Give the fingerprint of a build: inputs, recipe, knowledge, rules and code."""
    units = list_units(settings.inputs, settings.read_options())
    work = _work(settings, knowledge, Path())
    weighed = settings.weigh_on
    if weighed is None:
        weighing: object = None
    elif isinstance(weighed, LabelledFile | CountedFile):
        if not weighed.path.is_file():
            raise DatasetError(
                str(weighed.path), "no such file", "what rules are weighed on",
                "correct 'weigh_on' in the recipe",
            )  # fmt: skip
        weighing = file_fingerprint(weighed.path)
    else:
        weighing = DOCUMENT_KINDS[weighed.kind].measure(weighed, knowledge)
    return fingerprint(
        [(unit.id, unit_fingerprint(unit)) for unit in units],
        [work.candidates_key, work.votes_key, weighing],
        [settings.label_model, settings.duplicate_similarity, settings.split.model_dump()],
        settings.on_unreadable,
        code_fingerprint(*_LABEL_CODE),
    )


def count_weak(settings: WeakSettings, knowledge: Knowledge) -> int:
    """Give the number of inputs that would be read."""
    return len(list_units(settings.inputs, settings.read_options()))


def note_weak(settings: WeakSettings, knowledge: Knowledge, folder: Path) -> list[str]:
    """Say what became of the corpus in this build; nothing before it is built."""
    plan = _plan_file(folder, weak_fingerprint(settings, knowledge))
    return list(_read_plan(plan)["notes"]) if plan.is_file() else []


def _plan_file(folder: Path, key: str) -> Path:
    return folder / "pieces" / "plans" / f"{key}.json"


def _read_plan(file: Path) -> dict[str, Any]:
    try:
        plan: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise DatasetError(
            str(file), "a damaged file", "the plan of a build", "remove it and build again"
        ) from None
    return plan


def forget_stages(settings: WeakSettings, knowledge: Knowledge, folder: Path, stage: str) -> None:
    """Remove what is kept of a stage and of all later ones, so that it is done again.

    Raises
    ------
    DatasetError
        If there is no such stage.
    """
    if stage not in STAGES:
        raise DatasetError("--from", repr(stage), f"one of {', '.join(STAGES)}", "correct it")
    key = weak_fingerprint(settings, knowledge)
    _plan_file(folder, key).unlink(missing_ok=True)
    for name in STAGES[STAGES.index(stage) :]:
        shutil.rmtree(folder / "pieces" / name, ignore_errors=True)
    if stage != "labels":
        shutil.rmtree(folder / "pieces" / "units", ignore_errors=True)
    for built in folder.glob(f"*/weak-{key[:SHORT]}*"):
        shutil.rmtree(built, ignore_errors=True)
