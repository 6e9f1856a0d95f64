"""What the encoder computes on and in: a GPU where there is one, bf16 where that is fast."""

import platform
from pathlib import Path

import pytest
import torch
from torch.nn.modules.module import register_module_forward_hook

from alliance_stance.models import bf16


@pytest.fixture
def computed():
    """The device and type of what every linear layer gives while the test runs."""
    found = set()

    def look(module, _, output):
        if isinstance(module, torch.nn.Linear):
            found.add((output.device.type, output.dtype))

    hook = register_module_forward_hook(look)
    yield found
    hook.remove()


@pytest.mark.parametrize(("has_bf16", "expected"), [(True, torch.bfloat16), (False, torch.float32)])
def test_encoder_computes_in_bf16_on_a_cpu_that_has_it(
    new_model, train_examples, computed, monkeypatch, has_bf16, expected
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(bf16, "is_faster", lambda: has_bf16)
    rows = train_examples[:8]
    model = new_model("encoder").fit([e.candidate for e in rows], [e.label.stance for e in rows])
    assert computed == {("cpu", expected)}
    assert model.fitted_in == ("bf16" if has_bf16 else "fp32")
    computed.clear()
    probabilities = model.predict_proba([e.candidate for e in rows])
    assert computed == {("cpu", expected)}
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert {p.dtype for p in model.network_.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("has_instructions", "seconds", "expected"),
    [(True, 0.4, True), (True, 0.9, False), (True, 2.0, False), (False, 0.1, False)],
)
def test_bf16_is_used_where_a_product_takes_less_time(
    monkeypatch, has_instructions, seconds, expected
):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has_instructions)
    taken = {torch.float32: 1.0, torch.bfloat16: seconds}
    monkeypatch.setattr(bf16, "_seconds", lambda rows, _: taken[rows.dtype])
    assert bf16.is_faster.__wrapped__() is expected


@pytest.mark.parametrize("seconds", [0.4, 2.0])
@pytest.mark.parametrize("disturbed", [torch.float32, torch.bfloat16])
def test_a_busy_machine_does_not_choose_the_slower_numbers(monkeypatch, seconds, disturbed):
    """Four turns of nine are disturbed: one product takes thirty times as long, one no time."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    own = {torch.float32: 1.0, torch.bfloat16: seconds}
    noise = {disturbed: [30.0, 0.01, 1.0, 1.0, 30.0, 1.0, 0.01, 1.0, 1.0]}

    def measured(rows, _):
        left = noise.get(rows.dtype)
        return own[rows.dtype] * (left.pop(0) if left else 1.0)

    monkeypatch.setattr(bf16, "_seconds", measured)
    assert bf16.is_faster.__wrapped__() is (seconds < 1)


@pytest.mark.parametrize("is_there", [True, False])
def test_the_numbers_of_a_fit_can_be_asked_for(monkeypatch, is_there):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(bf16, "is_faster", lambda: not is_there)
    rows, weights = torch.ones(2, 4), torch.ones(3, 4)
    for asked, found in ((is_there, is_there), (None, not is_there)):
        with bf16.autocast(in_bf16=asked):
            product = torch.nn.functional.linear(rows, weights)
        assert product.dtype == (torch.bfloat16 if found else torch.float32)


@pytest.mark.skipif(
    not Path("/proc/cpuinfo").is_file() or platform.machine() != "x86_64",
    reason="the processor's own list of instructions is read on Linux",
)
def test_bf16_is_not_used_if_the_processor_does_not_name_it():
    named = "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    assert named or not bf16.is_faster()


@pytest.mark.parametrize(("is_there", "expected"), [(True, "cuda"), (False, "cpu")])
def test_gpu_is_used_without_being_asked_for(monkeypatch, is_there, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: is_there)
    assert bf16.device() == expected


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_encoder_computes_in_bf16_on_a_gpu(new_model, train_examples, computed):
    rows = train_examples[:8]
    model = new_model("encoder").fit([e.candidate for e in rows], [e.label.stance for e in rows])
    model.predict_proba([e.candidate for e in rows])
    assert computed == {("cuda", torch.bfloat16)}
