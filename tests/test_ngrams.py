"""N-grams of words and characters, and a linear model scored from plain arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from alliance_stance.errors import ArtifactError
from alliance_stance.models.linear_tables import FILE, LinearTables
from alliance_stance.models.ngrams import NgramTable, weigh
from alliance_stance.models.pipelines import TwoPipelines
from alliance_stance.schema import Act, Stance

TEXTS = [
    "JudgedState left JudgedAlliance, and left it for good.",
    "A. B. of JudgedState\n  praised  JudgedAlliance",
    "Nothing of note; the c_a_t sat",
    "d\u00e9j\u00e0 vu, na\u00efve I am",
]
WORDS = st.text(alphabet="ab \u00e9_.-1A\n\u0130", max_size=12)


def vectorizer(unit: str) -> TfidfVectorizer:
    if unit == "word":
        return TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True)
    return TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True)


@pytest.mark.parametrize("unit", ["word", "char"])
@settings(deadline=None, max_examples=30)
@given(texts=st.lists(WORDS, min_size=1, max_size=5))
def test_weights_are_those_of_scikit_learn(unit, texts):
    theirs = vectorizer(unit).fit(TEXTS)
    table, numbers = NgramTable.of(unit, theirs.vocabulary_)
    idf = np.zeros(len(table))
    for run, column in theirs.vocabulary_.items():
        idf[numbers[run]] = theirs.idf_[column]
    ours = weigh(table.find([*TEXTS, *texts]), idf, len(TEXTS) + len(texts))
    expected = theirs.transform([*TEXTS, *texts]).toarray()
    found = np.zeros_like(expected)
    order = np.zeros(len(table), dtype=int)
    for run, column in theirs.vocabulary_.items():
        order[numbers[run]] = column
    found[ours.texts, order[ours.runs]] = ours.weights
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_run_does_not_go_over_the_end_of_a_text():
    table, numbers = NgramTable.of("word", ["left", "nato", "left nato"])
    hits = table.find(["left", "nato", "left nato"])
    assert hits.texts[hits.runs == numbers["left nato"]].tolist() == [2]


def test_single_letter_between_words_is_passed_over():
    table, numbers = NgramTable.of("word", ["left", "nato", "left nato"])
    hits = table.find(["left a NATO"])
    assert numbers["left nato"] in hits.runs.tolist()


@pytest.mark.parametrize(
    ("tokens", "level"), [(["aa", "aa"], [0]), (["aa"], [1]), (["aa", "bb"], [2, 1])]
)
def test_table_out_of_order_is_refused(tokens, level):
    with pytest.raises(ValueError, match=r"twice|order"):
        NgramTable("word", tokens, [np.array(level)])


def fit(y: list[Stance], acts: list[Act | None], *, characters: bool) -> TwoPipelines:
    def make(is_constant: bool):
        features = make_union(vectorizer("word"), vectorizer("char"))
        classifier = DummyClassifier(strategy="prior") if is_constant else LogisticRegression()
        return make_pipeline(features if characters else vectorizer("word"), classifier)

    return TwoPipelines.fit(make, TEXTS, y, acts)


THREE = [Stance.AGAINST, Stance.FAVOR, Stance.NEUTRAL, Stance.NEUTRAL]
CASES = {
    "three stances, all acts": (THREE, [Act.LEAVE, Act.ENDORSE, Act.DESCRIBE, Act.DESCRIBE]),
    "three stances, some acts": (THREE, [Act.LEAVE, None, Act.DESCRIBE, None]),
    "one act": (THREE, [Act.LEAVE, None, None, None]),
    "no acts": (THREE, [None] * 4),
    "two stances": ([Stance.AGAINST, Stance.FAVOR] * 2, [None] * 4),
    "one stance": ([Stance.FAVOR] * 4, [Act.JOIN] * 4),
}


@pytest.mark.parametrize("characters", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_plain_arrays_answer_as_the_pipelines_do(case, characters, tmp_path):
    from alliance_stance.models.pipelines import scale_acts

    pipelines = fit(*CASES[case], characters=characters)
    LinearTables.of(pipelines).save(tmp_path)
    tables = LinearTables.load(tmp_path)
    texts = [*TEXTS, "", "Someone else entirely", TEXTS[0] * 3]
    np.testing.assert_allclose(
        scale_acts(*tables.predict_proba(texts)),
        pipelines.predict_act_proba(texts),
        atol=1e-12,
    )


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("stance.intercepts", np.zeros(2)),
        ("stance.word.idf", np.zeros(1)),
        ("stance.word.coefficients", np.zeros((1, 3), dtype=np.float32)),
        ("word.runs.2", np.array([5, 4])),
        ("word.tokens", np.zeros(3, dtype=np.uint32)),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path, name, array):
    LinearTables.of(fit(*CASES["three stances, all acts"], characters=False)).save(tmp_path)
    arrays = load_file(tmp_path / FILE)
    save_file({**arrays, name: array}, tmp_path / FILE)
    with pytest.raises(ArtifactError):
        LinearTables.load(tmp_path)


def test_weights_of_an_earlier_version_are_read(fitted, new_model, dev_examples, tmp_path):
    model = fitted("linear")
    model.pipelines_.save(tmp_path)
    old = new_model("linear")
    old.load_weights(tmp_path)
    rows = [example.candidate for example in dev_examples]
    np.testing.assert_allclose(
        old.predict_act_proba(rows), model.predict_act_proba(rows), atol=1e-12
    )


@pytest.mark.parametrize("unit", ["word", "char"])
def test_a_number_gives_its_run_back(unit):
    runs = {"word": {"no", "go", "no go", "no go now", "now"}, "char": {"no", "o g", " g", "o "}}
    table, numbers = NgramTable.of(unit, runs[unit])
    assert {table.name(number): number for number in numbers.values()} == numbers
