"""``alliance-stance promote``: give the best model of an experiment the name that scoring uses."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.cli.options import (
    ARTIFACTS,
    EXPERIMENT,
    ExperimentArgument,
    SetOption,
)

if TYPE_CHECKING:
    from alliance_stance.cli.gate import AgreedSet, Candidate
    from alliance_stance.cli.judging import Fitted
    from alliance_stance.tracking.registry import Holder
    from alliance_stance.training.experiment import Experiment
    from alliance_stance.training.promotion import Decision


def promote(
    experiment: ExperimentArgument = EXPERIMENT,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            help="Model of the experiment; the best on the development split if absent.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="JSONL file of labelled examples that decides; the development split if absent.",
        ),
    ] = None,
    force: Annotated[
        str | None,
        typer.Option(
            "--force",
            metavar="REASON",
            help="Promote whatever the comparison says; the reason is kept with the version.",
            show_default=False,
        ),
    ] = None,
    set_: SetOption = None,
) -> None:
    """Register a model and give it the alias `champion`, if it beats the holder of the alias.

    Where nobody holds it, the model has to beat every baseline, and the larger model in the
    package, which answers until then, must not beat it. It is the fit of median score that is
    compared, on the agreed set; the 95 % interval of the difference has to lie above 0, and p of
    the shuffle test under 0.05. Otherwise nothing is changed and the exit status is 1; the run of
    the model tells why. Where the larger model in the package is better than what was promoted all
    the same, that is told, and so is an agreed set other than the holder's. Of two promotions at
    once in the project's own store the second waits for the first; in another store the one that
    was overtaken is refused.
    """
    from alliance_stance.cli.console import note, quiet_libraries, waiting

    quiet_libraries()
    from alliance_stance.cli.gate import PACKAGE, agreed_set, choose_candidate, is_in_place
    from alliance_stance.cli.judging import choose_rows, open_fitted
    from alliance_stance.errors import InputError
    from alliance_stance.inference.shipped import ANSWERS
    from alliance_stance.tracking.registry import CHAMPION, MODEL_NAME, find_holder, promoting
    from alliance_stance.tracking.runs import prepare_store
    from alliance_stance.tracking.store import project_root
    from alliance_stance.training.experiment import read_experiment

    if force is not None and not force.strip():
        raise InputError("--force", "no reason", "why the comparison does not count", "give one")
    found = read_experiment(Path(experiment), set_ or [])
    root = project_root()
    with waiting("opening the data set and the fitted models ..."):
        prepare_store(found.name, found.settings.question, root)
        fitted = open_fitted(found, ARTIFACTS)
    candidate = choose_candidate(fitted, model)
    name = found.settings.registered_model
    with promoting(root, _tell_waiting):
        holder = find_holder(name, root)
        if holder is not None and is_in_place(candidate, holder, root):
            note(
                f"{candidate.title} is models:/{name}@{CHAMPION} already, version {holder.version}"
            )
            return
        agreed = agreed_set(fitted, choose_rows(data=data, is_test=False))
        _tell_other_set(holder, agreed)
        decision = _decide(
            candidate, fitted, agreed, holder, root,
            is_forced=force is not None, takes_over=holder is None and name == MODEL_NAME,
        )  # fmt: skip
        if not decision.is_better and force is None:
            note(f"not promoted: {decision.reason}")
            _keep_refusal(candidate, fitted, found, root, _tags(decision, agreed, force))
            raise typer.Exit(1)
        version = _register(candidate, fitted, found, root, _tags(decision, agreed, force), holder)
    _tell(candidate, name, version, decision, force)
    if decision.against == PACKAGE:
        note(f"--model {ANSWERS} asks it")
    elif holder is not None or name != MODEL_NAME or not decision.is_better:
        # of all others the gate has asked it
        _tell_shipped(candidate, agreed)


def _decide(
    candidate: "Candidate",
    fitted: "Fitted",
    agreed: "AgreedSet",
    holder: "Holder | None",
    root: Path,
    *,
    is_forced: bool,
    takes_over: bool,
) -> "Decision":
    """Let the gate decide; where promotion is forced, one that cannot be made is a no."""
    from alliance_stance.cli.console import waiting
    from alliance_stance.cli.gate import decide
    from alliance_stance.errors import StanceError
    from alliance_stance.training.promotion import Decision

    try:
        with waiting(f"scoring {agreed.title} ..."):
            return decide(candidate, fitted, agreed, holder, root, takes_over=takes_over)
    except StanceError as error:
        if not is_forced:
            raise
        against = "baselines" if holder is None else f"the holder, version {holder.version}"
        return Decision(False, f"not compared: {error}", against)


def _tags(decision: "Decision", agreed: "AgreedSet", force: str | None) -> dict[str, str]:
    """Give what the version keeps of the decision."""
    from alliance_stance.tracking.registry import AGREED_ON

    return {
        **decision.tags(),
        "gate/set": agreed.title,
        AGREED_ON: agreed.fingerprint,
        "gate/passed": str(decision.is_better).lower(),
        **({"gate/forced": force.strip()} if force and not decision.is_better else {}),
    }


def _keep_refusal(
    candidate: "Candidate",
    fitted: "Fitted",
    found: "Experiment",
    root: Path,
    tags: dict[str, str],
) -> None:
    """Let the candidate's run tell that it was refused, and why; it gets no version."""
    from alliance_stance.tracking.registry import keep_refusal
    from alliance_stance.tracking.runs import log_run

    run_id = log_run(candidate.run, fitted.dataset, found.name, root)
    keep_refusal(found.settings.registered_model, run_id, tags, root)


