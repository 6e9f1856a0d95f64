"""Compressed files of a model: the same bytes, and no bomb."""

import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_stance.models.packed_file import compress, read_either


@given(content=st.binary(max_size=200))
def test_what_is_compressed_comes_back(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("packed") / "model.onnx"
    path.with_name("model.onnx.gz").write_bytes(compress(content))
    assert read_either(path) == content


def test_same_content_gives_same_bytes(monkeypatch):
    content, tomorrow = b"weights" * 99, time.time() + 86_400
    first = compress(content)
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert compress(content) == first


def test_plain_file_comes_first(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"plain")
    (tmp_path / "model.onnx.gz").write_bytes(compress(b"packed"))
    assert read_either(tmp_path / "model.onnx") == b"plain"


def test_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_either(tmp_path / "model.onnx")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (gzip.compress(bytes(50_000_000)), "16 times"),
        (compress(b"weights" * 9)[:-5], "cut off"),
        (compress(b"a") + b"more", "followed"),
        (b"no gzip at all", "no gzip"),
        (b"", "cut off"),
    ],
    ids=["bomb", "cut", "followed", "other", "empty"],
)
def test_bad_file_is_refused(tmp_path, raw, told):
    (tmp_path / "model.onnx.gz").write_bytes(raw)
    with pytest.raises(ValueError, match=told):
        read_either(tmp_path / "model.onnx")
