"""``alliance-stance train``: fit every model of an experiment with every seed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.cli.options import (
    ARTIFACTS,
    EXPERIMENT,
    PROCESSED,
    ExperimentArgument,
    SetOption,
)

if TYPE_CHECKING:
    from alliance_stance.datasets.table import BuiltDataset
    from alliance_stance.knowledge.knowledge import Knowledge
    from alliance_stance.models.checkpoint import Checkpoints
    from alliance_stance.training.experiment import ModelConfig
    from alliance_stance.training.fit import Run
    from alliance_stance.training.teaching import Teaching


def train(
    experiment: ExperimentArgument = EXPERIMENT,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Fit only this model; may be repeated.")
    ] = None,
    set_: SetOption = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--no-resume", help="Go on from the last checkpoint of a fit, or start anew."
        ),
    ] = True,
    checkpoint_seconds: Annotated[
        float,
        typer.Option(min=0, help="Write a checkpoint inside a pass after so many seconds."),
    ] = 300.0,
) -> None:
    """Fit the models of an experiment, save them under artifacts/ and record them in MLflow.

    A model whose settings, seed, data and code are unchanged is not fitted again. Encoders write
    checkpoints while they are fitted, so that a training that was interrupted or killed goes on
    where it was.
    """
    from alliance_stance.cli.console import note, quiet_libraries, waiting

    quiet_libraries()
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.errors import ConfigError
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.tracking.running import close_gone_runs
    from alliance_stance.tracking.runs import prepare_store
    from alliance_stance.tracking.store import project_root, tracking_uri
    from alliance_stance.training.calibration import open_calibration
    from alliance_stance.training.experiment import claim_folder, read_experiment
    from alliance_stance.training.fit import check_origins, run_folder

    found = read_experiment(Path(experiment), set_ or [])
    unknown = set(only or []) - {config.name for config, _ in found.models}
    if unknown:
        names = ", ".join(config.name for config, _ in found.models)
        raise ConfigError("--only", ", ".join(sorted(unknown)), f"some of {names}", "correct it")
    for config, seeds in found.models:
        check_origins(config, [run_folder(ARTIFACTS / found.name, config.name, s) for s in seeds])
    claim_folder(ARTIFACTS / found.name, found.folder)
    root = project_root()
    with waiting("opening the store of runs ..."):
        prepare_store(found.name, found.settings.question, root)
    if gone := close_gone_runs(found.name, root):
        note(f"{len(gone)} of the runs in MLflow had been killed, and are marked so")
    knowledge = load_knowledge()
    training = _Training(
        found.name,
        build_dataset(found.dataset, knowledge, PROCESSED),
        open_calibration(found.settings.calibration, knowledge, PROCESSED),
        knowledge,
        root,
        is_resumed=resume,
        checkpoint_seconds=checkpoint_seconds,
    )
    work = [(c, seed) for c, seeds in found.models for seed in seeds if not only or c.name in only]
    for number, (config, seed) in enumerate(work, start=1):
        note(f"[{number}/{len(work)}] {config.name}, seed {seed} ...")
        run = training.fit(config, seed)
        score = run.metrics["macro_f1"]
        how = f"fitted in {run.metrics['fit_seconds']:.1f} s" if run.is_new else "up to date"
        note(
            f"    {how}; dev macro-F1 {score['value']:.3f} "
            f"[{score['low']:.3f}, {score['high']:.3f}]"
        )
    note(f"runs are in {tracking_uri(root)}; see them with: make ui")


@dataclass(frozen=True)
class _Training:
    """What all fits of one command share."""

    experiment: str
    dataset: "BuiltDataset"
    calibration: "BuiltDataset | None"
    knowledge: "Knowledge"
    root: Path
    is_resumed: bool
    checkpoint_seconds: float

    def fit(self, config: "ModelConfig", seed: int) -> "Run":
        """Fit a model, or take the saved one where it is up to date; record it either way."""
        from alliance_stance.cli.console import note
        from alliance_stance.errors import InputError
        from alliance_stance.tracking.runs import log_run
        from alliance_stance.training.fit import (
            clean_up,
            find_damage,
            run_folder,
            run_key,
            saved_run,
        )
        from alliance_stance.training.one_process import lock_file, one_process
        from alliance_stance.training.teaching import open_teaching

        teaching = open_teaching(
            config.teacher, self.dataset, self.knowledge, PROCESSED, self.calibration
        )
        folder = run_folder(ARTIFACTS / self.experiment, config.name, seed)
        key = run_key(config, seed, self.dataset, teaching, self.calibration)
        saved = saved_run(config, seed, folder, key)
        if saved is not None:
            # not while another process fits into this folder with other settings
            with suppress(InputError), one_process(lock_file(folder), "fits this model"):
                clean_up(saved, self._checkpoints(folder, key, ""))
            log_run(saved, self.dataset, self.experiment, self.root)
            return saved
        if damage := find_damage(folder, key):
            note(f"    the saved model is fitted anew: {damage}")
        # two fits into one folder would write over each other's checkpoints
        with one_process(lock_file(folder), "fits this model"):
            return self._fit_anew(config, seed, folder, key, teaching)

    def _fit_anew(
        self,
        config: "ModelConfig",
        seed: int,
        folder: Path,
        key: str,
        teaching: "Teaching | None",
    ) -> "Run":
        from alliance_stance.tracking.running import running
        from alliance_stance.tracking.runs import record_run, run_title
        from alliance_stance.training.fit import fit_model

        with running(run_title(config.name, seed), key, self.root) as run_id:
            checkpoints = self._checkpoints(folder, key, run_id)
            if not self.is_resumed:
                # those of later parts too, which are not begun at once
                checkpoints.remove()
            with _telling(checkpoints):
                run = fit_model(
                    config,
                    seed,
                    self.dataset,
                    self.knowledge,
                    folder,
                    is_verbose=True,
                    teaching=teaching,
                    calibration=self.calibration,
                    checkpoints=checkpoints,
                )
            record_run(run, self.dataset, self.root)
        return run

    def _checkpoints(self, folder: Path, key: str, run_id: str) -> "Checkpoints":
        from alliance_stance.cli.console import note
        from alliance_stance.models.checkpoint import Checkpoints
        from alliance_stance.tracking.running import tell_resumed
        from alliance_stance.training.fit import checkpoint_folder

        def on_resume(place: str) -> None:
            note(f"    goes on from its last checkpoint: {place}")
            tell_resumed(run_id, place, self.root)

        return Checkpoints(
            checkpoint_folder(folder),
            key,
            every_seconds=self.checkpoint_seconds,
            is_resumed=self.is_resumed,
            on_resume=on_resume,
            on_fault=lambda text: note(f"    {text}"),
        )


@contextmanager
def _telling(checkpoints: "Checkpoints") -> Iterator[None]:
    """Tell at Ctrl-C from where the fit will go on."""
    from alliance_stance.cli.console import note

    try:
        yield
    except KeyboardInterrupt:
        place = checkpoints.place
        how = f"goes on from {place}" if place else "fits this model anew: no checkpoint yet"
        note(f"    the next train {how}")
        raise
