"""The figures of a data card: counted from the built data, never typed."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from alliance_stance.config import Section
from alliance_stance.datasets.splits import (
    FixedSplit,
    near_duplicates,
    read_schemes,
    read_split_file,
)
from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.datasets.union import UnionSettings
from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.leakage import SHINGLE_SIMILARITY
from alliance_stance.evaluation.minimal_pairs import read_group_sizes
from alliance_stance.evaluation.variety import Variety, measure_variety
from alliance_stance.files import write_text
from alliance_stance.fingerprints import code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.reporting.card_agreement import agreement_rows, part_rows
from alliance_stance.reporting.figures import (
    NO_STANCE_OF_ITS_OWN,
    Figures,
    Sample,
    split_rows,
    take_figures,
)

BEGIN = "<!-- figures: written by `alliance-stance inspect --write` -->"
END = "<!-- end of figures -->"
_CARD_CODE = (
    "draws", "reporting", "evaluation", "labeling/agreement", "labeling/annotations",
    "labeling/own_tables",
)  # fmt: skip


def describe(dataset: BuiltDataset, beside: Mapping[str, Sequence[str]] | None = None) -> str:
    """Count a data set's labels, as Markdown, and measure agreement where it has annotations.

    Parameters
    ----------
    dataset
        What was built.
    beside
        Sentences of other sets, by name, to show the variety of; None for none.
    """
    return _describe(dataset, take_figures(dataset), beside or {})


def _describe(dataset: BuiltDataset, figures: Figures, beside: Mapping[str, Sequence[str]]) -> str:
    sentences = figures.sentences
    name = "of this set" + (", a sample" if sentences.is_part else "")
    parts = [
        _sizes(figures),
        *split_rows(figures),
        "",
        *_scheme_rows(dataset.settings),
        *_minimal_group_rows(dataset.settings),
        *_counts(figures),
        compare_variety({name: [text for _, text in sentences], **beside}),
    ]
    annotations = _annotations(dataset.settings)
    if annotations and isinstance(dataset.settings, UnionSettings):
        parts += ["", *part_rows(annotations)]
    elif annotations:
        writer = getattr(dataset.settings, "writer", None)
        parts += ["", *agreement_rows(annotations[0], figures.registers_of, writer=writer)]
    return "\n".join(parts)


def _scheme_rows(settings: Section) -> Iterator[str]:
    """Count the documents that each scheme of a table of splits puts where."""
    split = getattr(settings, "split", None)
    if not isinstance(split, FixedSplit):
        return
    yield f"| scheme of {split.file.name} | train | dev | test | left out |"
    yield "| --- | --- | --- | --- | --- |"
    for scheme in read_schemes(split.file):
        counts = Counter(read_split_file(split.file, scheme).values())
        cells = " | ".join(str(counts[name]) for name in ("train", "dev", "test", ""))
        yield f"| {scheme} | {cells} |"
    yield ""


def _minimal_group_rows(settings: Section) -> Iterator[str]:
    """Count the minimal groups beside the set, which are no part of it, by what makes them."""
    files = getattr(settings, "minimal_groups", [])
    if not files:
        return
    yield "| minimal groups beside the set | groups | of three | sentences | what differs |"
    yield "| --- | --- | --- | --- | --- |"
    for file in files:
        groups = read_group_sizes(file)
        triplets = sum(size > 2 for _, size in groups)
        sentences = sum(size for _, size in groups)
        kinds = _listing(Counter(difference for difference, _ in groups))
        yield f"| {file.name} | {len(groups)} | {triplets} | {sentences} | {kinds} |"
    yield ""


def _annotations(settings: Section) -> list[Path]:
    """Give the files of annotations that a recipe names: its own, or those of its parts."""
    parts = settings.parts if isinstance(settings, UnionSettings) else [settings]
    named = (getattr(part, "annotations", None) for part in parts)
    return [file for file in named if file is not None]


def _files_told(settings: Section) -> Iterator[Path]:
    """Give the files that a card tells of besides what was built."""
    yield from _annotations(settings)
    yield from getattr(settings, "minimal_groups", [])
    split = getattr(settings, "split", None)
    if isinstance(split, FixedSplit):
        yield split.file


def write_card(path: Path, dataset: BuiltDataset) -> None:
    """Write the card of a built data set, unless the one that is there tells the same."""
    stamp = _stamp(card_fingerprint(dataset))
    if path.is_file() and path.read_text(encoding="utf-8", errors="replace").endswith(stamp):
        return
    write_text(path, card_text(dataset) + stamp)


def _stamp(key: str) -> str:
    return f"\n<!-- made from {key} -->\n"


def card_fingerprint(dataset: BuiltDataset) -> str:
    """Give the fingerprint of all that a card tells: build, recipe, notes, annotations, code."""
    return fingerprint(
        [dataset.name, dataset.fingerprint, dataset.notes],
        dataset.settings.model_dump(mode="json"),
        [file_fingerprint(file) for file in _files_told(dataset.settings) if file.is_file()],
        code_fingerprint(*_CARD_CODE),
    )


def card_text(dataset: BuiltDataset) -> str:
    """Write the card of any built data set: what went in, what is in it, and what leaks."""
    notes = [f"- {line}" for line in dataset.notes] or ["- the whole input was used"]
    settings = dataset.settings.model_dump(mode="json", exclude_none=True)
    figures = take_figures(dataset)
    return "\n".join(
        [
            f"# Data set {dataset.name}",
            "",
            f"Written by `alliance-stance build`. Fingerprint {dataset.fingerprint}.",
            "",
            "## What went in",
            *notes,
            "",
            "```json",
            json.dumps(settings, indent=1, ensure_ascii=False),
            "```",
            "",
            "## What is in it",
            _describe(dataset, figures, {}),
            "",
            "## Near-duplicate sentences across splits",
            *_leak_rows(figures.sides),
            "",
        ]
    )


def _leak_rows(sides: Sample) -> Iterator[str]:
    """Count the pairs of sentences on two sides that share half of their word 3-grams.

    Examples without a label are on no side.
    """
    ordered = list(sides)
    pairs = near_duplicates(
        [text for _, text in ordered], SHINGLE_SIMILARITY, analyzer="word", size=3
    )
    leaks = Counter(
        tuple(sorted((ordered[a][0], ordered[b][0])))
        for a, b in pairs
        if ordered[a][0] != ordered[b][0]
    )
    measure = f"word 3-grams (Jaccard {SHINGLE_SIMILARITY})"
    of_all = ", drawn from more," if sides.is_part else ""
    yield f"{len(ordered)} sentences{of_all} compared by {measure}."
    yield ""
    for (first, second), count in sorted(leaks.items()):
        yield f"- {first} and {second}: {count}"
    if not leaks:
        yield "- none"


def _sizes(figures: Figures) -> str:
    text = (
        f"{figures.triples} triples in {figures.sentence_count} sentences of "
        f"{len(figures.registers_of)} documents; {len(figures.alliances)} alliances, "
        f"{len(figures.states)} states, {_years(figures)}.\n"
    )
    if figures.unlabelled:
        text += f"{figures.unlabelled} pairs more have no label and are counted nowhere below.\n"
    return text


def _years(figures: Figures) -> str:
    if not figures.years:
        return "no date known"
    years = f"{min(figures.years)} to {max(figures.years)}"
    return years + (f"; {figures.undated} triples without a date" if figures.undated else "")


def _counts(figures: Figures) -> Iterator[str]:
    largest = sum(count for _, count in figures.alliances.most_common(3)) / max(1, figures.triples)
    beside, tempting = figures.hard_neutrals()
    for name, counted in (
        ("Acts", _listing(figures.acts)),
        (
            "Hard neutrals",
            f"{beside} neutral pairs stand in a sentence with a stance of another state or toward "
            f"another alliance; {tempting} more in one that is tagged as "
            + ", ".join(sorted(NO_STANCE_OF_ITS_OWN)),
        ),
        ("Context", f"{_share(figures.with_context, figures.triples)} have a sentence before them"),
        ("Registers", _listing(figures.registers)),
        (
            "Decades",
            ", ".join(f"{name} {count}" for name, count in sorted(figures.decades.items())),
        ),
        (
            "Alliances",
            f"{_listing(figures.alliances)}; the largest three are {largest:.1%} of the triples",
        ),
        ("States", _listing(figures.states)),
        ("Phenomena", _listing(figures.tags)),
    ):
        if counted:
            yield f"**{name}:** {counted}"
            yield ""


def _share(count: int, triples: int) -> str:
    return f"{count} of {triples} triples ({count / max(1, triples):.1%})"


def compare_variety(sentences: Mapping[str, Sequence[str]]) -> str:
    """Write how varied sets of sentences are, a row each, as Markdown."""
    return "\n".join(
        [
            "**Variety of the sentences:**",
            "",
            "| sentences | number | words each | type-token ratio (of words) | mean of the ratio "
            "in windows of 500 words | over half of the 4-grams in one other sentence |",
            "| --- | --- | --- | --- | --- | --- |",
            *(_variety_row(name, measure_variety(own)) for name, own in sentences.items()),
        ]
    )


def _variety_row(name: str, found: Variety) -> str:
    return (
        f"| {name} | {found.sentence_count} | {found.words_a_sentence:.1f} | "
        f"{found.type_token_ratio:.3f} ({found.token_limit}) | {found.moving_ratio:.3f} | "
        f"{found.copy_share:.2%} |"
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


def _listing(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common() if name)
