"""The figures of a data card: counted from the built data, never typed."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.errors import DatasetError
from alliance_stance.labeling.agreement import measure_agreement
from alliance_stance.labeling.annotations import ABSENT, read_annotations
from alliance_stance.schema import ACTS, STANCE_OF_ACT, STANCES, Act, Example

BEGIN = "<!-- figures: written by `alliance-stance inspect --write` -->"
END = "<!-- end of figures -->"


def describe(dataset: BuiltDataset) -> str:
    """Count a data set's labels, as Markdown, and measure agreement where it has annotations."""
    annotations = getattr(dataset.settings, "annotations", None)
    examples = {split: dataset.examples(split) for split in dataset.splits}
    everything = [example for rows in examples.values() for example in rows]
    sentences = {(e.candidate.document, e.candidate.sentence) for e in everything}
    states = {e.candidate.state for e in everything}
    alliances = Counter(e.candidate.alliance for e in everything)
    years = sorted(e.candidate.date[:4] for e in everything if e.candidate.date) or ["undated"]
    return "\n".join(
        [
            f"{len(everything)} triples in {len(sentences)} sentences of "
            f"{len({e.candidate.document for e in everything})} documents; {len(alliances)} "
            f"alliances, {len(states)} states, {years[0]} to {years[-1]}.",
            "",
            *_split_rows(examples),
            "",
            "**Acts:** " + _listing(Counter(_act(e) for e in everything), len(ACTS)),
            "",
            "**Registers:** " + _listing(Counter(e.register for e in everything), 20),
            "",
            "**Decades:** "
            + _listing(Counter(f"{e.candidate.date[:3]}0s" for e in everything), 20, by_name=True),
            "",
            "**Alliances:** " + _listing(alliances, len(alliances)),
            "",
            "**Phenomena:** " + _listing(Counter(t for e in everything for t in e.tags), 30),
            "",
            *(_agreement_rows(annotations) if annotations is not None else ()),
        ]
    )


def replace_figures(path: Path, figures: str) -> str:
    """Give a card's text with new figures between its markers.

    Raises
    ------
    DatasetError
        If there is no such card or it lacks the markers.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DatasetError(str(path), "no figure markers", f"{BEGIN} and {END}", "add both lines")
    return f"{before}{BEGIN}\n{figures}\n{END}{after}"


def _act(example: Example) -> str:
    return "" if example.label is None else str(example.label.act)


def _listing(counts: Counter[str], most: int, *, by_name: bool = False) -> str:
    rows = sorted(counts.items()) if by_name else counts.most_common(most)
    return ", ".join(f"{name} {count}" for name, count in rows)


def _split_rows(examples: dict[str, list[Example]]) -> Iterable[str]:
    yield "| split | documents | triples | " + " | ".join(STANCES) + " |"
    yield "|" + " --- |" * (3 + len(STANCES))
    for split, rows in examples.items():
        counts = Counter(e.label.stance for e in rows if e.label is not None)
        documents = len({e.candidate.document for e in rows})
        cells = " | ".join(str(counts[stance]) for stance in STANCES)
        yield f"| {split} | {documents} | {len(rows)} | {cells} |"


def _agreement_rows(annotations: Path) -> Iterable[str]:
    labels = read_annotations(annotations)
    first, second = (labels.get(worker, {}) for worker in ("first", "second"))
    tasks = sorted(first.keys() & second.keys())
    kept = [t for t in tasks if ABSENT not in (first[t], second[t])]
    stances = [[_stance(worker[t]) for t in kept] for worker in (first, second)]
    acts = [[worker[t] for t in kept] for worker in (first, second)]
    yield (
        f"**Agreement of the two annotators** on {len(kept)} triples (on {len(tasks) - len(kept)} "
        "more one of them found no pair):"
    )
    yield ""
    yield "| label | same | Cohen's kappa | Krippendorff's alpha |"
    yield "| --- | --- | --- | --- |"
    for name, (one, two) in (("stance", stances), ("act", acts)):
        measured = measure_agreement(one, two)
        yield (f"| {name} | {measured.share:.3f} | {measured.kappa:.3f} | {measured.alpha:.3f} |")


def _stance(act: str) -> str:
    return str(STANCE_OF_ACT[Act(act)])
