"""Which tasks `annotate export` writes: all, those of some sentences, or some of each stance."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from alliance_stance.errors import InputError
from alliance_stance.labeling.sampling import draw_by_stance
from alliance_stance.labeling.tasks import Task, draw_sentences, pair_id
from alliance_stance.schema import STANCES


class DrawOptions(NamedTuple):
    """What the options say: at most one of `sample` and `per_stance`, and the latter by `scores`.

    `seed` is that of the draw.
    """

    sample: int | None
    per_stance: int | None
    scores: Path | None
    seed: int


class Drawn(NamedTuple):
    """The tasks, how they were drawn in words, and their probabilities if drawn by stance."""

    tasks: list[Task]
    told: str
    probabilities: Mapping[str, float]


def check_draw(options: DrawOptions, exclude: Sequence[Path] | None) -> None:
    """Refuse options that do not go together.

    Raises
    ------
    InputError
        If so.
    """
    if (options.scores is None) != (options.per_stance is None):
        given, lacking = ("--scores", "--per-stance")[:: 1 if options.scores else -1]
        raise InputError(given, f"no {lacking}", "both or neither", f"add {lacking}")
    if options.per_stance is None:
        return
    for name, is_given in (("--sample", options.sample is not None), ("--exclude", bool(exclude))):
        if is_given:
            raise InputError(
                f"--per-stance with {name}",
                "a draw whose probabilities nobody knows",
                "one way to draw",
                f"leave out {name}",
            )


def draw_tasks(tasks: Iterable[Task], options: DrawOptions) -> Drawn:
    """Draw as the options say; without any, all tasks are given."""
    if options.per_stance is not None and options.scores is not None:
        stances = read_stances(options.scores)
        by_stance = draw_by_stance(tasks, stances, options.per_stance, seed=options.seed)
        told = _tell(by_stance.found, len(stances), options.per_stance)
        return Drawn(by_stance.tasks, f"{told}; seed {options.seed}", by_stance.probabilities)
    if options.sample is not None:
        sentences = draw_sentences(tasks, options.sample, seed=options.seed)
        told = f", drawn from {sentences.sentence_count} sentences with seed {options.seed}"
        return Drawn(sentences.tasks, told, {})
    return Drawn(list(tasks), "", {})


def read_stances(scores: Path) -> dict[str, str]:
    """Read what the model says of each scored triple, by the id of its task."""
    from alliance_stance.inference.scores import open_scores

    columns = ("id", "document", "start", "end", "state", "alliance", "stance")
    table = open_scores(scores).rows(columns)
    rows = zip(*(table[name].to_pylist() for name in columns), strict=True)
    return {own_id or pair_id(*place): stance for own_id, *place, stance in rows}


def _tell(found: Mapping[str, int], scored_count: int, wanted: int) -> str:
    counts = ", ".join(
        f"{min(found[stance], wanted)} of {found[stance]} {stance}" for stance in map(str, STANCES)
    )
    lost = scored_count - sum(found.values())
    told = (
        f"; {lost} scored triples are no tasks of these texts, and were not drawn" if lost else ""
    )
    return f", drawn by what the model says: {counts}{told}"
