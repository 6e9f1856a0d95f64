"""What `promote` asks before it moves the name: who is better on the agreed set."""

from dataclasses import dataclass, replace
from pathlib import Path

from alliance_stance.cli.judging import (
    Fitted,
    RowChoice,
    judged_on_dev,
    median_run,
    read_rows,
    rows_fingerprint,
)
from alliance_stance.errors import ArtifactError, InputError, KnowledgeError, TrackingError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.evaluation.overlap import trained_on, training_keys
from alliance_stance.evaluation.report import score_examples
from alliance_stance.inference.artifact import Artifact, open_artifact
from alliance_stance.inference.shipped import shipped_folder
from alliance_stance.models.table import BASELINES
from alliance_stance.schema import Example
from alliance_stance.tracking.fetching import find_damage, open_registered
from alliance_stance.tracking.registry import Holder
from alliance_stance.training.compare import Judged, best_model
from alliance_stance.training.fit import Run
from alliance_stance.training.promotion import Decision, beats, beats_baselines

_FORCE = "or promote with --force REASON"
PACKAGE = "the larger model in the package"


@dataclass(frozen=True)
class AgreedSet:
    """The rows that decide.

    Parameters
    ----------
    title
        In words.
    fingerprint
        Of the file or data set that they come from.
    examples
        Labelled, their names found by the tables of today.
    file
        Where they come from; None for a data set, whose rows keep the names that were found when it
        was built.
    tables
        Fingerprint of the tables of today.
    """

    title: str
    fingerprint: str
    examples: list[Example]
    file: Path | None = None
    tables: str = ""


@dataclass(frozen=True)
class Candidate:
    """The fit that would get the name: the median one of a model, with its predictions on dev."""

    judged: Judged
    run: Run

    @property
    def title(self) -> str:
        """Name and seed."""
        return f"{self.run.name}, seed {self.run.seed}"


def agreed_set(fitted: Fitted, rows: RowChoice) -> AgreedSet:
    """Read the rows that decide.

    Raises
    ------
    InputError
        If a file holds anything but labelled examples.
    """
    title = rows.title if rows.data else f"{rows.title} of {fitted.dataset.name}"
    examples = read_rows(fitted, rows)
    tables = fitted.knowledge.fingerprint
    return AgreedSet(title, rows_fingerprint(fitted, rows), examples, rows.data, tables)


def choose_candidate(fitted: Fitted, name: str | None) -> Candidate:
    """Choose the model that is named, or the best on the development split; of it the median fit.

    Raises
    ------
    InputError
        If the experiment has no such model.
    """
    judged = judged_on_dev(fitted)
    names = [model.name for model in judged]
    if name is not None and name not in names:
        raise InputError("--model", name, f"one of {', '.join(names)}", "name a model")
    chosen = next(model for model in judged if model.name == (name or best_model(judged)))
    return Candidate(chosen, median_run(fitted, chosen))


def is_in_place(candidate: Candidate, holder: Holder, root: Path) -> bool:
    """Say whether the holder is the candidate's fit, and its stored copy can be opened."""
    is_same = holder.run_key == candidate.run.key
    return is_same and find_damage(holder.address, root) is None


def decide(
    candidate: Candidate,
    fitted: Fitted,
    agreed: AgreedSet,
    holder: Holder | None,
    root: Path,
    *,
    takes_over: bool,
) -> Decision:
    """Compare the candidate with the holder of the name, or where there is none with the baselines.

    Parameters
    ----------
    candidate, fitted, agreed
        Who is compared, with whom, and on what.
    holder
        Of the name; None where nobody holds it.
    root
        Folder of the default store.
    takes_over
        Whether the candidate would answer from now on where the larger model in the package does:
        it is then not to be worse.

    Raises
    ------
    TrackingError
        If the holder cannot be loaded.
    InputError
        If one of them was fitted on sentences of the agreed set, it cannot be told whether, or its
        own tables lack a state or an alliance of the set.
    """
    if holder is not None and holder.run_key == candidate.run.key:
        told = f"the same fit as version {holder.version}, whose stored copy cannot be opened"
        return Decision(True, told, f"the holder, version {holder.version}")
    own_data = fitted.dataset.fingerprint
    _refuse_trained(candidate.title, candidate.run.folder, agreed, is_own=True)
    own = _score(open_artifact(candidate.run.folder), agreed)
    if holder is None:
        decision = beats_baselines(
            Judged(candidate.run.name, candidate.run.kind, (candidate.run.seed,), (own,)),
            _baselines(fitted, agreed),
        )
        is_asked = takes_over and decision.is_better
        shipped = compare_shipped(candidate, agreed, own) if is_asked else None
        if shipped is None or not shipped.is_better:
            return decision
        reason = f"{shipped.reason}; it answers where nobody is promoted"
        return replace(
            shipped,
            is_better=False,
            reason=reason,
            against=PACKAGE,
            difference=_turned(shipped.difference),
        )
    title = f"the holder, version {holder.version}"
    artifact = _open_holder(holder, root)
    is_own = artifact.manifest.get("dataset_fingerprint") == own_data == agreed.fingerprint
    _refuse_trained(title, artifact.folder, agreed, is_own=is_own)
    return beats(own, _score_holder(title, artifact, agreed), (candidate.title, title))


