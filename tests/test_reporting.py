import io
import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.calibration import Bin, Curve
from alliance_stance.evaluation.differences import Difference
from alliance_stance.inference.predictor import Predictor
from alliance_stance.reporting.candidates import candidate_table, prediction_table
from alliance_stance.reporting.comparison import (
    COSTS,
    SCORES,
    comparison_markdown,
    cost_cells,
    score_cells,
    slice_cells,
)
from alliance_stance.reporting.figures import Figures, Sample, SplitCount
from alliance_stance.reporting.page import comparison_page
from alliance_stance.reporting.plots import (
    figure_bytes,
    forest_figure,
    reliability_figure,
    save_confusion,
    selective_figure,
)
from alliance_stance.reporting.tables import dataset_table
from alliance_stance.schema import Document
from alliance_stance.training.compare import (
    Comparison,
    Cost,
    Probes,
    Row,
    SliceRow,
)


def written(table) -> str:
    console = Console(width=160, file=io.StringIO())
    console.print(table)
    return console.file.getvalue()


HALF = Interval(0.5, 0.4, 0.6)
DIFFERENCE = Difference(Interval(-0.1, -0.2, 0.01), 0.02, 0.04)


def row(name: str, **changes) -> Row:
    stances = tuple(Interval(value, 0, 1) for value in (0.1, 0.2, 0.3))
    return Row(**{
        "name": name, "kind": "linear", "seeds": (0, 1), "macro_f1": HALF,
        "macro_f1_range": (0.45, 0.55), "macro_f1_spread": 0.0707, "polar_f1": HALF,
        "accuracy": HALF, "stance_f1": stances, "log_loss": 1.0, "calibration_error": HALF,
        "difference": None, "bins": (Bin(0.5, 0.6, 3, 0.55, HALF),),
        "curve": Curve(np.array([0.5, 1.0]), np.array([0.1, 0.2]), 0.15), **changes,
    })  # fmt: skip


SMALL = SliceRow("decade", "1940s", 12, 5, True, {}, {"linear": HALF, "other": HALF})
ACT = SliceRow("act", "leave", 40, 5, False, {}, {"linear": HALF, "other": HALF})
LARGE = SliceRow("decade", "1990s", 40, 5, False, {"linear": HALF, "other": HALF}, {})
OTHER = row("other", difference=DIFFERENCE, cost=Cost(1.26, 1234.5, 3.21), probes=Probes(HALF))
COMPARISON = Comparison((row("linear"), OTHER), "linear", "linear", 60, 30, (SMALL, LARGE, ACT))
NASTY = "<script>alert(1)</script> & $x$ | `y`"


def test_cells_stand_under_their_header():
    first, second = (dict(zip(SCORES, cells, strict=True)) for cells in score_cells(COMPARISON))
    assert first["macro-F1 [95 %]"] == "0.500 [0.400, 0.600]"
    named = [first[f"{stance} [95 %]"] for stance in ("against", "favor", "neutral")]
    assert named == [f"0.{number}00 [0.000, 1.000]" for number in (1, 2, 3)]
    assert (first["seeds"], first["minus reference [95 %]"]) == ("2", "reference")
    assert first["over seeds"] == "0.450 to 0.550, sd 0.071"
    assert second["minus reference [95 %]"] == "-0.100 [-0.200, +0.010]"
    assert (second["p"], second["p, Holm"]) == ("0.0200", "0.0400")


def test_costs_and_probes_that_are_not_known_are_a_dash():
    first, second = cost_cells(COMPARISON)
    assert first[1:] == ("-",) * (len(COSTS) - 1)
    assert second[1:] == ("0.500 [0.400, 0.600]", "-", "1.3", "1,234", "3.2")


def test_small_slice_says_so_and_a_slice_without_a_score_has_a_dash():
    small, large = slice_cells(COMPARISON, of_acts=False)
    assert small == ("decade: 1940s", "12 (under 30)", "5", "-", "-")
    assert large[1] == "40"
    assert [cells[0] for cells in slice_cells(COMPARISON, of_acts=True)] == ["act: leave"]


def test_slice_of_one_document_has_no_interval():
    lone = replace(LARGE, document_count=1)
    (cells,) = slice_cells(replace(COMPARISON, slices=(lone,)), of_acts=False)
    assert cells[3:] == ("0.500", "0.500")


def test_markdown_has_counts_and_facts():
    text = comparison_markdown(COMPARISON, {"commit": "abc"}, [("Reliability", "r.svg")])
    assert text.startswith("60 triples in 30 documents; commit: abc.")
    assert "\n| linear | 2 | 0.500 [0.400, 0.600] |" in text
    assert "![Reliability](r.svg)" in text
    assert "Holm 1979" in text


def test_name_with_a_bar_keeps_its_cell():
    text = comparison_markdown(Comparison((row("a|b"),), "a|b", "a|b", 60, 30), {})
    assert "| a\\|b |" in text


def test_page_stands_alone_and_holds_every_figure():
    page = comparison_page(COMPARISON, {"commit": "abc"}, title="t", question="q?")
    assert page.startswith("<!doctype html>")
    assert not re.search(r"(?:src|href)=[\"'](?!#)", page.replace("xlink:href", ""))
    assert "http" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    assert page.count("<svg") == 2 + len(COMPARISON.rows)
    for cells in (*score_cells(COMPARISON), *slice_cells(COMPARISON, of_acts=False)):
        for cell in cells:
            assert f">{cell}</t" in page
    assert 'class="best reference"' in page
    assert page.count('class="small"') == 1
    assert "prefers-color-scheme: dark" in page


