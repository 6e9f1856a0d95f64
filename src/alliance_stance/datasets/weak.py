"""The weak builder: any corpus, labelled by rules whose votes a label model weighs.

Three kinds of nothing stay apart in the rows: where no rule fired, where the votes are a tie, and
where the label is neutral. Only labelled candidates are in `train`, `dev` and `test`; those
without a label are in `unlabelled`. Weak labels are to learn from, never to report a score on.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datasets as hf
import pyarrow.compute as pc

from alliance_stance.corpus.documents import Corpus, open_corpus
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.datasets.built import Built
from alliance_stance.datasets.documents import BUILDING_CODE
from alliance_stance.datasets.rows import FEATURES
from alliance_stance.datasets.shards import Shards
from alliance_stance.datasets.weak_labels import UNLABELLED, Labeller, label_pieces
from alliance_stance.datasets.weak_notes import Told, write_notes
from alliance_stance.datasets.weak_recipe import WeakSettings
from alliance_stance.datasets.weak_stages import (
    STAGES,
    Piece,
    UnitWork,
    Work,
    repeated_id,
    unit_fingerprint,
    work_through,
)
from alliance_stance.datasets.weak_weights import (
    check_weighed,
    fit_on_votes,
    no_candidates,
    weigh_rules,
    weighing_fingerprint,
)
from alliance_stance.errors import DatasetError
from alliance_stance.files import write_json
from alliance_stance.fingerprints import SHORT, code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.labeling.votes import rules_fingerprint
from alliance_stance.processes import available_cores
from alliance_stance.schema import STANCES

SPLITS = ("train", "dev", "test", UNLABELLED)
_CANDIDATE_CODE = (
    *BUILDING_CODE, "corpus", "datasets/weak_stages", "datasets/signatures",
)  # fmt: skip
_LABEL_CODE = (
    "labeling/label_model", "labeling/votes", "datasets/labelled", "datasets/weak",
    "datasets/weak_labels", "datasets/weak_recipe", "datasets/weak_weights", "datasets/duplicates",
)  # fmt: skip
_WEAK_FEATURES = hf.Features(
    {**FEATURES, "status": hf.Value("string"),
     "probabilities": hf.List(hf.Value("float64"), length=len(STANCES))}
)  # fmt: skip
"""Beside the common columns: why a row has no label, and P of each stance in `schema.STANCES`."""


@dataclass
class WeakConfig(hf.BuilderConfig):  # type: ignore[misc]
    """What a build reads: a file that names the pieces and their labels."""

    plan: str = ""


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
        folder = Path(plan["folder"])
        candidates, labels = Shards(folder / "candidates"), Shards(folder / "labels")
        for piece, label, splits in plan["pieces"]:
            if split not in splits:
                continue
            found = candidates.read(piece).drop_columns(["signature", "stance", "act"])
            judged = labels.read(label)
            for name in judged.column_names:
                found = found.append_column(name, judged.column(name))
            for row in found.filter(pc.field("split") == split).drop_columns("split").to_pylist():
                place = f"{row['document']}:{row['start']}-{row['end']}"
                row["id"] = f"{place}#{row['state']}-{row['alliance']}"
                yield row["id"], row


def build_weak(
    settings: WeakSettings,
    knowledge: Knowledge,
    folder: Path,
    *,
    on_unit: Callable[[int, int], None] | None = None,
) -> Built:
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
    StanceError
        If metadata or what rules are weighed on cannot be used, nothing could be labelled, or an
        input that must be read cannot be, or has the id of an earlier document.
    """
    corpus = open_corpus(settings.inputs, settings.read_options(), knowledge)
    key = _measure(settings, knowledge, corpus)
    plan = _plan_file(folder, key)
    builder = WeakBuilder(
        cache_dir=str(folder),
        config_name=f"weak-{key[:SHORT]}",
        plan=str(plan),
    )
    is_built = plan.is_file() and Path(builder.cache_dir).is_dir()
    # the plan's notes name files, which may be somewhere else by now
    if not is_built or _read_plan(plan).get("places") != _places(corpus):
        _make_plan(settings, knowledge, folder, corpus, on_unit)
    builder.download_and_prepare(verification_mode="no_checks")
    sizes = builder.info.splits
    splits = hf.DatasetDict(
        {
            name: builder.as_dataset(split=name) if sizes[name].num_examples else _no_rows()
            for name in SPLITS
        }
    )
    return Built(key, splits, tuple(_read_plan(plan)["notes"]))


