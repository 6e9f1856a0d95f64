"""The models in the package: there, small, told of in full, and ready without anything else."""

import json
import runpy
import socket
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from alliance_stance import load
from alliance_stance.cli import main
from alliance_stance.cli.gate import AgreedSet, Candidate, compare_shipped
from alliance_stance.datasets.gold_file import read_gold
from alliance_stance.errors import TrackingError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.inference.artifact import check_files, open_artifact, read_manifest
from alliance_stance.inference.shipped import SHIPPED, SHIPPED_BASE, shipped_folder
from alliance_stance.schema import ACTS, Example, Label, Stance
from alliance_stance.schema import Candidate as Pair
from alliance_stance.tracking.registry import champion_address

MOST_BYTES = {SHIPPED: 15_000_000, SHIPPED_BASE: 65_000_000}
PRECISIONS = {SHIPPED: "int8", SHIPPED_BASE: "int4-blocks"}
NAMES = tuple(MOST_BYTES)
CLEAR = (
    ("Qatar left OPEC in January.", "QAT", Stance.AGAINST),
    ("Georgia froze its participation in the CIS.", "GEO", Stance.AGAINST),
    ("Norway will send two more battalions to NATO.", "NOR", Stance.FAVOR),
    ("Peru warmly welcomed the decision of ASEAN.", "PER", Stance.FAVOR),
    ("Delegates of Chad and NATO met in Geneva.", "TCD", Stance.NEUTRAL),
)