def test_page_escapes_what_it_is_given():
    nasty = Comparison((row(NASTY),), NASTY, NASTY, 60, 30)
    page = comparison_page(nasty, {NASTY: NASTY}, title=NASTY, question=NASTY)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_page_is_the_same_again():
    first, second = (comparison_page(COMPARISON, {}, title="t", question="q?") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_pictures_are_drawn_the_same_each_time(ending, start):
    for draw in (
        lambda: forest_figure(COMPARISON),
        lambda: selective_figure([(r.name, r.curve) for r in COMPARISON.rows]),
        lambda: reliability_figure([(r.name, r.bins, HALF) for r in COMPARISON.rows * 2]),
    ):
        content = figure_bytes(draw(), ending)
        assert content.startswith(start)
        assert content == figure_bytes(draw(), ending)


def test_first_few_answers_do_not_set_the_height_of_a_curve():
    coverage = np.arange(1, 101) / 100
    risk = np.where(coverage < 0.03, 1.0, 0.2)
    axes = selective_figure([("a", Curve(coverage, risk, 0.2))]).axes[0]
    assert axes.get_ylim() == pytest.approx((0, 0.22))


def test_sentence_is_written_once_above_its_triples(predictor: Predictor):
    text = written(prediction_table(predictor.predict("Peru and Chile left ASEAN."), title="t"))
    assert text.count("Peru and Chile left ASEAN.") == 1
    assert "PER" in text
    assert "CHL" in text


def test_sentence_with_brackets_is_not_taken_for_markup(predictor: Predictor):
    text = written(prediction_table(predictor.predict("Peru [/red] left ASEAN [bold]."), title="t"))
    assert "Peru [/red] left ASEAN [bold]." in text


def test_title_with_brackets_is_not_taken_for_markup(predictor: Predictor):
    predictions = predictor.predict("Peru left ASEAN.")
    assert "a[/b].txt" in written(prediction_table(predictions, title="a[/b].txt"))


def test_membership_has_a_column_where_a_date_is_known(predictor: Predictor):
    dated = predictor.predict(Document("d", "Peru left ASEAN.", date="1999"))
    assert "none" in written(prediction_table(dated, title="t"))
    assert "membership" not in written(
        prediction_table(predictor.predict("Peru left ASEAN."), title="t")
    )


def test_candidates_show_how_they_were_found(predictor: Predictor):
    candidates = [p.candidate for p in predictor.predict("Peru left ASEAN.")]
    text = written(candidate_table(candidates, title="a[/b].txt"))
    assert "a[/b].txt" in text
    assert "acronym" in text


def test_missing_stance_counts_as_nothing():
    text = written(dataset_table("tiny", "0" * 64, {"dev": {"favor": 2}}))
    assert "dev" in text
    assert "2" in text


def test_abstained_triples_are_marked(predictor: Predictor):
    predictions = predictor.predict("Peru and Chile left ASEAN.")
    assert "abstained" not in written(prediction_table(predictions, title="t"))
    text = written(prediction_table(predictions, title="t", abstain_below=1.0))
    assert text.count("yes") == 2
    assert "yes" not in written(prediction_table(predictions, title="t", abstain_below=0.0))


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_confusion_is_drawn(tmp_path, ending):
    path = tmp_path / f"c.{ending}"
    save_confusion([[2, 1, 0], [0, 0, 0], [0, 1, 3]], path, title="t")
    assert path.stat().st_size > 1000


def drawn(texts, size: int = 5) -> list[tuple[str, str]]:
    sample = Sample(size)
    for text in texts:
        sample.add(text)
    return list(sample)


def test_a_sample_holds_all_while_there_is_room():
    assert drawn(["b", "a", "b"]) == [("", "a"), ("", "b")]


def test_a_sample_does_not_depend_on_order_or_repetition():
    texts = [f"sentence {number}" for number in range(200)]
    chosen = drawn(texts)
    assert len(chosen) == 5
    assert drawn(reversed(texts)) == drawn([*texts, *texts]) == chosen
    assert chosen != drawn(texts[:100])


def test_a_sample_says_whether_it_is_a_part():
    sample = Sample(2)
    for text in ("a", "b", "a"):
        sample.add(text)
    assert not sample.is_part
    sample.add("c")
    assert sample.is_part


def built_row(**changes: object) -> dict[str, object]:
    return {
        "document": "d", "sentence": 0, "text": "t", "context": "", "state": "PER",
        "alliance": "OAS",
        "date": "1999-01-02", "register": "", "tags": [], "stance": "neutral", "act": None,
        **changes,
    }  # fmt: skip


def test_hard_neutrals_stand_beside_a_stance_or_tempt():
    figures = Figures({"train": SplitCount()})
    figures.add("train", built_row())
    figures.add("train", built_row(state="CHL", stance="favor"))
    figures.add("train", built_row(sentence=1, tags=["question"]))
    figures.add("train", built_row(sentence=2))
    assert figures.hard_neutrals() == (1, 1)
    assert (figures.triples, figures.sentence_count) == (4, 3)


def test_a_row_without_a_label_is_counted_beside_the_triples():
    figures = Figures({"unlabelled": SplitCount()})
    figures.add("unlabelled", built_row(stance=None))
    assert (figures.triples, figures.unlabelled, figures.years) == (0, 1, set())
