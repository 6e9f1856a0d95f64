import io

import pytest
from rich.console import Console

from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.inference.predictor import Predictor
from alliance_stance.reporting.candidates import candidate_table, prediction_table
from alliance_stance.reporting.figures import Figures, Sample, SplitCount
from alliance_stance.reporting.plots import save_confusion
from alliance_stance.reporting.tables import (
    COMPARISON_HEADER,
    comparison_cells,
    comparison_markdown,
    dataset_table,
)
from alliance_stance.schema import Document
from alliance_stance.training.compare import Comparison, Row


def written(table) -> str:
    console = Console(width=160, file=io.StringIO())
    console.print(table)
    return console.file.getvalue()


ROW = Row(
    "linear", "linear", (0, 1), Interval(0.5, 0.4, 0.6), (0.45, 0.55), 0.4, (0.1, 0.2, 0.3), 1.0,
    0.05, None,
)  # fmt: skip
COMPARISON = Comparison((ROW,), "linear", 60, 30)


def test_cells_stand_under_their_header():
    (cells,) = comparison_cells(COMPARISON)
    row = dict(zip(COMPARISON_HEADER, cells, strict=True))
    assert row["macro-F1 [95 %]"] == "0.500 [0.400, 0.600]"
    assert (row["against"], row["favor"], row["neutral"]) == ("0.100", "0.200", "0.300")
    assert (row["seeds"], row["best leads by [95 %]"]) == ("2", "best")


def test_markdown_has_counts_and_facts():
    text = comparison_markdown(COMPARISON, {"commit": "abc"})
    assert text.startswith("60 triples in 30 documents; commit: abc.")
    assert "| linear | 2 | 0.500 [0.400, 0.600] |" in text


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


def row(**changes: object) -> dict[str, object]:
    return {
        "document": "d", "sentence": 0, "text": "t", "state": "PER", "alliance": "OAS",
        "date": "1999-01-02", "register": "", "tags": [], "stance": "neutral", "act": None,
        **changes,
    }  # fmt: skip


def test_hard_neutrals_stand_beside_a_stance_or_tempt():
    figures = Figures({"train": SplitCount()})
    figures.add("train", row())
    figures.add("train", row(state="CHL", stance="favor"))
    figures.add("train", row(sentence=1, tags=["question"]))
    figures.add("train", row(sentence=2))
    assert figures.hard_neutrals() == (1, 1)
    assert (figures.triples, figures.sentence_count) == (4, 3)


def test_a_row_without_a_label_is_counted_beside_the_triples():
    figures = Figures({"unlabelled": SplitCount()})
    figures.add("unlabelled", row(stance=None))
    assert (figures.triples, figures.unlabelled, figures.years) == (0, 1, set())
