"""The fast form of an encoder: near the network that was fitted, and nothing in it to run."""

import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import TensorProto, helper, numpy_helper

from alliance_stance import load
from alliance_stance.corpus.documents import Document
from alliance_stance.errors import ArtifactError, ConfigError
from alliance_stance.inference.artifact import export_artifact, open_artifact, trim_artifact
from alliance_stance.inference.card_form import with_form
from alliance_stance.models import bf16, encoder_training, onnx_network
from alliance_stance.models.base import sum_acts
from alliance_stance.models.batches import Arrays, read_items, scoring_batches
from alliance_stance.models.blocks import EIGHT_BITS, FOUR_BITS, Blocks, Rounded, round_matrix
from alliance_stance.models.compensated_rounding import round_compensated
from alliance_stance.models.export_choice import TORCH, choose_export, is_near, macro_f1
from alliance_stance.models.fast_form import FILE, RECORD, read_fast_form
from alliance_stance.models.onnx_blocks import quantize_blocks
from alliance_stance.models.onnx_export import export_network, quantize_network
from alliance_stance.models.onnx_file import find_fault
from alliance_stance.models.onnx_network import OnnxNetwork, open_network, thread_count
from alliance_stance.models.precision import TRIED, Precision
from alliance_stance.models.widened import widened_weights
from alliance_stance.schema import ACTS

ENCODERS = ("encoder", "packed")
NEAR = 1e-4
"""How far probabilities of single precision may be from those of torch."""


