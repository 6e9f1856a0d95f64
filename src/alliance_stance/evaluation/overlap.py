"""Which sentences a model was fitted on, so that nobody scores it on them unawares.

A saved model carries a key of each of its training sentences, not the sentences: 12 hexadecimal
digits of the SHA-256 of the text without regard to capitals and white space. Near-duplicates have
other keys; the splits of the project's own sets keep those apart (docs/evaluation.md).
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from alliance_stance.errors import ArtifactError
from alliance_stance.schema import Example

TRAINING_SENTENCES = "training_sentences.txt"
"""File of a saved model, one key a line, sorted."""
_DIGITS = 12


def sentence_key(sentence: str) -> str:
    """Give the key of a sentence.

    Examples
    --------
    >>> sentence_key("Peru left  ASEAN.") == sentence_key("PERU left ASEAN. ")
    True
    """
    plain = " ".join(sentence.casefold().split())
    return hashlib.sha256(plain.encode()).hexdigest()[:_DIGITS]


def keys_text(sentences: Iterable[str], before: Iterable[Path] = ()) -> str:
    """Write the keys of training sentences, each once, as the file holds them.

    Parameters
    ----------
    sentences
        What a model was fitted on.
    before
        The saved models that it began with or learned from, whose sentences are its own as well.
    """
    earlier = frozenset[str]().union(*(training_keys(folder) or () for folder in before))
    return "".join(f"{key}\n" for key in sorted(earlier | {sentence_key(s) for s in sentences}))


def check_told(folder: Path) -> None:
    """Refuse a saved model that does not tell what it was fitted on: one made of it has to.

    Raises
    ------
    ArtifactError
        If it has no list.
    """
    if training_keys(folder) is None:
        raise ArtifactError(
            str(folder), f"no {TRAINING_SENTENCES}", "a model that tells its training sentences",
            "train it again, or take another",
        )  # fmt: skip


def training_keys(folder: Path) -> frozenset[str] | None:
    """Read the keys of a saved model; None where it is of a time before there were any."""
    path = folder / TRAINING_SENTENCES
    return frozenset(path.read_text(encoding="utf-8").split()) if path.is_file() else None


def keys_of_all(folders: Iterable[Path]) -> frozenset[str]:
    """Give the keys of what any of some models was fitted on; one without a list adds none."""
    return frozenset().union(*(training_keys(folder) or () for folder in folders))


def trained_on(examples: Sequence[Example], keys: frozenset[str]) -> list[str]:
    """Give the ids of the examples whose sentence a model was fitted on."""
    return [e.id for e in examples if sentence_key(e.candidate.text) in keys]
