"""The figures of a data card: counted from the built data, never typed."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from alliance_stance.datasets.splits import near_duplicates
from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.leakage import SHINGLE_SIMILARITY
from alliance_stance.evaluation.variety import Variety, measure_variety
from alliance_stance.reporting.card_agreement import agreement_rows
from alliance_stance.schema import STANCES, Example, Stance

BEGIN = "<!-- figures: written by `alliance-stance inspect --write` -->"
END = "<!-- end of figures -->"


_MOST_COMPARED = 20_000
"""Sentences that are compared with one another; of more, a sample is."""
_NO_STANCE_OF_ITS_OWN = frozenset(
    {"forecast", "opposition", "former_government", "non_holder", "question"}
)
"""Tags of sentences whose neutral pairs tempt one to see a stance."""


def describe(dataset: BuiltDataset) -> str:
    """Count a data set's labels, as Markdown, and measure agreement where it has annotations."""
    annotations = getattr(dataset.settings, "annotations", None)
    examples = {split: dataset.examples(split) for split in dataset.splits}
    everything = [example for rows in examples.values() for example in rows]
    registers = {e.candidate.document: e.register for e in everything}
    parts = [
        _sizes(everything),
        *_split_rows(examples),
        "",
        *_counts(everything),
        compare_variety({"of this set": [e.candidate.text for e in everything]}),
    ]
    if annotations is not None:
        parts += ["", *agreement_rows(annotations, registers)]
    return "\n".join(parts)


def card_text(dataset: BuiltDataset) -> str:
    """Write the card of any built data set: what went in, what is in it, and what leaks."""
    notes = [f"- {line}" for line in dataset.notes] or ["- the whole input was used"]
    settings = dataset.settings.model_dump(mode="json", exclude_none=True)
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
            describe(dataset),
            "",
            "## Near-duplicate sentences across splits",
            *_leak_rows(dataset),
            "",
        ]
    )


def _leak_rows(dataset: BuiltDataset) -> Iterator[str]:
    """Count the pairs of sentences on two sides that share half of their word 3-grams.

    Examples without a label are on no side.
    """
    sides = {
        (split, e.candidate.text)
        for split in dataset.splits
        for e in dataset.examples(split)
        if e.label is not None
    }
    ordered = sorted(sides)
    if len(ordered) > _MOST_COMPARED:
        drawn = np.random.default_rng(0).choice(len(ordered), _MOST_COMPARED, replace=False)
        ordered = [ordered[place] for place in sorted(drawn)]
    of_all = "" if len(ordered) == len(sides) else f", drawn from {len(sides)},"
    pairs = near_duplicates(
        [text for _, text in ordered], SHINGLE_SIMILARITY, analyzer="word", size=3
    )
    leaks = Counter(
        tuple(sorted((ordered[a][0], ordered[b][0])))
        for a, b in pairs
        if ordered[a][0] != ordered[b][0]
    )
    measure = f"word 3-grams (Jaccard {SHINGLE_SIMILARITY})"
    yield f"{len(ordered)} sentences{of_all} compared by {measure}."
    yield ""
    for (first, second), count in sorted(leaks.items()):
        yield f"- {first} and {second}: {count}"
    if not leaks:
        yield "- none"


def _sizes(examples: list[Example]) -> str:
    sentences = {(e.candidate.document, e.candidate.sentence) for e in examples}
    years = sorted(e.candidate.date[:4] for e in examples if e.candidate.date) or ["undated"]
    return (
        f"{len(examples)} triples in {len(sentences)} sentences of "
        f"{len({e.candidate.document for e in examples})} documents; "
        f"{len({e.candidate.alliance for e in examples})} alliances, "
        f"{len({e.candidate.state for e in examples})} states, {years[0]} to {years[-1]}.\n"
    )


def _counts(examples: list[Example]) -> Iterator[str]:
    alliances = Counter(e.candidate.alliance for e in examples)
    largest = sum(count for _, count in alliances.most_common(3)) / max(1, len(examples))
    decades = Counter(f"{e.candidate.date[:3]}0s" for e in examples if e.candidate.date)
    tags = Counter(tag for e in examples for tag in e.tags)
    beside, tempting = _hard_neutrals(examples)
    for name, counted in (
        ("Acts", _listing(Counter(map(_act, examples)))),
        (
            "Hard neutrals",
            f"{beside} neutral pairs stand in a sentence with a stance of another state or toward "
            f"another alliance; {tempting} more in one that is tagged as "
            + ", ".join(sorted(_NO_STANCE_OF_ITS_OWN)),
        ),
        ("Registers", _listing(Counter(e.register for e in examples))),
        ("Decades", ", ".join(f"{name} {count}" for name, count in sorted(decades.items()))),
        ("Alliances", f"{_listing(alliances)}; the largest three are {largest:.1%} of the triples"),
        ("Phenomena", _listing(tags)),
    ):
        if counted:
            yield f"**{name}:** {counted}"
            yield ""


def _hard_neutrals(examples: list[Example]) -> tuple[int, int]:
    """Count neutral pairs beside a stance, and others of sentences that tempt one to see one."""
    taken = {
        (e.candidate.document, e.candidate.sentence)
        for e in examples
        if e.label is not None and e.label.stance is not Stance.NEUTRAL
    }
    neutral = [e for e in examples if e.label is not None and e.label.stance is Stance.NEUTRAL]
    places = [((e.candidate.document, e.candidate.sentence) in taken, e) for e in neutral]
    beside = sum(is_taken for is_taken, _ in places)
    tempting = sum(
        bool(_NO_STANCE_OF_ITS_OWN & set(e.tags)) for is_taken, e in places if not is_taken
    )
    return beside, tempting


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


def _act(example: Example) -> str:
    return "" if example.label is None else str(example.label.act)


def _listing(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common() if name)


def _split_rows(examples: dict[str, list[Example]]) -> Iterable[str]:
    yield "| split | documents | triples | " + " | ".join(STANCES) + " |"
    yield "|" + " --- |" * (3 + len(STANCES))
    for split, rows in examples.items():
        counts = Counter(e.label.stance for e in rows if e.label is not None)
        documents = len({e.candidate.document for e in rows})
        cells = " | ".join(str(counts[stance]) for stance in STANCES)
        yield f"| {split} | {documents} | {len(rows)} | {cells} |"
