"""Examples to Arrow rows and back: the one schema of every built data set."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import datasets as hf

from alliance_stance.schema import Act, Candidate, Example, Label, Mention, Stance

_MENTION = {
    "kind": hf.Value("string"),
    "id": hf.Value("string"),
    "start": hf.Value("int32"),
    "end": hf.Value("int32"),
    "how": hf.Value("string"),
}

FEATURES = hf.Features(
    {
        "id": hf.Value("string"),
        "document": hf.Value("string"),
        "sentence": hf.Value("int32"),
        "start": hf.Value("int32"),
        "end": hf.Value("int32"),
        "text": hf.Value("string"),
        "context": hf.Value("string"),
        "title": hf.Value("string"),
        "date": hf.Value("string"),
        "speaker_state": hf.Value("string"),
        "register": hf.Value("string"),
        "tags": hf.List(hf.Value("string")),
        "state": hf.Value("string"),
        "alliance": hf.Value("string"),
        "state_how": hf.Value("string"),
        "alliance_how": hf.Value("string"),
        "membership": hf.Value("string"),
        "mentions": hf.List(_MENTION),
        "context_mentions": hf.List(_MENTION),
        "stance": hf.Value("string"),
        "act": hf.Value("string"),
    }
)
"""One row is one labelled pair; `speaker_state` and `act` may be null."""

_CANDIDATE_KEYS = (
    "document", "sentence", "start", "end", "text", "context", "state", "alliance", "title",
    "date", "speaker_state", "state_how", "alliance_how", "membership",
)  # fmt: skip


def to_row(example: Example) -> dict[str, Any]:
    """Turn a labelled example into a row."""
    candidate, label = example.candidate, example.label
    return {
        "id": example.id,
        **{key: getattr(candidate, key) for key in _CANDIDATE_KEYS},
        "register": example.register,
        "tags": list(example.tags),
        "mentions": [mention._asdict() for mention in candidate.mentions],
        "context_mentions": [mention._asdict() for mention in candidate.context_mentions],
        "stance": None if label is None else str(label.stance),
        "act": None if label is None or label.act is None else str(label.act),
    }


def from_rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[Example]:
    """Turn rows back into examples."""
    for row in rows:
        candidate = Candidate(
            **{key: row[key] for key in _CANDIDATE_KEYS},
            mentions=tuple(Mention(**mention) for mention in row["mentions"]),
            context_mentions=tuple(Mention(**mention) for mention in row["context_mentions"]),
        )
        label = None
        if row["stance"] is not None:
            label = Label(Stance(row["stance"]), Act(row["act"]) if row["act"] else None)
        yield Example(row["id"], candidate, label, row["register"], tuple(row["tags"]))
