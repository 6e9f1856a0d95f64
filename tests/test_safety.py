"""Nothing that comes from outside runs, and nothing small grows without end."""

import io
import json
import os
import pickle
import shutil
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from alliance_stance.config import override, read_yaml
from alliance_stance.errors import ArtifactError, ConfigError, InputError, StanceError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.inference.predictor import OF_A_DOCUMENT, Bounds, Predictor
from alliance_stance.models.table import MODELS
from alliance_stance.schema import Document

KINDS = tuple(MODELS)


# model folders


class Bomb:
    """Something whose pickle writes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "run")


def bombs(target: Path) -> dict[str, bytes]:
    """Give pickles of several protocols, and the archive in which PyTorch keeps one."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(Bomb(target), 2))
        file.writestr("archive/version", "3\n")
    plain = {f"protocol {n}": pickle.dumps(Bomb(target), n) for n in (0, 5)}
    return {**plain, "torch": packed.getvalue()}


def resign(folder: Path, name: str, content: bytes) -> None:
    """Put content in a file's place, with its checksum, as whoever sends a bad model would."""
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = {"sha256": file_fingerprint(path)}
    # the original may be a hard link
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def copy(artifact_of, tmp_path):
    """A copy of a saved model whose files may be replaced, not changed."""

    def make(kind: str, name: str = "model") -> Path:
        return Path(shutil.copytree(artifact_of(kind), tmp_path / name, copy_function=os.link))

    return make


def test_bomb_goes_off_where_a_pickle_is_loaded(tmp_path):
    target = tmp_path / "run"
    for content in list(bombs(target).values())[:2]:
        pickle.loads(content)  # noqa: S301 - that is what must not happen elsewhere
        assert target.read_text() == "run"
        target.unlink()


@pytest.mark.parametrize("kind", KINDS)
def test_pickle_in_the_place_of_any_file_is_not_run(artifact_of, copy, tmp_path, kind):
    target = tmp_path / "run"
    whole = artifact_of(kind)
    # what lies outside of the weights is read by the same lines whatever the kind
    tried = whole if kind == KINDS[0] else whole / "weights"
    names = [p.relative_to(whole).as_posix() for p in sorted(tried.rglob("*")) if p.is_file()]
    unread = {"README.md", "metrics.json"}
    assert len(names) > (13 if tried == whole else 0)
    for place, name in enumerate(names):
        for bomb, content in bombs(target).items():
            folder = copy(kind, f"{place} {bomb}")
            if name == "manifest.json":
                (folder / name).unlink()
                (folder / name).write_bytes(content)
            else:
                resign(folder, name, content)
            if bomb == "protocol 0" and name in unread:
                # plain letters in a text that nothing reads
                open_artifact(folder)
            else:
                with pytest.raises(ArtifactError if "weights" in name else StanceError):
                    open_wholly(folder)
            assert not target.exists()
            shutil.rmtree(folder)


def open_wholly(folder: Path) -> None:
    """Open a model, and weights that are read when they are asked for alone."""
    model = open_artifact(folder).model
    for part in (model, *getattr(model, "parts_", ())):
        # the networks of encoders are read here
        assert getattr(part, "network_", True) is not None


@pytest.mark.parametrize("name", ["weights/model.pkl", "weights/pytorch_model.bin", "load.py", "a"])
def test_listed_file_of_another_kind_is_refused(copy, name):
    folder = copy("lexicon")
    resign(folder, name, b"x")
    with pytest.raises(ArtifactError, match="of the kind"):
        open_artifact(folder)


@pytest.mark.parametrize(
    "place", ["../outside.json", "/etc/hostname", "weights/../../outside.json"]
)
def test_manifest_with_another_path_is_refused(copy, tmp_path, place):
    folder = copy("lexicon")
    (tmp_path / "outside.json").write_text("{}")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][place] = {"sha256": file_fingerprint(tmp_path / "outside.json")}
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError):
        open_artifact(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["config.json", "weights/weights.json", "manifest.json"])
