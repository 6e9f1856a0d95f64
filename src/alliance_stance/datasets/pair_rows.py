"""Rows of other people's sets as labelled pairs: the step that all of them share."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alliance_stance.datasets.pair_builder import LabelledPair
from alliance_stance.datasets.pair_marking import AUTHOR, UNKNOWN, Name, Passage, mark_pair
from alliance_stance.datasets.pair_splits import DealtDev, deal_dev
from alliance_stance.schema import Example, Label, Stance


@dataclass(frozen=True, slots=True)
class PairRow:
    """A row of a set, checked.

    Parameters
    ----------
    id
        Unique within the set.
    document
        What stays together in splits and intervals.
    text, context
        The text that is judged, and what stands before it.
    holder
        None for the author.
    target
        None where the set tells neither holder nor target.
    stance
        What the label is in the three stances.
    label
        As the set writes it.
    tags
        As those of an example.
    """

    id: str
    document: str
    text: str
    holder: Name | None
    target: Name | None
    stance: Stance
    label: str
    context: str = ""
    tags: tuple[str, ...] = ()

    @property
    def pair(self) -> tuple[str, str]:
        """Names of holder and target."""
        if self.target is None:
            return UNKNOWN, UNKNOWN
        return AUTHOR if self.holder is None else self.holder.text, self.target.text


def document_of(text: str) -> str:
    r"""Name the document of a text that the set ties to none: equal texts are one document.

    Examples
    --------
    >>> document_of("Peru left the pact.") == document_of("Peru  left the\npact.")
    True
    """
    digest = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
    return f"text-{digest[:12]}"


def collect_pairs(rows: Iterable[PairRow]) -> list[LabelledPair]:
    """Mark each row's pair; the texts of a document are numbered in their order."""
    sentences: defaultdict[str, dict[str, int]] = defaultdict(dict)
    pairs = []
    for row in rows:
        own = sentences[row.document]
        number = own.setdefault(row.text, len(own))
        passage = Passage(row.document, row.text, row.context, number)
        candidate = mark_pair(passage, row.holder, row.target)
        pairs.append(
            LabelledPair(Example(row.id, candidate, Label(row.stance), tags=row.tags), row.label)
        )
    return pairs


def take_dev(rows: Sequence[PairRow], settings: DealtDev) -> tuple[list[PairRow], list[PairRow]]:
    """Deal rows out to train and dev, documents and near-duplicate texts together."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        texts[row.document].append(row.text)
    chosen = deal_dev(texts, settings)
    return (
        [row for row in rows if row.document not in chosen],
        [row for row in rows if row.document in chosen],
    )


def repeated_notes(rows: Sequence[PairRow]) -> list[str]:
    """Say how many rows judge the same pair of the same text again, and how many otherwise."""
    labels: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for row in rows:
        labels[row.text, row.context, row.holder, row.target].append(row.label)
    repeated = [own for own in labels.values() if len(own) > 1]
    if not repeated:
        return []
    count = sum(len(own) - 1 for own in repeated)
    differing = sum(len(set(own)) > 1 for own in repeated)
    return [
        f"{count} rows repeat text, holder and target of another; {differing} of these have two "
        "labels or more"
    ]
