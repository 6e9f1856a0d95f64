"""Measure whether a model errs alike everywhere, on real triples that have labels.

For each group of labelled triples (an alliance, a decade, a state) the model's errors are measured
on all *other* documents, the group is corrected by them, and the correction is compared with the
group's own labels: the difference over its standard error should be beyond 1.96 in 5 % of groups.
Writes `real.md`.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from alliance_stance.corpus.readers.jsonl import read_json_lines
from alliance_stance.errors import InputError
from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.files import write_text
from alliance_stance.inference.predictor import Predictor
from alliance_stance.panels.adjusted import ALL_VOICES, by_voice, measure_confusion
from alliance_stance.panels.estimates import MEASURES, TO_MEASURES
from alliance_stance.panels.triples import VOICES
from alliance_stance.panels.weighting import sums_by
from alliance_stance.schema import STANCES, Example

HERE = Path(__file__).resolve().parent
LEAST = 20
"""Documents that a group must have."""


def differences(
    voices: tuple[str, ...], voiced: Matrix, stances: Codes, documents: Codes, groups: list[str]
) -> Iterator[tuple[Matrix, Matrix]]:
    """Yield for each group: adjusted minus labelled, and its standard error, four numbers each."""
    names = np.array(groups)
    right = np.eye(len(STANCES))[stances]
    for name in sorted(set(groups)):
        own = np.flatnonzero(names == name)
        inside, owner = np.unique(documents[own], return_inverse=True)
        if len(inside) < LEAST:
            continue
        rest = np.flatnonzero(~np.isin(documents, inside))
        try:
            confusion = measure_confusion(
                voices, voiced[rest], stances[rest], np.ones(len(rest)), documents[rest], seed=0
            )
        except InputError:
            continue
        stacked = np.linalg.inv(confusion.values).reshape(-1, len(STANCES))
        each = (voiced[own] @ stacked - right[own]) @ TO_MEASURES
        mean = each.mean(axis=0)
        sums = sums_by(owner, each - mean, len(inside))
        inverses = np.linalg.inv(confusion.draws).reshape(len(confusion.draws), -1, len(STANCES))
        drawn = voiced[own].mean(axis=0) @ inverses @ TO_MEASURES
        sampled = (sums**2).sum(axis=0) / len(own) ** 2 * len(inside) / (len(inside) - 1)
        yield mean, np.sqrt(sampled + drawn.var(axis=0))


def main() -> None:
    """Judge the labelled triples and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("labelled", type=Path, nargs="+")
    arguments = parser.parse_args()
    predictor = Predictor.open(arguments.model)
    examples = [
        item for path in arguments.labelled for item in read_json_lines(path)
        if isinstance(item, Example)
    ]  # fmt: skip
    predictions = [one for group in predictor.predict_batch(examples) for one in group]
    said = np.array([[p.probabilities[s] for s in STANCES] for p in predictions])
    stances = np.array([STANCES.index(e.label.stance) for e in examples if e.label is not None])
    own = [example.candidate for example in examples]
    documents = np.unique([c.document for c in own], return_inverse=True)[1]
    voice = np.array(
        [0 if c.speaker_state == c.state else 1 if c.speaker_state else 2 for c in own]
    )
    kinds = {
        "alliance": [c.alliance for c in own],
        "decade": [c.date[:3] for c in own],
        "state": [c.state for c in own],
    }
    ways = {
        "pooled": (ALL_VOICES, said),
        "voice": (VOICES, by_voice(said, voice, len(VOICES))),
    }
    lines = [
        f"{len(examples)} labelled triples in {documents.max() + 1} documents; groups of at least "
        f"{LEAST} documents. Share of groups beyond 1.96 standard errors, and root mean square of "
        "the difference.",
        "",
        "| groups | errors | number | " + " | ".join(MEASURES) + " | rms, score |",
        "|" + " --- |" * 8,
    ]
    for kind, groups in kinds.items():
        for way, (voices, voiced) in ways.items():
            found = list(differences(voices, voiced, stances, documents, groups))
            mean, error = (np.array(part) for part in zip(*found, strict=True))
            beyond = (np.abs(mean / error) > 1.96).mean(axis=0)
            cells = " | ".join(f"{share:.2f}" for share in beyond)
            score = np.sqrt((mean[:, 3] ** 2).mean())
            lines.append(f"| {kind} | {way} | {len(found)} | {cells} | {score:.2f} |")
    write_text(HERE / "real.md", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