def test_pipe_in_the_place_of_a_file_is_not_waited_for(copy, name):
    folder = copy("lexicon")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ArtifactError, match="no plain file"):
        open_artifact(folder)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("manifest.json", 2**24 + 1), ("config.json", 2**20 + 1), ("labels.json", 2**20 + 1),
        ("knowledge/offices.csv", 2**23 + 1), ("weights/weights.json", 2**27 + 1),
        ("README.md", 2**40),
    ],
)  # fmt: skip
def test_large_file_is_refused_before_it_is_read(copy, name, size):
    folder = copy("lexicon")
    (folder / name).unlink()
    with (folder / name).open("wb") as file:
        # takes no room on the disk
        file.truncate(size)
    begin = time.process_time()
    with pytest.raises(ArtifactError, match="bytes"):
        open_artifact(folder)
    assert time.process_time() - begin < 1


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("lexicon", "config.json", DEEP),
        ("lexicon", "labels.json", DEEP),
        ("lexicon", "weights/weights.json", DEEP),
        ("lexicon", "weights/weights.json", b'{"-2": [NaN, 1, 1]}'),
        ("lexicon", "weights/weights.json", b'{"-2": [1e999, 1, 1]}'),
        ("lexicon", "knowledge/offices.csv", b"a" * 200_000),
        ("rule_vote", "weights/rules.json", DEEP),
        ("frozen", "weights/source.json", DEEP),
        ("encoder", "weights/encoder.json", DEEP),
        ("encoder", "weights/tokenizer.json", DEEP),
        ("encoder", "weights/tokenizer.json", b'{"model": {}}'),
        ("encoder", "weights/model.safetensors", b"\xff" * 64),
        ("encoder", "weights/model.safetensors", (2**40).to_bytes(8, "little") + b"{}"),
        ("conv", "weights/model.safetensors", b"\x02" + b"\0" * 7 + b"{}"),
    ],
)
def test_damaged_content_is_refused(copy, kind, name, content):
    folder = copy(kind)
    resign(folder, name, content)
    with pytest.raises(StanceError) as caught:
        open_wholly(folder)
    assert len(str(caught.value)) < 2000


def test_nan_shares_are_refused(copy):
    folder = copy("lexicon")
    weights = json.loads((folder / "weights/weights.json").read_text())
    weights["0"] = [float("nan")] * 3
    resign(folder, "weights/weights.json", json.dumps(weights).encode())
    with pytest.raises(ArtifactError, match="no number"):
        open_artifact(folder)


ABSURD = {
    "wide": {"hidden_size": 2**20, "num_attention_heads": 2**10},
    "wider": {"hidden_size": 2**40},
    "many layers": {"num_hidden_layers": 10**9},
    "other layers": {"num_hidden_layers": 3},
    "many words": {"vocab_size": 2**21},
    "many positions": {"max_position_embeddings": 2**21},
    "text for a number": {"hidden_size": "wide"},
    "a list without end": {"hidden_size": [1] * 1000},
    "unknown kind": {"model_type": "gpt2"},
    "no kind": {"model_type": None},
    "no activation": {"hidden_act": "os.system"},
}


@pytest.mark.parametrize("changes", ABSURD.values(), ids=ABSURD.keys())
def test_absurd_architecture_is_refused_in_little_memory(copy, changes):
    folder = copy("encoder")
    architecture = json.loads((folder / "weights/encoder.json").read_text())
    resign(folder, "weights/encoder.json", json.dumps({**architecture, **changes}).encode())
    begin = time.process_time()
    with pytest.raises(ArtifactError):
        open_wholly(folder)
    assert time.process_time() - begin < 20