def _turned(difference: Interval | None) -> Interval | None:
    """Give the difference of two models as seen by the other one."""
    if difference is None:
        return None
    return Interval(-difference.value, -difference.high, -difference.low)


def compare_shipped(
    candidate: Candidate, agreed: AgreedSet, own: Scored | None = None
) -> Decision | None:
    """Say whether the larger model in the package beats the candidate on the agreed set.

    Parameters
    ----------
    candidate, agreed
        Who is compared with it, and on what.
    own
        What the candidate said of the set; None to ask it.

    Returns
    -------
    Decision or None
        None where one of them was fitted on sentences of the set, or the tables of the model in the
        package lack a state or an alliance of it.
    """
    shipped = open_artifact(shipped_folder())
    for folder in (shipped.folder, candidate.run.folder):
        if trained_on(agreed.examples, training_keys(folder) or frozenset()):
            return None
    names = (PACKAGE, candidate.title)
    try:
        its = _score(shipped, agreed)
    except KnowledgeError:
        return None
    return beats(its, own or _score(open_artifact(candidate.run.folder), agreed), names)


def _baselines(fitted: Fitted, agreed: AgreedSet) -> list[Judged]:
    """Let the median fit of each baseline judge the agreed set."""
    found = []
    for judged in judged_on_dev(fitted):
        if judged.kind in BASELINES:
            run = median_run(fitted, judged)
            scored = _score(open_artifact(run.folder), agreed)
            found.append(Judged(judged.name, judged.kind, (run.seed,), (scored,)))
    return found


def _score(artifact: Artifact, agreed: AgreedSet) -> Scored:
    """Let a model judge the rows, a file's names found by its own tables, as when it is used."""
    examples = agreed.examples
    if agreed.file is not None and artifact.knowledge.fingerprint != agreed.tables:
        examples = read_labelled(agreed.file, artifact.knowledge)
    return score_examples(artifact.model, examples, where=agreed.title)


def _score_holder(title: str, artifact: Artifact, agreed: AgreedSet) -> Scored:
    try:
        return _score(artifact, agreed)
    except KnowledgeError as error:
        raise InputError(
            title,
            f"tables of its own that do not know all of {error.where}: {error.found}",
            "an agreed set whose states and alliances both models know",
            f"name another with --data, {_FORCE}",
        ) from None


def _open_holder(holder: Holder, root: Path) -> Artifact:
    try:
        return open_registered(holder.address, root)
    except (ArtifactError, TrackingError) as error:
        raise TrackingError(
            holder.address,
            f"a holder that cannot be loaded ({error.where}: {error.found})",
            "a complete model of this version of the package",
            f"restore its files, {_FORCE}",
        ) from None


def _refuse_trained(title: str, folder: Path, agreed: AgreedSet, *, is_own: bool) -> None:
    """Refuse a model that was fitted on rows of the agreed set.

    A fit on the train split of the very data set whose development split decides has not seen it,
    and need not prove it.
    """
    keys = training_keys(folder)
    if keys is None:
        if is_own:
            return
        raise InputError(
            title,
            f"no list of the sentences that it was fitted on, so nobody can tell whether "
            f"{agreed.title} is among them",
            "a model that has one",
            f"fit it again with this version, {_FORCE}",
        )
    known = trained_on(agreed.examples, keys)
    if known:
        raise InputError(
            title,
            f"a model that was fitted on the sentences of {len(known)} of the "
            f"{len(agreed.examples)} triples of {agreed.title}, such as {known[0]}",
            "an agreed set that neither model has seen",
            f"name another with --data, {_FORCE}",
        )
