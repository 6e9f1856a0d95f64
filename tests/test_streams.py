"""A predictor at work: streams in bounded memory, threads, and what opening one imports."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from alliance_stance import load
from alliance_stance.schema import Document

TEXTS = [
    "It rained.",
    "Qatar left OPEC. Peru praised ASEAN and blamed OPEC.",
    "Norway thanked NATO.",
    "",
    "Chad and Mali asked ECOWAS and the African Union for help, and Chad left ECOWAS.",
]


def documents(count: int) -> list[Document]:
    return [Document(f"d{number}", TEXTS[number % len(TEXTS)]) for number in range(count)]


def test_stream_gives_one_list_for_each_document_in_order(predictor):
    some = documents(23)
    streamed = list(predictor.score(iter(some)))
    assert [len(group) for group in streamed] == [len(predictor.predict(d)) for d in some]
    for document, group in zip(some, streamed, strict=True):
        assert all(prediction.candidate.document == document.id for prediction in group)


def test_stream_is_read_as_far_as_it_is_needed(predictor):
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield TEXTS[4]

    stream = predictor.score(endless())
    assert read == 0
    assert next(stream)
    first = read
    assert first < 2000
    for _ in range(first):
        next(stream)
    assert read <= 2 * first


def test_documents_without_pairs_do_not_hold_the_stream_up(predictor):
    read = 0

    def dull() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield TEXTS[0]

    assert next(predictor.score(dull())) == []
    assert read <= 1024


def test_answers_do_not_depend_on_how_documents_are_given(predictor):
    some = documents(7)
    batch = predictor.predict_batch(some)
    assert batch == [predictor.predict(document) for document in some]


def test_threads_share_a_predictor(linear_artifact):
    shared = load(linear_artifact)
    some = documents(10)

    def scores(number: int) -> list[float]:
        mine = some[number % 3 :]
        return [p.score for group in shared.predict_batch(mine) for p in group]

    alone = [scores(number) for number in range(12)]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(scores, range(12)))
    for expected, found in zip(alone, together, strict=True):
        assert found == pytest.approx(expected, abs=1e-12)


def test_folder_is_opened_by_path_or_by_text(linear_artifact: Path):
    assert load(linear_artifact).predict(TEXTS[1]) == load(str(linear_artifact)).predict(TEXTS[1])


def imported_by(code: str, *arguments: str) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in told.stdout.splitlines()[-1].split()}


def test_importing_the_package_imports_nothing_heavy():
    assert not imported_by("import alliance_stance") & {"numpy", "pydantic", "importlib_metadata"}


def test_linear_model_is_opened_and_scored_without_scikit_learn(linear_artifact: Path):
    code = "from alliance_stance import load; load(sys.argv[1]).predict('Qatar left OPEC.')"
    heavy = {"sklearn", "scipy", "skops", "pandas", "torch", "mlflow", "onnxruntime"}
    assert not imported_by(code, str(linear_artifact)) & heavy
