"""Differences between models that judged the same rows, as a referee would want them.

Each is paired by document, has an interval over documents and seeds (`resampling`), is tested by
approximate randomisation, and is corrected for the number of models that are compared with the same
one (`significance`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alliance_stance.draws import Resamples, draw_documents
from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.metrics import Matrix, Scored
from alliance_stance.evaluation.report import INTERVAL_SEED
from alliance_stance.evaluation.resampling import (
    confusion_sums,
    difference_interval,
    macro_f1_of,
)
from alliance_stance.evaluation.significance import approximate_randomisation, holm


@dataclass(frozen=True)
class Difference:
    """A model's macro-F1 minus the reference's.

    Parameters
    ----------
    interval
        Over documents and seeds.
    p
        By approximate randomisation over documents.
    p_holm
        The same, corrected for the number of models that are compared with the reference.
    """

    interval: Interval
    p: float
    p_holm: float


def differences(
    sums: Mapping[str, Sequence[Matrix]], reference: str, resamples: Resamples
) -> dict[str, Difference]:
    """Compare every model with one of them.

    Parameters
    ----------
    sums
        Of each model what each document holds (`resampling.confusion_sums`), one matrix a seed.
    reference
        Name of the model that the others are compared with; it has no difference.
    resamples
        Of the rows that were summed.
    """
    others = [name for name in sums if name != reference]
    p_values = [
        approximate_randomisation(macro_f1_of, sums[name], sums[reference], seed=INTERVAL_SEED)
        for name in others
    ]
    return {
        name: Difference(
            difference_interval(
                macro_f1_of, (name, sums[name]), (reference, sums[reference]), resamples
            ),
            p,
            p_holm,
        )
        for name, p, p_holm in zip(others, p_values, holm(p_values), strict=True)
    }


def differences_from_first(judged: Sequence[tuple[str, Scored]]) -> list[Difference]:
    """Compare single fits with the first of them, in order; the first has no difference.

    Parameters
    ----------
    judged
        Name and predictions of each, on the same rows in the same order; one or more. Names are for
        errors, and may stand twice.

    Raises
    ------
    DatasetError
        If one judged other rows than the first.
    """
    first = judged[0][1]
    for name, own in judged:
        if own.ids != first.ids:
            raise DatasetError(name, "predictions of other rows", "the same rows", "score again")
    resamples = draw_documents(first.documents, seed=INTERVAL_SEED)
    sums = {
        str(place): [confusion_sums(own.stances, own.predicted, resamples)]
        for place, (_, own) in enumerate(judged)
    }
    return list(differences(sums, "0", resamples).values())
