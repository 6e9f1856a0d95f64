"""Panels: cells, weights, intervals, correction by labels, change points, pictures, the verb."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_stance.cli import main
from alliance_stance.errors import DatasetError, InputError
from alliance_stance.inference.score_folder import SCORES_SCHEMA
from alliance_stance.inference.scores import open_scores
from alliance_stance.labeling.adjudication import settle, settled_rows
from alliance_stance.labeling.annotations import Annotation, annotations_text
from alliance_stance.labeling.tasks import Task
from alliance_stance.panels.adjusted import (
    ALL_VOICES,
    adjust,
    by_voice,
    drawn_shares,
    measure_confusion,
    onto_simplex,
)
from alliance_stance.panels.behind import rows_behind
from alliance_stance.panels.changes import Series, cut_series, find_changes, iterate_series
from alliance_stance.panels.choices import By, Correction, Errors, Weight
from alliance_stance.panels.estimates import adjusted_bounds, power_cells
from alliance_stance.panels.labels import Labels, read_labels
from alliance_stance.panels.panel import PanelOptions, make_panel, write_table
from alliance_stance.panels.periods import period_of, period_start
from alliance_stance.panels.powered import estimate_powered
from alliance_stance.panels.sampling import CellMeans, cell_means
from alliance_stance.panels.triples import VOICES, Cell, Triples, documents_read, read_triples
from alliance_stance.panels.weighting import Clusters, make_clusters
from alliance_stance.reporting.panel_figures import draw_pair, pairs_figure

M = np.array([[0.6, 0.1, 0.3], [0.1, 0.7, 0.2], [0.2, 0.2, 0.6]])
"""What a model says of each right stance: against, favor, neutral."""
SAID = {"against": (0.7, 0.1, 0.2), "favor": (0.1, 0.7, 0.2), "neutral": (0.2, 0.2, 0.6)}
ACT = {"against": "criticize", "favor": "affirm", "neutral": "describe"}


def row(document: str, stance: str = "favor", **changes: object) -> dict[str, object]:
    against, favor, neutral = SAID[stance]
    number = changes.pop("sentence", 0)
    return {
        "document": document, "source": "wire", "title": "", "date": "2020-05-17",
        "speaker_state": None, "sentence": number, "start": 10 * (number or 0),
        "end": 10 * (number or 0) + 9, "text": f"Sentence {number} of {document}.",
        "state": "ARM", "alliance": "CSTO", "stance": stance, "act": ACT[stance],
        "score": favor - against, "against": against, "favor": favor, "neutral": neutral,
        **changes,
    }  # fmt: skip


@pytest.fixture
def save(tmp_path: Path):
    """Write rows as a file of scores and open it."""

    def write(rows: list[dict[str, object]]):
        path = tmp_path / "scores.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=SCORES_SCHEMA), path)
        return open_scores(path)

    return write


def write_lines(path: Path, lines: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def example(document: str, stance: str, **changes: object) -> dict[str, object]:
    return {
        "id": f"{document}:0-9#ARM-CSTO", "text": f"Sentence 0 of {document}.", "state": "ARM",
        "alliance": "CSTO", "stance": stance, **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("date", "by", "period"),
    [
        ("2024-05-17", By.MONTH, "2024-05"),
        ("2024-12", By.QUARTER, "2024-Q4"),
        ("2024", By.YEAR, "2024"),
        ("2024", By.QUARTER, None),
        ("", By.YEAR, None),
        ("5.2.1999", By.YEAR, None),
        ("2024.0", By.YEAR, "2024"),
        ("2024.0", By.MONTH, None),
        ("2024.5", By.YEAR, None),
        ("1999-13-01", By.YEAR, None),
        ("0000", By.YEAR, None),
        ("0000-05", By.MONTH, None),
        ("1999-02-05 00:00:00", By.MONTH, "1999-02"),
    ],
)
def test_a_date_falls_into_a_period_or_does_not_tell_it(date, by, period):
    assert period_of(date, by) == period


@settings(deadline=None, max_examples=50)
@given(st.dates(), st.sampled_from(By))
def test_a_period_starts_no_later_than_its_dates_and_is_its_own_start(date, by):
    period = period_of(date.isoformat(), by)
    assert period_start(period) <= date.isoformat()
    assert period_of(period_start(period), by) == period


def test_cells_are_sorted_and_undated_triples_counted_not_spread(save):
    scores = save(
        [
            row("b", date="2021"),
            row("a", date="2020", alliance="CIS"),
            row("c", date=""),
            row("a", date="2020"),
        ]
    )
    triples = read_triples(scores, By.YEAR)
    assert triples.cells == (
        Cell("ARM", "CIS", "2020"),
        Cell("ARM", "CSTO", "2020"),
        Cell("ARM", "CSTO", "2021"),
    )
    assert triples.cell.tolist() == [2, 0, 1]
    assert triples.undated == 1


def test_a_date_that_tells_no_period_is_shown(save, capsys):
    odd = [row("a", date=""), row("b", date="2024.5"), row("c", date="May")]
    scores = save([*odd, row("d", date="2024.0")])
    assert main(["panel", str(scores.path)]) == 0
    err = capsys.readouterr().err
    assert "1 dated triples" in err
    assert "3 triples left out: their date does not tell the year, such as '2024.5'" in err
    with pytest.raises(InputError, match=r"3 triples, none with a date .* such as '2024\.5'"):
        read_triples(save(odd), By.YEAR)


def test_ready_examples_of_one_document_are_one_document(save):
    rows = [row(f"talk#{n}", sentence=None, start=None, end=None) for n in range(3)]
    triples = read_triples(save(rows), By.YEAR)
    assert len(set(triples.document.tolist())) == 1


def test_sentences_of_ready_examples_are_told_apart_by_their_words(save):
    place = {"sentence": None, "start": None, "end": None}
    rows = [
        row("talk", id="1", text="One.", **place), row("talk", id="2", text="Two.", **place),
        row("talk", id="3", text="Two.", alliance="CIS", **place), row("talk", text="Three."),
    ]  # fmt: skip
    scores = save(rows)
    triples = read_triples(scores, By.YEAR)
    assert set(triples.document.tolist()) == {0}
    assert len(set(triples.place.tolist())) == 3
    assert triples.place[1] == triples.place[2]
    assert documents_read(scores, By.YEAR) == {"2020": 1}


def test_an_alliance_that_speaks_is_no_state(save):
    speakers = ["ARM", "RUS", "NATO", "NAM", "", None]
    rows = [row(f"d{n}", speaker_state=speaker) for n, speaker in enumerate(speakers)]
    triples = read_triples(save(rows), By.YEAR)
    # NAM is Namibia before it is the Non-Aligned Movement
    assert [VOICES[one] for one in triples.voice] == [
        "own", "other", "none", "other", "none", "none",
    ]  # fmt: skip


def test_scores_without_a_date_are_refused(save):
    with pytest.raises(InputError, match="none with a date that tells the month"):
        read_triples(save([row("a", date="2020")]), By.MONTH)


def test_documents_read_counts_those_of_the_period(save):
    scores = save([row("a"), row("a", sentence=1), row("b"), row("c", date="2021")])
    assert documents_read(scores, By.YEAR) == {"2020": 2, "2021": 1}


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (Weight.DOCUMENT, [1 / 3, 1 / 3, 1 / 3]),
        (Weight.NONE, [2 / 4, 1 / 4, 1 / 4]),
        (Weight.SOURCE, [1 / 4, 1 / 4, 1 / 2]),
    ],
)
def test_what_counts_once_is_the_document_the_triple_or_the_source(save, weight, expected):
    rows = [row("a"), row("a", sentence=1), row("b"), row("c", source="radio")]
    clusters = make_clusters(read_triples(save(rows), By.YEAR), weight)
    assert clusters.weights == pytest.approx(expected)


def clusters_of(sizes: list[int]) -> Clusters:
    """Give cells of so many documents with one triple each."""
    cell = np.repeat(np.arange(len(sizes)), sizes)
    count = len(cell)
    return Clusters(cell, np.arange(count), 1 / np.array(sizes)[cell], np.ones(count))


def test_a_cell_of_one_document_borrows_the_spread_of_the_others():
    clusters = clusters_of([1, 4])
    means = cell_means(clusters, np.array([[0.5], [0.0], [1.0], [0.0], [1.0]]))
    # the other cell's sum of squares is 4 * 0.25, with 3 degrees of freedom
    assert means.errors()[0, 0] == pytest.approx(np.sqrt(1 / 3))
    assert means.freedom.tolist() == [4, 7]
    # there: (4 * 1/3 + 1) / 7 is the moderated variance, a quarter of it the mean's
    assert means.errors()[1, 0] == pytest.approx(np.sqrt((4 / 3 + 1) / 7 / 4))


def test_a_single_document_in_all_has_no_interval():
    means = cell_means(clusters_of([1]), np.array([[0.5]]))
    assert np.isnan(means.errors()).all()


@pytest.mark.parametrize("documents", [(3, 1), (1, 1), (3,)])
def test_documents_that_all_agree_have_an_interval(save, documents):
    sure = {"against": 0.0, "favor": 1.0, "neutral": 0.0, "score": 1.0}
    rows = [
        row(f"{period}-{number}", date=str(2020 + period), **sure)
        for period, count in enumerate(documents)
        for number in range(count)
    ]
    table = make_panel(save(rows), PanelOptions()).table
    assert max(table["favor_low"].to_pylist()) < 0.5
    assert min(table["against_high"].to_pylist()) > 0.3
    assert max(table["score_low"].to_pylist()) < 0.5


def test_least_variances_leave_documents_that_differ_as_they_are():
    clusters, values = clusters_of([2, 4]), np.array([[0.5], [0.0], [1.0], [0.0], [1.0], [0.0]])
    means = cell_means(clusters, values)
    bounded = cell_means(clusters, values, np.array([[0.0], [1.0]]))
    assert bounded.errors().tolist() == means.errors().tolist()


STANCES = np.repeat([0, 1, 2], 10)
CONFUSION = measure_confusion(ALL_VOICES, M[STANCES], STANCES, np.ones(30), np.arange(30), seed=0)
"""Of ten documents a stance, of which the model says just the rows of M."""


shares_strategy = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(
    lambda parts: np.array(parts) / sum(parts)
)


@settings(deadline=None, max_examples=50)
@given(shares_strategy)
def test_adjusting_finds_the_shares_whatever_they_are(shares):
    means = CellMeans((shares @ M)[None], np.zeros((1, 3, 3)), np.array([4.0]))
    assert adjust(means, CONFUSION).values[0] == pytest.approx(shares)


def test_each_voice_is_corrected_by_its_own_errors():
    stances = np.tile(np.repeat([0, 1, 2], 10), 2)
    voice = np.repeat([0, 1], 30)
    matrices = np.stack([M, M[:, [1, 0, 2]]])
    voiced = by_voice(matrices[voice, stances], voice, 2)
    confusion = measure_confusion(
        ("own", "none"), voiced, stances, np.ones(60), np.arange(60), seed=0
    )
    said = by_voice(np.stack([M[0], M[2][[1, 0, 2]]]), np.array([0, 1]), 2).mean(axis=0)
    means = CellMeans(said[None], np.zeros((1, 6, 6)), np.array([4.0]))
    # one triple against in the first voice, one neutral in the second
    assert adjust(means, confusion).values[0] == pytest.approx([0.5, 0, 0.5])


def test_a_label_counts_one_over_its_sampling_probability():
    stances = np.array([0, 0, 1, 2] * 5)
    outputs = M[stances].copy()
    outputs[::4] = [0.9, 0.05, 0.05]
    weights = np.where(np.arange(20) % 4 == 0, 3.0, 1.0)
    found = measure_confusion(ALL_VOICES, outputs, stances, weights, np.arange(20), seed=0).values[
        0, 0
    ]
    assert found == pytest.approx((3 * np.array([0.9, 0.05, 0.05]) + M[0]) / 4)


def test_too_few_labelled_documents_of_a_stance_are_refused():
    stances = np.array([0] * 4 + [1] * 9 + [2] * 9)
    with pytest.raises(InputError, match="'against' in 4"):
        measure_confusion(ALL_VOICES, M[stances], stances, np.ones(22), np.arange(22), seed=0)


def test_many_triples_of_one_document_are_not_many_documents():
    stances = np.array([0] * 9 + [1] * 9 + [2] * 9)
    documents = np.array([0] * 9 + list(range(1, 19)))
    with pytest.raises(InputError, match="'against' in 1"):
        measure_confusion(ALL_VOICES, M[stances], stances, np.ones(27), documents, seed=0)


def test_a_model_that_says_the_same_of_all_is_refused():
    stances = np.repeat([0, 1, 2], 10)
    outputs = np.full((30, 3), 1 / 3) + 1e-4 * np.eye(3)[stances]
    with pytest.raises(InputError, match="does not tell the stances apart"):
        measure_confusion(ALL_VOICES, outputs, stances, np.ones(30), np.arange(30), seed=0)


def test_uncertain_errors_widen_every_interval():
    random = np.random.default_rng(0)
    means = CellMeans((np.array([0.3, 0.3, 0.4]) @ M)[None], np.zeros((1, 3, 3)), np.array([4.0]))
    widths = []
    for count in (10, 200):
        stances = np.repeat([0, 1, 2], count)
        outputs = random.dirichlet((1, 1, 1), 3 * count) / 3 + 2 / 3 * M[stances]
        confusion = measure_confusion(
            ALL_VOICES, outputs, stances, np.ones(3 * count), np.arange(3 * count), seed=0
        )
        low, high = adjusted_bounds(means, confusion, seed=0)
        widths.append((high - low)[0, 3])
    assert widths[0] > 2 * widths[1] > 0


def test_a_cell_that_no_right_shares_explain_has_no_interval():
    # more against than the model says of triples that all are against
    said = np.array([[0.95, 0.02, 0.03], [0.3, 0.3, 0.4]])
    means = CellMeans(said, np.tile(1e-6 * np.eye(3), (2, 1, 1)), np.array([50.0, 50.0]))
    low, _ = adjusted_bounds(means, CONFUSION, seed=0)
    assert np.isnan(low).all(axis=1).tolist() == [True, False]


def test_a_cell_that_is_only_unsure_keeps_its_interval():
    """Where draws are wide, next to none is possible, although each share may well be."""
    shares = np.array([-1.4, 1.6, 0.8])
    # how sure it is that neutral is none of the others, and who of the others is which
    wide, narrow = np.array([-5.0, -5.0, 10.0]), np.array([0.9, -0.9, 0.0])
    covariance = M.T @ (np.outer(wide, wide) + np.outer(narrow, narrow)) @ M
    means = CellMeans(
        np.stack([shares @ M] * 2), np.stack([covariance, 1e-6 * covariance]), np.full(2, 1e3)
    )
    (drawn,) = drawn_shares(means, CONFUSION, seed=0)
    assert (drawn >= 0).all(axis=2).mean(axis=0).max() < 0.005
    low, high = adjusted_bounds(means, CONFUSION, seed=0)
    assert np.isnan(low).all(axis=1).tolist() == [False, True]
    assert (low[0] <= high[0]).all()


def test_draws_spread_as_the_covariance_says():
    covariance = 1e-4 * np.array([[[2.0, -1, -1], [-1, 2, -1], [-1, -1, 2]]])
    means = CellMeans(np.array([[1 / 3] * 3]), covariance, np.array([200.0]))
    drawn = np.concatenate(list(drawn_shares(means, CONFUSION, seed=0)))
    inverse = np.linalg.inv(M)
    expected = np.sqrt(np.diag(inverse.T @ covariance[0] @ inverse))
    assert drawn[:, 0].std(axis=0) == pytest.approx(expected, rel=0.1)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-3, 3), min_size=2, max_size=2))
def test_the_nearest_shares_are_shares_and_shares_stay(parts):
    values = np.array([[*parts, 1 - sum(parts)]])
    lifted = onto_simplex(values)
    assert lifted.min() >= 0
    assert lifted.sum() == pytest.approx(1)
    assert onto_simplex(lifted) == pytest.approx(lifted)


def labels_of(triples: list[int], weights: list[float] | None = None) -> Labels:
    count = len(triples)
    known = np.ones(count) if weights is None else np.array(weights)
    return Labels(np.array(triples), np.zeros(count, int), known, False, 0, 0)


def test_with_all_triples_labelled_the_estimate_is_the_labels_mean():
    random = np.random.default_rng(0)
    right, outputs = random.random((20, 1)), random.random((20, 1))
    found = estimate_powered(clusters_of([20]), outputs, right, labels_of(list(range(20))))
    assert found.values[0, 0] == pytest.approx(right.mean())


def test_a_biased_model_is_set_right_by_the_cells_own_labels():
    random = np.random.default_rng(1)
    right = random.random((400, 1))
    outputs = right + 0.5
    own = list(range(0, 400, 4))
    found = estimate_powered(clusters_of([400]), outputs, right[own], labels_of(own))
    alone = estimate_powered(clusters_of([400]), 0 * outputs, right[own], labels_of(own))
    assert found.values[0, 0] == pytest.approx(right.mean(), abs=1e-6)
    assert found.margins[0, 0] < alone.margins[0, 0]


def test_labels_drawn_by_what_they_say_are_weighed_back():
    right = np.array([[1.0]] * 50 + [[0.0]] * 150)
    own = [*range(50), *range(50, 200, 3)]
    outputs = np.zeros((200, 1))
    weights = [1.0] * 50 + [3.0] * 50
    found = estimate_powered(clusters_of([200]), outputs, right[own], labels_of(own, weights))
    assert found.values[0, 0] == pytest.approx(0.25)


def test_a_cell_with_few_labels_of_its_own_gets_no_estimate():
    right, outputs = np.ones((9, 1)), np.linspace(0, 1, 30)[:, None]
    found = estimate_powered(clusters_of([15, 15]), outputs, right, labels_of([*range(8), 20]))
    assert np.isnan(found.values[:, 0]).tolist() == [False, True]


@pytest.mark.parametrize("documents", [5, 6, 7, 10, 12, 49])
def test_five_labelled_documents_are_enough_however_many_the_cell_has(documents):
    right, outputs = np.ones((5, 1)), np.linspace(0, 1, documents)[:, None]
    found = estimate_powered(clusters_of([documents]), outputs, right, labels_of([*range(5)]))
    assert not np.isnan(found.values).any()
    four = estimate_powered(clusters_of([documents]), outputs, right[:4], labels_of([*range(4)]))
    assert np.isnan(four.values).all()


def test_one_more_label_takes_no_estimate_away():
    # five documents of two triples each
    clusters = Clusters(
        np.zeros(5, int), np.repeat(np.arange(5), 2), np.full(5, 0.2), np.full(5, 2)
    )
    outputs = np.linspace(0, 1, 10)[:, None]
    for own in ([0, 2, 4, 6, 8], [0, 2, 4, 6, 8, 9]):
        found = estimate_powered(clusters, outputs, np.ones((len(own), 1)), labels_of(own))
        assert not np.isnan(found.values).any()


def test_a_cell_that_one_document_decides_gets_no_estimate():
    right, outputs = np.linspace(0, 1, 5)[:, None], np.linspace(0, 1, 20)[:, None]
    weights = [1.0] * 4 + [50.0]
    found = estimate_powered(clusters_of([20]), outputs, right, labels_of([*range(5)], weights))
    assert np.isnan(found.values).all()


def test_unequal_weights_make_the_errors_of_ppi_no_smaller():
    """Over many draws, the square of the standard error is the variance of the estimate."""
    random = np.random.default_rng(0)
    weights = [8.0, 4.0, 2.0, 1.0, 1.0, 1.0, 1.0]
    cells, of_a_cell = 400, len(weights)
    own = list(range(cells * of_a_cell))
    right = random.standard_normal((len(own), 1))
    labels = labels_of(own, weights * cells)
    found = estimate_powered(clusters_of([of_a_cell] * cells), 0 * right, right, labels)
    assert (found.errors**2).mean() == pytest.approx(found.values.var(), rel=0.1)


def test_the_score_of_ppi_is_favor_minus_against_and_its_shares_sum_to_one():
    random = np.random.default_rng(2)
    stances = random.choice(3, 60, p=(0.1, 0.3, 0.6))
    outputs = np.stack([random.dirichlet(0.6 * M[stance]) for stance in stances])
    zeros = np.zeros(60, int)
    cells = (Cell("ARM", "CSTO", "2020"),)
    triples = Triples(
        cells, zeros, zeros, np.arange(60), zeros, zeros, outputs, zeros, zeros, undated=0
    )
    labels = Labels(np.arange(25), stances[:25], np.ones(25), False, 0, 0)
    found = power_cells(triples, clusters_of([60]), labels)
    against, favor, neutral, score = found.values[0]
    assert against + favor + neutral == pytest.approx(1)
    assert score == pytest.approx(favor - against)
    assert (found.low[0] <= found.values[0]).all()
    assert (found.values[0] <= found.high[0]).all()


def test_labels_that_all_agree_have_an_interval():
    outputs, zeros = np.linspace(0, 1, 30)[:, None] * M[1], np.zeros(30, int)
    triples = Triples(
        (), zeros, zeros, np.arange(30), zeros, zeros, outputs, zeros, zeros, undated=0
    )
    labels = Labels(np.arange(5), np.ones(5, int), np.ones(5), False, 0, 0)
    found = power_cells(triples, clusters_of([30]), labels)
    assert found.values[0].tolist() == [0, 1, 0, 1]
    assert (found.high - found.low).min() > 0.2


def test_labels_are_found_by_id_or_by_words_and_the_rest_counted(save, tmp_path):
    scores = save([row("a"), row("b"), row("c")])
    path = write_lines(
        tmp_path / "labels.jsonl",
        [
            example("a", "against"),
            {**example("b", "favor"), "id": "mine-1", "text": "Sentence  0 of\nb."},
            example("nowhere", "neutral"),
        ],
    )
    labels = read_labels(path, scores, read_triples(scores, By.YEAR))
    assert labels.triples.tolist() == [0, 1]
    assert labels.stances.tolist() == [0, 1]
    assert (labels.unmatched, labels.differing, labels.has_probabilities) == (1, 0, False)


def ready(number: int, **changes: object) -> dict[str, object]:
    """Give a row of a ready example without an id of its own: `score` numbers the lines."""
    return row("talk", id=str(number), sentence=None, start=None, end=None, **changes)


def test_a_line_number_is_no_id(save, tmp_path):
    scores = save([ready(1, text="One."), ready(2, text="Two."), ready(3, text="Three.")])
    # the labels stand in another order, and one is of another text
    lines = [example("talk", "against", text=text) for text in ("Three.", "Four.", "One.")]
    path = write_lines(
        tmp_path / "labels.jsonl", [{k: v for k, v in line.items() if k != "id"} for line in lines]
    )
    labels = read_labels(path, scores, read_triples(scores, By.YEAR))
    assert labels.triples.tolist() == [0, 2]
    assert (labels.unmatched, labels.differing) == (1, 0)


def test_an_id_of_another_sentence_or_pair_matches_nothing_and_is_counted(save, tmp_path, capsys):
    scores = save([row("a"), row("b"), row("c", text="A\x07 bell\nrang."), row("d", state="BLR")])
    lines = [
        example("a", "favor", text="Sentence 0 of b."),
        example("b", "favor", state="GEO"),
        example("c", "favor", text="A\ufffd  bell rang."),
        example("d", "favor", id="d:0-9#BLR-CSTO", state="BYS"),
    ]
    path = write_lines(tmp_path / "labels.jsonl", lines)
    labels = read_labels(path, scores, read_triples(scores, By.YEAR))
    assert labels.triples.tolist() == [2, 3]
    assert (labels.unmatched, labels.differing) == (2, 2)
    arguments = [str(scores.path), "--labelled", str(path), "--correction", "ppi"]
    assert main(["panel", *arguments]) == 0
    assert "2 of these have the id of a triple, but another sentence" in capsys.readouterr().err
    write_lines(path, lines[:2])
    with pytest.raises(InputError, match=r"none of a triple of the panel \(2 have the id of one"):
        read_labels(path, scores, read_triples(scores, By.YEAR))


def test_an_id_of_two_triples_is_that_with_the_words(save, tmp_path):
    scores = save([ready(1, text="One."), ready(1, text="Two.")])
    path = write_lines(tmp_path / "labels.jsonl", [example("talk", "favor", id="1", text="Two.")])
    assert read_labels(path, scores, read_triples(scores, By.YEAR)).triples.tolist() == [1]


def test_a_label_of_a_named_document_is_of_no_other(save, tmp_path):
    scores = save([row("a", text="Same."), row("b", text="Same."), row("c")])
    lines = [
        {**example("x", "favor"), "id": "mine", "text": "Same.", "document": "elsewhere"},
        {**example("c", "favor"), "id": "yours"},
    ]
    path = write_lines(tmp_path / "labels.jsonl", lines)
    labels = read_labels(path, scores, read_triples(scores, By.YEAR))
    assert (labels.triples.tolist(), labels.unmatched) == ([2], 1)


def test_a_line_without_the_pair_counts_as_neutral(save, tmp_path):
    scores = save([row("a"), row("b"), row("c")])
    lines = [
        example("a", "none", act=None), example("b", "none", act="none"), example("c", "favor"),
    ]  # fmt: skip
    path = write_lines(tmp_path / "labels.jsonl", lines)
    labels = read_labels(path, scores, read_triples(scores, By.YEAR))
    assert labels.stances.tolist() == [2, 2, 1]
    write_lines(path, [example("a", "none", act="join")])
    with pytest.raises(InputError, match="act 'join'"):
        read_labels(path, scores, read_triples(scores, By.YEAR))


def test_equal_sentences_are_told_apart_by_the_document(save, tmp_path):
    scores = save([row("a", text="Same."), row("b", text="Same.")])
    line = {**example("x", "favor"), "id": "mine", "text": "Same.", "document": "b"}
    path = write_lines(tmp_path / "labels.jsonl", [line])
    assert read_labels(path, scores, read_triples(scores, By.YEAR)).triples.tolist() == [1]


def test_a_sentence_of_several_documents_needs_its_document(save, tmp_path):
    """Else the labels of two triples were taken for two labels of one."""
    scores = save([row("a", text="Same."), row("b", text="Same."), row("b", text="Same.")])
    line = {**example("x", "favor"), "id": "mine", "text": "Same."}
    path = write_lines(tmp_path / "labels.jsonl", [line, {**line, "stance": "against"}])
    with pytest.raises(InputError, match=r"none of .* \(2 name no document, where several"):
        read_labels(path, scores, read_triples(scores, By.YEAR))
    lines = [line, {**line, "document": "b"}]
    labels = read_labels(
        write_lines(tmp_path / "labels.jsonl", lines), scores, read_triples(scores, By.YEAR)
    )
    assert labels.triples.tolist() == [1]
    assert (labels.unmatched, labels.ambiguous) == (1, 1)


def test_the_adjudicator_or_most_annotators_settle_a_label(save, tmp_path):
    scores = save([row(name) for name in "abcd"])
    rows = [
        ("a", "one", "affirm"), ("a", "two", "affirm"), ("a", "adjudicator", "criticize"),
        ("b", "one", "affirm"), ("b", "two", "join"), ("b", "three", "describe"),
        ("c", "one", "affirm"), ("c", "two", "criticize"),
        ("d", "one", "none"),
    ]  # fmt: skip
    path = tmp_path / "annotations.csv"
    lines = [f"{document}:0-9#ARM-CSTO,{worker},{label}" for document, worker, label in rows]
    path.write_text("\n".join(["task,worker,label", *lines]) + "\n", encoding="utf-8")
    labels = read_labels(path, scores, read_triples(scores, By.YEAR))
    # against by the adjudicator, favor by two of three, neutral where the pair is not held
    assert dict(zip(labels.triples.tolist(), labels.stances.tolist(), strict=True)) == {
        0: 0, 1: 1, 3: 2,
    }  # fmt: skip
    assert labels.unsettled == 1


def test_annotations_and_what_is_settled_of_them_are_the_same_labels(save, tmp_path):
    scores = save([row(name) for name in "abc"])
    tasks = {}
    for name in "abc":
        text, id_ = f"Sentence 0 of {name}.", f"{name}:0-9#ARM-CSTO"
        tasks[id_] = Task(id_, name, 0, 9, text, "", "", "ARM", "Armenia", "CSTO", "CSTO")
    labels = ("none", "affirm", "criticize")
    rows = [Annotation(id_, "one", label) for id_, label in zip(tasks, labels, strict=True)]
    annotations = tmp_path / "annotations.csv"
    annotations.write_text(annotations_text(rows), encoding="utf-8")
    settled = write_lines(tmp_path / "settled.jsonl", settled_rows(settle(rows, tasks), tasks))
    triples = read_triples(scores, By.YEAR)
    first, second = (read_labels(path, scores, triples) for path in (annotations, settled))
    assert first.triples.tolist() == second.triples.tolist() == [0, 1, 2]
    assert first.stances.tolist() == second.stances.tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([example("a", "favor"), {**example("a", "against"), "id": "again"}], "one label"),
        ([example("a", "perhaps")], "stance 'perhaps'"),
        ([example("a", "favor", sampling_probability=0)], "above 0, at most 1"),
        ([example("a", "favor", sampling_probability=True)], "above 0, at most 1"),
        (
            [example("a", "favor", sampling_probability=0.5), example("b", "favor")],
            "all lines with it, or none",
        ),
        ([example("nowhere", "favor")], "none of a triple of the panel"),
        ([{"text": "A document."}], "labelled examples only"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(save, tmp_path, lines, message):
    scores = save([row("a"), row("b")])
    path = write_lines(tmp_path / "labels.jsonl", lines)
    with pytest.raises(InputError, match=message):
        read_labels(path, scores, read_triples(scores, By.YEAR))


def test_annotations_of_another_form_are_refused(save, tmp_path):
    scores = save([row("a")])
    path = tmp_path / "annotations.csv"
    path.write_text("task,label\nx,affirm\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="mend the file"):
        read_labels(path, scores, read_triples(scores, By.YEAR))


def test_without_labels_a_panel_is_what_the_model_says(save):
    rows = [
        row("a", "favor"), row("a", "against", sentence=1), row("b", "favor"),
        row("c", "neutral", date="2021"),
    ]  # fmt: skip
    table = make_panel(save(rows), PanelOptions()).table.to_pylist()
    assert [one["period"] for one in table] == ["2020", "2021"]
    first = table[0]
    # document a: one favor of two, document b: one of one
    assert first["favor"] == first["model_favor"] == pytest.approx(3 / 4)
    assert first["score"] == pytest.approx((0 + 0.6) / 2)
    assert (first["documents"], first["sentences"], first["triples"]) == (2, 3, 3)
    assert (first["act_affirm"], first["act_criticize"], first["act_join"]) == (2, 1, 0)
    assert (first["method"], first["interval"]) == ("counted", "sampling")
    assert first["score_low"] < first["score"] < first["score_high"]


def many(count: int = 60, **changes: object) -> list[dict[str, object]]:
    stances = ("favor", "neutral", "against")
    return [row(f"d{number}", stances[number % 3], **changes) for number in range(count)]


def test_labels_correct_a_panel_and_the_table_says_so(save, tmp_path):
    rows = [*many(), *(row(f"e{n}", "favor", date="2021") for n in range(30))]
    # of those that the model calls favor, half are neutral
    lines = [
        example(f"d{n}", "neutral" if n % 6 == 0 else str(rows[n]["stance"])) for n in range(60)
    ]
    path = write_lines(tmp_path / "labels.jsonl", lines)
    made = make_panel(save(rows), PanelOptions(labelled=path))
    first, second = made.table.to_pylist()
    assert (first["method"], first["interval"], first["labelled"]) == ("adjusted", "corrected", 60)
    assert first["model_favor"] == pytest.approx(1 / 3)
    assert first["favor"] == pytest.approx(1 / 6, abs=0.01)
    assert second["labelled"] == 0
    assert second["favor_low"] <= second["favor"] <= second["favor_high"]
    facts = json.loads(made.table.schema.metadata[b"alliance_stance"])
    assert facts["labelled"] == 60
    assert list(facts["errors"]) == ["none"]


def test_voices_need_labels_each_unless_they_are_pooled(save, tmp_path):
    rows = [*many(), row("own", speaker_state="ARM")]
    path = write_lines(
        tmp_path / "labels.jsonl", [example(f"d{n}", str(rows[n]["stance"])) for n in range(60)]
    )
    scores = save(rows)
    told = r"'against' in 0 in voice 'own'.*; all labels are in voice 'none'.*--errors pooled"
    with pytest.raises(InputError, match=told):
        make_panel(scores, PanelOptions(labelled=path))
    pooled = make_panel(scores, PanelOptions(labelled=path, errors=Errors.POOLED))
    assert pooled.confusion.voices == ALL_VOICES


def test_ppi_leaves_cells_without_labels_empty(save, tmp_path):
    rows = [*many(), row("later", date="2021")]
    path = write_lines(
        tmp_path / "labels.jsonl", [example(f"d{n}", str(rows[n]["stance"])) for n in range(30)]
    )
    options = PanelOptions(labelled=path, correction=Correction.PPI)
    first, second = make_panel(save(rows), options).table.to_pylist()
    assert (first["interval"], second["interval"]) == ("corrected", "none")
    assert second["score"] is None
    assert second["model_score"] == pytest.approx(0.6)


def test_filters_change_what_is_shown_and_no_number(save):
    rows = [*many(), *many(9, state="GEO"), row("one", state="BLR")]
    scores = save(rows)
    whole = make_panel(scores, PanelOptions()).table.to_pylist()
    shown = make_panel(scores, PanelOptions(states=("GEO",))).table.to_pylist()
    assert shown == [one for one in whole if one["state"] == "GEO"]
    large = make_panel(scores, PanelOptions(min_documents=2)).table
    assert large["state"].to_pylist() == ["ARM", "GEO"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (PanelOptions(states=("PER",)), "PER, of which there is no dated triple"),
        (PanelOptions(alliances=("NATO",)), "what the scores hold: CSTO"),
        (PanelOptions(min_documents=3), "no cell with more than 2 documents"),
    ],
)
def test_a_panel_of_nothing_is_refused(save, options, message):
    with pytest.raises(InputError, match=message):
        make_panel(save([row("a"), row("b")]), options)


def test_a_formula_in_place_of_a_state_is_no_formula_in_csv(tmp_path):
    table = pa.table({"state": ["=HYPERLINK(1)", "PER", None], "score": [-0.5, 0.0, 1.0]})
    write_table(tmp_path / "panel.csv", table)
    with (tmp_path / "panel.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["'=HYPERLINK(1)", "PER", ""]
    assert float(rows[0]["score"]) == -0.5


def test_missing_values_are_empty_cells_in_csv(save, tmp_path):
    made = make_panel(save([row("a")]), PanelOptions())
    write_table(tmp_path / "panel.csv", made.table)
    with (tmp_path / "panel.csv").open(encoding="utf-8", newline="") as file:
        (cells,) = csv.DictReader(file)
    assert cells["score_se"] == ""
    assert cells["state"] == "ARM"


def steps(levels: list[float], error: float = 0.1) -> Series:
    noise = np.random.default_rng(3).standard_normal(len(levels)) * error
    periods = tuple(str(2000 + number) for number in range(len(levels)))
    return Series("ARM", "CSTO", periods, np.array(levels) + noise, np.full(len(levels), error))


def test_a_step_is_found_where_it_is():
    cuts = cut_series(steps([0.5] * 7 + [-0.5] * 6), seed=0)
    assert cuts.positions == (7,)
    assert cuts.levels == pytest.approx((0.5, -0.5), abs=0.1)
    assert cuts.p_value < 0.01


def test_a_flat_series_is_left_whole():
    assert cut_series(steps([0.2] * 13), seed=0).positions == ()


def test_a_step_within_the_errors_is_no_step():
    assert cut_series(steps([0.1] * 7 + [-0.1] * 6, error=0.5), seed=0).positions == ()


def test_changes_are_dated_between_two_periods_of_pairs_with_enough(save):
    rows = []
    for year in range(2001, 2013):
        stance = "favor" if year < 2007 else "against"
        rows += [row(f"{year}-{n}", stance, date=str(year)) for n in range(4)]
        rows += [row(f"n{year}", "neutral", date=str(year), sentence=1, alliance="EU")]
        if year < 2005:
            rows.append(row(f"g{year}", "favor", state="GEO", date=str(year)))
    # documents that differ within a year, so that there is a spread
    rows += [row(f"x{year}", "neutral", date=str(year)) for year in range(2001, 2013)]
    found = find_changes(make_panel(save(rows), PanelOptions()).table, seed=0).to_pylist()
    assert [(one["state"], one["before"], one["since"]) for one in found] == [
        ("ARM", "2006", "2007")
    ]
    assert found[0]["step"] < -0.5
    assert found[0]["p_holm"] >= found[0]["p_value"]


def test_periods_whose_documents_happen_to_agree_weigh_no_more_than_others(save):
    rows = [
        row(f"{year}-{n}", stance, date=str(year))
        for year in range(2001, 2011)
        for n, stance in enumerate(["favor"] * 4 if year == 2005 else ["favor", "against"] * 2)
    ]
    rows += [row("more", "favor", date="2003"), row("most", "against", date="2003")]
    (series,) = iterate_series(make_panel(save(rows), PanelOptions()).table)
    others = np.delete(series.errors, 2)
    assert others == pytest.approx(np.full(9, others[0]))
    assert series.errors[2] == pytest.approx(others[0] * np.sqrt(4 / 6))


@pytest.fixture
def table(save) -> pa.Table:
    rows = [row(f"{year}-{n}", date=str(year)) for year in (2001, 2002, 2005) for n in range(3)]
    return make_panel(save(rows), PanelOptions()).table


def test_a_picture_joins_only_years_that_follow_one_another(table):
    axes = pairs_figure(table, [("ARM", "CSTO")]).axes[0]
    lengths = sorted(len(line.get_xdata()) for line in axes.lines[1:])
    assert axes.get_title() == "ARM and CSTO"
    assert lengths == [1, 2]


def test_a_pair_without_a_row_has_no_picture(table):
    with pytest.raises(InputError, match="ARM:NATO"):
        pairs_figure(table, [("ARM", "NATO")])


@pytest.fixture
def scores_file(save) -> str:
    rows = [
        row(f"{year}-{n}", ("favor", "neutral")[n % 2], date=str(year))
        for year in range(2001, 2012)
        for n in range(4)
    ]
    return str(save(rows).path)


def test_the_verb_writes_table_changes_and_picture(scores_file, tmp_path, capsys):
    names = [str(tmp_path / name) for name in ("panel.parquet", "changes.csv", "pair.svg")]
    arguments = ["--output", names[0], "--changes", names[1], "--plot", names[2]]
    assert main(["panel", scores_file, *arguments, "--pair", "ARM:CSTO"]) == 0
    assert pq.read_table(names[0]).num_rows == 11
    assert Path(names[1]).read_text(encoding="utf-8").startswith('"state","alliance","before"')
    assert Path(names[2]).read_text(encoding="utf-8").startswith("<?xml")
    told = capsys.readouterr()
    assert "sampling alone" in told.err
    assert told.out == ""


def test_the_verb_shows_a_table_where_no_file_is_named(scores_file, capsys):
    assert main(["panel", scores_file, "--by", "year"]) == 0
    assert "2001" in capsys.readouterr().out


def test_a_state_of_scores_of_elsewhere_is_shown_as_it_is(save, capsys):
    scores = save([row("a", state="[/x]"), row("b", state="BLR\x1b[31m")])
    assert main(["panel", str(scores.path)]) == 0
    shown = capsys.readouterr().out
    assert "[/x]" in shown
    assert "BLR\ufffd[31m" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "panel.xlsx"], "ending '.xlsx'"),
        (["--plot", "a.png"], "no --pair"),
        (["--pair", "ARM:CSTO"], "no --plot"),
        (["--plot", "a.pdf", "--pair", "ARM:CSTO"], "ending '.pdf'"),
        (["--plot", "a.png", "--pair", "ARM"], "STATE:ALLIANCE"),
        (["--plot", "a.png", "--pair", "ARM:NATO"], "no row in the panel"),
        (["--output", "a.csv", "--plot", "a.png", "--pair", "ARM:NATO"], "no row in the panel"),
        (["--state", "PER"], "no dated triple"),
        (["--by", "month"], "tells the month"),
        (["--labelled", "none.jsonl"], "none.jsonl"),
        (["--correction", "ppi"], "no --labelled"),
        (["--errors", "pooled"], "no --labelled"),
        (
            ["--labelled", "none.jsonl", "--correction", "ppi", "--errors", "voice"],
            "--errors: found --correction ppi",
        ),
    ],
)
def test_what_the_verb_cannot_do_is_one_line(
    scores_file, arguments, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert main(["panel", scores_file, *arguments]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert message in error
    assert set(tmp_path.iterdir()) == before


# sentences behind a point


def test_rows_behind_a_point_are_those_of_its_cell_furthest_from_neutral_first(save):
    scores = save(
        [row("a", "neutral", date="2001-03-04", score=0.1), row("b", date="2001", score=0.5),
         row("c", "against", date="2001", score=-0.7), row("d", date="2002", score=0.9),
         row("e", date="2001", alliance="EU", score=0.9), row("f", date="", score=0.9)]
    )  # fmt: skip
    found = rows_behind(scores, Cell("ARM", "CSTO", "2001"))
    assert found["document"].to_pylist() == ["c", "b", "a"]
    assert found.schema == SCORES_SCHEMA


def test_a_date_that_does_not_tell_the_month_is_behind_no_month(save):
    scores = save([row("a", date="2001-03-04"), row("b", date="2001")])
    found = rows_behind(scores, Cell("ARM", "CSTO", "2001-03"), By.MONTH)
    assert found["document"].to_pylist() == ["a"]


def test_a_cell_without_a_triple_is_refused(save):
    with pytest.raises(InputError, match="ARM, CSTO, 2003"):
        rows_behind(save([row("a", date="2001")]), Cell("ARM", "CSTO", "2003"))


def test_a_pair_is_drawn_into_axes_of_ones_own(table):
    from matplotlib.figure import Figure

    left, right = Figure().subplots(1, 2)
    draw_pair(right, table, ("ARM", "CSTO"))
    assert right.get_title() == "ARM and CSTO"
    assert not left.lines
    with pytest.raises(InputError, match="ARM:NATO"):
        draw_pair(left, table, ("ARM", "NATO"))


@pytest.mark.parametrize("name", ["score", "favor"])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_row_without_a_number_is_refused(save, name, value):
    """The largest of three probabilities, or a mean, would hide it."""
    scores = save([row("a", "favor"), row("b", "favor", **{name: value})])
    with pytest.raises(InputError, match=f"row 2: found no number in column '{name}'"):
        scores.rows()


def test_a_column_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "scores.parquet"
    table = pa.Table.from_pylist([row("a", "favor")], schema=SCORES_SCHEMA)
    pq.write_table(table.append_column("state", table["state"]), path)
    with pytest.raises(InputError, match="column 'state' twice"):
        open_scores(path).rows()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "scores.parquet"], "--output scores.parquet: found the file of what is read"),
        (["--changes", "./scores.parquet"], "--changes scores.parquet: found the file of what"),
        (
            ["--output", "a.csv", "--changes", "a.csv"],
            "--changes a.csv: found the file of --output",
        ),
        (["--output", "folder.csv"], "--output folder.csv: found a folder; expected the name of"),
    ],
)
def test_the_verb_does_not_write_over_what_it_reads(
    scores_file, arguments, message, monkeypatch, capsys
):
    monkeypatch.chdir(Path(scores_file).parent)
    Path("folder.csv").mkdir()
    before = Path(scores_file).read_bytes()
    assert main(["panel", "scores.parquet", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert Path(scores_file).read_bytes() == before
    assert not Path("a.csv").exists()