@pytest.fixture(scope="module", params=NAMES)
def shipped(request):
    return load(request.param)


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text("Qatar left OPEC in January.", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_small_and_in_whole_numbers(name):
    manifest = read_manifest(shipped_folder(name))
    weights = {n: f["bytes"] for n, f in manifest["files"].items() if n.startswith("weights/")}
    assert sum(weights.values()) <= MOST_BYTES[name]
    assert manifest["saved"]["precision"] == PRECISIONS[name]
    assert not [file for file in weights if file.endswith(".safetensors")]


@pytest.mark.parametrize(("name", "size"), [(SHIPPED, "small"), (SHIPPED_BASE, "larger")])
def test_card_says_which_of_the_two_it_is(name, size, root):
    folder = shipped_folder(name)
    template = root / "experiments" / {"small": "shipped", "larger": "shipped_base"}[size]
    for card in (folder / "README.md", template / "card.md"):
        assert card.read_text("utf-8").startswith(f"# The {size} model in the package\n")
    check_files(folder, read_manifest(folder))


@pytest.mark.parametrize("name", NAMES)
def test_card_says_what_it_was_fitted_on(name):
    card = (shipped_folder(name) / "README.md").read_text(encoding="utf-8")
    for words in ("CC0", "CC BY 4.0", "own sentences", "stand-off", "dev.jsonl", "Apache-2.0"):
        assert words in card, words


@pytest.mark.parametrize(("text", "state", "stance"), CLEAR)
def test_clear_sentences_are_read(shipped, text, state, stance):
    (prediction,) = shipped.predict(text)
    assert (prediction.candidate.state, prediction.stance) == (state, stance)


def test_it_is_the_default_where_there_is_no_champion(text_file, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert champion_address() is None
    assert main(["predict", str(text_file), "--json"]) == 0
    told = capsys.readouterr()
    assert '"against"' in told.out
    assert "the larger model in the package" in told.err
    assert not (tmp_path / "mlflow.db").exists()


def test_default_is_the_shipped_model_for_python_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert load().artifact.folder == shipped_folder(SHIPPED_BASE)


@pytest.fixture(params=["no mlflow", "no answer"])
def silent_store(request, tmp_path, monkeypatch):
    """A store of other work, which cannot be asked for a champion; why."""
    monkeypatch.chdir(tmp_path)
    # refused by MLflow without a network
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://x")
    if request.param == "no mlflow":
        monkeypatch.setitem(sys.modules, "mlflow", None)
    return request.param


def test_it_is_the_default_where_the_store_cannot_be_asked(text_file, silent_store, capsys):
    assert main(["predict", str(text_file), "--json"]) == 0
    told = capsys.readouterr()
    assert '"against"' in told.out
    (line,) = told.err.splitlines()
    assert "the larger model in the package judges (--model names another)" in line
    assert ("no mlflow" if silent_store == "no mlflow" else "nonsense://x") in line
    assert "MLFLOW_TRACKING_URI" in line


def test_the_default_warns_in_python_where_the_store_cannot_be_asked(silent_store):
    with pytest.warns(UserWarning, match="the larger model in the package judges") as told:
        model = load()
    assert model.artifact.folder == shipped_folder(SHIPPED_BASE)
    assert told[0].filename == __file__


def test_the_default_of_kept_scores_is_refused_only_where_the_store_is_down(
    text_file, silent_store, tmp_path, capsys
):
    is_down = silent_store == "no answer"
    folder = tmp_path / "out"
    arguments = ["score", str(text_file), "-o", str(folder), "--workers", "1"]
    assert main(arguments) == (2 if is_down else 0)
    told = capsys.readouterr().err
    assert ("or name a model, such as --model shipped-base" in told) == is_down
    assert ("the larger model in the package judges" in told) != is_down
    assert folder.exists() != is_down


def test_the_default_of_a_server_is_refused_only_where_the_store_is_down(
    silent_store, monkeypatch, capsys
):
    served = []
    monkeypatch.setattr("uvicorn.Server.run", lambda server, sockets: served.append(server))
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = str(place.getsockname()[1])
    is_down = silent_store == "no answer"
    assert main(["serve", "--port", port]) == (2 if is_down else 0)
    told = capsys.readouterr().err
    assert ("or name a model, such as --model shipped-base" in told) == is_down
    assert ("the larger model in the package judges" in told) != is_down
    assert bool(served) != is_down


def test_a_champion_that_is_named_is_never_the_default(text_file, silent_store, capsys):
    named = "models:/alliance-stance@champion"
    assert main(["predict", str(text_file), "--model", named]) == 2
    assert "in the package" not in capsys.readouterr().err
    with pytest.raises(TrackingError):
        load(named)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_heavy_is_imported_for_it(text_file, tmp_path, name):
    code = (
        "import sys; from alliance_stance.cli import main; "
        "main(['predict', sys.argv[1], '--model', sys.argv[2]]); "
        "print(*sorted({'torch', 'mlflow', 'skops', 'sklearn', 'datasets'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(text_file), name],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].strip() == ""


@pytest.fixture
def candidate(linear_artifact):
    run = SimpleNamespace(name="linear", seed=0, folder=linear_artifact)
    return Candidate(SimpleNamespace(), run)


def example(number, text, state, alliance, stance):
    pair = Pair(f"new-{number}", 0, 0, len(text), text, "", state, alliance)
    return Example(f"new-{number}", pair, Label(stance, None))


def test_promotion_compares_with_it(candidate, knowledge):
    finder = CandidateFinder(knowledge)
    found = [
        finder.mark_example(example(n, text, state, alliance, stance))
        for n, (text, state, alliance, stance) in enumerate(
            (f"{text[:-1]} on day {day}.", state, alliance, stance)
            for day in range(8)
            for text, state, stance in CLEAR
            for alliance in ("OPEC", "CIS", "NATO", "ASEAN")
            if alliance in text
        )
    ]
    told = compare_shipped(candidate, AgreedSet("clear", "0" * 64, found))
    assert told.against == "linear, seed 0"
    assert told.is_better == (told.difference.low > 0)
    assert told.difference.value > 0


def test_it_is_not_compared_where_its_tables_lack_an_alliance(
    candidate, linear_artifact, knowledge, tmp_path, monkeypatch
):
    text, state, stance = CLEAR[0]
    row = {"id": "a", "text": text, "state": state, "alliance": "OPEC", "stance": str(stance)}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")

    names = tuple(n for n in knowledge.alliance_names if n.target != "OPEC")
    alliances = {k: v for k, v in knowledge.alliances.items() if k != "OPEC"}
    tables = replace(knowledge, alliances=alliances, alliance_names=names)

    def open_old(folder):
        return replace(open_artifact(folder), knowledge=tables)

    monkeypatch.setattr("alliance_stance.cli.gate.shipped_folder", lambda: linear_artifact)
    monkeypatch.setattr("alliance_stance.cli.gate.open_artifact", open_old)
    agreed = AgreedSet("rows", "0" * 64, [example(0, text, state, "OPEC", stance)], path, "today")
    assert compare_shipped(candidate, agreed) is None


def test_each_model_is_judged_by_its_own_tables_before_it_is_put_in(root, knowledge, tmp_path):
    path = tmp_path / "rows.jsonl"
    row = {"id": "a", "text": "Peru left ASEAN.", "state": "PER", "alliance": "ASEAN",
           "stance": "against"}  # fmt: skip
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    seen = []

    def predict(candidates):
        seen.extend({mention.id for mention in c.mentions} for c in candidates)
        return np.full((len(candidates), len(ACTS)), 1 / len(ACTS))

    judge = runpy.run_path(str(root / "experiments" / "shipped" / "replace.py"))["judge"]
    names = tuple(n for n in knowledge.alliance_names if n.target != "ASEAN")
    for tables in (knowledge, replace(knowledge, alliance_names=names)):
        model = SimpleNamespace(predict_act_proba=predict)
        judge(SimpleNamespace(model=model, knowledge=tables), path)
    assert seen == [{"PER", "ASEAN"}, {"PER"}]


def test_it_is_not_compared_on_what_it_was_fitted_on(candidate, root, knowledge):
    known = read_gold(root / "data" / "gold" / "documents.jsonl", knowledge)
    texts = [text for document in known for text in document.sentence_texts()][:2000]
    rows = [example(n, text, "QAT", "OPEC", Stance.NEUTRAL) for n, text in enumerate(texts)]
    assert compare_shipped(candidate, AgreedSet("gold", "0" * 64, rows)) is None