def test_settings_that_fetch_or_run_are_not_taken(copy):
    folder = copy("encoder")
    architecture = json.loads((folder / "weights/encoder.json").read_text())
    further = {
        "attn_implementation": "somebody/kernel", "_attn_implementation": "somebody/kernel",
        "auto_map": {"AutoModel": "code.Model"}, "num_labels": 10**9,
        "quantization_config": {"quant_method": "bitsandbytes"}, "use_kernels": True,
    }  # fmt: skip
    resign(folder, "weights/encoder.json", json.dumps({**architecture, **further}).encode())
    model = open_artifact(folder).model
    assert model.network_.encoder.config._attn_implementation == "sdpa"
    assert not hasattr(model.network_.encoder.config, "auto_map")


def test_frozen_model_with_a_hub_name_asks_no_network(copy, monkeypatch):
    from alliance_stance.models import frozen_states

    asked = {}

    def ask(name, **options):
        asked.update(options)
        raise OSError("not here")

    monkeypatch.setattr(frozen_states.AutoModel, "from_pretrained", ask)
    folder = copy("frozen")
    config = json.loads((folder / "config.json").read_text())
    config["settings"]["encoder"] = "somebody/model"
    resign(folder, "config.json", json.dumps(config).encode())
    source = {"encoder": "somebody/model", "sha256": "somebody/model"}
    resign(folder, "weights/source.json", json.dumps(source).encode())
    with pytest.raises(ArtifactError, match="not here"):
        open_artifact(folder)
    assert asked["local_files_only"]
    assert not asked["trust_remote_code"]


def repacked(path: Path, change, *, method: int = zipfile.ZIP_STORED) -> bytes:
    """Give a zip file whose parts, by name, have been changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", method) as new:
        for name, content in change({n: old.read(n) for n in old.namelist()}).items():
            new.writestr(name, content)
    return out.getvalue()


def absurd_array(_: bytes) -> bytes:
    out = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (2**50, 2)}
    np.lib.format.write_array_header_1_0(out, header)
    return out.getvalue()


def object_array(_: bytes) -> bytes:
    out = io.BytesIO()
    np.save(out, np.array([{}], dtype=object), allow_pickle=True)
    return out.getvalue()


def with_arrays(write):
    return lambda parts: {n: write(c) if n.endswith(".npy") else c for n, c in parts.items()}


def with_schema(write):
    return lambda parts: {**parts, "schema.json": write(json.loads(parts["schema.json"]))}


def one_array_often(schema) -> bytes:
    text = json.dumps(schema)
    return (text[:-1] + ', "more": [' + ", ".join(['{"file": "a.npy"}'] * 500) + "]}").encode()


HOSTILE = {
    "absurd arrays": with_arrays(absurd_array),
    "pickled arrays": with_arrays(object_array),
    "no arrays": with_arrays(lambda _: b"x"),
    "deep": with_schema(lambda _: DEEP),
    "no schema": lambda parts: {},
    "a list for a schema": with_schema(lambda _: b"[]"),
    "an empty schema": with_schema(lambda _: b"{}"),
    "one array often": with_schema(one_array_often),
}


@pytest.fixture
def copy_of_before(copy, fitted):
    """A copy of a linear model as earlier versions saved it: two skops files."""

    def make(name: str = "model") -> Path:
        folder = copy("linear", name)
        (folder / "weights" / "linear.safetensors").unlink()
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        del manifest["files"]["weights/linear.safetensors"]
        (folder / "manifest.json").unlink()
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        fitted("linear").pipelines_.save(folder / "weights")
        for path in sorted((folder / "weights").iterdir()):
            resign(folder, f"weights/{path.name}", path.read_bytes())
        return folder

    return make


def test_linear_model_of_before_is_still_read(copy_of_before):
    open_wholly(copy_of_before())


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_skops_file_is_refused(copy_of_before, change):
    folder = copy_of_before()
    name = "weights/stance.skops"
    resign(folder, name, repacked(folder / name, change))
    tracemalloc.start()
    with pytest.raises(ArtifactError):
        open_artifact(folder)
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_packed_skops_file_is_refused(copy_of_before):
    folder = copy_of_before()
    name = "weights/stance.skops"
    packed = repacked(folder / name, dict, method=zipfile.ZIP_DEFLATED)
    resign(folder, name, packed)
    with pytest.raises(ArtifactError, match="a packed part"):
        open_artifact(folder)


def test_skops_file_of_something_else_is_refused(copy_of_before):
    from sklearn.dummy import DummyClassifier
    from sklearn.pipeline import make_pipeline
    from skops.io import dumps

    other = make_pipeline(DummyClassifier()).fit([[0], [1]], ["pro", "con"])
    for content, found in (({"a": 1}, "not a pipeline"), (other, "answers")):
        folder = copy_of_before(found)
        resign(folder, "weights/stance.skops", dumps(content))
        with pytest.raises(ArtifactError, match=found):
            open_artifact(folder)


def pipelines_of_other_steps():
    """Give pipelines of trusted types that answer with the stances, and cannot be these models'."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    stances, texts = ["against", "favor", "neutral"], ["we left", "we join", "we met"]
    return {
        "numbers in": make_pipeline(StandardScaler(), LogisticRegression()).fit(np.eye(3), stances),
        "no regression": make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(texts, stances),
        "not fitted": make_pipeline(
            TfidfVectorizer(), LogisticRegression().fit(np.eye(3), stances)
        ),
    }


