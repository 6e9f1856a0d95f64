"""``alliance-stance train``: fit every model of an experiment with every seed."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import (
    ARTIFACTS,
    EXPERIMENT,
    PROCESSED,
    ExperimentArgument,
    SetOption,
)


def train(
    experiment: ExperimentArgument = EXPERIMENT,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Fit only this model; may be repeated.")
    ] = None,
    set_: SetOption = None,
) -> None:
    """Fit the models of an experiment, save them under artifacts/ and record them in MLflow.

    A model whose settings, seed, data and code are unchanged is not fitted again, so that an
    interrupted training goes on where it stopped.
    """
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.errors import ConfigError
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.tracking.runs import log_run, prepare_store
    from alliance_stance.tracking.store import project_root, tracking_uri
    from alliance_stance.training.experiment import read_experiment
    from alliance_stance.training.fit import fit_model, run_folder
    from alliance_stance.training.teaching import open_teaching

    found = read_experiment(Path(experiment), set_ or [])
    unknown = set(only or []) - {config.name for config, _ in found.models}
    if unknown:
        names = ", ".join(config.name for config, _ in found.models)
        raise ConfigError("--only", ", ".join(sorted(unknown)), f"some of {names}", "correct it")
    root = project_root()
    prepare_store(found.name, root)
    knowledge = load_knowledge()
    dataset = build_dataset(found.dataset, knowledge, PROCESSED)
    folder = ARTIFACTS / found.name
    work = [(c, seed) for c, seeds in found.models for seed in seeds if not only or c.name in only]
    for number, (config, seed) in enumerate(work, start=1):
        note(f"[{number}/{len(work)}] {config.name}, seed {seed} ...")
        teaching = open_teaching(config.teacher, dataset, knowledge, PROCESSED)
        path = run_folder(folder, config.name, seed)
        run = fit_model(config, seed, dataset, knowledge, path, is_verbose=True, teaching=teaching)
        log_run(run, dataset, found.name, root)
        score = run.metrics["macro_f1"]
        how = f"fitted in {run.metrics['fit_seconds']:.1f} s" if run.is_new else "up to date"
        note(
            f"    {how}; dev macro-F1 {score['value']:.3f} "
            f"[{score['low']:.3f}, {score['high']:.3f}]"
        )
    note(f"runs are in {tracking_uri(root)}; see them with: make ui")