@pytest.fixture(scope="session", params=ENCODERS)
def kind(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def artifact(kind, artifact_of):
    """A saved encoder, whose fast form is in single precision: no rows were held out."""
    return artifact_of(kind)


@pytest.fixture(scope="session")
def packed(artifact_of):
    """One kind is enough for what is done to an exported file, whichever network it is of."""
    return artifact_of("packed")


@pytest.fixture(scope="module")
def trimmed(packed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trimmed") / "small"
    trim_artifact(open_artifact(packed), folder)
    return folder


@pytest.fixture
def trimmed_copy(trimmed, tmp_path):
    return Path(shutil.copytree(trimmed, tmp_path / "small"))


@pytest.fixture(scope="session")
def whole_numbers(artifact, dev_examples, tmp_path_factory):
    """The same, exported anew by rows that it was not fitted on."""
    opened = open_artifact(artifact)
    opened.model.keep_rows(
        [example.candidate for example in dev_examples],
        [example.label.stance for example in dev_examples],
    )
    folder = tmp_path_factory.mktemp("models") / "exported"
    export_artifact(opened, folder)
    return folder


def test_single_precision_answers_as_the_network_does(artifact, dev_examples, monkeypatch):
    monkeypatch.setattr(bf16, "is_faster", lambda: False)
    model = open_artifact(artifact).model
    rows = [example.candidate for example in dev_examples]
    fast = model.predict_act_proba(rows)
    model.use_torch()
    plain = model.predict_act_proba(rows)
    np.testing.assert_allclose(fast, plain, atol=NEAR)
    same = sum_acts(fast).argmax(axis=1) == sum_acts(plain).argmax(axis=1)
    assert same.mean() >= 0.995


def test_record_tells_what_whole_numbers_lose(whole_numbers, dev_examples):
    told = open_artifact(whole_numbers).manifest["saved"]
    assert told["rows"] == len(dev_examples)
    scores = told["macro_f1"]
    tried = [name for name in TRIED if name in scores]
    assert set(scores) == {TORCH, *tried}
    assert set(told["labels_equal"]) == set(tried)
    assert told["precision"] == tried[-1]
    # the first that may be taken is taken
    assert [is_near(scores, name) for name in tried] == [False] * (len(tried) - 1) + [True]


def test_exported_model_keeps_all_that_was_measured(artifact, whole_numbers):
    before, after = open_artifact(artifact), open_artifact(whole_numbers)
    assert after.knowledge.fingerprint == before.knowledge.fingerprint
    for name in ("metrics.json", "config.json"):
        assert (after.folder / name).read_bytes() == (before.folder / name).read_bytes()


def test_card_tells_what_the_form_that_answers_scores(artifact, whole_numbers):
    before, after = ((folder / "README.md").read_text() for folder in (artifact, whole_numbers))
    title = "## The form that answers"
    assert before.partition(title)[0] == after.partition(title)[0]
    assert before.count(title) == after.count(title) == 1
    told = open_artifact(whole_numbers).manifest["saved"]
    found = f"fast form in {told['precision']}: macro-F1 {told['macro_f1'][told['precision']]:.3f}"
    assert found in after
    assert found not in before


SAVED = {
    "precision": "int8", "reason": "int8 loses 0.0060 macro-F1", "rows": 40,
    "macro_f1": {"torch": 0.909, "int8": 0.903}, "labels_equal": {"int8": 0.975},
}  # fmt: skip
MEASURED = (
    "fast form in int8: macro-F1 0.903, where the network has 0.909, on 40 triples that it was not "
    "fitted on; the same stance in 0.975 of them"
)


@pytest.mark.parametrize(
    ("saved", "lines"),
    [
        (SAVED, [f"- {MEASURED}"]),
        ({**SAVED, "precision": "int4-blocks", "rows": 0, "macro_f1": {}, "labels_equal": {}},
         ["- fast form in int4-blocks; what it loses was not measured"]),
        ({"precision": "none", "reason": "onnx is not installed"},
         ["- no fast form (onnx is not installed): the network itself answers"]),
        ({"parts": [{}, SAVED]}, [f"- part 1: {MEASURED}"]),
    ],
)  # fmt: skip
def test_card_has_one_section_on_the_form_that_answers(saved, lines):
    card = "# A model\n\n## Scores\nGood ones.\n"
    first = with_form(card, {**SAVED, "precision": "int8"})
    again = with_form(f"{first}\n## Notes\nOne.\n", saved)
    assert again.startswith("# A model\n\n## Scores\nGood ones.\n\n## Notes\nOne.\n\n## The form")
    assert [line for line in again.splitlines() if line.startswith("- ")] == lines
    assert with_form(first, {}) == card


def test_export_over_an_existing_folder_is_refused(artifact, whole_numbers):
    with pytest.raises(ArtifactError, match="existing folder"):
        export_artifact(open_artifact(artifact), whole_numbers)


@pytest.mark.parametrize("precision", [p for p in Precision if p is not Precision.FP32])
def test_whole_numbers_do_not_depend_on_the_company(packed, dev_examples, precision):
    model = open_artifact(packed).model
    rows = [example.candidate for example in dev_examples]
    plain = (packed / "weights" / FILE).read_bytes()
    network = OnnxNetwork(as_whole_numbers(plain, precision, model.inputs(rows)))
    together = network.logits(model.inputs(rows), len(rows))
    for row in (0, len(rows) - 1):
        alone = network.logits(model.inputs([rows[row]]), 1)
        np.testing.assert_allclose(alone[0], together[row], atol=0.05)


def as_whole_numbers(plain: bytes, precision: Precision, inputs) -> bytes:
    if precision is Precision.INT8:
        return quantize_network(plain, inputs)
    blocks = EIGHT_BITS if precision is Precision.INT8_BLOCKS else FOUR_BITS
    return quantize_blocks(plain, blocks)


def test_blocks_are_nearer_the_more_bits_they_have(packed, dev_examples):
    model = open_artifact(packed).model
    rows = [example.candidate for example in dev_examples]
    plain = (packed / "weights" / FILE).read_bytes()
    right = OnnxNetwork(plain).logits(model.inputs(rows), len(rows))
    away, sizes = [], []
    for blocks in (EIGHT_BITS, FOUR_BITS):
        content = quantize_blocks(plain, blocks)
        found = OnnxNetwork(content).logits(model.inputs(rows), len(rows))
        away.append(np.abs(found - right).mean())
        sizes.append(len(content))
    assert 0 < away[0] < away[1] < np.abs(right - right.mean(axis=0)).mean()
    assert sizes[1] < sizes[0] < len(plain) / 3


@example(np.array([[0.00976562], [-4.75]], dtype=np.float32), EIGHT_BITS)
@given(
    arrays(np.float32, st.tuples(st.integers(1, 70), st.integers(1, 4)),
           elements=st.floats(-8, 8, width=32)),
    st.sampled_from([EIGHT_BITS, FOUR_BITS, Blocks(4, 16)]),
)  # fmt: skip
def test_weight_is_rounded_by_half_a_step_at_most(weights, blocks):
    rounded = round_matrix(weights, blocks)
    rows = np.arange(len(weights)) // blocks.size
    scales, zeros = rounded.scales[rows], rounded.zeros[rows].astype(np.float32)
    back = (rounded.numbers - zeros) * scales
    # a scale is a half-precision number, which moves an end by a 2,000th of the block's reach
    assert (np.abs(back - weights) <= (0.5 + 5e-4 * blocks.most) * scales + 1e-4).all()
    assert rounded.numbers.max() < 2**blocks.bits


def stands_for(rounded: Rounded, blocks: Blocks):
    rows = np.arange(len(rounded.numbers)) // blocks.size
    return (rounded.numbers - rounded.zeros[rows].astype(np.float32)) * rounded.scales[rows]


def test_rounding_makes_up_for_itself_where_inputs_go_together():
    random = np.random.default_rng(0)
    weights = random.normal(size=(96, 20)).astype(np.float32)
    # 96 inputs that are mixtures of 12
    inputs = random.normal(size=(500, 12)) @ random.normal(size=(12, 96))
    nearest = round_matrix(weights, FOUR_BITS)
    compensated = round_compensated(weights, FOUR_BITS, inputs.T @ inputs)
    lost = [
        np.square(inputs @ (stands_for(rounded, FOUR_BITS) - weights)).mean()
        for rounded in (nearest, compensated)
    ]
    assert lost[1] < lost[0] / 5
    assert compensated.numbers.shape == nearest.numbers.shape
    assert compensated.numbers.max() < 2**FOUR_BITS.bits


@given(
    arrays(np.float32, st.tuples(st.integers(1, 70), st.integers(1, 4)),
           elements=st.floats(-8, 8, width=32)),
    st.sampled_from([EIGHT_BITS, FOUR_BITS, Blocks(4, 16)]),
)  # fmt: skip
def test_inputs_that_do_not_go_together_leave_the_nearest_numbers(weights, blocks):
    nearest = round_matrix(weights, blocks)
    compensated = round_compensated(weights, blocks, np.eye(len(weights)))
    for own, other in zip(nearest, compensated, strict=True):
        # in double precision, halves may fall to the other side
        assert np.abs(own.astype(float) - other).max() <= 1


def test_a_layer_that_gets_nothing_is_rounded_to_the_nearest():
    weights = np.array([[0.3, -1.0], [0.9, 2.0]], dtype=np.float32)
    compensated = round_compensated(weights, FOUR_BITS, np.zeros((2, 2)))
    assert (compensated.numbers == round_matrix(weights, FOUR_BITS).numbers).all()


def test_rows_make_four_bits_say_more_of_what_the_network_says(packed, dev_examples):
    model = open_artifact(packed).model
    rows = [example.candidate for example in dev_examples]
    plain = (packed / "weights" / FILE).read_bytes()
    right = OnnxNetwork(plain).logits(model.inputs(rows), len(rows))
    away = []
    for seen in (None, model.inputs(rows)):
        network = OnnxNetwork(quantize_blocks(plain, FOUR_BITS, seen))
        away.append(np.abs(network.logits(model.inputs(rows), len(rows)) - right).mean())
    assert away[1] < away[0]


def product(name: str, weights: str) -> onnx.NodeProto:
    return helper.make_node("MatMul", ["ids", weights], [name], name=name)


def test_layers_that_share_weights_share_the_rounded_ones():
    nodes = [
        product("first", "weights"), product("second", "weights"),
        helper.make_node("Add", ["first", "second"], ["logits"]),
    ]  # fmt: skip
    network = network_file(nodes, initializers=[WEIGHTS]).SerializeToString()
    rounded = onnx.load_from_string(quantize_blocks(network, EIGHT_BITS))
    assert [node.op_type for node in rounded.graph.node].count("DequantizeLinear") == 1


def test_network_without_weights_to_round_has_no_blocks():
    turned = helper.make_node("Transpose", ["weights"], ["turned"])
    network = network_file([turned, product("logits", "turned")], initializers=[WEIGHTS])
    with pytest.raises(ValueError, match="no layer"):
        quantize_blocks(network.SerializeToString(), EIGHT_BITS)


def test_layers_in_blocks_are_one_kernel(packed, short_encoder, tmp_path):
    import onnxruntime

    plain = (packed / "weights" / FILE).read_bytes()
    layers = sum(node.op_type == "MatMul" for node in onnx.load_from_string(plain).graph.node)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(
        quantize_blocks(plain, FOUR_BITS), options, providers=["CPUExecutionProvider"]
    )
    nodes = [node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node]
    # the products of attention have no weights, and the head stays as it is
    attention = nodes.count("MatMul") + nodes.count("FusedMatMul")
    blocks = json.loads((short_encoder / "config.json").read_text())["num_hidden_layers"]
    assert nodes.count("MatMulNBits") == layers - blocks * 2
    assert attention == blocks * 2
    assert "Gemm" in nodes


def test_precision_that_is_asked_for_is_written(packed, dev_examples, tmp_path):
    precision = Precision.INT4_BLOCKS
    opened = open_artifact(packed)
    opened.model.keep_rows(
        [example.candidate for example in dev_examples],
        [example.label.stance for example in dev_examples],
    )
    opened.model.set_precision(precision)
    export_artifact(opened, tmp_path / "asked")
    again = open_artifact(tmp_path / "asked")
    told = again.manifest["saved"]
    assert (told["precision"], told["reason"]) == (precision, "asked for")
    assert set(told["macro_f1"]) == {TORCH, precision}
    probabilities = again.model.predict_proba([example.candidate for example in dev_examples])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_ranges_need_rows_to_be_taken_over(packed, tmp_path):
    opened = open_artifact(packed)
    opened.model.set_precision(Precision.INT8)
    with pytest.raises(ArtifactError, match="no rows to take the ranges"):
        export_artifact(opened, tmp_path / "asked")
    assert not (tmp_path / "asked").exists()


def test_model_of_one_form_has_no_other_precision(linear_artifact):
    with pytest.raises(ConfigError, match="LinearModel"):
        open_artifact(linear_artifact).model.set_precision(Precision.INT4_BLOCKS)


def test_threads_share_a_fast_form(artifact):
    shared = load(artifact)
    texts = ["Peru praised ASEAN and blamed OPEC.", "Qatar left OPEC.", "Norway thanked NATO."]

    def scores(number: int) -> list[float]:
        return [p.score for group in shared.predict_batch(texts[number % 3 :]) for p in group]

    alone = [scores(number) for number in range(9)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(scores, range(9)))
    for expected, found in zip(alone, together, strict=True):
        assert found == pytest.approx(expected, abs=NEAR)


@pytest.mark.parametrize(
    ("score", "expected"), [(0.691, True), (0.689, False), (0.70, True), (0.71, True)]
)
def test_whole_numbers_may_lose_less_than_a_point(score, expected):
    for precision in (Precision.INT8, Precision.INT8_BLOCKS):
        assert is_near({TORCH: 0.70, precision: score}, precision) is expected
    assert is_near({TORCH: 0.70, Precision.FP32: score}, Precision.FP32)


def test_single_precision_is_chosen_without_rows(packed):
    plain = (packed / "weights" / FILE).read_bytes()
    scaling = read_fast_form(packed / "weights").scaling
    chosen = choose_export(plain, scaling, None, None)
    assert (chosen.precision, chosen.content, chosen.rows) == (Precision.FP32, plain, 0)


def test_stance_that_nobody_gave_counts_as_zero():
    assert macro_f1([0, 0, 1], np.array([0, 0, 1])) == pytest.approx(2 / 3)


SCORING = """
import sys

# a name that stands for nothing is a package that is not installed
sys.modules.update(dict.fromkeys(sys.argv[2:]))
from alliance_stance import load

(found,) = load(sys.argv[1]).predict("Qatar left OPEC.")
print(found.candidate.state, found.candidate.alliance, sum(found.probabilities.values()))
"""
LEFT_OUT = (
    "torch", "transformers", "skorch", "mlflow", "skops", "sklearn", "scipy", "onnx", "pandas",
    "datasets",
)  # fmt: skip


def score_without(artifact, *packages: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCORING, str(artifact), *packages]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_scoring_needs_neither_torch_nor_scikit_learn(artifact):
    ran = score_without(artifact, *LEFT_OUT)
    assert ran.returncode == 0, ran.stderr
    state, alliance, total = ran.stdout.split()
    assert (state, alliance) == ("QAT", "OPEC")
    assert float(total) == pytest.approx(1)


def test_without_onnxruntime_torch_scores(artifact):
    ran = score_without(artifact, "onnxruntime")
    assert ran.returncode == 0, ran.stderr


def test_without_either_an_error_says_what_to_install(artifact):
    ran = score_without(artifact, "onnxruntime", "torch")
    assert "pip install 'alliance-stance[encoder]'" in ran.stderr


def test_model_of_an_earlier_version_is_scored_with_torch(saved, new_model, kind, dev_examples,
                                                          tmp_path):  # fmt: skip
    folder = saved(kind)
    for name in ("model.safetensors", "tokenizer.json", "encoder.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    old, new = new_model(kind), new_model(kind)
    old.load_weights(tmp_path)
    new.load_weights(folder)
    rows = [example.candidate for example in dev_examples]
    assert read_fast_form(tmp_path) is None
    np.testing.assert_allclose(old.predict_proba(rows), new.predict_proba(rows), atol=3e-2)


@pytest.mark.parametrize(
    "content", ["{}", "[]", "{", '{"precision": "int4"}', "\x00", '{"temperature": NaN}']
)
def test_bad_record_is_refused(content, tmp_path):
    (tmp_path / RECORD).write_text(content, encoding="utf-8")
    with pytest.raises(ArtifactError):
        read_fast_form(tmp_path)


def network_file(nodes, *, initializers=(), **changes) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("ids", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None, 2])],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], **changes)