def _no_rows() -> hf.Dataset:
    return hf.Dataset.from_dict({name: [] for name in _WEAK_FEATURES}, features=_WEAK_FEATURES)


@dataclass
class _Done:
    """What is done of a corpus: the units, and the documents whose id came before."""

    units: list[UnitWork] = field(default_factory=list)
    owners: dict[str, Unit] = field(default_factory=dict)
    left_out: list[list[str]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def add(self, result: UnitWork, *, is_strict: bool) -> None:
        """Take down one more unit."""
        if result.problem is not None and is_strict:
            raise result.problem
        self.units.append(result)
        for piece in result.pieces:
            again = [name for name in piece.documents if name in self.owners]
            for name in again:
                error = repeated_id(f"{result.unit.where}, id {name}", self.owners[name])
                if is_strict:
                    raise error
                self.skipped.append(Skipped(error.where, error.found))
            self.left_out.append(again)
        # inside a unit ids differ already
        for piece in result.pieces:
            for name in piece.documents:
                self.owners.setdefault(name, result.unit)

    @property
    def pieces(self) -> list[Piece]:
        """All pieces, in order."""
        return [piece for result in self.units for piece in result.pieces]


def _make_plan(
    settings: WeakSettings,
    knowledge: Knowledge,
    folder: Path,
    corpus: Corpus,
    on_unit: Callable[[int, int], None] | None,
) -> None:
    """Go through all stages, and write which pieces the data set is made of."""
    if on_unit is not None:
        on_unit(0, len(corpus.units))
    model = weigh_rules(settings, knowledge, folder)
    work = _work(settings, knowledge, folder)
    done = _Done()

    def tell(result: UnitWork) -> None:
        done.add(result, is_strict=settings.on_unreadable == "fail")
        if on_unit is not None:
            on_unit(len(done.units), len(corpus.units))

    work_through(corpus.units, work, processes=available_cores(), on_unit=tell)
    pieces = done.pieces
    if not any(piece.candidate_count for piece in pieces):
        raise no_candidates()
    # measured anew: what was read under the key may have changed meanwhile
    key = weak_fingerprint(settings, knowledge)
    labeller = Labeller(
        model or fit_on_votes(settings, work, pieces),
        fingerprint(key),
        settings.duplicate_similarity,
        settings.split.side_of,
    )
    shards = Shards(folder / "pieces" / "labels")
    labelled, tally = label_pieces(work, pieces, labeller, shards, repeated_ids=done.left_out)
    told = Told(done.units, (*corpus.left_out, *done.skipped), done.owners, tally)
    write_json(
        _plan_file(folder, key),
        {
            "folder": str(work.folder),
            "places": _places(corpus),
            "pieces": [[one.candidates, one.labels, one.splits] for one in labelled],
            "notes": write_notes(told, settings),
        },
    )


def _places(corpus: Corpus) -> str:
    """Give the fingerprint of what notes name: where the inputs are, and what no reader reads."""
    return fingerprint([unit.where for unit in corpus.units], list(map(str, corpus.left_out)))


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


def weak_fingerprint(settings: WeakSettings, knowledge: Knowledge) -> str:
    """Give the fingerprint of a build: inputs, recipe, knowledge, rules and code.

    Raises
    ------
    StanceError
        If an input, the table of metadata or what rules are weighed on is missing or malformed.
    """
    corpus = open_corpus(settings.inputs, settings.read_options(), knowledge)
    return _measure(settings, knowledge, corpus)


def _measure(settings: WeakSettings, knowledge: Knowledge, corpus: Corpus) -> str:
    work = _work(settings, knowledge, Path())
    weighing = weighing_fingerprint(settings, knowledge)
    return fingerprint(
        [(unit.id, unit_fingerprint(unit)) for unit in corpus.units],
        [work.candidates_key, work.votes_key, weighing],
        [settings.label_model, settings.duplicate_similarity, settings.split.model_dump()],
        settings.on_unreadable,
        code_fingerprint(*_LABEL_CODE),
    )


def count_weak(settings: WeakSettings, knowledge: Knowledge) -> int:
    """Check metadata and what rules are weighed on; give the number of inputs to be read."""
    units = open_corpus(settings.inputs, settings.read_options(), knowledge).units
    check_weighed(settings, knowledge)
    return len(units)


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