def _register(
    candidate: "Candidate",
    fitted: "Fitted",
    found: "Experiment",
    root: Path,
    tags: dict[str, str],
    holder: "Holder | None",
) -> str:
    """Register the candidate, move the alias from the holder to it, and give its version."""
    from alliance_stance.tracking.registry import register_champion
    from alliance_stance.tracking.runs import log_run

    run_id = log_run(candidate.run, fitted.dataset, found.name, root, is_checked=True)
    made_from = {
        "dataset_fingerprint": fitted.dataset.fingerprint,
        "run_key": candidate.run.key,
    }
    if calibrated := candidate.run.manifest.get("calibration_fingerprint"):
        made_from["calibration_fingerprint"] = calibrated
    name = found.settings.registered_model
    return register_champion(name, run_id, {**tags, **made_from}, root, instead_of=holder)


def _tell_other_set(holder: "Holder | None", agreed: "AgreedSet") -> None:
    """Tell where the holder got the name on something else: it may be better on that."""
    from alliance_stance.cli.console import note
    from alliance_stance.fingerprints import SHORT

    if holder is None or holder.agreed_on in ("", agreed.fingerprint):
        return
    note(
        f"version {holder.version} was promoted on another version of the data, or another file "
        f"({holder.agreed_on[:SHORT]}), than what decides now: {agreed.title} "
        f"({agreed.fingerprint[:SHORT]})"
    )


def _tell_waiting() -> None:
    from alliance_stance.cli.console import note

    note("waiting for another promotion, which is at work in this store ...")


def _tell(
    candidate: "Candidate", name: str, version: str, decision: "Decision", force: str | None
) -> None:
    from alliance_stance.cli.console import note
    from alliance_stance.tracking.registry import CHAMPION, MODEL_NAME

    asked = "" if name == MODEL_NAME else "; only --model asks a model of this name"
    note(f"promoted {candidate.title}: models:/{name}@{CHAMPION} is version {version}{asked}")
    note(decision.reason)
    if force and not decision.is_better:
        note(f"forced: {force.strip()}")


def _tell_shipped(candidate: "Candidate", agreed: "AgreedSet") -> None:
    """Tell where the larger model in the package is better than what was promoted."""
    from alliance_stance.cli.console import note
    from alliance_stance.cli.gate import compare_shipped
    from alliance_stance.inference.shipped import ANSWERS

    beside = compare_shipped(candidate, agreed)
    if beside is not None and beside.is_better:
        note(f"but {beside.reason}; --model {ANSWERS} asks it")