@pytest.mark.parametrize("steps", ["numbers in", "no regression", "not fitted"])
def test_linear_model_of_other_steps_is_refused(copy_of_before, steps):
    from skops.io import dumps

    folder = copy_of_before()
    resign(folder, "weights/stance.skops", dumps(pipelines_of_other_steps()[steps]))
    with pytest.raises(ArtifactError, match="pipelines of other steps"):
        open_artifact(folder)


@pytest.mark.parametrize("steps", ["numbers in", "no regression"])
def test_frozen_model_of_other_steps_is_refused(copy, steps):
    from skops.io import dumps

    folder = copy("frozen")
    resign(folder, "weights/stance.skops", dumps(pipelines_of_other_steps()[steps]))
    with pytest.raises(ArtifactError, match="pipelines of other steps"):
        open_artifact(folder)


# YAML


def test_alias_bomb_is_refused(tmp_path):
    rows = ["a0: &a0 [lol]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    path = tmp_path / "a.yaml"
    path.write_text("\n".join(rows))
    with pytest.raises(ConfigError, match="alias") as caught:
        read_yaml(path)
    assert len(str(caught.value)) < 1000


YAML = {
    "deep": "a: " + "[" * 100_000,
    "deep block": "- " * 100_000,
    "an object": "a: !!python/object/apply:os.system ['true']",
    "a name": "a: !!python/name:os.system",
    "an impossible date": "a: 2020-13-45",
    "a long number": "a: " + "9" * 10_000,
    "a list for a key": "? [a]\n: b",
    "NUL": "a: \0",
    "long": "a: b\n" + "#" * 2**20,
}


@pytest.mark.parametrize("text", YAML.values(), ids=YAML.keys())
def test_hostile_yaml_is_a_clear_error(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "value", ["&a [*a]", "[" * 10_000, "2020-13-45", "!!python/name:os.system"]
)
def test_hostile_setting_is_a_clear_error(value):
    with pytest.raises(ConfigError):
        override({"a": 1}, [f"a={value}"], where="x.yaml")


# documents


@pytest.fixture(scope="module")
def listing(knowledge) -> str:
    """One sentence of very many states and alliances."""
    names = [n for n in knowledge.state_names if n.kind == "name"]
    # a full stop in a name may end a sentence
    states = {n.target: n.surface for n in names if n.surface.replace(" ", "").isalpha()}
    alliances = {n.target: n.surface for n in knowledge.alliance_names if n.surface.isalpha()}
    return f"{', '.join(states.values())} met {', '.join(alliances.values())}"


def test_pairs_of_a_sentence_share_its_text(knowledge, listing):
    candidates = list(CandidateFinder(knowledge).find_candidates(Document("d", listing)))
    assert len(candidates) > 1000
    texts = {id(one.text) for one in candidates}
    assert len(texts) == len({one.sentence for one in candidates})


def test_sentence_without_end_is_refused_in_little_memory(predictor, listing):
    text = listing + " word" * 60_000
    tracemalloc.start()
    with pytest.raises(InputError, match=f"{OF_A_DOCUMENT.characters:,} characters"):
        predictor.predict(text)
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_call_has_bounds_of_its_own(predictor):
    document = "Peru left OPEC."
    assert len(predictor.predict_batch([document] * 3, most=Bounds(3, 1000))) == 3
    for most in (Bounds(2, 1000), Bounds(3, 44)):
        with pytest.raises(InputError, match="pairs"):
            predictor.predict_batch([document] * 3, most=most)


def test_long_lists_are_judged_in_portions(predictor, monkeypatch):
    from alliance_stance.inference import predictor as module

    documents = ["Peru left OPEC. Qatar praised ASEAN."] * 5
    whole = predictor.predict_batch(documents)
    sizes = []

    class Model:
        def predict_act_proba(self, candidates):
            sizes.append(len(candidates))
            return predictor.artifact.model.predict_act_proba(candidates)

    monkeypatch.setattr(module, "_AT_ONCE", 100)
    import dataclasses

    watched = Predictor(dataclasses.replace(predictor.artifact, model=Model()))
    assert watched.predict_batch(documents) == whole
    assert len(sizes) > 1
    assert sum(sizes) == 10


def test_model_that_gives_no_numbers_is_refused(predictor):
    import dataclasses

    class Model:
        def predict_act_proba(self, candidates):
            return np.full((len(candidates), 14), np.nan)

    broken = Predictor(dataclasses.replace(predictor.artifact, model=Model()))
    with pytest.raises(ArtifactError, match="no numbers"):
        broken.predict("Peru left OPEC.")


# what is written

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&]]>--><!--"


