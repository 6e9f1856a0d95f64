"""An invented corpus: documents with right stances, a classifier with realistic errors, labels.

The classifier's scores are normal in logits for each right stance, with a part that all triples of
a document share. `LOGIT_MEANS`, `LOGIT_COVARIANCES` and the two correlations within documents are
those of the `linear` model of `experiments/default` on 1,288 real labelled triples, and so is the
size of documents.
"""

from dataclasses import dataclass

import numpy as np

from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.panels.weighting import Clusters

LOGIT_MEANS = np.array([[-0.266, -0.331], [-0.694, 0.619], [-1.916, -0.943]])
"""Of against and favor over neutral, by right stance: against, favor, neutral."""
LOGIT_COVARIANCES = np.array(
    [
        [[1.608, 0.741], [0.741, 0.882]],
        [[1.638, 1.234], [1.234, 1.738]],
        [[1.673, 0.868], [0.868, 1.254]],
    ]
)
ALIKE_ERRORS = 0.35
"""Correlation of the classifier's errors within a document."""
ALIKE_STANCES = 0.22
"""Correlation of the right stances within a document."""
TRIPLES = 2.5
"""Mean triples of a document."""
PREVALENCE = np.array([0.5, 2.0, 3.0])
"""Of the right shares over cells: a Dirichlet distribution, 9 % against on average."""
SIZES = (1, 3, 10, 30, 100)
"""Documents of a cell."""
CELLS_OF_A_SIZE = 12


@dataclass(frozen=True)
class Scenario:
    """What is drawn.

    Parameters
    ----------
    labelled_documents
        How many documents are labelled, on average, all their triples with them.
    foreign
        By how many logits the labelled triples of `against` look more like it than those of the
        cells, as if the labels came from plainer text; 0 where the assumption holds.
    wanted_against
        How many times as probable a document is labelled in which the model finds `against`.
    tells_probabilities
        Whether the estimator is told so.
    """

    labelled_documents: int = 200
    foreign: float = 0.0
    wanted_against: float = 1.0
    tells_probabilities: bool = True


@dataclass(frozen=True)
class World:
    """One draw: cells with their documents, what the model says, and what is right.

    Parameters
    ----------
    clusters
        Documents in cells; each counts once.
    size
        Documents of each cell.
    shares
        Right shares of each cell, which an interval should cover.
    outputs, stances
        Of each triple.
    labelled
        Positions of the labelled triples.
    label_weights
        One over the sampling probability of each.
    label_outputs
        What the model says of them.
    """

    clusters: Clusters
    size: Codes
    shares: Matrix
    outputs: Matrix
    stances: Codes
    labelled: Codes
    label_weights: Matrix
    label_outputs: Matrix


def draw_cells(random: np.random.Generator) -> tuple[Codes, Matrix]:
    """Draw sizes and right shares of the cells of a coverage run."""
    size = np.repeat(SIZES, CELLS_OF_A_SIZE)
    return size, random.dirichlet(PREVALENCE, len(size))


def draw_world(
    scenario: Scenario, size: Codes, shares: Matrix, random: np.random.Generator
) -> World:
    """Draw documents, triples, the model's outputs and the labelled documents.

    Parameters
    ----------
    scenario
        How the labels come about.
    size, shares
        Documents and right shares of each cell.
    random
        What is drawn from.
    """
    cell = np.repeat(np.arange(len(size)), size)
    triples = random.geometric(1 / TRIPLES, len(cell)).astype(np.float64)
    owner = np.repeat(np.arange(len(cell)), triples.astype(np.int64))
    likeness = 1 / ALIKE_STANCES - 1
    gammas = random.standard_gamma(np.maximum(likeness * shares, 1e-3)[cell])
    in_document = gammas / gammas.sum(axis=1, keepdims=True)
    draw = random.random(len(owner))[:, None]
    stances = (draw > np.cumsum(in_document, axis=1)[owner][:, :2]).sum(axis=1)
    clusters = Clusters(cell, owner, 1 / size[cell].astype(np.float64), triples)
    deviations = _deviations(stances, owner, random)
    outputs = _outputs(stances, deviations)
    labelled, weights = _draw_labels(scenario, clusters, outputs, random)
    elsewhere = _outputs(stances, deviations, scenario.foreign)
    return World(clusters, size, shares, outputs, stances, labelled, weights, elsewhere[labelled])


def _deviations(stances: Codes, owner: Codes, random: np.random.Generator) -> Matrix:
    own = random.standard_normal((len(owner), 2))
    common = random.standard_normal((int(owner.max()) + 1, 2))[owner]
    mixed = np.sqrt(1 - ALIKE_ERRORS) * own + np.sqrt(ALIKE_ERRORS) * common
    roots = np.linalg.cholesky(LOGIT_COVARIANCES)
    return np.einsum("nij,nj->ni", roots[stances], mixed)


def _outputs(stances: Codes, deviations: Matrix, plainer: float = 0.0) -> Matrix:
    """Turn logits into probabilities; with `plainer` against looks less like neutral."""
    means = LOGIT_MEANS.copy()
    means[0] += [plainer, 0]
    logits = np.column_stack([means[stances] + deviations, np.zeros(len(stances))])
    odds = np.exp(logits)
    return odds / odds.sum(axis=1, keepdims=True)


def _draw_labels(
    scenario: Scenario, clusters: Clusters, outputs: Matrix, random: np.random.Generator
) -> tuple[Codes, Matrix]:
    count = len(clusters.cell)
    finds_against = np.zeros(count, dtype=np.bool_)
    finds_against[clusters.owner[outputs.argmax(axis=1) == 0]] = True
    wish = np.where(finds_against, scenario.wanted_against, 1.0)
    probability = np.minimum(1, scenario.labelled_documents * wish / wish.sum())
    is_labelled = (random.random(count) < probability)[clusters.owner]
    labelled = np.flatnonzero(is_labelled)
    weights = 1 / probability[clusters.owner[labelled]]
    return labelled, weights if scenario.tells_probabilities else np.ones(len(labelled))