SQUARE = helper.make_node("MatMul", ["ids", "weights"], ["logits"])
WEIGHTS = numpy_helper.from_array(np.eye(2, dtype=np.float32), "weights")


def test_plain_network_is_allowed():
    assert find_fault(network_file([SQUARE], initializers=[WEIGHTS]).SerializeToString()) is None


def outside() -> onnx.ModelProto:
    tensor = TensorProto()
    tensor.CopyFrom(WEIGHTS)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")
    return network_file([SQUARE], initializers=[tensor])


def outside_in_attribute() -> onnx.ModelProto:
    model = outside()
    node = helper.make_node("Constant", [], ["logits"], value=model.graph.initializer[0])
    return network_file([node])


def branch() -> onnx.ModelProto:
    inner = network_file([SQUARE], initializers=[WEIGHTS]).graph
    node = helper.make_node("If", ["ids"], ["logits"], then_branch=inner, else_branch=inner)
    return network_file([node])


def disguised_branch() -> onnx.ModelProto:
    model = branch()
    model.graph.node[0].op_type = "Add"
    return model


def foreign_domain() -> onnx.ModelProto:
    return network_file([helper.make_node("MatMul", ["ids"], ["logits"], domain="evil")])


def foreign_opset() -> onnx.ModelProto:
    model = network_file([SQUARE], initializers=[WEIGHTS])
    model.opset_import.append(helper.make_opsetid("evil", 1))
    return model