def test_markup_in_names_is_text_on_a_page():
    from alliance_stance.evaluation.metrics import Scored
    from alliance_stance.evaluation.slices import Slice
    from alliance_stance.reporting.page import comparison_page
    from alliance_stance.training.compare import Judged, compare_predictions

    right = np.array([0, 1, 2] * 4)
    shares = np.full((12, 3), 0.1) + 0.7 * np.eye(3)[right]
    names = [f"d{n}" for n in range(12)]
    scored = Scored(names, names, right, shares, np.full(12, -1), np.zeros((12, 14)))
    part = Slice("decade", SCRIPT, np.arange(12))
    judged = [Judged(name, "linear", (0,), (scored,)) for name in (SCRIPT, "plain")]
    page = comparison_page(
        compare_predictions(judged, slices=[part]),
        {SCRIPT: SCRIPT}, title=SCRIPT, question=SCRIPT,
    )  # fmt: skip
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img" not in page
    # the page's own script is the only one
    assert page.count("<script") == page.count("</script") == 1


def test_terminal_codes_of_a_text_are_not_sent_to_the_terminal(predictor, capsys):
    from alliance_stance.cli.console import note, show
    from alliance_stance.reporting.candidates import candidate_table, prediction_table

    text = "Peru\x1b]0;title\x07 left\x1b[2J OPEC\x9b1m."
    predictions = predictor.predict(text)
    assert predictions
    show(prediction_table(predictions, title="a\x1b[2Jb"))
    show(candidate_table([predictions[0].candidate], title="a"))
    note("a file named \x1b[2J")
    out = capsys.readouterr()
    assert not {"\x1b", "\x9b", "\x07"} & {*out.out, *out.err}