def function() -> onnx.ModelProto:
    own = helper.make_function("evil", "F", ["a"], ["b"], [], [helper.make_opsetid("", 20)])
    return network_file([SQUARE], initializers=[WEIGHTS], functions=[own])


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (outside, "another file"),
        (outside_in_attribute, "another file"),
        (branch, "'If'"),
        (disguised_branch, "inside an operator"),
        (foreign_domain, "'evil'"),
        (foreign_opset, "'evil'"),
        (function, "functions"),
    ],
)
def test_what_could_reach_beyond_the_file_is_refused(make, fault):
    assert fault in (find_fault(make().SerializeToString()) or "")


@given(st.binary(max_size=300))
def test_any_bytes_are_judged_without_an_error(content):
    assert find_fault(content) is not None


@given(st.integers(0, 250))
def test_cut_network_is_refused(length):
    content = network_file([SQUARE], initializers=[WEIGHTS]).SerializeToString()
    cut = content[: min(length, len(content) - 1)]
    graph = network_file([SQUARE], initializers=[WEIGHTS]).graph.SerializeToString()
    # what stands behind the graph may be missing: a version number, a name
    assert find_fault(cut) is not None or graph in cut


def test_network_that_reads_something_else_is_refused(tmp_path):
    model = network_file([SQUARE], initializers=[WEIGHTS])
    (tmp_path / FILE).write_bytes(model.SerializeToString())
    with pytest.raises(ArtifactError, match="reads"):
        open_network(tmp_path / FILE, ["ids", "attention"])


@pytest.mark.parametrize("content", [b"", b"\x80\x04N.", b"not a network"])
def test_file_that_is_no_network_is_refused(content, tmp_path):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ArtifactError):
        open_network(tmp_path / FILE, ["ids"])


def test_threads_are_those_that_were_asked_for(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert thread_count() == 3
    for nonsense in ("", "0", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert thread_count() >= 1


class Numbers:
    """Items that are one row each; what is read of an item is its number."""

    def __init__(self, lengths):
        self.lengths = lengths

    def rows(self, positions):
        return list(positions)

    def content(self, position):
        return position

    def collate(self, positions):
        return Arrays({"ids": np.array(positions)}, len(positions))


def say_numbers(arrays: Arrays) -> np.ndarray:
    # the shortest items are handed out first, and answered last
    time.sleep(0.02 / (1 + arrays.named["ids"].min()))
    return np.repeat(arrays.named["ids"][:, None], len(ACTS), axis=1)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_answers_of_several_threads_are_in_order(threads):
    inputs = Numbers([1, 3, 9, 3, 200, 7, 9])
    said = read_items(inputs, 7, say_numbers, most_tokens=10, threads=threads)
    assert said[:, 0].tolist() == list(range(7))


@pytest.mark.parametrize("threads", [1, 3])
def test_error_in_one_batch_gives_the_others_up(threads):
    begun = []

    def fail(arrays: Arrays) -> np.ndarray:
        begun.append(arrays)
        if len(begun) > 1:
            time.sleep(0.05)
        raise ValueError("no answer")

    with pytest.raises(ValueError, match="no answer"):
        read_items(Numbers([9] * 50), 50, fail, most_tokens=10, threads=threads)
    assert len(begun) < 50


def test_interrupt_between_batches_gives_the_others_up():
    begun = []

    def say(arrays: Arrays) -> np.ndarray:
        begun.append(arrays)
        time.sleep(0.02)
        return np.zeros((arrays.rows, len(ACTS)))

    inputs = Numbers([9] * 50)

    def interrupt(positions):
        raise KeyboardInterrupt

    inputs.rows = interrupt
    with pytest.raises(KeyboardInterrupt):
        read_items(inputs, 50, say, most_tokens=10, threads=3)
    before = len(begun)
    assert before < 50
    time.sleep(0.1)
    assert len(begun) == before


LATE = """
import threading, time
import numpy as np
from alliance_stance.models.batches import Arrays, read_items
from alliance_stance.schema import ACTS

class Items:
    lengths = [9] * 4
    def rows(self, positions): return list(positions)
    def content(self, position): return position
    def collate(self, positions): return Arrays({}, len(positions))

def work():
    threading.main_thread().join()
    time.sleep(0.2)
    read = lambda arrays: np.ones((arrays.rows, len(ACTS)))
    print(read_items(Items(), 4, read, most_tokens=10, threads=2).sum())

threading.Thread(target=work).start()
"""


def test_a_thread_that_outlives_the_main_one_gets_its_answers():
    """No thread can be begun once the interpreter ends."""
    done = subprocess.run(
        [sys.executable, "-c", LATE], capture_output=True, text=True, check=True, timeout=120
    )
    assert (done.stdout.strip(), done.stderr) == ("56.0", "")


def test_number_of_threads_moves_no_answer(whole_numbers, dev_examples, monkeypatch):
    """Batches are the same for any number of cores, so that a score is the same everywhere."""
    rows = [example.candidate for example in dev_examples]
    # so few that there are many batches
    monkeypatch.setattr(onnx_network, "_MOST_TOKENS", 64)
    said = []
    for threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        said.append(open_artifact(whole_numbers).model.predict_act_proba(rows))
    assert np.array_equal(*said)


@given(st.lists(st.integers(1, 600), max_size=300))
def test_each_item_is_in_one_batch_of_few_tokens(lengths):
    batches = list(scoring_batches(lengths))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) * max(lengths[place] for place in batch) <= 4096 or len(batch) == 1


@pytest.mark.parametrize("kind", ENCODERS)
def test_what_reads_alike_is_read_once(kind, fitted, finder):
    """Where names are masked, sentences that differ in names alone are one."""
    texts = ["Peru left NATO.", "Peru joined NATO.", "Chile left NATO.", "Chad left ASEAN."]
    X = [candidate for text in texts for candidate in finder.find_candidates(Document("d", text))]
    model = fitted(kind)
    read = []

    def note(arrays):
        read.append(arrays.rows)
        return np.full((arrays.rows, len(ACTS)), float(len(read)))

    answers = read_items(model.inputs(X), len(X), note, most_tokens=1)
    assert read == [1, 1]
    assert answers.argmin() == 0
    assert (answers[0] == answers[2]).all()
    assert (answers[0] == answers[3]).all()
    assert (answers[1] != answers[0]).all()


TINY = {
    "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
    "vocab_size": 30530, "max_position_embeddings": 64,
}  # fmt: skip


@pytest.mark.parametrize("architecture", ["mpnet", "roberta"])
@pytest.mark.parametrize("kind_", ENCODERS)
def test_other_architectures_are_exported(architecture, kind_, fitted, dev_examples, monkeypatch):
    model = fitted(kind_)
    network = model._empty_network({"model_type": architecture, **TINY}).eval()
    rows = [replace(example.candidate, context="") for example in dev_examples]
    inputs = model.inputs(rows)
    exported = export_network(network, model._example())
    assert find_fault(exported) is None
    found = OnnxNetwork(exported).logits(inputs, len(rows))
    monkeypatch.setattr(bf16, "is_faster", lambda: False)
    expected = encoder_training.network_logits(network, inputs, len(rows))
    np.testing.assert_allclose(found, expected, atol=NEAR)


def test_trimmed_model_scores_as_before_and_needs_no_weights(artifact, dev_examples, tmp_path):
    whole = open_artifact(artifact)
    told = trim_artifact(whole, tmp_path / "small")
    assert "weights/model.safetensors" not in told["files"]
    assert "weights/model.onnx.gz" in told["files"]
    assert told["run_key"] == whole.manifest["run_key"]
    with pytest.raises(ArtifactError, match="trimmed already"):
        trim_artifact(open_artifact(tmp_path / "small"), tmp_path / "again")
    with pytest.raises(ArtifactError, match="a trimmed model"):
        export_artifact(open_artifact(tmp_path / "small"), tmp_path / "again")
    small = open_artifact(tmp_path / "small").model
    rows = [example.candidate for example in dev_examples]
    np.testing.assert_array_equal(small.predict_proba(rows), whole.model.predict_proba(rows))


@pytest.mark.parametrize("precision", list(Precision))
def test_trimmed_model_is_widened_for_torch(packed, dev_examples, tmp_path, monkeypatch, precision):
    monkeypatch.setattr(bf16, "is_faster", lambda: False)
    rows = [example.candidate for example in dev_examples]
    small = trimmed_in(packed, precision, dev_examples, tmp_path)
    fast = small.predict_act_proba(rows)
    small.use_torch()
    # the inputs of layers in eight bits have lost too much to be compared by answers
    if precision is not Precision.INT8:
        near = NEAR if precision is Precision.FP32 else 0.05
        np.testing.assert_allclose(small.predict_act_proba(rows), fast, atol=near)
    whole = open_artifact(packed).model.network_.state_dict()
    for name, weight in small.network_.state_dict().items():
        if not name.startswith("encoder.pooler"):
            # a weight of another layer, or one that is turned, would be off by as much as it is
            assert (weight - whole[name]).abs().mean() <= 0.2 * whole[name].abs().mean() + 1e-9


def trimmed_in(packed, precision, examples, tmp_path):
    opened = open_artifact(packed)
    opened.model.keep_rows(
        [example.candidate for example in examples], [e.label.stance for e in examples]
    )
    opened.model.set_precision(precision)
    export_artifact(opened, tmp_path / "exported")
    trim_artifact(open_artifact(tmp_path / "exported"), tmp_path / "small")
    return open_artifact(tmp_path / "small").model


@pytest.mark.parametrize("change", [{"num_hidden_layers": 6}, {"hidden_size": 768}])
def test_fast_form_of_another_network_is_not_widened(trimmed_copy, change):
    small = open_artifact(trimmed_copy).model
    path = trimmed_copy / "weights" / "encoder.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, **change}))
    small.use_torch()
    with pytest.raises(ArtifactError, match=r"weights .* of shape"):
        _ = small.network_


def test_widening_without_onnx_says_what_to_install(trimmed, monkeypatch):
    small = open_artifact(trimmed).model
    small.use_torch()
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ArtifactError, match="fast form alone, and onnx not installed"):
        _ = small.network_


def test_a_graph_that_runs_in_a_circle_is_no_weight():
    names = ("a", "b", "c")
    circle = [
        helper.make_node("Cast", [names[place - 1]], [name], to=TensorProto.FLOAT)
        for place, name in enumerate(names)
    ]
    total = helper.make_node("Add", ["a", "layer.bias"], ["out"])
    model = helper.make_model(helper.make_graph([*circle, total], "g", [], []))
    assert widened_weights(model.SerializeToString(), ["layer.weight"]) == {}


def test_model_without_a_fast_form_is_not_trimmed(linear_artifact, tmp_path):
    with pytest.raises(ArtifactError, match="no fast form"):
        trim_artifact(open_artifact(linear_artifact), tmp_path / "small")
    assert not (tmp_path / "small").exists()


def test_large_tensors_are_stored_in_half(whole_numbers):
    if read_fast_form(whole_numbers / "weights").precision == Precision.FP32:
        pytest.skip("eight bits lost too much of this small model")
    model = onnx.load(whole_numbers / "weights" / FILE)
    largest = max(
        (
            numpy_helper.to_array(t).size
            for t in model.graph.initializer
            if t.data_type == TensorProto.FLOAT
        ),
        default=0,
    )
    assert largest < 2**14
